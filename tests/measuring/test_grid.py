"""An ablation runs each point once, keeps what it has, and goes on after an interrupt."""

import pytest

from s2s_lib.measuring.grid import read_rows, run_grid

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
