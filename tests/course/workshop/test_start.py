"""The working copy: whatever a student has written stays."""

import pytest

from s2s_lib.course.__main__ import main
from s2s_lib.course.workshop.starting import start


@pytest.fixture
def notebooks(tmp_path):
    folder = tmp_path / "notebooks"
    (folder / "solutions").mkdir(parents=True)
    for name in ("00_start_here.ipynb", "04_dot_attention.ipynb", "solutions/00_start_here.ipynb", "conftest.py"):
        (folder / name).write_text(f"{name}, first version", encoding="utf-8")
    return folder


def names(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_copies_the_student_edition_once(notebooks, tmp_path):
    mine = tmp_path / "my"
    assert [path.name for path in start(mine, notebooks)] == ["00_start_here.ipynb", "04_dot_attention.ipynb"]
    assert start(mine, notebooks) == []
    assert names(mine) == ["00_start_here.ipynb", "04_dot_attention.ipynb"]


def test_never_overwrites_and_brings_what_changed_beside_it(notebooks, tmp_path):
    mine = tmp_path / "my"
    start(mine, notebooks)
    (mine / "04_dot_attention.ipynb").write_text("my work", encoding="utf-8")
    assert start(mine, notebooks) == []
    for version in ("second", "third"):
        (notebooks / "04_dot_attention.ipynb").write_text(version, encoding="utf-8")
        assert len(start(mine, notebooks)) == 1
    texts = {path.name: path.read_text(encoding="utf-8") for path in mine.glob("04*")}
    assert texts == {
        "04_dot_attention.ipynb": "my work",
        "04_dot_attention.new.ipynb": "second",
        "04_dot_attention.new2.ipynb": "third",
    }


def test_a_deleted_chapter_comes_back(notebooks, tmp_path):
    mine = tmp_path / "my"
    start(mine, notebooks)
    (mine / "00_start_here.ipynb").unlink()
    assert [path.name for path in start(mine, notebooks)] == ["00_start_here.ipynb"]


def test_a_folder_that_was_there_before_is_not_overwritten_either(notebooks, tmp_path):
    mine = tmp_path / "my"
    mine.mkdir()
    (mine / "00_start_here.ipynb").write_text("my work", encoding="utf-8")
    start(mine, notebooks)
    assert (mine / "00_start_here.ipynb").read_text(encoding="utf-8") == "my work"
    assert (mine / "00_start_here.new.ipynb").exists()


def test_the_command_says_what_to_do_next(notebooks, tmp_path, capsys):
    assert main(["start", str(tmp_path / "my"), "--notebooks", str(notebooks)]) == 0
    assert f"jupyter lab {tmp_path / 'my' / '00_start_here.ipynb'}" in capsys.readouterr().out
