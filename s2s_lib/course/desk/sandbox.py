"""Running a student's function so that nothing it does reaches the notebook: output, errors, endless loops."""

import contextlib
import copy
import inspect
import io
import linecache
import os
import sys
import sysconfig
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch

from .comparing import without_addresses
from .exercise import Answer
from .limits import time_limit

INSTALLED = (*sysconfig.get_paths().values(), str(Path(__file__).parents[2]))


class Outcome(NamedTuple):
    """What became of a call."""

    value: Any = None
    error: BaseException | None = None
    line: str = ""  # where in the student's code the error came up
    arguments: tuple = ()  # as the call left them
    printed: str = ""
    called: tuple[str, ...] = ()  # which of the watched functions


def run(answer: Answer, arguments: tuple, watched: tuple[Answer, ...] = (), seconds: float = 10.0) -> Outcome:
    """Call `answer` on a copy of `arguments`. Only an interrupt by the student comes through as an exception."""
    arguments, value, error, called = copy.deepcopy(arguments), None, None, []
    with torch.random.fork_rng(devices=[]), _captured() as printed:
        torch.manual_seed(0)
        try:
            with time_limit(seconds), _watching(watched, called):
                value = answer(*arguments)
        except KeyboardInterrupt:
            raise
        except BaseException as caught:
            error = caught
        text = "" if printed.closed else printed.getvalue()
    return Outcome(value, error, _line(error) if error else "", arguments, text, tuple(called))


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


@contextlib.contextmanager
def _captured() -> Iterator[io.StringIO]:
    """Catch prints, and what C code or a child process writes to file descriptors 1 and 2; drop warnings."""
    printed = io.StringIO()
    with tempfile.TemporaryFile() as sink, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _flush()
        saved = [(descriptor, os.dup(descriptor)) for descriptor in (1, 2)]
        for descriptor, _ in saved:
            os.dup2(sink.fileno(), descriptor)
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                yield printed
        finally:
            _flush()
            for descriptor, copied in saved:
                os.dup2(copied, descriptor)
                os.close(copied)


def _flush() -> None:
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None and not stream.closed:
            stream.flush()


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


def told(error: BaseException) -> str:
    """Type and message of an error, the same each time: no addresses, no more than 300 characters."""
    try:
        message = without_addresses(str(error))
    except Exception:
        message = ""
    return f"{type(error).__name__}: {message[:300]}".removesuffix(": ")
