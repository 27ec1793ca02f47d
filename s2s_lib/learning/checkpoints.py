"""Files that hold a model, or a training run to go on with. Nothing is half-written, nothing unpickled.

A model is one safetensors file: its weights, and as JSON in the header how to build it and what belongs to it.
"""

import json
from dataclasses import fields
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import nn

from ..atomic import replacing
from ..model.attention import build_attention
from ..model.seq2seq import Seq2Seq, build_model
from .training import Epoch, Run, Step

FORMAT, FORMER = "s2s_lib translator 2", "s2s_lib translator 1"  # the second told less of the languages
TIED = "decoder.output.weight"  # the same matrix as decoder.embedding.weight: stored once


class CheckpointError(ValueError):
    """A file that is not what it should be."""


def save_model(path: str | Path, model: Seq2Seq, extra: dict, dtype: torch.dtype = torch.float32) -> None:
    """Write a model built by `build_model`, and `extra`, anything that JSON can hold.

    Raises ValueError for a model put together by hand, since a file must say how to build it again.
    """
    if model.config is None:
        raise ValueError("this model was put together by hand; make it by build_model(attention=...) to save it")
    weights = {
        name: (weight.to(dtype) if weight.is_floating_point() else weight).contiguous()
        for name, weight in model.state_dict().items()
        if name != TIED
    }
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
    if not Path(path).is_file():
        raise FileNotFoundError(f"no translator at {path}")
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise CheckpointError(f"{path} is no whole safetensors file ({error}): copy or train it again") from error
    if header.get("format") not in (FORMAT, FORMER):
        raise CheckpointError(f"{path} is a safetensors file, but not one that this library wrote ({FORMAT!r})")
    weights = {name: weight.float() if weight.is_floating_point() else weight for name, weight in stored.items()}
    try:
        config = json.loads(header["config"])
        config["attention"] = own_attention(path, config["attention"], attention)
        sizes = (len(weights[f"{side}.embedding.weight"]) for side in ("encoder", "decoder"))
        model = build_model(*sizes, **config)
        model.load_state_dict({**weights, TIED: weights["decoder.embedding.weight"]})
        return model.eval(), dict(json.loads(header["extra"]).items())
    except CheckpointError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(f"{path}: the weights don't fit the model that its header describes ({error})") from error


def own_attention(path: str | Path, stored: str | dict | None, given: nn.Module | None) -> str | nn.Module | None:
    """Choose between the attention that a header names and the object that was given. A file holds no code."""
    if not isinstance(stored, dict):
        if given is not None:
            raise CheckpointError(f"{path}: its attention is {stored!r}, one of the library's; give none")
        return stored
    if given is None:
        raise CheckpointError(f"{path}: its attention is {stored['own']}, made by its author: give attention=... too")
    if build_attention(given, 0).name != stored["own"]:
        raise CheckpointError(f"{path}: its attention is {stored['own']}, not {build_attention(given, 0).name}")
    return given


def _identity(run: Run) -> str:
    """Describe what must be the same for a run to be the same run."""
    probes = [run.settings.teacher_forcing(progress / 4) for progress in range(5)]  # a schedule has no name
    plain = {f.name: getattr(run.settings, f.name) for f in fields(run.settings) if f.name != "teacher_forcing"}
    shapes = {name: list(w.shape) for name, w in run.model.state_dict().items()}
    return json.dumps(
        [
            plain,
            probes,
            len(run.train),
            run.train.batch_size,
            run.train.bucket,
            run.train.generator is None,
            run.model.config,
            shapes,
        ]
    )


def save_run(path: str | Path, run: Run) -> None:
    """Write all that `load_run` needs to go on as if nothing had happened."""
    state = {
        "identity": _identity(run),
        "model": run.model.state_dict(),
        "optimizer": run.optimizer.state_dict(),
        "schedule": run.schedule.state_dict(),
        "coins": run.coins.get_state(),
        "dropout": run.dropout,
        "shuffle": run.shuffle,
        "after_epoch": run.train.generator.get_state() if run.train.generator else None,
        "steps": [tuple(step) for step in run.steps],
        "epochs": [tuple(epoch) for epoch in run.epochs],
        "best_weights": run.best_weights,
    }
    with replacing(path) as temporary:
        torch.save(state, temporary)


PARTS = (
    "model",
    "optimizer",
    "schedule",
    "coins",
    "dropout",
    "shuffle",
    "after_epoch",
    "steps",
    "epochs",
    "best_weights",
)


def load_run(path: str | Path, run: Run) -> None:
    """Bring a fresh run, made of the same parts, to where the saved one stood.

    Raises CheckpointError for a file that is damaged or belongs to a run with other settings.
    """
    try:
        state = torch.load(path, weights_only=True)
        same = state["identity"] == _identity(run)
        state = {part: state[part] for part in PARTS} if same else {}
    except Exception as error:  # torch.load raises nearly anything on bytes that are not its own
        raise CheckpointError(f"{path} is no saved training run, or a damaged one: delete it to start anew") from error
    if not same:
        raise CheckpointError(
            f"{path} belongs to a run with another model, corpus size or settings: delete it to start anew, or name "
            "another file"
        )
    for part in ("model", "optimizer", "schedule"):
        getattr(run, part).load_state_dict(state[part])
    run.coins.set_state(state["coins"])
    run.dropout, run.shuffle, run.best_weights = state["dropout"], state["shuffle"], state["best_weights"]
    run.steps = [Step(*step) for step in state["steps"]]
    run.epochs = [Epoch(*epoch) for epoch in state["epochs"]]
    if state["after_epoch"] is not None:
        run.train.generator.set_state(state["after_epoch"])
