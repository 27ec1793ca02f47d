"""Progress: a file that survives, is written whole, and never takes back what was solved."""

import json

import pytest

from s2s_lib.course import check, predict, progress, reveal
from s2s_lib.course.desk import progressing
from s2s_lib.course.exercises import EXERCISES, PREDICTIONS

pytestmark = pytest.mark.usefixtures("question")
ID = "04-dot-score"


def right(query, keys):
    return query @ keys.transpose(1, 2)


def wrong(query, keys):
    return keys @ query.transpose(1, 2)


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("S2S_PROGRESS")
    return tmp_path / progressing.FILE


def test_solved_is_never_downgraded(file):
    check(ID, right)
    check(ID, wrong)
    stored = json.loads(file.read_text(encoding="utf-8"))["exercises"][ID]
    assert stored["solved"]
    assert len(stored["failed"]) == 1


def test_off_writes_no_file(file, monkeypatch):
    monkeypatch.setenv("S2S_PROGRESS", "off")
    check(ID, right)
    predict("00-test", "a")
    assert progressing.solved(ID)
    assert list(file.parent.iterdir()) == []


def test_off_does_not_read_a_left_over_file_either(file, monkeypatch):
    check(ID, right)
    monkeypatch.setenv("S2S_PROGRESS", "off")
    assert not progressing.solved(ID)


def test_nothing_but_the_file_is_left(file):
    check(ID, wrong)
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "null", "\ud800", "[" * 100_000, '{"exercises": 3}', '{"exercises": {"04-dot-score": 5}}'),
        '{"exercises": {"04-dot-score": {"solved": false, "failed": 5}}, "predictions": {}, "revealed": {}}',
    ],
    ids=lambda text: text[:20],
)
def test_a_damaged_file_is_put_aside(file, text, capsys):
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    progress()
    assert f"0 of {len(EXERCISES)} exercises solved" in capsys.readouterr().out
    assert file.with_name(".s2s-progress.json.damaged").read_bytes() == text.encode("utf-8", "surrogatepass")
    check(ID, right)
    assert progressing.solved(ID)


def test_failed_tries_of_another_shape_are_counted_all_the_same(file, capsys):
    odd = {"exercises": {ID: {"solved": False, "failed": [[1], {}, 3]}}, "predictions": {"00-test": 1}, "revealed": {}}
    file.write_text(json.dumps(odd), encoding="utf-8")
    check(ID, wrong)
    reveal("00-test")
    assert len(json.loads(file.read_text(encoding="utf-8"))["exercises"][ID]["failed"]) == 4
    assert "you said 1, it is a" in capsys.readouterr().out


@pytest.mark.parametrize("in_the_way", ["file", "damaged"])
def test_a_folder_in_the_place_of_the_file_stops_nothing(file, in_the_way, capsys):
    file.with_name(file.name + ".damaged" * (in_the_way == "damaged")).mkdir()
    if in_the_way == "damaged":
        file.write_text("{", encoding="utf-8")
    check(ID, right)
    progress()
    assert "Traceback" not in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_to_stops_nothing(file, monkeypatch):
    def refused(path):
        raise PermissionError(path)

    monkeypatch.setattr(progressing, "replacing", refused)
    check(ID, right)
    assert progressing.solved(ID)
    assert not file.exists()


def test_two_runs_of_a_notebook_print_the_same(file, capsys):
    def run_all():
        for answer in (right, wrong):
            check(ID, answer)
        predict("00-test", "b")
        reveal("00-test")
        return capsys.readouterr().out

    run_all()
    assert run_all() == run_all()


def test_progress_counts_exercises_and_points(file, capsys):
    check(ID, right)
    check("04-attend", wrong)
    capsys.readouterr()
    progress("04")
    text = capsys.readouterr().out
    assert "[x] 04-dot-score         2 p  solved\n" in text
    assert "[ ] 04-attend            4 p  1 tried\n" in text
    untouched = EXERCISES["04-masked-softmax"]
    assert f"[ ] 04-masked-softmax    {untouched.points} p  {untouched.minutes} minutes\n" in text
    assert "1 of 3 exercises solved, 2 of 9 points\n" in text
    assert "00-read" not in text


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (None, "00-test: predict first, then run this cell again."),
        ("z", "00-test: predict first, then run this cell again."),
        ("ab", "00-test: predict first, then run this cell again."),
        ("a", "00-test: right. Softmax keeps"),
        ("b", "00-test: you said b, it is a. Softmax keeps"),
    ],
)
def test_reveal_compares_and_asks_for_an_answer_first(file, capsys, answer, expected):
    predict("00-test", answer)
    capsys.readouterr()
    reveal("00-test")
    assert capsys.readouterr().out.startswith(expected)


def test_only_the_first_revealed_answer_counts(file, capsys):
    for answer in ("b", "a"):
        predict("00-test", answer)
        reveal("00-test")
    capsys.readouterr()
    progress("00-test")
    assert "0 of 1 predictions right" in capsys.readouterr().out


def test_predict_tells_how_and_refuses_other_letters(capsys):
    predict("00-test")
    predict("00-test", "d")
    predict("00-tes", "a")
    reveal("00-tes")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith('00-test: choose one of a, b, c, as in predict("00-test", "a")')
    assert lines[1] == "00-test: 'd' is not one of a, b, c."
    assert lines[2] == lines[3] == f"There is no prediction '00-tes'. There are {', '.join(PREDICTIONS)}."
