"""A check gives the same verdict whatever the session's settings, and leaves them as they were."""

import os
import random
import sys
import warnings
from contextlib import contextmanager, redirect_stdout
from functools import partial

import numpy as np
import pytest
import torch

from s2s_lib.course import check
from s2s_lib.course.desk.judging import judge
from s2s_lib.course.exercises import EXERCISES

ID = "04-dot-score"


def right(query, keys):
    return query @ keys.transpose(1, 2)


def recursive(query, keys):
    return recursive(query, keys)


@contextmanager
def changed(read, write, value):
    before = read()
    write(value)
    try:
        yield
    finally:
        write(before)


@contextmanager
def default_device():
    torch.set_default_device("meta")
    try:
        yield
    finally:
        torch.set_default_device(None)


@contextmanager
def random_states():
    """Other random numbers are due in the session."""
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    for seed in (random.seed, np.random.seed, torch.manual_seed):
        seed(11)
    try:
        yield
    finally:
        for restore, state in zip((random.setstate, np.random.set_state, torch.set_rng_state), states, strict=True):
            restore(state)


def depth():
    frame, calls = sys._getframe(), 0
    while frame := frame.f_back:
        calls += 1
    return calls


@contextmanager
def tight_recursion():
    """Set the limit so low that little more than a check itself has room."""
    with changed(sys.getrecursionlimit, sys.setrecursionlimit, depth() + 40):
        yield


@contextmanager
def errors_of_warnings():
    with warnings.catch_warnings(action="error"):
        yield


@contextmanager
def closed_descriptors():
    saved = [(descriptor, os.dup(descriptor)) for descriptor in (1, 2)]
    for descriptor, _ in saved:
        os.close(descriptor)
    try:
        yield
    finally:
        for descriptor, copy in saved:
            os.dup2(copy, descriptor)
            os.close(copy)


@contextmanager
def without_descriptors():
    """No file can be opened any more."""
    taken = []
    try:
        while True:
            taken.append(open(os.devnull, "rb"))  # noqa: SIM115
    except OSError:
        yield
    finally:
        for file in taken:
            file.close()


@contextmanager
def few_descriptors():
    import resource

    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, limits[1]))
    try:
        with without_descriptors():
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@contextmanager
def deleted_folder(path="deleted"):
    before = os.getcwd()
    os.mkdir(path)
    os.chdir(path)
    os.rmdir(os.path.join(before, path))
    try:
        yield
    finally:
        os.chdir(before)


class Deaf:
    """A stream that takes nothing."""

    encoding = "ascii"

    def write(self, text):
        raise OSError("no")

    flush = write


def stream(value):
    return partial(redirect_stdout, value)


def ended_stream():
    closed = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    closed.close()
    return closed


SESSIONS = {
    "no_grad": torch.no_grad,
    "gradients switched off": partial(changed, torch.is_grad_enabled, torch.set_grad_enabled, False),
    "inference_mode": torch.inference_mode,
    "float64": partial(changed, torch.get_default_dtype, torch.set_default_dtype, torch.float64),
    "bfloat16": partial(changed, torch.get_default_dtype, torch.set_default_dtype, torch.bfloat16),
    "autocast": partial(torch.autocast, "cpu", dtype=torch.bfloat16),
    "device set": default_device,
    "device entered": partial(torch.device, "meta"),
    "deterministic": partial(changed, torch.get_deterministic_debug_mode, torch.set_deterministic_debug_mode, "error"),
    "anomalies": partial(torch.autograd.set_detect_anomaly, True),
    "low precision": partial(changed, torch.get_float32_matmul_precision, torch.set_float32_matmul_precision, "medium"),
    "two threads": partial(changed, torch.get_num_threads, torch.set_num_threads, 2),
    "random states": random_states,
    "numpy's print options": partial(np.printoptions, precision=1, threshold=2, formatter={"all": lambda _: "?"}),
    "torch's print options": partial(torch._tensor_str.printoptions, precision=1, threshold=2, edgeitems=1),
    "numpy's errors": partial(np.errstate, all="raise"),
    "warnings are errors": errors_of_warnings,
    "tight recursion": tight_recursion,
    "loose recursion": partial(changed, sys.getrecursionlimit, sys.setrecursionlimit, 50_000),
    "deleted folder": deleted_folder,
    "no stdout": stream(None),
    "closed stdout": lambda: redirect_stdout(ended_stream()),
    "deaf stdout": stream(Deaf()),
    "closed descriptors": closed_descriptors,
    "no descriptors to spare": few_descriptors,
    "a profile": partial(changed, sys.getprofile, sys.setprofile, lambda *_: None),
    "a trace": partial(changed, sys.gettrace, sys.settrace, lambda *_: None),
}


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def answers(exercise):
    """Give the right answer, under a name of its own, and some wrong ones."""
    return [lambda *given: exercise.reference(*given), *(wrong.answers[0] for wrong in exercise.wrong[:2])]


