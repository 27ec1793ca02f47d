"""The workbook's folder is found in one place, and never guessed."""

import sys

import pytest

from s2s_lib.course.__main__ import main
from s2s_lib.course.workshop import checkout
from s2s_lib.course.workshop.assigning import assign
from s2s_lib.course.workshop.building import sources
from s2s_lib.course.workshop.packing import pack
from s2s_lib.course.workshop.proofing import problems


def test_here_it_is():
    assert checkout.root() == checkout.ROOT
    assert (checkout.notebooks() / "00_start_here.ipynb").is_file()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (b'[project]\nname = "s2s_lib"\n', True),
        (b'[project]\nname = "another"\n', False),
        (b'[tool.black]\nname = "s2s_lib"\n', False),
        (b'project = "s2s_lib"\n', False),
        (b"no settings\n", False),
        (b"[project]\nname = '\xff'\n", False),
        (None, False),
    ],
)
def test_a_folder_is_the_workbooks_by_the_project_it_names(tmp_path, settings, expected):
    (tmp_path / "notebooks" / "source").mkdir(parents=True)
    if settings is not None:
        (tmp_path / "pyproject.toml").write_bytes(settings)
    assert checkout.is_workbook(tmp_path) is expected


@pytest.mark.parametrize(
    "door",
    [
        lambda target: checkout.notebooks(),
        lambda target: sources(),
        lambda target: problems(),
        lambda target: assign(["04"], target / "course"),
        lambda target: pack(target / "out" / "workbook.zip"),
    ],
)
def test_without_it_every_door_says_so_and_nothing_is_written(tmp_path, monkeypatch, door):
    installed, target = tmp_path / "site-packages", tmp_path / "mine"
    (installed / "notebooks" / "source").mkdir(parents=True)  # another package's
    target.mkdir()
    monkeypatch.setattr(checkout, "ROOT", installed)
    with pytest.raises(checkout.NoCheckout, match=r"installed without the workbook's notebooks\. Run this in a copy"):
        door(target)
    assert list(target.iterdir()) == []


@pytest.mark.parametrize("command", [["build", "--check"], ["assignment", "04", "--out", "course"]])
def test_a_missing_tool_is_told_with_the_command_that_installs_it(tmp_path, monkeypatch, capsys, command):
    monkeypatch.chdir(tmp_path)
    for name in [name for name in sys.modules if name.startswith("s2s_lib.course.workshop.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jupytext", None)
    assert main(command) == 1
    said = capsys.readouterr().err
    assert said == "jupytext is not installed. In the workbook's folder: pip install -r requirements.txt\n"
    assert list(tmp_path.iterdir()) == []
