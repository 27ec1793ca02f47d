"""How to train: what `fit` is told, each value checked before anything is built."""

import math
from collections.abc import Callable
from numbers import Integral, Real
from typing import NamedTuple

from torch import Tensor

from ..model.teacher_forcing import Schedule, as_schedule


class Settings(NamedTuple):
    """How to train: see `fit`."""

    epochs: int
    lr: float
    warmup: float
    teacher_forcing: float | Schedule
    coin: str
    clip: float
    label_smoothing: float
    patience: int | None
    seed: int

    def checked(self) -> "Settings":
        """Return the same, as plain numbers and a schedule. Raises TypeError or ValueError that say what is meant."""
        if self.coin not in ("step", "token"):
            raise ValueError(f'coin={self.coin!r}: choose "step" or "token"')
        if self.clip is None:
            raise TypeError('clip=None: give a number above 0; float("inf") leaves every gradient as it is')
        return Settings(
            epochs=whole("epochs", self.epochs, "1 or more", lambda n: n >= 1),
            lr=number("lr", self.lr, "a finite number above 0", lambda x: 0 < x < math.inf),
            warmup=number("warmup", self.warmup, "a share of all steps, from 0 to 1", lambda x: 0 <= x <= 1),
            teacher_forcing=schedule(self.teacher_forcing),
            coin=self.coin,
            clip=number("clip", self.clip, "a number above 0", lambda x: x > 0),
            label_smoothing=number(
                "label_smoothing", self.label_smoothing, "a number from 0 to below 1", lambda x: 0 <= x < 1
            ),
            patience=None if self.patience is None else whole("patience", self.patience, "1 or more", lambda n: n >= 1),
            seed=whole("seed", self.seed, "one of 64 bits", lambda n: -(2**63) <= n < 2**64),
        )

    def forcing_at(self, progress: float) -> float:
        """Ask the schedule for the probability at `progress`, 0..1, and check what it says."""
        return probability(f"teacher_forcing({progress:.3g})", self.teacher_forcing(progress))


def schedule(teacher_forcing: object) -> Schedule:
    """Make a schedule of a plain probability; ask any other for its beginning, its middle and its end."""
    if not callable(teacher_forcing) or isinstance(teacher_forcing, Tensor):
        return as_schedule(probability("teacher_forcing", teacher_forcing))
    for progress in (0.0, 0.5, 1.0):
        value = teacher_forcing(progress)
        if callable(value) and not isinstance(value, Tensor):
            name = getattr(teacher_forcing, "__name__", "this")
            raise TypeError(f"teacher_forcing={name}: {name} makes a schedule and is none itself, give {name}()")
        probability(f"teacher_forcing({progress:g})", value)
    return teacher_forcing


def probability(name: str, value: object) -> float:
    """Return `value` as a float. Raises TypeError for what is no number, ValueError outside 0..1."""
    return number(name, value, "a probability, from 0 to 1", lambda p: 0 <= p <= 1)


def number(name: str, value: object, meant: str, fits: Callable[[float], bool]) -> float:
    """Return `value` as a float. Raises TypeError for what is no number (True, "0.5", None), ValueError for others."""
    plain = value.item() if isinstance(value, Tensor) and value.numel() == 1 else value
    if isinstance(plain, bool) or not isinstance(plain, Real):
        raise TypeError(f"{name}={value!r:.100}: give {meant}")
    if not fits(plain):
        raise ValueError(f"{name}={plain}: give {meant}")
    return float(plain)


def whole(name: str, value: object, meant: str, fits: Callable[[int], bool]) -> int:
    """Return `value` as an int. Raises TypeError for what is no whole number (True, 2.0), ValueError for others."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name}={value!r:.100}: give a whole number, {meant}")
    if not fits(value):
        raise ValueError(f"{name}={value}: give a whole number, {meant}")
    return int(value)
