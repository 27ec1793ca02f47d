"""What an answer prints: the beginning is kept, the rest is counted, and nothing reaches the notebook."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path

KEPT = 4000  # characters: more than a verdict shows, and nothing to a machine's memory


class Output(io.TextIOBase):
    """A text stream that keeps the first characters written to it, and counts all of them.

    It can't be closed, so that what was printed before `sys.stdout.close()` is still there.
    """

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self):
        """Begin with nothing."""
        self.text, self.length = "", 0
        self.buffer = _Bytes(self)

    def writable(self) -> bool:
        """Tell that it takes text."""
        return True

    def fileno(self) -> int:
        """Give the descriptor for a child process that is handed this stream; nothing comes back from there."""
        return 1

    def close(self) -> None:
        """Stay open."""

    def write(self, text: str) -> int:
        """Take some text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.keep(text[:KEPT], len(text))
        return len(text)

    def keep(self, beginning: str, length: int) -> None:
        """Keep as much of the beginning as there is room for; count the whole."""
        self.text += beginning[: KEPT - len(self.text)]
        self.length += length


class _Bytes(io.RawIOBase):
    """`sys.stdout.buffer`: bytes, read as UTF-8, go to the same place."""

    def __init__(self, output: Output):
        self.output = output

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        pass

    def write(self, data: bytes | bytearray | memoryview) -> int:
        view = memoryview(data).cast("B")
        self.output.keep(bytes(view[:KEPT]).decode("utf-8", "backslashreplace"), len(view))
        return len(view)


@contextmanager
def captured_output() -> Iterator[Output]:
    """Catch what is printed in the block, and drop what C code or a child process writes to descriptors 1 and 2."""
    output, originals = Output(), (sys.__stdout__, sys.__stderr__)
    with ExitStack() as stack:
        _flush(*originals)
        _drop_descriptors(stack)
        stack.callback(_flush, *originals)  # what the block had left in their buffers is dropped with the rest
        with redirect_stdout(output), redirect_stderr(output):
            sys.__stdout__ = sys.__stderr__ = output  # or an answer could close them
            try:
                yield output
            finally:
                sys.__stdout__, sys.__stderr__ = originals


def _drop_descriptors(stack: ExitStack) -> None:
    """Send descriptors 1 and 2 nowhere until `stack` ends: a file in memory or on disk would fill it."""
    with suppress(OSError):  # they may be closed, or there may be none to spare: then nothing is dropped
        for descriptor in (1, 2):
            stack.callback(_put_back, os.dup(descriptor), descriptor)
        with Path(os.devnull).open("wb") as nowhere:
            for descriptor in (1, 2):
                os.dup2(nowhere.fileno(), descriptor)


def _put_back(saved: int, descriptor: int) -> None:
    with suppress(OSError):  # the answer may have closed `saved`
        os.dup2(saved, descriptor)
        os.close(saved)


def _flush(*streams: io.TextIOBase | None) -> None:
    for stream in streams:
        if stream is not None:
            with suppress(OSError, ValueError):  # its disk may be full, or it may be closed
                stream.flush()


def say(text: str) -> None:
    """Print to the student, with an escape in place of each character that their output can't show."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    with suppress(OSError, ValueError):  # a closed output takes nothing, and there is no other
        print(text.encode(encoding, "backslashreplace").decode(encoding))
