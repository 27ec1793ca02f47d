"""The workbook as one archive for students: everything to work with, and nothing that maintainers need."""

import re
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from ...atomic import replacing
from . import checkout

FOLDER = "s2s-workbook"  # what unpacking gives
FILES = ("README.md", "LICENSE", "requirements.txt", "environment.yml", "pyproject.toml", "docs/gallery.html")
PICTURE = re.compile(r"!\[[^]]*\]\((?!\w+:)([^)]+)\)")
PERMISSIONS = 0o100644 << 16  # an ordinary file, readable by all
UNIX = 3


def pack(target: Path, root: Path | None = None) -> list[str]:
    """Write the archive and return what is in it. The same files give the same bytes, wherever and whenever."""
    root = root or checkout.root()
    if missing := [name for name in FILES if not (root / name).is_file()]:
        raise FileNotFoundError(f"not in {root}: {', '.join(missing)}. Run this in a complete copy of the workbook")
    names = sorted(set(_contents(root)))
    with replacing(target) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name in names:
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}")  # of 1980, the first moment that the format knows
            entry.create_system, entry.external_attr = UNIX, PERMISSIONS
            archive.writestr(entry, (root / name).read_bytes())  # not compressed: weights don't shrink, zlibs differ
    return names


def _contents(root: Path) -> Iterator[str]:
    """Name the files: those above, the README's pictures, the package with its data, the student edition."""
    yield from (*FILES, "notebooks/conftest.py")  # which keeps a run of the tests out of a student's progress
    yield from PICTURE.findall((root / "README.md").read_text(encoding="utf-8"))
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    data = settings["tool"]["setuptools"]["package-data"]["s2s_lib"]
    for found in (root / "s2s_lib").rglob("*.py"), *map((root / "s2s_lib").glob, data):
        yield from (path.relative_to(root).as_posix() for path in found)
    yield from (path.relative_to(root).as_posix() for path in (root / "notebooks").glob("[0-9][0-9]_*.ipynb"))
