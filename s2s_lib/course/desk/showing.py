"""In the library: the source of what a student has just written, shown once their own works."""

import inspect
from collections.abc import Callable
from pathlib import Path

from .progressing import solved

LIBRARY = Path(__file__).parents[2]  # the package, in the workbook or wherever it is installed


def show_source(*objects: type | Callable, after: str, anyway: bool = False) -> None:
    """Print the library's version of exercise `after`, once that is solved, or `anyway`."""
    if not (anyway or solved(after)):
        print(f"Solve {after} first, then run this cell again; or add anyway=True.")
        return
    for each in objects:
        file = Path(inspect.getsourcefile(inspect.unwrap(each)))
        shown = file.relative_to(LIBRARY.parent) if file.is_relative_to(LIBRARY) else file
        print(f"# {shown.as_posix()}\n{inspect.getsource(each)}")
