"""How to train: what `fit` is told, each value checked before anything is built."""

import math
from typing import NamedTuple

from ..corpora.checks import check_number, check_share, check_whole
from ..model.teacher_forcing import Schedule, constant


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
        seed = check_whole("seed", self.seed, least=-(2**63))
        if seed >= 2**64:
            raise ValueError(f"seed={seed}: give a whole number of 64 bits")
        above = 'a number above 0; float("inf") leaves every gradient as it is'
        below = "a number from 0 to below 1"
        return Settings(
            epochs=check_whole("epochs", self.epochs),
            lr=check_number("lr", self.lr, "a finite number above 0", lambda lr: 0 < lr < math.inf),
            warmup=check_share("warmup", self.warmup),
            teacher_forcing=schedule(self.teacher_forcing),
            coin=self.coin,
            clip=check_number("clip", self.clip, above, lambda clip: clip > 0),
            label_smoothing=check_number("label_smoothing", self.label_smoothing, below, lambda share: 0 <= share < 1),
            patience=None if self.patience is None else check_whole("patience", self.patience),
            seed=seed,
        )

    def forcing_at(self, progress: float) -> float:
        """Ask the schedule for the probability at `progress`, 0..1, and check what it says."""
        return check_share(f"teacher_forcing({progress:.3g})", self.teacher_forcing(progress))


def schedule(teacher_forcing: object) -> Schedule:
    """Make a schedule of a plain probability; ask any other for its beginning, its middle and its end."""
    if not callable(teacher_forcing):
        return constant(check_share("teacher_forcing", teacher_forcing))
    for progress in (0.0, 0.5, 1.0):
        value = teacher_forcing(progress)
        if callable(value):
            name = getattr(teacher_forcing, "__name__", "this")
            raise TypeError(f"teacher_forcing={name}: {name} makes a schedule and is none itself, give {name}()")
        check_share(f"teacher_forcing({progress:g})", value)
    return teacher_forcing
