"""A working copy of the student edition, since `git pull` stops at notebooks that have been run."""

import hashlib
import json
from pathlib import Path

from ...atomic import replacing

RECORD = ".s2s-copied.json"  # chapter -> digest of the version that was copied last


def start(target: Path, notebooks: Path) -> list[Path]:
    """Copy the chapters to `target`; return what was written. Never overwrites.

    A chapter that has changed since it was copied arrives beside the student's own as `NN_name.new.ipynb`.
    """
    record_file = target / RECORD
    record = json.loads(record_file.read_text(encoding="utf-8")) if record_file.exists() else {}
    written = []
    for chapter in sorted(notebooks.glob("[0-9][0-9]_*.ipynb")):
        content = chapter.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if record.get(chapter.name) == digest and (target / chapter.name).exists():
            continue
        written.append(path := _free(target / chapter.name))
        with replacing(path) as temporary:
            temporary.write_bytes(content)
        record[chapter.name] = digest
    with replacing(record_file) as temporary:
        temporary.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return written


def _free(path: Path) -> Path:
    """Give the path itself, or the first of NN_name.new.ipynb, NN_name.new2.ipynb, ... that is not taken."""
    names = (f"{path.stem}.new{number}.ipynb" for number in ("", *range(2, 1000)))
    return next(free for free in (path, *map(path.with_name, names)) if not free.exists())
