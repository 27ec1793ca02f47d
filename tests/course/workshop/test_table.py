"""The README's table of exercises is that of the code."""

import pytest

from s2s_lib.course.__main__ import main
from s2s_lib.course.exercises import EXERCISES
from s2s_lib.course.workshop.checkout import ROOT
from s2s_lib.course.workshop.listing import BEGIN, END, ListError, table, with_table, write_table


def test_the_readme_holds_the_table_of_the_code():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_table(text) == text, "run: python -m s2s_lib.course table --write"


def test_every_exercise_has_its_row_and_the_sums_are_right(capsys):
    assert main(["table"]) == 0
    rows = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in capsys.readouterr().out.splitlines()]
    exercises, total = rows[2:-1], rows[-1]
    assert sorted(row[0] for row in exercises) == sorted(EXERCISES)
    for id, objective, difficulty, minutes, points in exercises:
        exercise = EXERCISES[id]
        assert objective == exercise.objective[0].lower() + exercise.objective[1:]
        assert [difficulty[0], minutes, points] == [
            str(each) for each in (exercise.difficulty, exercise.minutes, exercise.points)
        ]
    assert total[0] == f"{len(EXERCISES)} exercises"
    assert [int(total[at]) for at in (3, 4)] == [sum(int(row[at]) for row in exercises) for at in (3, 4)]


def test_no_objective_breaks_the_table():
    assert [exercise.id for exercise in EXERCISES.values() if set("|\n") & set(exercise.objective)] == []


def test_only_what_stands_between_the_markers_is_rewritten(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    assert write_table(readme)
    assert readme.read_text(encoding="utf-8") == f"before\n{BEGIN}\n{table()}\n{END}\nafter\n"
    assert not write_table(readme)


@pytest.mark.parametrize("text", ["", BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}", f"{END}{BEGIN}{END}"])
def test_without_its_markers_nothing_is_written(tmp_path, text):
    readme = tmp_path / "README.md"
    readme.write_text(text, encoding="utf-8")
    with pytest.raises(ListError, match=r"put them in, once each"):
        write_table(readme)
    assert readme.read_text(encoding="utf-8") == text
