"""Tensors, looked at before they are measured: of a wrong shape or kind, a number would come out as well.

What is looked at is an `object`: nothing is taken for granted about it.
"""

import torch
from torch import Tensor

from ..corpora.checks import kind
from ..corpora.text import PAD

ROUNDING = 1e-3  # by how much the sum of a distribution may miss 1
WHOLE = {torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8}  # what token ids can be


def shape(tensor: Tensor) -> tuple[int, ...]:
    """Give the shape of a tensor as an error shows it."""
    return tuple(tensor.shape)


def check_numeric(name: str, given: object) -> None:
    """Raise TypeError unless this is a tensor of floating-point numbers."""
    if not isinstance(given, Tensor) or not given.is_floating_point():
        raise TypeError(f"{name} is {kind(given)}: a tensor of floating-point numbers is meant")


def check_ids(name: str, given: object) -> None:
    """Raise TypeError unless this is a tensor of token ids, and ValueError where one is below 0."""
    if not isinstance(given, Tensor) or given.dtype not in WHOLE:
        raise TypeError(f"{name} is {kind(given)}: a tensor of token ids is meant; most_likely(logits) gives them")
    if (given < 0).any():
        raise ValueError(f"{name} holds {int(given.min())}: token ids are counted from 0, the id of <pad>")


def check_targets(targets: object) -> None:
    """Raise TypeError or ValueError unless these are token ids, at least one of them no pad."""
    check_ids("targets", targets)
    if (targets == PAD).all():
        raise ValueError(f"targets {shape(targets)} hold no real token: there is nothing to predict")


def check_logits(logits: object, targets: object) -> None:
    """Raise TypeError or ValueError unless these are scores (B, T, V) of these targets (B, T)."""
    check_numeric("logits", logits)
    check_targets(targets)
    if logits.dim() != 3 or logits.shape[:2] != targets.shape:
        raise ValueError(f"logits {shape(logits)}, targets {shape(targets)}: (B, T, V) and (B, T) are meant")
    vocabulary = logits.shape[2]
    highest = int(targets.max())
    if highest >= vocabulary:
        raise ValueError(f"targets hold token {highest}: the logits are of tokens 0 to {vocabulary - 1}")


def check_predicted(predicted: object, targets: object) -> None:
    """Raise TypeError or ValueError unless these are token ids (B, T) for these targets (B, T)."""
    check_ids("predicted", predicted)
    check_targets(targets)
    if predicted.shape != targets.shape:
        raise ValueError(f"predicted {shape(predicted)}, targets {shape(targets)}: (B, T) is meant for both")


def check_distributions(weights: object) -> None:
    """Raise TypeError or ValueError unless the last axis holds distributions."""
    check_numeric("weights", weights)
    if weights.dim() == 0:
        raise ValueError("weights is a single number: a distribution is meant")
    off = (weights.sum(-1) - 1).abs()  # by how much each sum misses 1
    if not (weights >= 0).all() or not (off <= ROUNDING).all():
        raise ValueError("weights must be 0 or more and add up to 1 along the last axis; of scores, softmax makes them")
