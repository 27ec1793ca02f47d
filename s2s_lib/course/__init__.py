"""What stands around the chapters: checks, hints, predictions, progress; `python -m s2s_lib.course` builds them."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .desk import CheckError, check, hint, predict, progress, ready, reveal, show_source

__all__ = ["CheckError", "check", "hint", "predict", "progress", "ready", "reveal", "show_source"]


def __getattr__(name: str) -> object:
    # The exercises load with the first of these names, so that the desk alone does without them.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import_module(f"{__name__}.exercises")
    return getattr(import_module(f"{__name__}.desk"), name)
