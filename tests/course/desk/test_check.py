"""`check` is calm whatever a student's function does: it says what happened, in the student's terms."""

import copy
import os
import re
import sys
import threading
import time
import warnings

import numpy as np
import pytest
import torch

from s2s_lib.course import CheckError, check, hint, predict, progress, reveal, show_source
from s2s_lib.course.desk import progressing
from s2s_lib.course.desk.comparing import unchanged
from s2s_lib.course.desk.judging import judge
from s2s_lib.course.exercises import EXERCISES

ID = "04-dot-score"


def right(query, keys):
    return query @ keys.transpose(1, 2)


def endless(query, keys):
    while True:
        pass


def stubborn(query, keys):
    try:
        time.sleep(60)
    except Exception:
        return right(query, keys)


def deep(query, keys):
    return deep(query, keys)


def failing(query, keys):
    raise KeyError(f"no such thing at {object()}")


def stopping(query, keys):
    sys.exit(3)


class UnprintableError(Exception):
    def __str__(self):
        raise RuntimeError("not even this")


def unprintable(query, keys):
    raise UnprintableError


class Odd:
    def __repr__(self):
        raise RuntimeError("no")

    def __eq__(self, other):
        raise RuntimeError("no")

    __hash__ = None


MISBEHAVING = {
    "nothing": (lambda query, keys: None, "it returns None: is a `return` missing?"),
    "list": (lambda query, keys: right(query, keys).tolist(), "it returns a list; a torch.Tensor is asked for"),
    "array": (lambda query, keys: right(query, keys).numpy(), "it returns a ndarray; a torch.Tensor is asked for"),
    "odd": (lambda query, keys: Odd(), "it returns an Odd; a torch.Tensor is asked for"),
    "integers": (lambda query, keys: right(query, keys).round().int(), "its numbers are torch.int32; floats are asked"),
    "complex": (lambda query, keys: right(query, keys) + 0j, "its numbers are torch.complex64; floats are asked for"),
    "conjugate": (lambda query, keys: (right(query, keys) + 1j).conj(), "its numbers are torch.complex64"),
    "sparse": (lambda query, keys: right(query, keys).to_sparse(), "layout torch.sparse_coo"),
    "meta": (lambda query, keys: right(query, keys).to("meta"), "on meta; an ordinary one is asked for"),
    "nan": (lambda query, keys: right(query, keys) * float("nan"), "is at [0, 0, 0]: expected"),
    "shape": (lambda query, keys: right(query, keys)[0], "its shape is (2, 3); (1, 2, 3) is asked for"),
    "empty": (lambda query, keys: torch.tensor([]), "its shape is (0,); (1, 2, 3) is asked for"),
    "arguments": (lambda query: query, "it raises TypeError: "),
    "raises": (failing, "it raises KeyError: 'no such thing at <object object>' in line"),
    "unprintable": (unprintable, "it raises UnprintableError in line"),
    "exits": (stopping, "it stops the program (sys.exit)"),
    "recursion": (deep, "it raises RecursionError: maximum recursion depth exceeded"),
    "writes": (
        lambda query, keys: right(query.mul_(1.0).add_(1), keys) - keys.sum(2).unsqueeze(1),
        "its argument query",
    ),
    "endless": (endless, "It did not end within 0.3 seconds"),
    "stubborn": (stubborn, "It did not end within 0.3 seconds"),
    "sleeps": (lambda query, keys: time.sleep(60), "It did not end within 0.3 seconds"),
    "number": (3, "check takes your function, and not an int."),
    "none": (None, "check takes your function, and not a NoneType."),
}


def said(capfd, *arguments, **options):
    check(*arguments, **options)
    printed = capfd.readouterr()
    assert not printed.err
    return printed.out


