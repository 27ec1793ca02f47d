"""The exercises and predictions of all chapters: a package or a module for each, `chapter_NN`."""

from importlib import import_module
from pkgutil import iter_modules

from ..desk.registry import EXERCISES, PREDICTIONS, register

__all__ = ["EXERCISES", "PREDICTIONS"]

for _module in iter_modules(__path__):
    _chapter = import_module(f"{__name__}.{_module.name}")
    register(_chapter.EXERCISES, _chapter.PREDICTIONS)
