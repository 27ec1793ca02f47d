"""An ablation runs each point once, keeps what it has, and goes on after an interrupt."""

import inspect

import pandas as pd
import pytest
import torch

from s2s_lib.measuring.grid import long, read_rows, run_grid

CALLS = []


def experiment(seed, p, cell):
    CALLS.append((seed, p, cell))
    return {"accuracy": seed + p, "letters": len(cell)}


def fails_at_the_third(seed, p, cell):
    if len(CALLS) == 2:
        raise KeyboardInterrupt
    return experiment(seed, p, cell)


@pytest.fixture(autouse=True)
def fresh():
    CALLS.clear()


GRID = {"p": [0.25, 1.0], "cell": ["gru", "lstm"]}


def test_every_point_is_run_with_every_seed_once(tmp_path):
    table = run_grid(experiment, GRID, range(3), tmp_path / "out.csv", progress=False)
    assert sorted(CALLS) == [(seed, p, cell) for seed in range(3) for p in (0.25, 1.0) for cell in ("gru", "lstm")]
    assert (table.accuracy == table.seed + table.p).all()
    assert list(table.columns) == ["p", "cell", "seed", "accuracy", "letters"]


def test_an_interrupted_ablation_goes_on_where_it_was(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run_grid(fails_at_the_third, GRID, [0], tmp_path / "out.csv", progress=False)
    assert len(read_rows(tmp_path / "out.csv")) == 2
    table = run_grid(experiment, GRID, [0], tmp_path / "out.csv", progress=False)
    assert len(CALLS) == len(set(CALLS)) == len(table) == 4


def test_more_seeds_run_only_what_is_new(tmp_path):
    run_grid(experiment, GRID, [0], tmp_path / "out.csv", progress=False)
    CALLS.clear()
    table = run_grid(experiment, GRID, [0, 7], tmp_path / "out.csv", progress=False)
    assert {seed for seed, _, _ in CALLS} == {7}
    assert len(table) == 8


def test_processes_side_by_side_give_the_same_table(tmp_path):
    alone = run_grid(experiment, GRID, range(2), tmp_path / "1.csv", progress=False)
    together = run_grid(experiment, GRID, range(2), tmp_path / "2.csv", jobs=2, progress=False)
    order = ["p", "cell", "seed"]
    assert alone.sort_values(order).values.tolist() == together.sort_values(order).values.tolist()


def test_runs_may_measure_different_things(tmp_path):
    def longer(seed):
        return {f"loss_{epoch}": 1 / epoch for epoch in range(1, seed + 1)}

    table = run_grid(longer, {}, [1, 3], tmp_path / "out.csv", progress=False)
    assert list(table.columns) == ["seed", "loss_1", "loss_2", "loss_3"]
    assert table.loss_3.isna().tolist() == [True, False]
    again = run_grid(longer, {}, [1, 3, 2], tmp_path / "out.csv", progress=False)
    assert again.loss_2.tolist()[1:] == [0.5, 0.5]


@pytest.mark.parametrize("progress", [True, False])
def test_the_progress_bar_counts_the_runs_to_the_end(progress, tmp_path, capsys):
    run_grid(experiment, GRID, [0], tmp_path / "out.csv", progress=progress)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert ("4/4" in shown.err) == progress


def test_values_and_seeds_may_come_one_by_one(tmp_path):
    grid = {name: iter(values) for name, values in GRID.items()}
    table = run_grid(experiment, grid, iter(range(3)), tmp_path / "out.csv", progress=False)
    assert len(table) == len(CALLS) == 12


WRONG_PLANS = [
    pytest.param({**GRID, "cell": "gru"}, [0], r"grid\['cell'\] is one text", id="a word for a list of words"),
    pytest.param({**GRID, "p": 0.5}, [0], r"grid\['p'\] is a float", id="a number for a list"),
    pytest.param({**GRID, "p": []}, [0], "nothing to run: p is empty", id="no value"),
    pytest.param(GRID, [], "nothing to run: seed is empty", id="no seed"),
    pytest.param(GRID, 5, "seeds is an int", id="a number of seeds"),
    pytest.param(GRID, [0, 1, 0], "twice", id="a seed twice"),
    pytest.param({**GRID, "p": [1.0, 1.0]}, [0], "twice", id="a value twice"),
    pytest.param({**GRID, "p": ["", None]}, [0], "written like another", id="alike in a CSV file"),
    pytest.param({**GRID, "seed": [1]}, [0], "grid holds seed", id="seeds in the grid"),
    pytest.param([GRID], [0], "grid is a list", id="several grids"),
]


@pytest.mark.parametrize(("grid", "seeds", "said"), WRONG_PLANS)
def test_a_plan_that_can_not_be_meant_runs_nothing(grid, seeds, said, tmp_path):
    with pytest.raises((ValueError, TypeError), match=said):
        inspect.unwrap(run_grid)(experiment, grid, seeds, tmp_path / "out.csv", progress=False)
    assert CALLS == []
    assert not (tmp_path / "out.csv").exists()


def test_another_experiments_table_is_not_mixed_with(tmp_path):
    run_grid(experiment, GRID, [0], tmp_path / "out.csv", progress=False)
    before, runs = (tmp_path / "out.csv").read_text(encoding="utf-8"), len(CALLS)
    with pytest.raises(ValueError, match="another experiment, without size"):
        run_grid(lambda seed, p, cell, size: {}, {**GRID, "size": [1]}, [0], tmp_path / "out.csv", progress=False)
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == before
    assert len(CALLS) == runs


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (0.5, "returned a float"),
        ([("loss", 1.0)], "returned a list"),
        ({"p": 0.5, "loss": 1.0}, "returned p, which is the name of a setting"),
        ({"seed": 1}, "returned seed"),
        ({"loss": torch.tensor(1.0)}, r"tensor of float32.*\.item"),
        ({"loss": [1.0]}, "returned a list"),
    ],
)
def test_a_result_that_no_row_can_hold_is_refused(found, said, tmp_path):
    with pytest.raises((ValueError, TypeError), match=said):
        inspect.unwrap(run_grid)(lambda **settings: found, GRID, [0], tmp_path / "out.csv", progress=False)
    assert read_rows(tmp_path / "out.csv") == []


def test_numbers_keep_six_digits_and_the_rest_is_kept_as_it_is(tmp_path):
    found = {"third": 1 / 3, "many": 12345678, "word": "a,b", "none": None}
    run_grid(lambda seed: found, {}, [0], tmp_path / "out.csv", progress=False)
    assert read_rows(tmp_path / "out.csv") == [
        {"seed": "0", "third": "0.333333", "many": "12345678", "word": "a,b", "none": ""}
    ]


WIDE = pd.DataFrame({"kind": ["a"], "loss_1": [3.0], "loss_2": [1.0]})


@pytest.mark.parametrize(
    ("rows", "name", "index", "said"),
    [
        (WIDE, "lost", "epoch", "lost_1.*there are kind, loss_1, loss_2"),
        (WIDE, "loss", "kind", "rename"),
        (WIDE.assign(loss=0), "loss", "epoch", "rename"),
        (WIDE, "loss", "loss", "rename"),
    ],
)
def test_columns_that_are_not_there_or_would_be_overwritten_are_said(rows, name, index, said):
    with pytest.raises(ValueError, match=said):
        long(rows, name, index)