@pytest.mark.parametrize("name", MISBEHAVING)
def test_misbehaviour_is_told_and_never_raises(name, capfd):
    answer, expected = MISBEHAVING[name]
    limit = {"seconds": 0.3} if name in ("endless", "stubborn", "sleeps") else {}
    start = time.monotonic()
    text = said(capfd, ID, answer, **limit)
    assert expected in text
    assert "Traceback" not in text
    assert time.monotonic() - start < 5
    assert said(capfd, ID, answer, **limit) == text, "a second run says the same"
    with pytest.raises(CheckError, match=r"not yet|check takes|did not end"):
        check(ID, answer, strict=True, **limit)


def spoils(*arguments):
    """Overwrite every tensor, empty every list, weight every module with 0; give a right answer to nothing."""
    for each in arguments:
        if isinstance(each, torch.Tensor):
            each.zero_()
        elif isinstance(each, list):
            each.clear()
        elif isinstance(each, torch.nn.Module):
            for weight in each.parameters():
                weight.data.zero_()


def floats(value):
    """Find the tensors that gradients may reach, in lists and modules, too."""
    if isinstance(value, torch.nn.Module):
        value = [*value.parameters(), *value.buffers()]
    if isinstance(value, list | tuple):
        return [tensor for each in value for tensor in floats(each)]
    return [value] if isinstance(value, torch.Tensor) and value.is_floating_point() else []


def drops_gradients(*arguments):
    for tensor in floats(arguments):
        tensor.grad = None


def makes_gradients(*arguments):
    for tensor in floats(arguments):
        tensor.requires_grad_()
        tensor.grad = torch.ones_like(tensor)


def runs_backward_twice(*arguments):
    for _ in range(2):
        sum((tensor.requires_grad_() ** 2).sum() for tensor in floats(arguments)).backward()


def asks_for_no_gradients(*arguments):
    for tensor in floats(arguments):
        tensor.requires_grad_(False)


def changes_types(*arguments):
    for tensor in floats(arguments):
        tensor.data = tensor.data.double()


def puts_nothing_in(*arguments):
    for each in arguments:
        for name in vars(each) if hasattr(each, "__dict__") else ():
            vars(each)[name] = None
        if isinstance(each, list):
            each[:] = [None] * len(each)


async def later(*arguments):
    return 1


class Unfriendly(list):
    """A list that can't be looked at."""

    def __len__(self):
        raise RuntimeError("no")

    __iter__ = __getitem__ = __eq__ = __repr__ = __len__
    __hash__ = None


def inside_itself():
    value = [torch.zeros(1)]
    value.append(value)
    return value


def raises_at_length(*arguments):
    raise ValueError("\ud800" + "x" * 10_000_000)


def loud(*arguments):
    print("one")
    os.write(1, b"two")
    os.write(2, b"three")
    warnings.warn("four", stacklevel=1)


ANYWHERE = {
    "none": lambda *arguments: None,
    "number": lambda *arguments: 7,
    "text": lambda *arguments: "seven",
    "empty": lambda *arguments: [],
    "nested": lambda *arguments: ([[1], [2, 3]], {"a": 1}),
    "nan": lambda *arguments: torch.tensor(float("nan")),
    "nans": lambda *arguments: (torch.full((2, 3), float("nan")), torch.tensor([])),
    "meta": lambda *arguments: torch.zeros(2, 3, device="meta"),
    "integers": lambda *arguments: torch.zeros(2, 3, dtype=torch.int32),
    "odd": lambda *arguments: Odd(),
    "class": lambda *arguments: Odd,
    "arguments": lambda *arguments: arguments,
    "generator": lambda *arguments: (each for each in arguments),
    "few": lambda: None,
    "raises": lambda *arguments: failing(1, 2),
    "exits": lambda *arguments: sys.exit(3),
    "recursion": lambda *arguments: deep(1, 2),
    "endless": lambda *arguments: endless(1, 2),
    "spoils": spoils,
    "loud": loud,
    "gradients dropped": drops_gradients,
    "gradients made": makes_gradients,
    "backward twice": runs_backward_twice,
    "gradients off": asks_for_no_gradients,
    "types": changes_types,
    "nothing in": puts_nothing_in,
    "later": later,
    "unfriendly": lambda *arguments: Unfriendly([1]),
    "unfriendly inside": lambda *arguments: [Unfriendly([1]), torch.zeros(1)],
    "inside itself": lambda *arguments: inside_itself(),
    "long": lambda *arguments: [1] * 1_000_000,
    "long text": lambda *arguments: "\ud800" * 1_000_000,
    "many tensors": lambda *arguments: [torch.zeros(1)] * 10_000,
    "nameless": lambda *arguments: type("", (), {})(),
    "raises at length": raises_at_length,
    "no memory": lambda *arguments: torch.zeros(10**6, 10**9),
}


