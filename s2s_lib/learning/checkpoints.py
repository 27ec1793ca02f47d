"""Files that hold a model, or a training run to go on with. Nothing is half-written, nothing unpickled.

A model is one safetensors file: its weights, and as JSON in the header how to build it and what belongs to it.
"""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from ..atomic import replacing
from ..model.seq2seq import Seq2Seq, build_model

FORMAT = "s2s_lib translator 1"
TIED = "decoder.output.weight"  # the same matrix as decoder.embedding.weight: stored once


class CheckpointError(ValueError):
    """A file that is not what it should be."""


def save_model(path: str | Path, model: Seq2Seq, extra: dict, dtype: torch.dtype = torch.float32) -> None:
    """Write a model built by `build_model`, and `extra`, anything that JSON can hold."""
    if model.config is None:
        raise ValueError("this model was not built by build_model: without its config it can't be built again")
    weights = {name: w.to(dtype).contiguous() for name, w in model.state_dict().items() if name != TIED}
    header = {
        "format": FORMAT,
        "config": json.dumps(model.config),
        "extra": json.dumps(extra, ensure_ascii=False),
    }
    with replacing(path) as temporary:
        temporary.write_bytes(save(weights, metadata=header))


def load_model(path: str | Path) -> tuple[Seq2Seq, dict]:
    """Read back a model, as float32 and ready to translate, and its `extra`.

    Raises FileNotFoundError, or CheckpointError for a truncated, foreign or mismatching file.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"no translator at {path}")
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            weights = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise CheckpointError(f"{path} is no whole safetensors file ({error}): copy or train it again") from error
    if header.get("format") != FORMAT:
        raise CheckpointError(f"{path} is a safetensors file, but not one that this library wrote ({FORMAT!r})")
    try:
        sizes = (len(weights[f"{side}.embedding.weight"]) for side in ("encoder", "decoder"))
        model = build_model(*sizes, **json.loads(header["config"]))
        model.load_state_dict({**weights, TIED: weights["decoder.embedding.weight"]})
        return model.eval(), dict(json.loads(header["extra"]).items())
    except (AttributeError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(f"{path}: the weights don't fit the model that its header describes ({error})") from error
