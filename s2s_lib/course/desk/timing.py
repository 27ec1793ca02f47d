"""A time limit for code that may never end."""

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

REPEAT = 0.1  # seconds
LONGEST = 1e6  # seconds: what any system's timer takes


class TimeUp(BaseException):
    """The time is up. No `Exception`, so that a student's `except Exception` does not swallow it."""


def on_main_thread() -> bool:
    """Only there can the time be limited."""
    return threading.current_thread() is threading.main_thread()


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeUp inside the block after `seconds`; off the main thread that can't be done."""
    if not on_main_thread():
        yield
    elif hasattr(signal, "setitimer"):
        with _alarm(seconds):
            yield
    else:
        with _interrupt(seconds):
            yield


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise TimeUp after `seconds`, and again and again from then on, in case a bare `except` swallows it.

    In a loop, one that swallows would swallow them all; so the line after it raises TimeUp, too.
    """
    ours = {id(frame) for frame in _frames(sys._getframe())}  # a set of frames would keep alive all they hold
    traced, over = sys.gettrace(), []

    def ring(_: int, interrupted: FrameType | None) -> None:
        if over:
            return
        for frame in _frames(interrupted):
            if id(frame) not in ours:
                frame.f_trace = _raise_at_line
        sys.settrace(_raise_at_line)
        raise TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    timer = signal.setitimer(signal.ITIMER_REAL, min(max(seconds, 1e-3), LONGEST), REPEAT)
    try:
        yield
    finally:
        over.append(True)
        sys.settrace(traced)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *timer)


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    """Go through a frame and those that called it."""
    while frame:
        yield frame
        frame = frame.f_back


def _raise_at_line(frame: FrameType, event: str, _: object) -> Callable | None:
    """Trace the frames that were interrupted: raise at their next line, and leave new calls alone."""
    if event == "line":
        raise TimeUp
    return None if event == "call" else _raise_at_line


@contextlib.contextmanager
def _interrupt(seconds: float) -> Iterator[None]:
    """Windows has no alarm: interrupt the main thread from another one. That stops Python loops only."""
    import _thread

    timer = threading.Timer(min(seconds, LONGEST), _thread.interrupt_main)
    timer.start()
    try:
        yield
    except KeyboardInterrupt:
        if timer.is_alive():  # it was the student, not the timer
            raise
        raise TimeUp from None
    finally:
        timer.cancel()
