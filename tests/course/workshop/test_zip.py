"""The archive for students: complete, nothing beyond what they need, the same bytes for the same content."""

import os
import shutil
import subprocess
import sys
import zipfile

import nbformat
import pytest

from s2s_lib.course.__main__ import main
from s2s_lib.course.workshop.building import execute
from s2s_lib.course.workshop.checkout import ROOT
from s2s_lib.course.workshop.packing import FILES, pack


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    path = tmp_path_factory.mktemp("archive") / "workbook.zip"
    pack(path)
    return path


@pytest.fixture(scope="module")
def unpacked(archive):
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(archive.parent)
    return archive.parent / "s2s-workbook"


def run(unpacked, *arguments):
    command = [sys.executable, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    return subprocess.run(command, cwd=unpacked, env=environment, capture_output=True, text=True, check=False)


def test_it_holds_the_library_the_student_edition_and_what_installs_them(unpacked):
    names = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    library = {path for path in (ROOT / "s2s_lib").rglob("[!.]*.*") if path.parent.name != "__pycache__"}
    chapters = {*(ROOT / "notebooks").glob("[0-9]*.ipynb"), ROOT / "notebooks" / "conftest.py"}
    assert {name for name in names if name.startswith(("s2s_lib", "notebooks"))} == {
        path.relative_to(ROOT).as_posix() for path in library | chapters
    }
    others = {name for name in names if not name.startswith(("s2s_lib", "notebooks"))}
    assert {name for name in others if not name.endswith(".png")} == set(FILES)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"]({name})" in readme for name in others if name.endswith(".png"))


def test_the_same_content_gives_the_same_bytes(archive, unpacked, tmp_path):
    copy = shutil.copytree(unpacked, tmp_path / "elsewhere", copy_function=shutil.copyfile)  # of today, by me
    (copy / "notebooks" / ".s2s-progress.json").write_text("{}", encoding="utf-8")
    (copy / "s2s_lib" / "__pycache__").mkdir(exist_ok=True)
    (copy / "s2s_lib" / "__pycache__" / "text.pyc").write_bytes(b"cached")
    pack(tmp_path / "again.zip", copy)
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()
    (copy / "LICENSE").write_text("another", encoding="utf-8")
    pack(tmp_path / "other.zip", copy)
    assert (tmp_path / "other.zip").read_bytes() != archive.read_bytes()


def test_an_incomplete_workbook_leaves_no_archive(unpacked, tmp_path):
    copy = shutil.copytree(unpacked, tmp_path / "copy")
    (copy / "pyproject.toml").unlink()
    with pytest.raises(FileNotFoundError, match=r"pyproject\.toml\. Run this in a complete copy"):
        pack(tmp_path / "out" / "workbook.zip", copy)
    assert not (tmp_path / "out").exists()


def test_all_is_ready_where_it_is_unpacked(unpacked):
    code = "import s2s_lib; from s2s_lib.course import ready; print(s2s_lib.__file__); ready()"
    assert run(unpacked, "-c", code).stdout.splitlines() == [str(unpacked / "s2s_lib" / "__init__.py"), "ready: yes"]


def test_a_chapter_runs_where_it_is_unpacked(unpacked, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(unpacked))
    notebook = nbformat.read(unpacked / "notebooks" / "00_start_here.ipynb", as_version=4)
    before = [[output.get("text") for output in cell.get("outputs", ())] for cell in notebook.cells]
    execute(notebook, unpacked / "notebooks")
    assert [[output.get("text") for output in cell.get("outputs", ())] for cell in notebook.cells] == before


@pytest.mark.parametrize("command", [["build"], ["assignment", "00", "--out", "course"]])
def test_what_needs_sources_says_that_they_are_not_there(unpacked, command):
    result = run(unpacked, "-m", "s2s_lib.course", *command)
    assert result.returncode == 1
    assert "holds the student's notebooks only; the sources" in result.stderr
    assert not (unpacked / "course").exists()


def test_the_command_writes_the_archive_it_names(archive, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["zip"]) == 0
    assert (tmp_path / "s2s-workbook.zip").read_bytes() == archive.read_bytes()
    assert "s2s-workbook.zip: " in capsys.readouterr().out
