"""Files for the tests to read."""

import gzip
from pathlib import Path


def write(folder, name, data):
    path = Path(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = data.encode("utf-8") if isinstance(data, str) else data
    path.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
    return path


def files_under(folder):
    return [path for path in Path(folder).rglob("*") if path.is_file()]
