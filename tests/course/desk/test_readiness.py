"""`ready` says what is missing, and what to do about it."""

from s2s_lib.course import ready as ready_cell
from s2s_lib.course.desk.readiness import missing


def said(capsys):
    ready_cell()
    return capsys.readouterr().out


def test_all_is_in_place_here(capsys):
    assert missing() == []
    assert said(capsys) == "ready: yes\n"


def test_a_lost_translator_is_named(capsys, monkeypatch):
    monkeypatch.setattr("s2s_lib.course.desk.readiness.shipped", lambda: ["fr-en"])
    assert said(capsys).startswith("ready: no\n- translators not found: french-none")


def test_a_missing_package_comes_with_the_command_that_installs_it(capsys, monkeypatch):
    monkeypatch.setattr("s2s_lib.course.desk.readiness.PACKAGES", ("torch", "no-such-package"))
    assert "not installed: no-such-package. Run: pip install -r requirements.txt" in said(capsys)


def test_an_old_python_and_a_locked_folder_are_told(capsys, monkeypatch):
    monkeypatch.setattr("s2s_lib.course.desk.readiness.PYTHON", (9, 0))
    monkeypatch.setattr("os.access", lambda path, mode: False)
    lines = said(capsys).splitlines()
    assert "too old: install 9.0 or newer" in lines[1]
    assert "can't be written to" in lines[2]


def test_a_folder_that_is_gone_is_told(capsys, monkeypatch, tmp_path):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert said(capsys).startswith("ready: no\n- the folder of this notebook is gone")
