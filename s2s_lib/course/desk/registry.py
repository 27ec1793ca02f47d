"""The exercises and predictions that the desk knows: `course.exercises` puts its own in, and nobody is asked above."""

from collections.abc import Iterable

from .exercise import Exercise, Prediction

EXERCISES: dict[str, Exercise] = {}
PREDICTIONS: dict[str, Prediction] = {}


def is_exercise(id: object) -> bool:
    """Tell whether there is such an exercise, whatever was given as its id."""
    return isinstance(id, str) and id in EXERCISES


def is_prediction(id: object) -> bool:
    """Tell whether there is such a prediction, whatever was given as its id."""
    return isinstance(id, str) and id in PREDICTIONS


def register(exercises: Iterable[Exercise], predictions: Iterable[Prediction] = ()) -> None:
    """Make exercises and predictions known under their ids."""
    EXERCISES.update({each.id: each for each in exercises})
    PREDICTIONS.update({each.id: each for each in predictions})
