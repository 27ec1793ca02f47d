"""What an exercise and a prediction are made of, besides their text, which stands in `notebooks/source`."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

Answer = Callable[..., Any]


class Wrong:
    """A misconception: what to tell the student, and the wrong functions whose outputs give it away."""

    def __init__(self, id: str, diagnosis: str, *answers: Answer):
        """Take the row of the list of mistakes, and the functions."""
        self.id, self.diagnosis, self.answers = id, diagnosis, answers


@dataclass(frozen=True)
class Exercise:
    """An exercise: an answer passes if it equals `reference` on every case."""

    id: str  # "04-dot-score": chapter and name
    objective: str  # what the student can do afterwards, beginning with a verb
    points: int
    minutes: int
    difficulty: int  # 1 easy .. 3 hard
    reference: Answer
    cases: Callable[[torch.Generator], Sequence[tuple]]  # arguments, the smallest case first
    hints: tuple[str, ...]  # from a question to nearly the answer
    wrong: tuple[Wrong, ...]
    library: tuple[Answer, ...] = ()  # what an answer must not call
    returns: tuple[str, ...] = ()  # names of the values, where there are several

    @property
    def chapter(self) -> str:
        """The number of its chapter."""
        return self.id[:2]

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of the arguments."""
        return tuple(inspect.signature(self.reference).parameters)


class Prediction(NamedTuple):
    """A question put before a run: the right one of `options`, and why."""

    id: str
    options: str  # one letter each: "abc"
    right: str
    because: str


def numbers(generator: torch.Generator, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Random multiples of 1/4 in -1.5 .. 1.5: short to read, exact in any float type, and far from saturating."""
    return torch.randint(-6, 7, shape, generator=generator).to(dtype) / 4


def real(lengths: Sequence[int]) -> Tensor:
    """Give the mask of sentences of these lengths."""
    return torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(1)  # (B, S)
