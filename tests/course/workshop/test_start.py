"""The working copy: whatever a student has written stays, and what can't be done is said in a line."""

import hashlib
import json
import os
import resource
from contextlib import contextmanager
from pathlib import Path

import pytest

from s2s_lib.course.__main__ import main
from s2s_lib.course.workshop import starting
from s2s_lib.course.workshop.starting import RECORD, start

CHAPTERS = ("00_start_here.ipynb", "04_dot_attention.ipynb")


@pytest.fixture
def notebooks(tmp_path):
    folder = tmp_path / "notebooks"
    (folder / "solutions").mkdir(parents=True)
    for name in ("00_start_here.ipynb", "04_dot_attention.ipynb", "solutions/00_start_here.ipynb", "conftest.py"):
        (folder / name).write_text(f"{name},\nfirst version\n", encoding="utf-8", newline="\n")
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


def in_crlf(folder):
    """Give a checkout of the same notebooks as git makes it with core.autocrlf."""
    other = folder.with_name("crlf")
    other.mkdir()
    for path in folder.glob("*.ipynb"):
        (other / path.name).write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    return other


def test_other_ends_of_lines_are_no_change(notebooks, tmp_path):
    mine, crlf = tmp_path / "my", in_crlf(notebooks)
    for first, then in ((notebooks, crlf), (crlf, notebooks)):
        start(mine / first.name, first)
        (mine / first.name / CHAPTERS[1]).write_text("my work", encoding="utf-8")
        assert start(mine / first.name, then) == []
        assert start(mine / first.name, first) == []


@pytest.mark.parametrize("copied_from", ["lf", "crlf"])
def test_a_record_of_digests_over_bytes_still_holds(notebooks, tmp_path, copied_from):
    """As written before ends of lines were left out of it."""
    mine, crlf = tmp_path / "my", in_crlf(notebooks)
    source = crlf if copied_from == "crlf" else notebooks
    start(mine, source)
    digests = {name: hashlib.sha256((source / name).read_bytes()).hexdigest() for name in CHAPTERS}
    (mine / RECORD).write_text(json.dumps(digests), encoding="utf-8")
    (mine / CHAPTERS[1]).write_text("my work", encoding="utf-8")
    assert start(mine, notebooks) == start(mine, crlf) == []
    (notebooks / CHAPTERS[1]).write_text("second", encoding="utf-8")
    assert [path.name for path in start(mine, notebooks)] == ["04_dot_attention.new.ipynb"]


def test_a_copy_made_by_hand_is_a_copy(notebooks, tmp_path):
    crlf = in_crlf(notebooks)
    assert start(crlf, notebooks) == []
    (crlf / CHAPTERS[1]).write_text("my work", encoding="utf-8")
    assert start(crlf, notebooks) == []


def test_where_nothing_is_new_nothing_is_written(notebooks, tmp_path, monkeypatch):
    start(tmp_path / "my", notebooks)
    monkeypatch.setattr(starting, "replacing", None)
    assert start(tmp_path / "my", notebooks) == []


def a_folder(path):
    path.mkdir()


def a_link_to_nothing(path):
    path.symlink_to(path.with_name("nothing"))


@pytest.mark.parametrize("take", [a_folder, a_link_to_nothing])
@pytest.mark.parametrize("started", [False, True])
def test_what_has_taken_a_chapters_place_stays_there(notebooks, tmp_path, take, started):
    mine = tmp_path / "my"
    mine.mkdir()
    if started:
        start(mine, notebooks)
        (mine / CHAPTERS[0]).unlink()
    take(mine / CHAPTERS[0])
    written = [path.name for path in start(mine, notebooks)]
    assert written == ([] if started else ["00_start_here.new.ipynb", CHAPTERS[1]])
    assert (mine / CHAPTERS[0]).is_symlink() or (mine / CHAPTERS[0]).is_dir()
    assert not (mine / "nothing").exists()
    assert start(mine, notebooks) == []


