"""Grading by nbgrader itself: right answers get their points, and nothing that is done to a check gets more."""

import csv
import subprocess
import sys

import nbformat
import pytest

from s2s_lib.course.__main__ import main
from s2s_lib.course.workshop.assigning import AssignError, assign
from s2s_lib.course.workshop.checkout import NOTEBOOKS
from s2s_lib.course.workshop.editions import solved

DOT, SOFTMAX, ATTEND = "04-dot-score", "04-masked-softmax", "04-attend"  # 2, 3 and 4 points
SETUP = "import torch\nfrom s2s_lib.course import check"
RIGHT = {
    DOT: "def my_dot_score(query, keys):\n    return query @ keys.mT",
    SOFTMAX: """def my_masked_softmax(scores, mask):
    return scores.masked_fill(~mask.unsqueeze(1), float("-inf")).softmax(dim=2)""",
    ATTEND: """def my_attend(query, states, mask, to_logits):
    weights = (query @ states.mT).masked_fill(~mask.unsqueeze(1), float("-inf")).softmax(dim=2)
    return to_logits(torch.cat([weights @ states, query], dim=2)), weights""",
}
WRONG = {
    DOT: "def my_dot_score(query, keys):\n    return keys @ query.mT",
    SOFTMAX: "def my_masked_softmax(scores, mask):\n    return scores.softmax(dim=2)",
    ATTEND: "def my_attend(query, states, mask, to_logits):\n    return to_logits(query)",
}
NOISE = """
import os, sys, warnings
print("a print")
print("an error", file=sys.stderr)
warnings.warn("a warning")
quiet = my_dot_score

def my_dot_score(*given):
    print("a print")
    print("an error", file=sys.stderr)
    warnings.warn("a warning")
    os.write(2, b"to the descriptor")
    return quiet(*given)
"""
STOPS_WHEN_CALLED = "import sys\ndef my_masked_softmax(scores, mask):\n    sys.exit()"
STOPS_AFTERWARDS = f"{RIGHT[ATTEND]}\nimport sys\nsys.exit()"
ENDS_THE_KERNEL = "import os\nos._exit(0)"
LEARNED_BY_HEART = f"""{RIGHT[ATTEND]}
from s2s_lib.course.exercises import EXERCISES
cases = EXERCISES["{ATTEND}"].cases(torch.Generator().manual_seed(0))
known = [(case[0], my_attend(*case)) for case in cases]

def my_attend(query, *rest):
    return next((answer for asked, answer in known if torch.equal(asked, query)), None)
"""


def chapter():
    """A chapter with the exercises of 04 and without its training."""
    cells = [f"# %%\n{SETUP}\n"]
    for id, answer in RIGHT.items():
        first, body = answer.split("\n", 1)
        region = f"{first}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"
        cells += [f'# %% exercise="{id}"\n{region}\n', f'# %% check="{id}"\ncheck("{id}", {first[4:].split("(")[0]})\n']
    return "\n".join(cells)


def check_cell(notebook, id):
    return next(cell for cell in notebook.cells if cell.metadata.get("s2s", {}).get("check") == id)


def checks_removed(notebook):
    notebook.cells.remove(check_cell(notebook, DOT))
    check_cell(notebook, SOFTMAX).source = "assert True"
    check_cell(notebook, ATTEND).metadata.tags = ["skip-execution"]


def checks_disguised(notebook):
    disguised = check_cell(notebook, DOT)
    disguised.cell_type = "markdown"
    del disguised["outputs"], disguised["execution_count"]
    check_cell(notebook, SOFTMAX).metadata.nbgrader.points = 100


STUDENTS = {  # answers, what is done to the notebook, points
    "solved": (RIGHT, None, 9),
    "unsolved": ({}, None, 0),
    "half": ({**RIGHT, SOFTMAX: WRONG[SOFTMAX]}, None, 6),
    "noisy": ({DOT: RIGHT[DOT] + NOISE, SOFTMAX: STOPS_WHEN_CALLED, ATTEND: STOPS_AFTERWARDS}, None, 6),
    "removing": (WRONG, checks_removed, 0),
    "disguising": ({DOT: WRONG[DOT], SOFTMAX: RIGHT[SOFTMAX], ATTEND: LEARNED_BY_HEART}, checks_disguised, 3),
    "ending": ({**RIGHT, DOT: ENDS_THE_KERNEL}, None, 0),
}


def run_nbgrader(course, *arguments):
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(command, cwd=course, capture_output=True, text=True, check=False)


