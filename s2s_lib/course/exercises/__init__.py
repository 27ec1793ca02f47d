"""The exercises and predictions of all chapters, one module a chapter: `chapter_NN.py`."""

from importlib import import_module
from pkgutil import iter_modules

from ..exercise import Exercise, Prediction

_chapters = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]

EXERCISES: dict[str, Exercise] = {each.id: each for chapter in _chapters for each in chapter.EXERCISES}
PREDICTIONS: dict[str, Prediction] = {each.id: each for chapter in _chapters for each in chapter.PREDICTIONS}
