"""However much an answer prints, a check keeps a few kilobytes of it, ends in time and says what it left out.

The answers run in processes of their own, forked from one that has loaded the library, so that each has its own peak
of memory. No file may grow there, so that a temporary file is noticed, too.
"""

import gc
import io
import itertools
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import time
import traceback
import warnings
import weakref
from pathlib import Path

import pytest

from s2s_lib.course import check
from s2s_lib.course.desk.output import KEPT, Output, captured_output
from s2s_lib.course.desk.sandbox import run

ID = "04-dot-score"
SECONDS = 1.0
MEGABYTE = 2**20
DID_NOT_END = "It did not end within 1 seconds"


def forever(write, *arguments):
    """Make an answer that does it again and again."""

    def answer(query, keys):
        while True:
            write(*arguments)

    return answer


def growing_list(query, keys):
    found = []
    while True:
        found.append(3)
        print(found)


def swallowing(query, keys):
    while True:
        try:
            while True:
                print("x" * 10_000)
        except:  # noqa: E722
            pass


def failing_loudly():
    try:
        raise ValueError("x" * 10_000)
    except ValueError:
        traceback.print_exc()


ENDLESS = {
    "long lines": forever(lambda: print("x" * 10_000)),
    "short lines": forever(lambda: print("step", 1)),
    "no line ends": forever(lambda: print("x" * 10_000, end="")),
    "wide letters": forever(lambda: print("\N{GRINNING FACE}" * 10_000)),
    "growing list": growing_list,
    "errors": forever(lambda: print("x" * 10_000, file=sys.stderr)),
    "original stream": forever(lambda: print("x" * 10_000, file=sys.__stdout__)),
    "bytes": forever(lambda: sys.stdout.buffer.write(b"x" * 10_000)),
    "bytes of errors": forever(lambda: sys.stderr.buffer.write(b"\xff" * 10_000)),
    "lines": lambda query, keys: sys.stdout.writelines(itertools.repeat("x" * 10_000)),
    "descriptor 1": forever(lambda: os.write(1, b"x" * 10_000)),
    "descriptor 2": forever(lambda: os.write(2, b"x" * 10_000)),
    "child process": forever(os.system, "head -c 10000000 /dev/zero"),
    "child that is handed stdout": lambda query, keys: subprocess.run(["cat", "/dev/zero"], stdout=sys.stdout),
    "child that does not end": lambda query, keys: subprocess.run(["cat", "/dev/zero"]),
    "warnings": forever(lambda: warnings.warn("x" * 10_000, stacklevel=1)),
    "tracebacks": forever(failing_loudly),
    "swallowing all": swallowing,
}
# These end: each makes 20 MB and hands them over at once, which is to make no second 20.
LARGE = {
    "text": lambda query, keys: print("x" * (20 * MEGABYTE)),
    "text without an end": lambda query, keys: print("x" * (20 * MEGABYTE), end=""),
    "line ends": lambda query, keys: print("\n" * (20 * MEGABYTE)),
    "bytes": lambda query, keys: sys.stdout.buffer.write(b"x" * (20 * MEGABYTE)) and None,
    "bytes that are no text": lambda query, keys: sys.stdout.buffer.write(b"\xff" * (20 * MEGABYTE)) and None,
    "descriptor": lambda query, keys: os.write(1, b"x" * (20 * MEGABYTE)) and None,
}


def exhausting(query, keys):
    kept = []
    while True:
        kept.append("x" * MEGABYTE)


def exhausting_with_prints(query, keys):
    kept = []
    while True:
        kept.append("x" * MEGABYTE)
        print(kept[-1])


def deep(query, keys):
    print("x" * MEGABYTE)
    return deep(query, keys)


TOO_MUCH = {
    "memory": (exhausting, "it raises MemoryError"),
    "memory and output": (exhausting_with_prints, "it raises MemoryError"),
    "one allocation": (lambda query, keys: "x" * 10**11, "it raises MemoryError"),
    "one print": (lambda query, keys: print("x" * 10**11), "it raises MemoryError"),
    "raised": (forever(lambda: (_ for _ in ()).throw(MemoryError)), "it raises MemoryError"),
    "depth": (deep, "it raises RecursionError"),
    "lines": (ENDLESS["long lines"], DID_NOT_END),
}


def measure(task):
    """Check an answer; give what was said, the seconds, and by how many bytes the peak of memory rose."""
    kind, name = task
    answer = TOO_MUCH[name][0] if kind == "too much" else KINDS[kind][name]
    sys.stdout = io.StringIO()
    check(ID, lambda query, keys: None)  # loads what a check loads
    resource.setrlimit(resource.RLIMIT_FSIZE, (MEGABYTE, MEGABYTE))
    if kind == "too much":
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + 200 * MEGABYTE
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    sys.stdout = said = io.StringIO()
    before, start = peak(), time.monotonic()
    check(ID, answer, seconds=20 if kind == "too much" and name != "lines" else SECONDS)
    return said.getvalue(), time.monotonic() - start, peak() - before


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


KINDS = {"endless": ENDLESS, "large": LARGE, "too much": TOO_MUCH}
TASKS = [(kind, name) for kind, names in KINDS.items() for name in names]