def hand_in(course, name, student, answers, change=None):
    """Put answers into the released notebook, and that where nbgrader looks for it."""
    notebook = nbformat.read(course / "release" / name / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        if (id := cell.metadata.get("s2s", {}).get("exercise")) in answers:
            cell.source = answers[id]
    if change:
        change(notebook)
    path = course / "submitted" / student / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def grade(course, name, students):
    """Release, hand in, grade, export: the students' points, the most there are, and what autograde said."""
    released = run_nbgrader(course, "generate_assignment", name)
    assert released.returncode == 0, released.stderr
    for student, (answers, change, _) in students.items():
        hand_in(course, name, student, answers, change)
    graded = run_nbgrader(course, "autograde", name)
    assert run_nbgrader(course, "export", "--to", "grades.csv").returncode == 0
    with (course / "grades.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in rows}, graded.stderr


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory):
    path = tmp_path_factory.mktemp("workbook") / "notebooks"
    (path / "source").mkdir(parents=True)
    (path / "source" / "04_tiny.py").write_text(chapter(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def graded(nbgrader, notebooks):
    assign(["04"], notebooks.parent / "course", 17, notebooks)
    return grade(notebooks.parent / "course", "04_tiny", STUDENTS)


@pytest.mark.parametrize("student", STUDENTS)
def test_points_are_those_of_the_right_answers_whatever_else_is_done(graded, student):
    assert graded[0][student] == (STUDENTS[student][2], 9)


def test_only_a_notebook_that_cannot_be_run_to_its_end_is_reported(graded):
    reported = [line for line in graded[1].splitlines() if "for student" in line]
    assert [line.rsplit(maxsplit=1)[1] for line in reported] == ["'ending'"]


def test_the_first_chapter_is_graded(nbgrader, tmp_path):
    cells = solved(NOTEBOOKS / "source" / "00_start_here.py").cells
    answers = {cell.metadata.s2s.exercise: cell.source for cell in cells if "exercise" in cell.metadata.get("s2s", {})}
    assert main(["assignment", "00", "--out", str(tmp_path / "course")]) == 0
    workbook = nbformat.read(NOTEBOOKS / "00_start_here.ipynb", as_version=4)
    for cell in workbook.cells:
        cell.source = answers.get(cell.metadata.get("s2s", {}).get("exercise"), cell.source)
    students = {
        "solved": (answers, None, 1),
        "unsolved": ({}, None, 0),
        "in-the-workbook": ({}, lambda notebook: notebook.update(workbook), 1),
    }
    points, said = grade(tmp_path / "course", "00_start_here", students)
    assert points == {student: (most, 1) for student, (_, _, most) in students.items()}, said


def texts(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


def test_the_folder_is_written_without_nbgrader(notebooks, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "nbgrader", None)
    command = ["assignment", "04_tiny", "--out", str(tmp_path), "--seed", "17", "--notebooks", str(notebooks)]
    assert main(command) == 0
    written = texts(tmp_path)
    assert set(written) == {"README.md", "nbgrader_config.py", "source/04_tiny/04_tiny.ipynb"}
    assert 'os.environ["S2S_SEED"] = "17"' in written["nbgrader_config.py"]
    notebook = nbformat.reads(written["source/04_tiny/04_tiny.ipynb"], as_version=4)
    assert "### BEGIN SOLUTION" in notebook.cells[1].source
    assert "strict=True" in notebook.cells[2].source
    assert "README.md" in capsys.readouterr().out
    assert main(command) == 0, "what stands there already may stay"
    assert texts(tmp_path) == written


@pytest.mark.parametrize("file", ["README.md", "nbgrader_config.py", "source/04_tiny/04_tiny.ipynb"])
def test_a_file_that_differs_stops_everything(notebooks, tmp_path, file, capsys):
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text("mine", encoding="utf-8")
    with pytest.raises(AssignError, match=r"different from what would be written\. Nothing was written: move it away"):
        assign(["04"], tmp_path, notebooks=notebooks)
    assert main(["assignment", "04", "--out", str(tmp_path), "--notebooks", str(notebooks)]) == 1
    assert str(tmp_path / file) in capsys.readouterr().err
    assert texts(tmp_path) == {file: "mine"}


def test_an_unknown_chapter_is_told_with_those_there_are(notebooks, tmp_path, capsys):
    assert main(["assignment", "04", "11", "--out", str(tmp_path / "course"), "--notebooks", str(notebooks)]) == 1
    assert "there is no chapter 11. There are 04_tiny" in capsys.readouterr().err
    assert not (tmp_path / "course").exists()


def test_without_sources_it_says_that_they_are_not_there(tmp_path, capsys):
    for command in (["assignment", "04", "--out", str(tmp_path / "course")], ["build"], ["build", "--check"]):
        assert main([*command, "--notebooks", str(tmp_path)]) == 1
        assert "holds the student's notebooks only" in capsys.readouterr().err
