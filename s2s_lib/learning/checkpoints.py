"""Files that hold a model. Nothing is half-written, nothing unpickled.

A model is one safetensors file: its weights, and as JSON in the header how to build it and what belongs to it.
"""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from ..atomic import replacing
from ..model.attention import build_attention
from ..model.seq2seq import Seq2Seq, build_model

FORMAT = "s2s_lib translator 2"
FORMER = "s2s_lib translator 1"  # it told less of the languages
TIED = "decoder.output.weight"  # the same matrix as decoder.embedding.weight: stored once


class CheckpointError(ValueError):
    """A file that is not what it should be."""


def save_model(path: str | Path, model: Seq2Seq, extra: dict, dtype: torch.dtype = torch.float32) -> None:
    """Write a model built by `build_model`, and `extra`, anything that JSON can hold.

    Raises ValueError for a model put together by hand, since a file must say how to build it again.
    """
    if model.config is None:
        raise ValueError("this model was put together by hand; make it by build_model(attention=...) to save it")
    weights = {}
    for name, weight in model.state_dict().items():
        if weight.is_floating_point():
            weight = weight.to(dtype)
        if name != TIED:
            weights[name] = weight.contiguous()
    header = {
        "format": FORMAT,
        "config": json.dumps(model.config),
        "extra": json.dumps(extra, ensure_ascii=False),
    }
    with replacing(path) as temporary:
        temporary.write_bytes(save(weights, metadata=header))


def load_model(path: str | Path, attention: nn.Module | None = None) -> tuple[Seq2Seq, dict]:
    """Read back a model, as float32 and ready to translate, and its `extra`.

    A model with an attention of one's own needs such an object, which gets the weights of the file. Raises
    FileNotFoundError, or CheckpointError for a truncated, foreign or mismatching file, or a missing attention.
    """
    header, weights = read_file(path)
    try:
        config = json.loads(header["config"])
        config["attention"] = own_attention(path, config["attention"], attention)
        weights[TIED] = weights["decoder.embedding.weight"]
        src_words, trg_words = len(weights["encoder.embedding.weight"]), len(weights[TIED])
        model = build_model(src_words, trg_words, **config)
        model.load_state_dict(weights)
        extra = json.loads(header["extra"])
        return model.eval(), dict(extra.items())
    except CheckpointError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(f"{path}: the weights don't fit the model that its header describes ({error})") from error


def read_file(path: str | Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    """Read the header and the weights, as float32. Raises what `load_model` raises for a file that is none."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"no translator at {path}")
    weights = {}
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            for name in file.keys():  # noqa: SIM118
                weight = file.get_tensor(name)
                weights[name] = weight.float() if weight.is_floating_point() else weight
    except SafetensorError as error:
        raise CheckpointError(f"{path} is no whole safetensors file ({error}): copy or train it again") from error
    if header.get("format") not in (FORMAT, FORMER):
        raise CheckpointError(f"{path} is a safetensors file, but not one that this library wrote ({FORMAT!r})")
    return header, weights


def own_attention(path: str | Path, stored: str | dict | None, given: nn.Module | None) -> str | nn.Module | None:
    """Choose between the attention that a header names and the object that was given. A file holds no code."""
    if not isinstance(stored, dict):
        if given is not None:
            raise CheckpointError(f"{path}: its attention is {stored!r}, one of the library's; give none")
        return stored
    if given is None:
        raise CheckpointError(f"{path}: its attention is {stored['own']}, made by its author: give attention=... too")
    name = build_attention(given, 0).name
    if name != stored["own"]:
        raise CheckpointError(f"{path}: its attention is {stored['own']}, not {name}")
    return given