@pytest.mark.parametrize("name", ANYWHERE)
@pytest.mark.parametrize("id", EXERCISES)
def test_no_exercise_loses_its_temper(id, name, capfd):
    text = said(capfd, id, ANYWHERE[name], seconds=0.3 if name == "endless" else 10)
    assert text.startswith(f"{id}: not yet."), text
    assert "Traceback" not in text
    assert len(text) < 3000


def test_an_error_names_the_students_line(capfd):
    assert re.search(r"in line \d+ of its cell, `raise KeyError", said(capfd, ID, failing))


def test_a_stub_is_not_attempted_but_an_error_of_torch_is_an_answer(capfd):
    def stub(query, keys):
        raise NotImplementedError()

    def unsupported(query, keys):
        raise NotImplementedError("not implemented for 'Long'")

    assert said(capfd, ID, stub) == "04-dot-score: not attempted yet.\n"
    assert progressing.load()["exercises"] == {}
    assert "it raises NotImplementedError: not implemented for 'Long'" in said(capfd, ID, unsupported)
    with pytest.raises(CheckError):
        check(ID, stub, strict=True)


def test_counter_example_shows_inputs_shapes_expected_got_diagnosis_and_hint(capfd):
    text = said(capfd, ID, lambda query, keys: keys @ query.transpose(1, 2))
    parts = ["query (1, 2, 2)", "keys (1, 3, 2)", "expected (1, 2, 3)", "got (1, 3, 2)", "(transposed)", "Hint 1 of 3"]
    assert [part for part in parts if part not in text] == []
    assert list(map(text.index, parts)) == sorted(map(text.index, parts))


def noisy(query, keys):
    print("looking")
    print("at stderr", file=sys.stderr)
    warnings.warn("careful", stacklevel=1)
    os.write(1, b"descriptor one")
    os.write(2, b"descriptor two")
    os.system("echo from a child; echo and its errors >&2")
    print("original stream", file=sys.__stdout__)
    return right(query, keys)


