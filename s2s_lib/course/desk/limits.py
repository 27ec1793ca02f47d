"""A time limit for code that may never end."""

import contextlib
import signal
import threading
from collections.abc import Iterator

REPEAT = 0.1  # seconds


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
    """Raise TimeUp after `seconds`, and again and again from then on, in case a bare `except` swallows it."""

    def ring(*_: object) -> None:
        raise TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    timer = signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3), REPEAT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *timer)


@contextlib.contextmanager
def _interrupt(seconds: float) -> Iterator[None]:
    """Windows has no alarm: interrupt the main thread from another one. That stops Python loops only."""
    import _thread

    timer = threading.Timer(seconds, _thread.interrupt_main)
    timer.start()
    try:
        yield
    except KeyboardInterrupt:
        if timer.is_alive():  # it was the student, not the timer
            raise
        raise TimeUp from None
    finally:
        timer.cancel()
