"""`build --check`: are the stored notebooks what their sources give? Executes nothing; nbval compares the outputs."""

from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from . import checkout
from .building import digests, editions, has_picture, sources
from .editions import EDITIONS


def problems(notebooks: Path | None = None) -> list[str]:
    """Name everything by which a stored notebook differs from what its source gives, and what to do about it."""
    notebooks = notebooks or checkout.notebooks()
    found, expected = [], set()
    for source in sources(notebooks=notebooks):
        for path, fresh in editions(source):
            expected.add(path)
            where, origin = path.relative_to(notebooks.parent), source.relative_to(notebooks.parent)
            remedy = f"It is generated: edit {origin} only, then: python -m s2s_lib.course build {source.name[:2]}"
            found += [f"{where}{problem}. {remedy}" for problem in _stored(path, fresh)]
    stored = {path for folder in EDITIONS for path in (notebooks / folder).glob("*.ipynb")}
    return found + [f"{path.relative_to(notebooks.parent)} has no source. Remove it" for path in stored - expected]


def _stored(path: Path, fresh: NotebookNode) -> Iterator[str]:
    if not path.exists():
        yield " is missing"
        return
    try:
        stored = nbformat.read(path, as_version=4)
    except ValueError:
        yield " is no notebook"
        return
    if len(stored.cells) != len(fresh.cells):
        yield f" has {len(stored.cells)} cells where its source has {len(fresh.cells)}"
        return
    record = stored.metadata.pop("s2s", None)
    if stored.metadata != fresh.metadata:
        yield ": the notebook's metadata differ"
    built, now = _outputs(record), digests(stored)
    if built is None or built.keys() - {cell.id for cell in stored.cells}:
        yield ": its record of what the build put out is missing or damaged"
    count = 0
    for number, (cell, made) in enumerate(zip(stored.cells, fresh.cells, strict=True), 1):
        count += cell.cell_type == "code"
        yield from (f", cell {number}: {problem}" for problem in _cell(cell, made, count))
        if built is not None and built.get(cell.id) != now.get(cell.id):
            yield f", cell {number}: its outputs are not those that the build stored"


def _outputs(record: object) -> dict[str, str] | None:
    outputs = record.get("outputs") if isinstance(record, dict) else None
    return outputs if isinstance(outputs, dict) else None


def _cell(cell: NotebookNode, made: NotebookNode, count: int) -> Iterator[str]:
    for key, name in (("cell_type", "type"), ("source", "text"), ("id", "id"), ("metadata", "metadata")):
        if cell.get(key) != made[key]:
            yield f"its {name} differs from the source's" if name != "metadata" else "its metadata differ"
    if cell.cell_type != "code":
        return
    if cell.execution_count != count:
        yield f"its count is {cell.execution_count}, and should be {count}"
    if "figure" in made.metadata.get("s2s", {}) and not has_picture(cell):
        yield "its picture is missing"
    if any(output.get("name") == "stderr" or output.output_type == "error" for output in cell.outputs):
        yield "an error or a warning is stored"
