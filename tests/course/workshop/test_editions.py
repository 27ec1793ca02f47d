"""What a source becomes: cells, metadata, stubs; with nbgrader's own converters as the oracle."""

import nbformat
import pytest

from s2s_lib.course.workshop.building import sources
from s2s_lib.course.workshop.checkout import NOTEBOOKS
from s2s_lib.course.workshop.editions import SourceError, instructor, solved, student

pytestmark = pytest.mark.usefixtures("question")
CELLS = {
    "exercise": '# %% exercise="00-read"\ndef my_read(weights, src):\n'
    "    ### BEGIN SOLUTION\n    return src\n    ### END SOLUTION\n",
    "check": '# %% check="00-read"\ncheck("00-read", my_read)\n',
    "predict": '# %%\npredict("00-test")\n',
    "between": "# %%\nprint(1)\n",
    "reveal": '# %%\nprint(2)\nreveal("00-test")\n',
    "after": "# %%\nprint(3)\n",
    "source": '# %%\nshow_source(int, after="00-read")\n',
}


@pytest.fixture
def write(tmp_path):
    def writer(*cells):
        path = tmp_path / "00_tiny.py"
        path.write_text("\n".join(cells), encoding="utf-8")
        return path

    return writer


def test_student_gets_stubs_and_no_hidden_tests(write):
    exercise, check = student(write(CELLS["exercise"], CELLS["check"])).cells
    assert exercise.source == "def my_read(weights, src):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    assert check.source == 'check("00-read", my_read)'


def test_solved_has_the_solution_without_markers(write):
    exercise, check = solved(write(CELLS["exercise"], CELLS["check"])).cells
    assert exercise.source == "def my_read(weights, src):\n    return src"
    assert check.source == 'check("00-read", my_read)'


def test_instructor_has_solution_and_a_strict_hidden_test(write):
    exercise, check = instructor(write(CELLS["exercise"], CELLS["check"])).cells
    assert "### BEGIN SOLUTION" in exercise.source
    assert check.source.splitlines()[1:] == [
        "### BEGIN HIDDEN TESTS",
        "from s2s_lib.course import check",
        'check("00-read", my_read, strict=True)',
        "### END HIDDEN TESTS",
    ]


def test_metadata_are_nbgraders_and_ours_under_one_key(write):
    exercise, check = student(write(CELLS["exercise"], CELLS["check"])).cells
    shared = {"schema_version": 3, "cell_type": "code"}
    given = {"grade": False, "locked": False, "solution": True, "grade_id": "00-read"}
    assert exercise.metadata == {"nbgrader": shared | given, "s2s": {"exercise": "00-read"}}
    given = {"grade": True, "locked": True, "solution": False, "grade_id": "00-read-check", "points": 1}
    assert check.metadata == {"nbgrader": shared | given, "s2s": {"check": "00-read"}}


def test_outputs_between_predict_and_reveal_and_library_sources_are_folded(write):
    names = ["between", "predict", "between", "reveal", "after", "source"]
    source = write(*(CELLS[name] for name in names))
    hidden = [cell.metadata.get("jupyter", {}).get("outputs_hidden", False) for cell in student(source).cells]
    assert hidden == [False, False, True, True, False, True]
    assert all(cell.metadata == {} for cell in solved(source).cells)


def test_cell_ids_follow_the_text_and_nothing_else(write):
    ids = [cell.id for cell in student(write(CELLS["between"], CELLS["after"], CELLS["between"])).cells]
    assert len(set(ids)) == 3
    assert [cell.id for cell in solved(write(CELLS["between"], CELLS["after"], CELLS["between"])).cells] == ids
    assert [cell.id for cell in student(write(CELLS["source"], CELLS["between"], CELLS["after"])).cells][1:] == ids[:2]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (['# %% exercize="00-read"\n1\n'], "00_tiny.py, cell 1: a header is one of exercise, check, figure"),
        (['# %% exercise="00-red"\n1\n'], "00-red is no exercise of chapter 00"),
        (['# %% exercise="04-attend"\n1\n'], "04-attend is no exercise of chapter 00"),
        (['# %% exercise="00-read"\n1\n'], "00-read needs one ### BEGIN SOLUTION"),
        (["# %%\n1\n", '# %% check="00-read"\ncheck("00-red", my_read)\n'], "cell 2: the cell is one line"),
        ([CELLS["predict"], CELLS["after"]], "00-test is predicted and not revealed"),
        (['# %%\npredict("00-odder")\n'], "00-odder is no prediction"),
    ],
)
def test_mistakes_in_a_source_are_named(write, cells, message):
    with pytest.raises(SourceError, match=message):
        student(write(*cells))


@pytest.mark.parametrize("source", sources(), ids=lambda path: path.stem)
def test_student_cells_are_what_nbgrader_makes_of_the_source(source, nbgrader):
    made = generated(instructor(source))
    own = student(source)
    assert [cell.source for cell in own.cells] == [cell.source for cell in made.cells]
    assert [without_checksum(cell) for cell in own.cells] == [without_checksum(cell) for cell in made.cells]
    assert any("YOUR CODE HERE" in cell.source for cell in made.cells)
    assert not any("HIDDEN" in cell.source for cell in made.cells)


def generated(notebook):
    """Run the converters of `nbgrader generate_assignment` that change cells, in its order."""
    from nbgrader import preprocessors as nb

    steps = [nb.LockCells, nb.ClearSolutions, nb.ClearOutput, nb.CheckCellMetadata, nb.ComputeChecksums]
    steps += [nb.ClearHiddenTests, nb.ClearMarkScheme, nb.ComputeChecksums, nb.CheckCellMetadata]
    for step in steps:
        notebook, _ = step().preprocess(notebook, {})
    nbformat.validate(notebook)
    return notebook


def without_checksum(cell):
    return {key: value for key, value in cell.metadata.get("nbgrader", {}).items() if key != "checksum"}


def test_the_sources_are_where_the_build_looks():
    assert {path.name[:2] for path in sources()} >= {"00", "04"}
    assert NOTEBOOKS.name == "notebooks"
