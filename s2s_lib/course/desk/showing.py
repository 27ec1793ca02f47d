"""In the library: the source of what a student has just written, shown once their own works."""

import inspect
from collections.abc import Callable
from pathlib import Path

from .progressing import solved


def show_source(*objects: type | Callable, after: str, anyway: bool = False) -> None:
    """Print the library's version of exercise `after`, once that is solved, or `anyway`."""
    if not (anyway or solved(after)):
        print(f"Solve {after} first, then run this cell again; or add anyway=True.")
        return
    for each in objects:
        file = Path(inspect.getsourcefile(inspect.unwrap(each))).relative_to(Path(__file__).parents[3])
        print(f"# {file.as_posix()}\n{inspect.getsource(each)}")
