"""The template that every chapter keeps to, read off the built notebooks; each rule is seen to fail, too."""

import re
import symtable
from types import ModuleType

import nbformat
import pytest

import s2s_lib
from s2s_lib.course.exercises import EXERCISES, PREDICTIONS
from s2s_lib.course.workshop.checkout import NOTEBOOKS
from s2s_lib.course.workshop.proofing import problems

CHAPTERS = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
EXPORTED = {
    name for name, value in vars(s2s_lib).items() if not (name.startswith("_") or isinstance(value, ModuleType))
}


def read(path):
    return nbformat.read(path, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def at_most_50_cells(notebook):
    assert len(notebook.cells) <= 50


def begins_with_a_title_and_ends_with_a_recap(notebook):
    headings = re.findall(r"^#+ .*", "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown"), re.M)
    assert notebook.cells[0].source.startswith("# ")
    assert headings[-1] == "## Recap"


def code_cells_are_short(notebook):
    assert len(code(notebook)[0].source.splitlines()) <= 8, "setup"
    for cell in code(notebook):
        assert len(cell.source.splitlines()) <= 25, cell.source


def never_three_code_cells_in_a_row(notebook):
    kinds = "".join(cell.cell_type[0] for cell in notebook.cells)
    assert "ccc" not in kinds


def no_cell_defines_a_name_of_the_library(notebook):
    for cell in code(notebook):
        table = symtable.symtable(cell.source, "cell", "exec")
        defined = {name.get_name() for name in table.get_symbols() if name.is_assigned() and not name.is_imported()}
        assert not defined & EXPORTED


def runs_from_one_to_n_without_stderr(notebook):
    assert [cell.execution_count for cell in code(notebook)] == list(range(1, len(code(notebook)) + 1))
    assert not any(output.get("name") == "stderr" for cell in code(notebook) for output in cell.outputs)


def figures_are_described_and_followed_by_words(notebook):
    following = [*notebook.cells[1:], None]
    for cell, after in zip(notebook.cells, following, strict=True):
        if pictures := [o for o in cell.get("outputs", ()) if "image/png" in o.get("data", {})]:
            assert all(o.metadata["image/png"]["alt"] for o in pictures if "text/html" not in o.data)
            assert after is not None
            assert after.cell_type == "markdown"


def no_install_and_no_path_surgery(notebook):
    for cell in code(notebook):
        assert not re.search(r"^\s*[%!]\s*(pip|conda)|sys\.path|;\s*$|clear_output", cell.source, re.MULTILINE)


def setup_brings_what_a_check_speaks_of(notebook):
    assert re.search(r"^from s2s_lib\.course import .*\bcheck, hint\b", code(notebook)[0].source, re.MULTILINE)


RULES = [
    setup_brings_what_a_check_speaks_of,
    at_most_50_cells,
    begins_with_a_title_and_ends_with_a_recap,
    code_cells_are_short,
    never_three_code_cells_in_a_row,
    no_cell_defines_a_name_of_the_library,
    runs_from_one_to_n_without_stderr,
    figures_are_described_and_followed_by_words,
    no_install_and_no_path_surgery,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_keeps_the_template(path, rule):
    rule(read(path))
    rule(read(path.parent / "solutions" / path.name))


def broken():
    """A notebook that breaks every rule."""
    cells = [nbformat.v4.new_code_cell(f"{n}\n" * 26, execution_count=9) for n in range(51)]
    cells[3].source = "pad, x = 1, 2"
    cells[4].outputs = [nbformat.v4.new_output("stream", name="stderr", text="careful")]
    cells[5].outputs = [
        nbformat.v4.new_output("display_data", {"image/png": "AAAA"}, metadata={"image/png": {"alt": ""}})
    ]
    cells[6].source = "%pip install s2s_lib"
    return nbformat.v4.new_notebook(cells=cells)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_can_fail(rule):
    with pytest.raises((AssertionError, IndexError)):
        rule(broken())


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_exercises_and_predictions_are_those_that_are_registered(path):
    notebook, chapter = read(path), path.name[:2]
    registered = [id for id in EXERCISES if id.startswith(chapter)]
    for header in ("exercise", "check"):
        assert [c.metadata.s2s[header] for c in code(notebook) if header in c.metadata.get("s2s", {})] == registered
    asked = re.findall(r'^predict\("([^"]+)"', "\n".join(c.source for c in code(notebook)), re.MULTILINE)
    assert asked == [id for id in PREDICTIONS if id.startswith(chapter)]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_each_exercise_and_its_check_run_with_the_setup_cell_alone(path, capsys):
    cells = code(read(path.parent / "solutions" / path.name))
    by_header = {next(iter(cell.metadata.s2s.items())): cell for cell in cells if cell.metadata.get("s2s")}
    for id in (id for id in EXERCISES if id.startswith(path.name[:2])):
        namespace = {}
        for cell in (cells[0], by_header["exercise", id], by_header["check", id]):
            exec(compile(cell.source, "cell", "exec"), namespace)
        assert f"{id}: solved" in capsys.readouterr().out


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_solution_is_short_and_differs_from_the_student_edition_in_its_region_only(path):
    student, solved = read(path), read(path.parent / "solutions" / path.name)
    for own, other in zip(student.cells, solved.cells, strict=True):
        if "exercise" in own.metadata.get("s2s", {}):
            assert len(other.source.splitlines()) - len(own.source.splitlines()) + 2 <= 12
        else:
            assert own.source == other.source


def test_stored_notebooks_are_what_their_sources_give():
    found = problems()
    assert not found, "\n".join(found)
