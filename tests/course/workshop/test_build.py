"""Building: idempotent, clean; `--check` and nbval go red when a notebook is touched."""

import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from s2s_lib.course.__main__ import main
from s2s_lib.course.workshop.building import BuildError, build, keep_pictures, tidy
from s2s_lib.course.workshop.checkout import NOTEBOOKS
from s2s_lib.course.workshop.proofing import problems

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8BQDwAEgAF/QualIQAAAABJRU5ErkJggg=="
CHAPTER = f'''# %% [markdown]
# # Tiny

# %%
import base64
import os
from IPython.display import Image, display

print(os.environ["S2S_PROGRESS"], os.path.basename(os.getcwd()), flush=True)
print("second line")

# %% figure="One pixel."
display(Image(base64.b64decode("{PIXEL}")))

# %% [markdown]
# A pixel.

# %%
display({{"text/plain": "a widget", "application/vnd.jupyter.widget-view+json": {{"model_id": "x"}}}}, raw=True)
40 + 2
'''


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A chapter built twice; the second time nothing must change."""
    source = tmp_path_factory.mktemp("course") / "notebooks" / "source" / "01_tiny.py"
    source.parent.mkdir(parents=True)
    source.write_text(CHAPTER, encoding="utf-8")
    first = build(source)
    texts = [path.read_bytes() for path in first]
    assert build(source) == []
    assert [path.read_bytes() for path in first] == texts
    return source.parents[1]


@pytest.fixture
def course(built, tmp_path):
    """A copy of it, to be touched."""
    return shutil.copytree(built, tmp_path / "notebooks")


def rewrite(path, change):
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


def test_built_notebook_is_clean(built):
    notebook = nbformat.read(built / "01_tiny.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert set(notebook.metadata) == {"kernelspec", "s2s"}
    title, setup, figure, _, last = notebook.cells
    assert title.metadata == setup.metadata == {}
    assert [output.text for output in setup.outputs] == ["off notebooks\nsecond line\n"]
    assert figure.outputs[0].metadata["image/png"]["alt"] == "One pixel."
    assert [dict(output.data) for output in last.outputs] == [{"text/plain": "a widget"}, {"text/plain": "42"}]
    assert [cell.execution_count for cell in (setup, figure, last)] == [1, 2, 3]


def test_both_editions_are_written(built):
    assert (built / "solutions" / "01_tiny.ipynb").exists()
    assert problems(built) == []


def source_edited(course):
    path = course / "source" / "01_tiny.py"
    path.write_text(path.read_text(encoding="utf-8").replace("A pixel", "One pixel"), encoding="utf-8")


def notebook_removed(course):
    (course / "solutions" / "01_tiny.ipynb").unlink()


def notebook_truncated(course):
    path = course / "01_tiny.ipynb"
    path.write_text(path.read_text(encoding="utf-8")[:200], encoding="utf-8")


def notebook_without_source(course):
    (course / "02_other.ipynb").write_bytes((course / "01_tiny.ipynb").read_bytes())


def in_cell(number, **changes):
    return lambda notebook: notebook.cells[number].update(changes)


def stderr_stored(notebook):
    notebook.cells[1].outputs.append(nbformat.v4.new_output("stream", name="stderr", text="careful"))


def output_changed(notebook):
    notebook.cells[-1].outputs[-1].data["text/plain"] = "43"


def picture_replaced(notebook):
    notebook.cells[2].outputs[0].data["image/png"] = PIXEL.replace("A", "B")


def cleared(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


HAND_EDITS = {
    "markdown edited": (in_cell(0, source="# Other"), "cell 1: its text differs"),
    "comment added": (lambda nb: nb.cells[1].update(source="# so\n" + nb.cells[1].source), "cell 2: its text differs"),
    "cell deleted": (lambda notebook: notebook.cells.pop(3), "has 4 cells where its source has 5"),
    "cells swapped": (lambda notebook: notebook.cells.insert(0, notebook.cells.pop()), "cell 1: its type differs"),
    "picture removed": (in_cell(2, outputs=[]), "cell 3: its picture is missing"),
    "outputs cleared": (cleared, "cell 2: its count is None, and should be 1"),
    "run out of order": (in_cell(4, execution_count=7), "cell 5: its count is 7, and should be 3"),
    "id changed": (in_cell(1, id="mine"), "cell 2: its id differs"),
    "metadata changed": (in_cell(1, metadata={"collapsed": True}), "cell 2: its metadata differ"),
    "kernel changed": (
        lambda nb: nb.metadata.update(language_info={"name": "python"}),
        "the notebook's metadata differ",
    ),
    "output changed": (output_changed, "cell 5: its outputs are not those that the build stored"),
    "output emptied": (in_cell(1, outputs=[]), "cell 2: its outputs are not those that the build stored"),
    "picture replaced": (picture_replaced, "cell 3: its outputs are not those that the build stored"),
    "record removed": (lambda nb: nb.metadata.pop("s2s"), "its record of what the build put out is missing"),
    "record damaged": (lambda nb: nb.metadata.update(s2s=[]), "its record of what the build put out is missing"),
    "record of another": (lambda nb: nb.metadata.s2s.outputs.update(x="y"), "its record of what the build put out"),
    "stderr stored": (stderr_stored, "cell 2: an error or a warning is stored"),
}


@pytest.mark.parametrize("edit", HAND_EDITS)
@pytest.mark.parametrize("folder", [".", "solutions"])
def test_check_goes_red_on_a_hand_edit(course, edit, folder, capsys):
    change, message = HAND_EDITS[edit]
    rewrite(course / folder / "01_tiny.ipynb", change)
    found = problems(course)
    assert any(message in problem for problem in found)
    assert all("python -m s2s_lib.course build 01" in problem for problem in found), "it says what to do"
    assert main(["build", "--check", "--notebooks", str(course)]) == 1
    assert message in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (source_edited, "cell 4: its text differs"),
        (notebook_removed, "solutions/01_tiny.ipynb is missing"),
        (notebook_truncated, "01_tiny.ipynb is no notebook"),
        (notebook_without_source, "02_other.ipynb has no source"),
    ],
)
def test_check_goes_red_on_other_differences(course, change, message):
    change(course)
    assert any(message in problem for problem in problems(course))


def cell(*outputs, id="same", **s2s):
    return nbformat.v4.new_code_cell("draw()", id=id, metadata={"s2s": s2s} if s2s else {}, outputs=list(outputs))


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=list(cells))


def picture(png):
    return nbformat.v4.new_output("display_data", {"image/png": png, "text/plain": "<Figure>"})


def stream(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (cell(stream("careful", "stderr")), "writes to stderr: careful"),
        (cell(picture("AAAA")), "its header needs figure="),
        (cell(stream("no picture"), figure="words"), "headed as a figure and draws none"),
    ],
)
def test_what_must_not_be_stored_fails_the_build(bad, message):
    with pytest.raises(BuildError, match=message):
        tidy(notebook(bad), "01_tiny")


def test_an_old_picture_is_kept_only_where_nothing_else_changed():
    new = notebook(cell(stream("a"), picture("new")), cell(picture("new"), id="other"))
    keep_pictures(new, notebook(cell(stream("a"), picture("old")), cell(stream("c"), picture("old"), id="other")))
    assert [each.outputs[-1].data["image/png"] for each in new.cells] == ["old", "new"]
    new = notebook(cell(picture("new")), cell(id="helper"))
    new.cells[1].source = "changed = True"
    keep_pictures(new, notebook(cell(picture("old")), cell(id="helper")))
    assert new.cells[0].outputs[0].data["image/png"] == "new", "what a cell draws may come from another cell"
    new = notebook(cell(stream("b"), picture("new")))
    keep_pictures(new, notebook(cell(stream("a"), picture("old"))))
    assert new.cells[0].outputs[1].data["image/png"] == "new"


def test_a_failing_cell_or_an_unknown_chapter_stops_the_build_with_a_message(course, capsys):
    assert main(["build", "07", "--notebooks", str(course)]) == 1
    assert "no source of chapter 07" in capsys.readouterr().err
    (course / "source" / "01_tiny.py").write_text("# %%\n1 / 0\n", encoding="utf-8")
    before = (course / "01_tiny.ipynb").read_bytes()
    assert main(["build", "01", "--notebooks", str(course)]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert (course / "01_tiny.ipynb").read_bytes() == before
    with pytest.raises(CellExecutionError):
        build(course / "source" / "01_tiny.py")


NBVAL = {  # what is done to a copy, and the cells that nbval finds: it sees no pictures and skips what was never run
    "01_good": (lambda notebook: None, []),
    "02_changed": (output_changed, [2]),
    "03_emptied": (in_cell(1, outputs=[]), [0]),
    "04_pictured": (picture_replaced, []),
    "05_cleared": (cleared, []),
}


def test_nbval_goes_red_where_an_output_differs_and_says_what_to_do(course):
    for name, (change, _) in NBVAL.items():
        shutil.copy(course / "01_tiny.ipynb", course / f"{name}.ipynb")
        rewrite(course / f"{name}.ipynb", change)
    shutil.copy(NOTEBOOKS / "conftest.py", course)
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "-q"]
    files = [f"{name}.ipynb" for name in NBVAL]
    result = subprocess.run([*command, *files], cwd=course, capture_output=True, text=True, check=False)
    failed = [f"{name}.ipynb::Cell {cell}" for name, (_, cells) in NBVAL.items() for cell in cells]
    assert re.findall(r"^FAILED (.*?)(?: - .*)?$", result.stdout, re.MULTILINE) == failed, result.stdout
    assert f"{len(failed)} failed, {3 * len(NBVAL) - len(failed)} passed" in result.stdout
    assert result.stdout.count("never the notebook, which is generated") == len(failed)
    assert "python -m s2s_lib.course build 02" in result.stdout
    assert "repair notebooks/source/02_changed.py" in result.stdout
