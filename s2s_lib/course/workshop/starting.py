"""A working copy of the student edition, since `git pull` stops at notebooks that have been run."""

import hashlib
import json
import os
from contextlib import ExitStack
from itertools import count
from pathlib import Path

from ...atomic import replacing

RECORD = ".s2s-copied.json"  # chapter -> digest of the version that was copied last


class StartError(Exception):
    """What stands in the way of a working copy, and what to do about it, in one line."""


def start(target: Path, notebooks: Path) -> list[Path]:
    """Copy the chapters to `target`, all or none; return what was written. Never overwrites.

    A chapter that has changed since it was copied arrives beside the student's own as `NN_name.new.ipynb`; other ends
    of lines are no change. Raises StartError where the copy can't be made, and then nothing is written.
    """
    chapters = _read_chapters(notebooks)
    try:
        _check_folder(target, notebooks)
        record = _read_record(target / RECORD)
        unknown = {name for name in chapters if record.get(name) not in _digests(chapters[name])}
        wanted = [name for name in chapters if not _is_there(target / name, chapters[name], name not in unknown)]
        paths = [_free(target / name) for name in wanted]
        if wanted or unknown:
            record |= {name: _digest(chapters[name]) for name in unknown}
            _write(paths, [chapters[name] for name in wanted], target / RECORD, record)
    except OSError as error:
        why = error.strerror or error
        raise StartError(
            f"{target} can't be written to ({why}), so nothing was copied: put that right or name another folder."
        ) from error
    return paths


def _read_chapters(notebooks: Path) -> dict[str, bytes]:
    try:
        chapters = {path.name: path.read_bytes() for path in sorted(notebooks.glob("[0-9][0-9]_*.ipynb"))}
    except OSError as error:
        raise StartError(f"{error.filename} can't be read ({error.strerror}): get the workbook again.") from error
    if not chapters:
        raise StartError(
            f"{notebooks} holds no chapters (NN_name.ipynb): run this where the whole workbook was cloned or unpacked, "
            "or say with --notebooks where they are."
        )
    return chapters


def _check_folder(target: Path, notebooks: Path) -> None:
    for path in (target, *target.parents):
        if os.path.lexists(path) and not path.is_dir():
            raise StartError(f"{path} is not a folder: move it away, or name another folder for your copy.")
    if target.exists() and target.samefile(notebooks):
        raise StartError(f"{target} holds the workbook's own notebooks: name another folder for your copy.")


def _read_record(path: Path) -> dict[str, str]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(record, dict) and all(isinstance(digest, str) for digest in record.values()):
            return record
        why = "it is no list of chapters"
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        why = getattr(error, "strerror", None) or "it is damaged"
    raise StartError(
        f"{path} can't be read ({why}): remove it and run this again. Your chapters stay as they are; the workbook's "
        "own arrive beside those you have worked in, as NN_name.new.ipynb."
    )


def _lines(content: bytes) -> bytes:
    """Give a text with the ends of lines that it has in the repository: git may have changed them on the way."""
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _digest(content: bytes) -> str:
    return hashlib.sha256(_lines(content)).hexdigest()


def _digests(content: bytes) -> set[str]:
    """Give all digests that say so: older records were made of the bytes, whatever ends of lines those had."""
    with_crlf = _lines(content).replace(b"\n", b"\r\n")
    return {_digest(content), *(hashlib.sha256(each).hexdigest() for each in (content, with_crlf))}


def _is_there(path: Path, content: bytes, known: bool) -> bool:
    """Tell whether something stands at `path`, and this version was copied there before, or is what stands there."""
    if known and os.path.lexists(path):
        return True
    return path.is_file() and _lines(path.read_bytes()) == _lines(content)


def _free(path: Path) -> Path:
    """Give the path itself, or the first of NN_name.new.ipynb, NN_name.new2.ipynb, ... that is not taken."""
    if not os.path.lexists(path):
        return path
    names = (f"{path.stem}.new{number if number > 1 else ''}.ipynb" for number in count(1))
    return next(free for free in map(path.with_name, names) if not os.path.lexists(free))


def _write(paths: list[Path], contents: list[bytes], record_file: Path, record: dict[str, str]) -> None:
    """Write all files beside their places, then move them there; the record last."""
    with ExitStack() as moves:
        text = json.dumps(record, indent=1) + "\n"
        moves.enter_context(replacing(record_file)).write_text(text, encoding="utf-8")
        for path, content in zip(paths, contents, strict=True):
            moves.enter_context(replacing(path)).write_bytes(content)
