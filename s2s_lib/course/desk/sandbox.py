"""Running a student's function so that nothing of it reaches the notebook: settings, output, errors, endless loops."""

import contextlib
import copy
import inspect
import linecache
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from .comparing import without_addresses
from .exercise import Answer
from .output import Output, captured_output
from .session import new_session
from .timing import time_limit

INSTALLED = (*sysconfig.get_paths().values(), str(Path(__file__).parents[2]))


class Outcome(NamedTuple):
    """What became of a call."""

    value: Any = None
    error: BaseException | None = None  # without its frames, which may hold much
    line: str = ""  # where in the student's code the error came up
    arguments: tuple = ()  # as the call left them
    output: Output = Output()  # what it printed
    called: tuple[str, ...] = ()  # which of the watched functions


def run(answer: Answer, arguments: tuple, watched: tuple[Answer, ...] = (), seconds: float = 10.0) -> Outcome:
    """Call `answer` on a copy of `arguments`. Only an interrupt by the student comes through as an exception."""
    value, error, line, called = None, None, "", []
    with sealed() as output:
        arguments = copy.deepcopy(arguments)
        try:
            with time_limit(seconds), _watching(watched, called):
                value = answer(*arguments)
        except KeyboardInterrupt:
            raise
        except BaseException as caught:
            error, line = caught, _line(caught)
            error.__traceback__ = error.__context__ = error.__cause__ = None
    return Outcome(value, error, line, arguments, output, tuple(called))


@contextlib.contextmanager
def sealed() -> Iterator[Output]:
    """Run a block in a new session's settings, and catch its output."""
    with new_session(), captured_output() as output:
        yield output


@contextlib.contextmanager
def _watching(watched: tuple[Answer, ...], called: list[str]) -> Iterator[None]:
    """Note which of the `watched` functions are called, under whatever name and from however deep."""
    codes = {id(inspect.unwrap(function).__code__): function.__qualname__ for function in watched}

    def profile(frame: Any, event: str, _: object) -> None:
        if event == "call" and id(frame.f_code) in codes:
            called.append(codes[id(frame.f_code)])

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(before)


def _line(error: BaseException) -> str:
    """Find the innermost line of the student's own code that the error passed through."""
    found, at = "", error.__traceback__
    while at is not None:
        code, number = at.tb_frame.f_code, at.tb_lineno
        text = linecache.getline(code.co_filename, number, at.tb_frame.f_globals).strip()
        if text and not code.co_filename.startswith(INSTALLED):
            found = f"in line {number} of its cell, `{text}`"
        at = at.tb_next
    return found


def describe_error(error: BaseException) -> str:
    """Type and message of an error, the same each time: no addresses, no more than 300 characters."""
    try:
        message = without_addresses(str(error)[:1000])
    except Exception:
        message = ""
    return f"{type(error).__name__}: {message[:300]}".removesuffix(": ")