def test_output_and_warnings_stay_inside(capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert said(capfd, ID, noisy) == "04-dot-score: solved, 2 points. 3 inputs tried.\n"


def test_what_a_wrong_answer_printed_is_shown(capfd):
    text = said(capfd, ID, lambda query, keys: print("looking at", query.shape))
    assert "It printed:\n    looking at torch.Size([1, 2, 2])" in text


def test_print_options_and_random_state_of_the_notebook_do_not_matter(capfd):
    def random(query, keys):
        return torch.rand(query.shape[0], query.shape[1], keys.shape[1])

    before = said(capfd, ID, random)
    torch.set_printoptions(precision=1)
    np.set_printoptions(precision=1)
    try:
        torch.manual_seed(5)
        expected = torch.rand(1)
        torch.manual_seed(5)
        assert said(capfd, ID, random) == before
        assert torch.rand(1) == expected, "a check draws nothing from the notebook's random state"
    finally:
        torch.set_printoptions(profile="default")
        np.set_printoptions(precision=8)


def test_an_interrupt_by_the_student_comes_through():
    def interrupted(query, keys):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(ID, interrupted)


def test_off_the_main_thread_there_is_no_limit_and_it_says_so():
    verdicts = []
    thread = threading.Thread(target=lambda: verdicts.append(judge(EXERCISES[ID], right)))
    thread.start()
    thread.join()
    assert verdicts[0].passed
    assert "no time limit" in verdicts[0].text


def test_unknown_exercise_lists_those_there_are(capfd):
    assert "There is no exercise '04-dots'. There are 00-read, " in said(capfd, "04-dots", right)
    with pytest.raises(CheckError):
        check("04-dots", right, strict=True)


ODD = [None, 7, 0.5, True, [ID], {ID: 1}, (ID, ID), b"04", "", "nothing", "\ud800\n" * 99, Odd(), torch.ones(2, 2), ...]
ODD_CALLS = {
    "check": lambda odd: check(odd, right),
    "check's seed": lambda odd: check(ID, right, seed=odd),
    "check's seconds": lambda odd: check(ID, right, seconds=odd),
    "hint": hint,
    "predict": lambda odd: predict(odd, "a"),
    "predict's answer": lambda odd: predict("00-order", odd),
    "reveal": reveal,
    "progress": progress,
    "show_source": lambda odd: show_source(judge, after=odd),
    "show_source of": lambda odd: show_source(odd, after=ID, anyway=True),
}
MEANT = {("check's seed", None), ("check's seed", 7), ("check's seed", True), ("progress", "")}
MEANT |= {("check's seconds", 7), ("check's seconds", 0.5), ("check's seconds", True)}


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: type(odd).__name__)
@pytest.mark.parametrize("call", ODD_CALLS)
def test_an_odd_argument_gets_one_line(call, odd, capfd):
    ODD_CALLS[call](odd)
    printed, errors = capfd.readouterr()
    assert errors == ""
    assert len(printed) < 1000
    try:
        meant = (call, odd) in MEANT
    except (TypeError, RuntimeError):  # it can't be looked up
        meant = False
    assert meant or printed.count("\n") == 1


@pytest.mark.parametrize("value", ["one", "", "1.5", "9" * 30])
def test_a_seed_that_is_none_is_refused_in_grading_too(monkeypatch, value):
    monkeypatch.setenv("S2S_SEED", value)
    with pytest.raises(CheckError, match="is a whole number, not"):
        check(ID, right, strict=True)
    check(ID, right)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), 0, -1])
def test_a_limit_that_is_none_is_refused(capfd, seconds):
    assert "seconds is a number above 0" in said(capfd, ID, right, seconds=seconds)
    assert "solved" in said(capfd, ID, right, seconds=1e300)


@pytest.mark.parametrize("shown", [len, Odd, Odd(), np.array, np, lambda: None])
def test_only_what_belongs_to_the_library_is_shown(capsys, shown):
    show_source(shown, after=ID, anyway=True)
    assert "is no class or function of the library: its source can't be shown.\n" in capsys.readouterr().out