@pytest.fixture(scope="module")
def measured():
    """Run all tasks in a process that has nothing else to remember."""
    root = str(Path(__file__).parents[3])
    environment = os.environ | {"S2S_PROGRESS": "off", "PYTHONPATH": root}
    done = subprocess.run([sys.executable, __file__], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return {tuple(task): result for task, result in json.loads(done.stdout)}


@pytest.mark.parametrize("name", ENDLESS)
def test_endless_output_takes_neither_memory_nor_time(measured, name):
    text, seconds, memory = measured["endless", name]
    assert DID_NOT_END in text
    assert len(text) < 1000
    assert seconds < SECONDS + 1
    assert memory < 50 * MEGABYTE


@pytest.mark.parametrize("name", LARGE)
def test_a_single_large_output_is_not_copied(measured, name):
    text, seconds, memory = measured["large", name]
    assert "it returns None" in text
    assert len(text) < 3000
    assert seconds < SECONDS + 1
    assert memory < 30 * MEGABYTE
    if name != "descriptor":
        assert f"... (cut: it printed {20 * MEGABYTE + (name in ('text', 'line ends')):,} characters)" in text


@pytest.mark.parametrize("name", TOO_MUCH)
def test_an_answer_that_takes_all_memory_is_an_ordinary_failed_answer(measured, name):
    text, _, _ = measured["too much", name]
    assert text.startswith(f"{ID}: not yet.")
    assert TOO_MUCH[name][1] in text


def test_swallowing_a_time_up_ends_all_the_same():
    def suppressing(query, keys):
        while True:
            try:
                helper()
            except BaseException:
                continue
            finally:
                print("again")

    def helper():
        while True:
            pass

    start = time.monotonic()
    check(ID, suppressing, seconds=0.2)
    assert time.monotonic() - start < 1.2


@pytest.mark.parametrize("tracer", [None, lambda *_: None])
def test_a_debugger_goes_on_after_an_answer_that_does_not_end(tracer):
    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        check(ID, lambda query, keys: time.sleep(60), seconds=0.1)
        after = sys.gettrace()
    finally:
        sys.settrace(before)
    assert after is tracer


class Large:
    pass


def test_what_an_answer_returned_goes_with_its_outcome():
    def returning(query):
        large = Large()
        held.append(weakref.ref(large))
        return large

    held = []
    gc.disable()  # nothing that refers to itself may hold it
    try:
        run(returning, (1,))
        assert held[0]() is None
    finally:
        gc.enable()


def test_what_an_answer_held_when_it_failed_is_let_go():
    held = []

    def failing(query):
        large = Large()
        held.append(weakref.ref(large))
        try:
            raise KeyError(large)
        except KeyError as error:
            raise MemoryError from error

    outcome = run(failing, (1,))
    assert type(outcome.error) is MemoryError
    assert held[0]() is None


def test_an_output_keeps_the_beginning_and_counts_the_whole():
    output = Output()
    for piece in ("one ", "two ", "x" * (2 * KEPT), "three"):
        assert output.write(piece) == len(piece)
    output.buffer.write(bytearray(b"four"))
    assert output.text == ("one two " + "x" * KEPT)[:KEPT]
    assert output.length == 8 + 2 * KEPT + 5 + 4


def test_an_output_behaves_as_a_stream_does():
    output = Output()
    with pytest.raises(TypeError, match="must be str, not int"):
        output.write(5)
    with pytest.raises(io.UnsupportedOperation):
        output.read()
    output.writelines(["a", "b"])
    output.close()
    print("c", file=output, flush=True)
    output.buffer.write("\N{LATIN SMALL LETTER E WITH ACUTE}".encode())
    output.buffer.write(memoryview(b"\xff"))
    assert output.text == "abc\n\N{LATIN SMALL LETTER E WITH ACUTE}\\xff"
    assert output.writable()
    assert not output.isatty()
    assert output.encoding == "utf-8"


def test_descriptors_come_back(capfd):
    with captured_output() as output:
        print("caught")
        os.write(1, b"dropped")
        os.system("echo dropped, too")
        sys.__stdout__.write("caught, too")
    os.write(1, b"one")
    os.write(2, b"two")
    assert capfd.readouterr() == ("one", "two")
    assert output.text == "caught\ncaught, too"


def test_no_descriptor_stays_open():
    def next_free():
        descriptor = os.dup(1)
        os.close(descriptor)
        return descriptor

    before = next_free()
    with captured_output():
        print("caught")
    assert next_free() == before


@pytest.mark.parametrize(
    ("printed", "quoted"),
    [
        ("a\nb", "It printed:\n    a\n    b"),
        ("\n".join("abcdefghij"), "    i\n    j\n"),
        ("\n".join("abcdefghijk"), "    i\n    j\n    ... (cut: it printed 21 characters)"),
        ("x" * 100, "    " + "x" * 100 + "\n"),
        ("x" * 101, "    " + "x" * 100 + "\n    ... (cut: it printed 101 characters)"),
        ("x\n" * KEPT, "    x\n    ... (cut: it printed 8,000 characters)"),
    ],
)
def test_a_check_says_that_it_left_something_out(capsys, printed, quoted):
    check(ID, lambda query, keys: print(printed, end=""))
    text = capsys.readouterr().out
    assert quoted in text
    assert ("cut: it printed" in text) == ("cut: it printed" in quoted)


if __name__ == "__main__":
    results = []
    for task in TASKS:
        with multiprocessing.get_context("fork").Pool(1) as pool:
            results.append((task, pool.apply(measure, [task])))
    print(json.dumps(results))