def verdicts():
    found = [judge(exercise, answer) for exercise in EXERCISES.values() for answer in answers(exercise)]
    return [*found, judge(EXERCISES[ID], recursive), *settings_inside()]


def settings_inside():
    """Describe the session as an answer finds it, at each call; streams, folder and the like are the session's own."""
    found = []
    own = dict.fromkeys(("streams", "tools", "descriptors", "warnings", "threads", "folder", "environment"))
    judge(EXERCISES[ID], lambda query, keys: found.append(describe_session() | own))
    return found


@pytest.fixture(scope="module")
def ordinary():
    return verdicts()


@pytest.mark.parametrize("name", SESSIONS)
def test_the_verdict_is_the_same_in_any_session(name, ordinary):
    with SESSIONS[name]():
        before = describe_session()
        found = verdicts()
        after = describe_session()
    assert found == ordinary
    assert after == before, "and the session stays as it was"


def test_an_answer_finds_the_settings_that_a_fresh_session_has():
    """Here nothing was set, and all that an answer could compute otherwise by is as it is here."""
    fresh = describe_session()
    named = ("gradients", "tensors", "device", "modes", "autocast", "anomalies", "deterministic", "precision")
    for found in settings_inside():
        assert {name: found[name] for name in named} == {name: fresh[name] for name in named}
        assert found["numpy's errors"] == fresh["numpy's errors"]
        assert found["print"] == fresh["print"]


@pytest.mark.parametrize("name", ["device set", "device entered"])
def test_a_device_can_be_left_after_a_check(name):
    before = describe_session()
    with SESSIONS[name]():
        check(ID, lambda query, keys: torch.set_default_device("meta"))
        assert torch.zeros(1).device.type == "meta"
    assert describe_session() == before


@pytest.mark.parametrize("name", ["no stdout", "closed stdout", "deaf stdout", "closed descriptors"])
def test_a_check_that_nobody_hears_raises_nothing(name):
    with SESSIONS[name]():
        check(ID, right)
        check(ID, recursive)


def is_open(descriptor):
    try:
        return bool(os.fstat(descriptor))
    except OSError:
        return False


