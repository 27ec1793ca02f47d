"""Ablations: one experiment, run for every combination of settings and every seed, into one tidy table."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from ..atomic import replacing

if TYPE_CHECKING:
    import pandas as pd


def run_grid(
    experiment: Callable[..., Mapping[str, float]],
    grid: Mapping[str, Sequence],
    seeds: Iterable[int],
    out: str | Path,
    *,
    jobs: int = 1,
    progress: bool = True,
) -> "pd.DataFrame":
    """Call `experiment(seed=..., **settings)` for each point of the grid and return the table of all rows in `out`.

    A row holds the settings, the seed and what the experiment returned. Rows go to the CSV file `out` as they
    come, and what it already holds is not run again: an interrupted ablation goes on when called anew.
    `jobs` processes run at a time, one torch thread each.
    """
    import pandas as pd
    from joblib import Parallel, delayed
    from tqdm.auto import tqdm

    points = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
    calls = [{**point, "seed": seed} for point in points for seed in seeds]
    rows = read_rows(out)
    done = {key(row, calls[0]) for row in rows}
    todo = [call for call in calls if key(call, call) not in done]
    results = Parallel(n_jobs=jobs, return_as="generator_unordered")(delayed(one)(experiment, call) for call in todo)
    for row in tqdm(results, total=len(todo), unit="run", disable=not progress):
        rows.append(row)
        write_rows(out, rows)
    return pd.read_csv(out)


def one(experiment: Callable[..., Mapping[str, float]], call: Mapping) -> dict:
    """Run one experiment on one thread: processes side by side would fight over the cores."""
    import torch

    torch.set_num_threads(1)
    found = {name: float(f"{x:.6g}") if isinstance(x, float) else x for name, x in experiment(**call).items()}
    return {**call, **found}


def long(rows: "pd.DataFrame", name: str, index: str) -> "pd.DataFrame":
    """Turn the columns name_1, name_2, ... into rows with the columns `index` and `name`, the rest kept."""
    numbered = {column: int(column.removeprefix(f"{name}_")) for column in rows if is_numbered(column, name)}
    others = [column for column in rows if column not in numbered]
    melted = rows.melt(others, list(numbered), index, name)
    return melted.assign(**{index: melted[index].map(numbered)}).dropna(subset=name).reset_index(drop=True)


def is_numbered(column: str, name: str) -> bool:
    """Tell whether a column is called `name`_1, `name`_2, ..."""
    return column.startswith(f"{name}_") and column.removeprefix(f"{name}_").isdigit()


def key(row: Mapping, settings: Mapping) -> tuple[str, ...]:
    """Tell rows apart by their settings, as text, the way a CSV file holds them."""
    return tuple("" if row.get(name) is None else str(row.get(name)) for name in settings)


def read_rows(path: str | Path) -> list[dict]:
    """Read the rows of a CSV file; none where there is no file yet."""
    if not Path(path).exists():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path: str | Path, rows: Sequence[Mapping]) -> None:
    """Write all rows, replacing the file in one go; what a row lacks (a longer run has more epochs) stays empty."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with replacing(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
