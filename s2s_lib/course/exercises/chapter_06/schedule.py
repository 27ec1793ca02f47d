"""06-schedule: inverse sigmoid decay, for all steps at once, however far they go."""

import math

import torch

from ...desk.exercise import Exercise, Wrong


def inverse_sigmoid_decay(steps, k):
    """k / (k + exp(i / k)) for each step i of `steps` (N,)."""
    return torch.sigmoid(math.log(k) - steps / k)  # exp never sees a large number


def _cases(generator):
    """Steps in no order. In the last case exp(i / k) is beyond float64."""
    for size, k, last in ((1, 3.0, 9), (3, 2.0, 12), (6, 20.0, 150), (2, 1.0, 4), (7, 400.0, 6000), (4, 1.5, 2000)):
        steps = torch.randperm(last, generator=generator)[:size]
        if last == 2000:
            steps[1] = 1800
        elif size > 2:
            steps[-1] = 0
        yield steps, k


def _each(formula):
    """Compute one step at a time with Python's floats."""
    return lambda steps, k: torch.tensor([formula(i, k) for i in steps.tolist()])


def _divided_in_place(steps, k):
    steps /= k
    return k / (k + steps.exp())


OVERFLOW = (
    "The formula is right, and overflows: exp(710) is more than a float holds. `math.exp` raises an error there, and "
    "inf / inf is nan. k / (k + e) with `torch.exp` gives k / inf = 0; safer still, it equals sigmoid(log k - i / k)."
)

SCHEDULE = Exercise(
    id="06-schedule",
    objective="Compute the inverse sigmoid decay of scheduled sampling without overflow",
    points=2,
    minutes=10,
    difficulty=2,
    reference=inverse_sigmoid_decay,
    cases=lambda generator: list(_cases(generator)),
    hints=(
        "Should p rise or fall with i, and which values does it have at i = 0 and after very many steps?",
        "`steps / k` is a tensor of floats. What does `torch.exp` give for a number above 89, and what is k divided by "
        "that?",
        "Either k / (k + torch.exp(steps / k)), where torch's inf does no harm; or divide above and below by k, which "
        "gives 1 / (1 + exp(i / k - log k)), in other words `torch.sigmoid(math.log(k) - steps / k)`.",
    ),
    wrong=(
        Wrong(
            "schedule-grows",
            "This p rises: the model is forced least at the start, when its own words are worth least, and most at the "
            "end. It should begin near 1 and fall towards 0.",
            lambda steps, k: 1 - inverse_sigmoid_decay(steps, k),
            lambda steps, k: k / (k + torch.exp(-steps / k)),
            lambda steps, k: inverse_sigmoid_decay(steps.max() - steps, k),
        ),
        Wrong(
            "overflow",
            OVERFLOW,
            _each(lambda i, k: k / (k + math.exp(i / k))),
            lambda steps, k: 1 - torch.exp(steps / k) / (k + torch.exp(steps / k)),
            lambda steps, k: 1 - torch.exp(steps.double() / k) / (k + torch.exp(steps.double() / k)),
        ),
        Wrong(
            "pace-missing",
            "Inside exp, i has to be divided by k: that sets the pace. As it is, p is "
            "gone after a few steps, whatever k is.",
            lambda steps, k: k / (k + torch.exp(steps.double())),
            lambda steps, k: k / (k + torch.exp(steps.double() * k)),
        ),
        Wrong(
            "start-wrong",
            "k belongs above the line and below it: at i = 0 the value is k / (k + 1), close to 1. Yours begins "
            "elsewhere.",
            lambda steps, k: 1 / (1 + torch.exp(steps / k)),
            lambda steps, k: k / (1 + torch.exp(steps / k)),
            lambda steps, k: 1 / (k + torch.exp(steps / k)),
            lambda steps, k: torch.sigmoid(k - steps / k),
        ),
        Wrong(
            "not-exponential",
            "The exponential is missing: k / (k + i / k) falls so slowly that it never gets near 0.",
            lambda steps, k: k / (k + steps / k),
            lambda steps, k: k / (k + steps),
        ),
        Wrong(
            "other-schedule",
            "This is another schedule: a straight line, or an exponential decay. Asked for is k / (k + exp(i / k)).",
            lambda steps, k: torch.exp(-steps / k),
            lambda steps, k: 1 - steps / steps.max().clamp(min=1),
            lambda steps, k: (1 - steps / k).clamp(min=0),
        ),
        Wrong(
            "other-form",
            "That is the library's form, over progress from 0 to 1. Here i counts steps: k / (k + exp(i / k)).",
            lambda steps, k: 1 / (1 + torch.exp(k * (steps / steps.max().clamp(min=1) - 0.5))),
            lambda steps, k: 1 / (1 + torch.exp(k * (steps - 0.5))),
        ),
        Wrong(
            "whole-division",
            "`//` drops what is left over, and p becomes a staircase. `/` divides integers into floats.",
            lambda steps, k: k / (k + torch.exp(steps // k)),
        ),
        Wrong(
            "in-place",
            "`steps` holds whole numbers and belongs to the caller: `/=` would write fractions into it. "
            "`steps / k` makes a tensor of its own.",
            _divided_in_place,
        ),
        Wrong(
            "one-value",
            "Each step has a p of its own: a result of shape (N,).",
            lambda steps, k: inverse_sigmoid_decay(steps, k)[0],
            lambda steps, k: inverse_sigmoid_decay(steps, k)[-1],
            lambda steps, k: inverse_sigmoid_decay(steps, k).mean(),
            lambda steps, k: inverse_sigmoid_decay(steps.max(), k),
        ),
        Wrong(
            "list-returned",
            "The numbers may be right; return them as one tensor of floats, (N,).",
            lambda steps, k: inverse_sigmoid_decay(steps, k).tolist(),
        ),
    ),
)