def describe_session():
    """All settings that are looked after, read in other ways than the library does where there is one."""
    with changed(random.getstate, random.setstate, random.getstate()):
        draw = random.random()
    with changed(np.random.get_state, np.random.set_state, np.random.get_state()):
        drawn = np.random.rand()
    state = torch.get_rng_state()
    return {
        "gradients": (torch.is_grad_enabled(), torch.is_inference_mode_enabled()),
        "tensors": (torch.get_default_dtype(), torch.zeros(1).dtype, torch.zeros(1).device),
        "device": (torch.get_default_device(), torch.utils._device.CURRENT_DEVICE),
        "modes": torch.overrides._get_current_function_mode_stack(),
        "autocast": (torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu")),
        "anomalies": (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()),
        "deterministic": (
            torch.are_deterministic_algorithms_enabled(),
            torch.is_deterministic_algorithms_warn_only_enabled(),
        ),
        "precision": torch.get_float32_matmul_precision(),
        "threads": torch.get_num_threads(),
        "random": (draw, drawn, state.tolist()),
        "print": (repr(np.get_printoptions()), torch._tensor_str.get_printoptions()),
        "numpy's errors": np.geterr(),
        "warnings": list(warnings.filters),
        "recursion": sys.getrecursionlimit() - depth(),
        "folder": os.stat(".").st_ino,
        "environment": dict(os.environ),
        "streams": (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__),
        "descriptors": [is_open(descriptor) for descriptor in range(3)],
        "tools": (sys.getprofile(), sys.gettrace()),
    }


def put_variable():
    os.environ["S2S_PROGRESS"] = "on"
    del os.environ["PATH"]


def replace_streams():
    sys.stdout = sys.stderr = None
    sys.__stdout__ = sys.__stderr__ = None


def close_streams():
    for each in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        each.close()


def close_descriptors():
    os.close(1)
    os.close(2)


def go_to_a_deleted_folder():
    os.mkdir("gone")
    os.chdir("gone")
    os.rmdir("../gone")


LEAKS = {
    "gradients off": partial(torch.set_grad_enabled, False),
    "gradients entered": lambda: torch.no_grad().__enter__(),
    "inference entered": lambda: torch.inference_mode().__enter__(),
    "float64": partial(torch.set_default_dtype, torch.float64),
    "device": partial(torch.set_default_device, "meta"),
    "device entered": lambda: torch.device("meta").__enter__(),
    "device unset": partial(torch.set_default_device, None),
    "autocast": lambda: torch.autocast("cpu").__enter__(),
    "anomalies": partial(torch.autograd.set_detect_anomaly, True),
    "deterministic": partial(torch.use_deterministic_algorithms, True, warn_only=True),
    "precision": partial(torch.set_float32_matmul_precision, "medium"),
    "threads": partial(torch.set_num_threads, 2),
    "random": lambda: (random.seed(3), np.random.seed(3), torch.manual_seed(3)),
    "drawing": lambda: (random.random(), np.random.rand(), torch.rand(1)),
    "numpy's print options": partial(np.set_printoptions, precision=1, sign="+"),
    "torch's print options": partial(torch.set_printoptions, precision=1, sci_mode=True),
    "numpy's errors": lambda: np.seterr(all="raise"),
    "warnings": partial(warnings.simplefilter, "error"),
    "recursion": partial(sys.setrecursionlimit, 10_000),
    "folder": partial(os.chdir, "/"),
    "deleted folder": go_to_a_deleted_folder,
    "environment": put_variable,
    "streams replaced": replace_streams,
    "streams closed": close_streams,
    "descriptors closed": close_descriptors,
    "profile": partial(sys.setprofile, lambda *_: None),
    "trace": partial(sys.settrace, lambda *_: None),
}


@pytest.mark.parametrize("outer", ["ordinary", "inference_mode", "device set", "device entered"])
@pytest.mark.parametrize("name", LEAKS)
def test_what_an_answer_switches_stays_inside(name, outer, capfd):
    found = []

    def leaking(query, keys):
        found.append(describe_session() | {"streams": None, "tools": None, "descriptors": None})
        value = right(query, keys)
        LEAKS[name]()
        return value

    with SESSIONS.get(outer, warnings.catch_warnings)():
        before = describe_session()
        check(ID, leaking)
        after = describe_session()
    assert capfd.readouterr() == (f"{ID}: solved, 2 points. 3 inputs tried.\n", "")
    assert after == before, "into the session"
    assert found[0] == found[1] == found[2], "nor into the next input"


def test_an_answer_that_changes_a_setting_and_needs_it_finds_it_changed():
    def own_way(loss_of, states):
        torch.set_default_dtype(torch.float64)
        assert torch.zeros(1).dtype == torch.float64
        torch.set_grad_enabled(False)
        return EXERCISES["07-gradient"].reference(loss_of, states)

    verdict = judge(EXERCISES["07-gradient"], own_way)
    assert "does not require grad" in verdict.text


def test_an_answer_without_descriptors_to_spare_leaves_the_next_case_alone(capfd):
    kept = []

    def greedy(query, keys):
        try:
            while True:
                kept.append(open(os.devnull, "rb"))  # noqa: SIM115
        except OSError:
            return right(query, keys)

    import resource

    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, limits[1]))
    try:
        verdict = judge(EXERCISES[ID], greedy)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        for each in kept:
            each.close()
    assert verdict.passed, verdict.text


def test_a_verdict_can_be_read_where_not_all_letters_can_be_shown(capfd):
    surrogate = lambda query, keys: print("odd: \ud800, ça")  # noqa: E731
    check(ID, surrogate)
    assert "odd: \\ud800, ça" in capfd.readouterr().out
    with open("ascii.txt", "w", encoding="ascii") as file, redirect_stdout(file):
        check(ID, surrogate)
        check("09-unk", lambda tokens, weights, src: ["à"])
    with open("ascii.txt", encoding="ascii") as file:
        text = file.read()
    assert "odd: \\ud800, \\xe7a" in text
    assert "got ['\\xe0']" in text