def test_strict_is_silent_and_writes_nothing(capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("S2S_PROGRESS")
    assert said(capfd, ID, right, strict=True) == ""
    with pytest.raises(CheckError, match="transposed"):
        check(ID, lambda query, keys: keys @ query.mT, strict=True)
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_seed_draws_other_inputs(monkeypatch):
    seen = []

    def spying(query, keys):
        seen.append(query.clone())
        return right(query, keys)

    check(ID, spying, strict=True)
    check(ID, spying, strict=True, seed=1)
    monkeypatch.setenv("S2S_SEED", "1")
    check(ID, spying, strict=True)
    check(ID, spying)
    first, by_argument, by_setting, by_student = seen[::3]
    assert not torch.equal(first, by_argument)
    assert torch.equal(by_argument, by_setting)
    assert torch.equal(first, by_student), "a student's own check always draws the same"


def test_a_graded_repeat_of_what_did_not_end_does_not_wait_again():
    check(ID, endless, seconds=0.2)
    start = time.monotonic()
    with pytest.raises(CheckError, match="did not end"):
        check(ID, endless, strict=True)
    assert time.monotonic() - start < 0.1


def test_the_solved_chapter_is_named_after_three_different_wrong_answers(capfd):
    stuck = "Still stuck? Chapter 04 stands solved"
    answers = [lambda query, keys, n=n: right(query, keys) + n for n in (1, 2, 3)]
    for _ in range(4):
        assert stuck not in said(capfd, ID, answers[0])
    assert stuck not in said(capfd, ID, answers[1])
    assert stuck in said(capfd, ID, answers[2])


def test_hints_come_one_by_one(capfd):
    for _ in range(4):
        hint(ID)
    lines = capfd.readouterr().out.splitlines()
    assert [line[:11] for line in lines] == ["Hint 2 of 3", "Hint 3 of 3", "No more hin", "No more hin"]


def test_the_librarys_source_is_shown_once_ones_own_works(capsys):
    show_source(judge, after=ID)
    assert "def judge" not in capsys.readouterr().out
    show_source(judge, after=ID, anyway=True)
    assert "def judge" in capsys.readouterr().out
    check(ID, right)
    show_source(judge, after=ID)
    assert "# s2s_lib/course/desk/judging.py\ndef judge" in capsys.readouterr().out


def test_arguments_in_lists_are_watched_too():
    kept = [torch.ones(2), [torch.zeros(1)]]
    assert unchanged(kept, [torch.ones(2), [torch.zeros(1)]])
    assert not unchanged(kept, [torch.ones(2), [torch.ones(1)]])
    assert not unchanged(kept, kept[:1])
    assert not unchanged(torch.ones(2), torch.ones(2).requires_grad_())
    used = torch.ones(2).requires_grad_()
    used.sum().backward()
    assert unchanged(used, used)
    assert not unchanged(torch.ones(2).requires_grad_(), used)
    assert not unchanged(used, torch.ones(2).requires_grad_())


NAN = float("nan")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (torch.tensor([NAN, 1]), torch.tensor([NAN, 1]), True),
        (torch.tensor([NAN, 1]), torch.tensor([0.0, 1]), False),
        (torch.tensor([float("inf")]), torch.tensor([torch.finfo().max]), False),
        (torch.ones(2), torch.ones(2).double(), False),
        (torch.ones(2), torch.ones(2).to("meta"), False),
        (torch.ones(2), torch.ones(2).to_sparse(), False),
        (torch.ones(2), None, False),
        (torch.tensor(True), torch.tensor(True), True),
        ([1], (1,), False),
        ([1], None, False),
        ({"a": 1}, {"a": 1}, True),
        ("a", Odd(), False),
        (1, torch.ones(2), False),
        (torch.nn.Linear(1, 1), None, False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_argument_is_unchanged_to_the_bit(before, after, expected):
    assert unchanged(before, after) is expected


def test_a_module_that_has_lost_or_learned_something_is_changed():
    def altered(change):
        module = torch.nn.Linear(2, 1)
        other = copy.deepcopy(module)
        change(other)
        return not unchanged(module, other)

    assert not altered(lambda module: None)
    assert altered(lambda module: setattr(module, "bias", None))
    assert altered(lambda module: module.weight.requires_grad_(False))
    assert altered(lambda module: module(torch.ones(1, 2)).sum().backward())
    assert altered(lambda module: module.weight.data.add_(1))
    assert altered(lambda module: module.register_buffer("more", torch.ones(1)))


@pytest.mark.parametrize("answer", [drops_gradients, makes_gradients, runs_backward_twice, asks_for_no_gradients])
def test_who_changes_the_gradients_of_an_argument_is_told(answer, capfd):
    def right_otherwise(loss_of, states):
        norm = EXERCISES["07-gradient"].reference(loss_of, states)
        answer(states)
        return norm

    assert "it writes into its argument states; work on a copy" in said(capfd, "07-gradient", right_otherwise)
