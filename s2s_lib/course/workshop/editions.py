"""One source for a chapter, three editions: the instructor's, and of that the student's and the solved one.

A source is a jupytext percent script. Headers of its code cells: `exercise="04-dot-score"`, `check="04-dot-score"`, and
`figure="what the picture shows"`. The rest is nbgrader's: metadata of schema 3, markers of solutions and hidden tests.
"""

import hashlib
import re
from pathlib import Path

import jupytext
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from ..exercises import EXERCISES, PREDICTIONS

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
SOLUTION = re.compile(r"^([ \t]*)### BEGIN SOLUTION$.*?^[ \t]*### END SOLUTION$", re.MULTILINE | re.DOTALL)
STUB = r"\1# YOUR CODE HERE\n\1raise NotImplementedError()"  # nbgrader's
MARKER = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION\n", re.MULTILINE)
HIDDEN = re.compile(r"\n### BEGIN HIDDEN TESTS\n.*?\n### END HIDDEN TESTS", re.DOTALL)
HIDDEN_TESTS = """{check}
### BEGIN HIDDEN TESTS
from s2s_lib.course import check
{strict}
### END HIDDEN TESTS"""


class SourceError(ValueError):
    """A chapter's source says something that can't be built."""


def instructor(source: Path) -> NotebookNode:
    """Read a source: solutions and hidden tests inside, stable cell ids, no outputs."""
    cells, taken = [], set()
    for number, raw in enumerate(jupytext.read(source, fmt="py:percent").cells, 1):
        new_cell = new_code_cell if raw.cell_type == "code" else new_markdown_cell
        raw.metadata.pop("lines_to_next_cell", None)  # jupytext's note on blank lines
        cell = new_cell(raw.source, metadata={})
        try:
            for header, value in raw.metadata.items():
                HEADERS[header](cell, value, source.name[:2])
        except (SourceError, KeyError) as error:
            raise SourceError(f"{source.name}, cell {number}: {_reason(error)}") from None
        cell.id = _id(cell.source, taken)
        cells.append(cell)
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def student(source: Path) -> NotebookNode:
    """Make the student edition: stubs, no hidden tests, and answers folded away."""
    notebook = instructor(source)
    for cell in notebook.cells:
        cell.source = HIDDEN.sub("", SOLUTION.sub(STUB, cell.source))
    _fold_answers(notebook.cells, source.name)
    return notebook


def solved(source: Path) -> NotebookNode:
    """Make the solved edition."""
    notebook = instructor(source)
    for cell in notebook.cells:
        cell.source = HIDDEN.sub("", MARKER.sub("", cell.source + "\n").removesuffix("\n"))
    return notebook


def _exercise(cell: NotebookNode, id: str, chapter: str) -> None:
    _registered(id, chapter)
    if len(SOLUTION.findall(cell.source)) != 1:
        raise SourceError(f"{id} needs one ### BEGIN SOLUTION ... ### END SOLUTION")
    cell.metadata = {"nbgrader": _nbgrader(id, solution=True), "s2s": {"exercise": id}}


def _check(cell: NotebookNode, id: str, chapter: str) -> None:
    _registered(id, chapter)
    if not re.fullmatch(rf'check\("{id}", my_\w+\)', cell.source):
        raise SourceError(f'the cell is one line, check("{id}", my_...)')
    cell.source = HIDDEN_TESTS.format(check=cell.source, strict=f"{cell.source[:-1]}, strict=True)")
    points = EXERCISES[id].points
    cell.metadata = {"nbgrader": _nbgrader(f"{id}-check", grade=True, locked=True, points=points), "s2s": {"check": id}}


def _figure(cell: NotebookNode, words: str, chapter: str) -> None:
    cell.metadata = {"s2s": {"figure": words}}


HEADERS = {"exercise": _exercise, "check": _check, "figure": _figure}


def _registered(id: str, chapter: str) -> None:
    if id not in EXERCISES or EXERCISES[id].chapter != chapter:
        raise SourceError(f"{id} is no exercise of chapter {chapter} in s2s_lib/course/exercises")


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, SourceError) else f"a header is one of {', '.join(HEADERS)}, not {error}"


def _nbgrader(id: str, *, grade: bool = False, locked: bool = False, solution: bool = False, **points: int) -> dict:
    given = {"grade": grade, "grade_id": id, "locked": locked, "solution": solution}
    return {"schema_version": 3, "cell_type": "code", **given, **points}


def _id(text: str, taken: set[str]) -> str:
    """Name a cell after its text, so that no other cell's name changes when it does."""
    name = hashlib.sha1(text.encode()).hexdigest()[:8]
    taken.add(free := next(each for each in (name, *(f"{name}-{n}" for n in range(2, 99))) if each not in taken))
    return free


def _fold_answers(cells: list[NotebookNode], name: str) -> None:
    """Collapse the outputs of library sources, and of what is run between `predict` and `reveal`."""
    asked: set[str] = set()
    for cell in cells:
        if cell.cell_type == "code" and (asked or "show_source(" in cell.source):
            cell.metadata["jupyter"] = {"outputs_hidden": True}
        asked -= set(re.findall(r'^reveal\("([^"]+)"', cell.source, re.MULTILINE))
        asked |= set(re.findall(r'^predict\("([^"]+)"', cell.source, re.MULTILINE))
        if unknown := asked - set(PREDICTIONS):
            raise SourceError(f"{name}: {min(unknown)} is no prediction in s2s_lib/course/exercises")
    if asked:
        raise SourceError(f"{name}: {min(asked)} is predicted and not revealed afterwards")


EDITIONS = {".": student, "solutions": solved}  # folder in notebooks/ -> how its notebooks are made
