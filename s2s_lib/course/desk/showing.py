"""In the library: the source of what a student has just written, shown once their own works."""

import inspect
from collections.abc import Callable
from pathlib import Path

from .comparing import show_in_a_line
from .output import say
from .progressing import solved
from .registry import EXERCISES, is_exercise

LIBRARY = Path(__file__).parents[2]


def show_source(*objects: type | Callable, after: str, anyway: bool = False) -> None:
    """Print the library's version of exercise `after`, once that is solved, or `anyway`."""
    if not anyway and not is_exercise(after):
        say(f"There is no exercise {show_in_a_line(after)}. There are {', '.join(EXERCISES)}.")
    elif not anyway and not solved(after):
        say(f"Solve {after} first, then run this cell again; or add anyway=True.")
    else:
        for each in objects:
            say(_source(each))


def _source(each: object) -> str:
    try:
        file = Path(inspect.getsourcefile(inspect.unwrap(each))).relative_to(LIBRARY)
        return f"# {LIBRARY.name}/{file.as_posix()}\n{inspect.getsource(each)}"
    except (TypeError, ValueError, OSError):  # no class or function, or not one of the library's
        return f"{show_in_a_line(each)} is no class or function of the library: its source can't be shown."