@contextmanager
def full_disk():
    """Let no file grow beyond a few bytes, so that the first ones fit and the next does not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def refused(capsys, *arguments):
    """Run the command; give the one line that it has to say."""
    assert main(["start", *map(str, arguments)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert "Traceback" not in printed.err
    return printed.err


def everything(folder):
    return {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}


@pytest.mark.parametrize(
    ("target", "named"),
    [("file", "file"), ("file/my", "file"), ("file/deep/my", "file"), ("link", "link"), ("loop", "loop")],
)
def test_a_folder_that_is_none_is_refused(notebooks, tmp_path, capsys, target, named):
    (tmp_path / "file").write_text("a file", encoding="utf-8")
    (tmp_path / "link").symlink_to("nothing")
    (tmp_path / "loop").symlink_to("loop")
    before = everything(tmp_path)
    line = refused(capsys, tmp_path / target, "--notebooks", notebooks)
    assert line.startswith(f"{tmp_path / named} is not a folder: move it away, or name another folder")
    assert everything(tmp_path) == before


RECORDS = {
    "empty": b"",
    "cut": b'{"00_start_here.ipynb": "ab',
    "list": b"[]",
    "null": b"null",
    "text": b'"digest"',
    "numbers": b'{"00_start_here.ipynb": 3}',
    "lists": b'{"00_start_here.ipynb": ["digest"]}',
    "deep": b"[" * 100_000,
    "latin-1": b'{"00_start_here.ipynb": "\xe9"}',
}


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("started", [False, True])
def test_a_record_that_is_none_is_refused(notebooks, tmp_path, capsys, name, started):
    mine = tmp_path / "my"
    mine.mkdir()
    if started:
        start(mine, notebooks)
    (mine / RECORD).write_bytes(RECORDS[name])
    before = everything(mine)
    line = refused(capsys, mine, "--notebooks", notebooks)
    assert line.startswith(f"{mine / RECORD} can't be read (it is ")
    assert "remove it and run this again" in line
    assert everything(mine) == before
    (mine / RECORD).unlink()
    assert len(start(mine, notebooks)) == (0 if started else 2), "as the line says"


def test_a_record_that_is_a_folder_or_not_for_us_is_refused(notebooks, tmp_path, capsys, monkeypatch):
    (tmp_path / "my" / RECORD).mkdir(parents=True)
    assert "can't be read (Is a directory): remove it" in refused(capsys, tmp_path / "my", "--notebooks", notebooks)

    def denied(path, **_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_text", denied)  # a superuser may read what others may not
    assert "can't be read (Permission denied): remove it" in refused(capsys, tmp_path, "--notebooks", notebooks)


def test_a_full_disk_leaves_nothing_half_written(notebooks, tmp_path, capsys):
    mine = tmp_path / "my"
    start(mine, notebooks)
    (mine / CHAPTERS[1]).write_text("my work", encoding="utf-8")
    (notebooks / CHAPTERS[0]).write_text("second", encoding="utf-8")
    (notebooks / CHAPTERS[1]).write_text("second" * 100, encoding="utf-8")
    before = everything(mine)
    with full_disk():
        line = refused(capsys, mine, "--notebooks", notebooks)
    assert line.startswith(f"{mine} can't be written to (File too large), so nothing was copied")
    assert everything(mine) == before
    assert len(start(mine, notebooks)) == 2, "nor is anything noted as copied"


@pytest.mark.parametrize("existing", [False, True])
def test_a_folder_that_is_locked_is_refused(notebooks, tmp_path, capsys, monkeypatch, existing):
    if existing:
        (tmp_path / "my").mkdir()
    before = everything(tmp_path)

    def denied(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "write_text" if existing else "mkdir", denied)
    line = refused(capsys, tmp_path / "my", "--notebooks", notebooks)
    assert line.startswith(f"{tmp_path / 'my'} can't be written to (Permission denied), so nothing was copied")
    assert everything(tmp_path) == before


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs a folder that nobody can write to")
def test_a_folder_that_nobody_can_write_to_is_refused(notebooks, capsys):
    assert "can't be written to" in refused(capsys, "/proc/self/fd/my", "--notebooks", notebooks)


def test_notebooks_that_are_not_there_are_refused(notebooks, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("", encoding="utf-8")
    for folder in ("none", "empty", "file"):
        line = refused(capsys, tmp_path / "my", "--notebooks", tmp_path / folder)
        assert line.startswith(f"{tmp_path / folder} holds no chapters")
    (tmp_path / "empty" / CHAPTERS[0]).mkdir()
    line = refused(capsys, tmp_path / "my", "--notebooks", tmp_path / "empty")
    assert line.startswith(f"{tmp_path / 'empty' / CHAPTERS[0]} can't be read (Is a directory)")
    assert not (tmp_path / "my").exists()


def test_the_workbooks_own_folder_is_no_place_for_a_copy(notebooks, tmp_path, capsys):
    before = everything(notebooks)
    line = refused(capsys, notebooks / "solutions" / "..", "--notebooks", notebooks)
    assert "holds the workbook's own notebooks: name another folder" in line
    assert everything(notebooks) == before
