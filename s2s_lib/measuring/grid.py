"""Ablations: one experiment, run for every combination of settings and every seed, into one tidy table."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING

from ..atomic import replacing
from ..corpora.checks import kind, listed

if TYPE_CHECKING:
    import pandas as pd


def run_grid(
    experiment: Callable[..., Mapping[str, float]],
    grid: Mapping[str, Iterable],
    seeds: Iterable[int],
    out: str | Path,
    *,
    jobs: int = 1,
    progress: bool = True,
) -> "pd.DataFrame":
    """Call `experiment(seed=..., **settings)` for each point of the grid and return the table of all rows in `out`.

    A row holds the settings, the seed and what the experiment returned. Rows go to the CSV file `out` as they
    come, and what it already holds is not run again: an interrupted ablation goes on when called anew.
    `jobs` processes run at a time, one torch thread each. Raises TypeError or ValueError, before anything is run,
    for a grid or seeds that are no lists, empty or hold a point twice, and for a table of other settings in `out`.
    """
    import pandas as pd
    from joblib import Parallel, delayed
    from tqdm.auto import tqdm

    calls = planned(grid, seeds)
    rows = read_rows(out)
    check_same_settings(rows, calls[0], out)
    done = {key(row, calls[0]) for row in rows}
    todo = [call for call in calls if key(call, call) not in done]
    parallel = Parallel(n_jobs=jobs, return_as="generator_unordered")
    results = parallel(delayed(one)(experiment, call) for call in todo)
    for row in tqdm(results, total=len(todo), unit="run", disable=not progress):
        rows.append(row)
        write_rows(out, rows)
    return pd.read_csv(out)


def planned(grid: object, seeds: object) -> list[dict]:
    """List the settings and the seed of every run. Raises TypeError or ValueError for a plan that can't be meant."""
    if not isinstance(grid, Mapping):
        raise TypeError(f"grid is {kind(grid)}: a dictionary is meant, with a list of values for each setting")
    if "seed" in grid:
        raise ValueError("grid holds seed: seeds are given on their own, seeds=[0, 1, 2]")
    choices = {name: listed(f"grid[{name!r}]", values) for name, values in grid.items()}
    choices["seed"] = listed("seeds", seeds)
    empty = [name for name, values in choices.items() if not values]
    if empty:
        raise ValueError(f"there is nothing to run: {', '.join(empty)} is empty")
    calls = []
    for values in product(*choices.values()):
        calls.append(dict(zip(choices, values, strict=True)))
    keys = {key(call, call) for call in calls}
    if len(keys) < len(calls):
        raise ValueError(f"a value stands twice in {choices}, or is written like another one")
    return calls


def check_same_settings(rows: Sequence[Mapping], call: Mapping, out: str | Path) -> None:
    """Raise ValueError where a table holds runs without one of these settings: it is another experiment's."""
    if not rows:
        return
    missing = [name for name in call if name not in rows[0]]
    if missing:
        raise ValueError(f"{out} is the table of another experiment, without {', '.join(missing)}: choose another file")


def one(experiment: Callable[..., Mapping[str, float]], call: Mapping) -> dict:
    """Run one experiment on one thread: processes side by side would fight over the cores.

    Raises TypeError for a result without names, ValueError for one that has the name of a setting.
    """
    import torch

    torch.set_num_threads(1)
    found = experiment(**call)
    if not isinstance(found, Mapping):
        raise TypeError(f"the experiment returned {kind(found)}: a dictionary is meant, a name for each number")
    taken = found.keys() & call.keys()
    if taken:
        raise ValueError(f"the experiment returned {', '.join(sorted(taken))}, which is the name of a setting")
    results = {name: rounded(value) for name, value in found.items()}
    return {**call, **results}


def rounded(value: object) -> object:
    """Keep six digits of a number with a fraction. Raises TypeError for what a table can't hold, such as a tensor."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if value is None or isinstance(value, Real | str):
        return value
    raise TypeError(f"the experiment returned {kind(value)}: numbers and text are meant; a tensor has .item()")


def long(rows: "pd.DataFrame", name: str, index: str) -> "pd.DataFrame":
    """Turn the columns name_1, name_2, ... into rows with the columns `index` and `name`, the rest kept.

    Raises ValueError where there are no such columns, or one has a name that the result needs.
    """
    numbers = {}  # of the columns that become rows
    for column in rows:
        number = column.removeprefix(f"{name}_")
        if number != column and number.isdigit():
            numbers[column] = int(number)
    if not numbers:
        raise ValueError(f"no column is called {name}_1, {name}_2 or the like: there are {', '.join(rows)}")
    others = [column for column in rows if column not in numbers]
    if index in others or name in others or index == name:
        raise ValueError(f"the result has the columns {index} and {name}: rename the one that is there already")
    melted = rows.melt(others, list(numbers), index, name)
    melted[index] = melted[index].map(numbers)
    return melted.dropna(subset=name).reset_index(drop=True)


def key(row: Mapping, settings: Mapping) -> tuple[str, ...]:
    """Give the settings of a row as text, the way a CSV file holds them, to find the row again."""
    texts = []
    for name in settings:
        value = row.get(name)
        texts.append("" if value is None else str(value))
    return tuple(texts)


def read_rows(path: str | Path) -> list[dict]:
    """Read the rows of a CSV file; none where there is no file yet."""
    if not Path(path).exists():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path: str | Path, rows: Sequence[Mapping]) -> None:
    """Write all rows, replacing the file in one go; what a row lacks (a longer run has more epochs) stays empty."""
    columns = {}  # of all rows, in the order in which they come up
    for row in rows:
        columns |= dict.fromkeys(row)
    with replacing(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
