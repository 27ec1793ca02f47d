"""Teacher forcing: who writes the decoder's history, and how that changes while it learns.

A schedule is a function from progress (0 at the first training step, 1 at the last) to the probability that
a step reads the true previous token. All but `constant` fall: begin with the truth, then let go (Bengio et al.
2015, "Scheduled Sampling", section 2.4).
"""

import math
from collections.abc import Callable

import torch
from jaxtyping import Bool
from torch import Tensor

from ..corpora.checks import check_share

Schedule = Callable[[float], float]


def constant(p: float = 1.0) -> Schedule:
    """Force with the same probability throughout."""
    return lambda progress: p


def linear(start: float = 1.0, end: float = 0.0) -> Schedule:
    """Go from `start` to `end` in a straight line."""
    return lambda progress: start + (end - start) * progress


def exponential(end: float = 0.05) -> Schedule:
    """Fall by the same factor in every step, from 1 to `end` > 0."""
    if not 0 < end <= 1:
        raise ValueError(f"exponential(end={end}): an exponential never reaches 0, choose 0 < end <= 1")
    return lambda progress: end**progress


def inverse_sigmoid(k: float = 10.0) -> Schedule:
    """Stay near 1, fall around the middle, stay near 0; the greater `k` > 0, the steeper.

    The original k / (k + exp(i / k)), in which i counts the steps, begins at k / (k + 1) and never says when
    it falls; this form with the middle at half of the training does: 1 / (1 + exp(k (progress - 1/2))).
    """
    if not k > 0:
        raise ValueError(f"inverse_sigmoid(k={k}): it falls for k > 0 only")

    def falling(progress: float) -> float:
        steepness = k * (progress - 0.5)
        return 1 / (1 + math.exp(min(steepness, 700.0)))  # exp overflows above 709

    return falling


def flip(p: float, rows: int, steps: int, generator: torch.Generator | None = None) -> Bool[Tensor, "R T"]:
    """Toss a coin for every row and step: True, with probability `p`, means that the step reads the truth.

    The first step always does: nothing but `<sos>` comes before it. A step is forced when the draw falls
    *below* p: at p = 0 never, at p = 1 always, since draws lie in [0, 1).
    """
    p = check_share("teacher_forcing", p)
    draws = torch.rand(rows, steps, generator=generator)
    forced = draws < p
    forced[:, 0] = True
    return forced
