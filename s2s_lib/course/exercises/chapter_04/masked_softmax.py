"""04-masked-softmax: from scores to weights that know nothing of pads."""

import torch

from ....model.attention import masked_softmax
from ...desk.exercise import Exercise, Wrong, numbers, real


def _masked_softmax_cases(generator):
    yield numbers(generator, 1, 2, 3), real([2]).new_tensor([[True, True, False]])
    for steps, lengths in ((1, (3, 2)), (2, (3, 5, 1))):
        yield numbers(generator, len(lengths), steps, max(lengths)), real(lengths)
    # -1e6 is no half-precision number, and where all scores are very low, a "very low" fill wins.
    yield numbers(generator, 2, 3, 4, dtype=torch.float16), real((4, 2))
    yield numbers(generator, 2, 3, 4) - 20000, real((2, 4))


def _filled(value):
    return lambda scores, mask: scores.masked_fill(~mask.unsqueeze(1), value).softmax(dim=2)


def softmax_over(axis):
    """Mask, then take the softmax over the axis given."""
    return lambda scores, mask: scores.masked_fill(~mask.unsqueeze(1), float("-inf")).softmax(dim=axis)


def mask_missing(scores, mask):
    """Take the softmax over real tokens and pads alike."""
    return scores.softmax(dim=2)


def mask_after(scores, mask):
    """Mask the weights."""
    return scores.softmax(dim=2).masked_fill(~mask.unsqueeze(1), 0)


def mask_inverted(scores, mask):
    """Take True for a pad."""
    return masked_softmax(scores, ~mask)


def _in_place(scores, mask):
    return scores.masked_fill_(~mask.unsqueeze(1), float("-inf")).softmax(dim=2)


MASK_MISSING = (
    "Pads get weight: the softmax sees them. (Is the result of `masked_fill` thrown away? It returns a copy.)"
)
MASK_AFTER = (
    "The mask is applied to the weights, after the softmax: the pads have already taken their share, so that the "
    "rows no longer sum to 1. Mask the scores."
)
MASK_INVERTED = "The polarity is reversed: `mask` is True at real tokens, and you shut out those."
SOFTMAX_AXIS = (
    "The softmax runs over the wrong axis. The weights of one output step over the source positions sum to 1, and "
    "these stand on the last axis."
)

MASKED_SOFTMAX = Exercise(
    id="04-masked-softmax",
    objective="Turn scores into weights that sum to 1 over real tokens and are exactly 0 at pads",
    points=3,
    minutes=15,
    difficulty=2,
    reference=masked_softmax,
    cases=lambda generator: list(_masked_softmax_cases(generator)),
    library=(masked_softmax,),
    hints=(
        "Which score would a pad need so that the softmax gives it exactly 0?",
        "exp(-inf) = 0. `masked_fill` puts a value wherever a mask is True; yours is True at the tokens to keep.",
        "`mask` is (B, S) and `scores` (B, T, S): `mask.unsqueeze(1)` is (B, 1, S) and fits every step. "
        "Then softmax over the last axis.",
    ),
    wrong=(
        Wrong("mask-missing", MASK_MISSING, mask_missing),
        Wrong("softmax-axis", SOFTMAX_AXIS, softmax_over(0), softmax_over(1)),
        Wrong("mask-after-softmax", MASK_AFTER, mask_after),
        Wrong("mask-inverted", MASK_INVERTED, mask_inverted),
        Wrong(
            "mask-soft",
            "The pads are filled with a number that is only very low, or 0. Half precision has no -1e6, a low score is "
            "as low as -1e4, and a fill of 0 is an ordinary score: only minus infinity is below all.",
            *tuple(_filled(value) for value in (-1e6, -1e4, -1e3, -100.0, -1e-9)),
        ),
        Wrong(
            "mask-in-place",
            "The weights are right, but `scores` is overwritten: whoever still needs it finds -inf. "
            "`masked_fill` makes a copy, `masked_fill_` does not.",
            _in_place,
        ),
        Wrong(
            "mask-shape",
            "`mask` is (B, S), `scores` (B, T, S): the mask needs an axis of size 1 where T stands, `unsqueeze(1)`.",
            lambda scores, mask: scores.masked_fill(~mask, float("-inf")).softmax(dim=2),
            lambda scores, mask: scores.masked_fill(~mask.unsqueeze(2), float("-inf")).softmax(dim=2),
            lambda scores, mask: scores.masked_fill(~mask.unsqueeze(0), float("-inf")).softmax(dim=2),
        ),
        Wrong(
            "log-softmax",
            "These are logarithms of weights: `log_softmax` where `softmax` is asked for.",
            lambda scores, mask: masked_softmax(scores, mask).log(),
        ),
        Wrong(
            "not-normalised",
            "The exponentials are there; divided by their sum, each row would sum to 1.",
            lambda scores, mask: scores.exp() * mask.unsqueeze(1),
        ),
    ),
)
