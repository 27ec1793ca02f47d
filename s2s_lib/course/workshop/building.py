"""Build the editions: write them from the sources, execute them, and keep them the same where nothing changed."""

import copy
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat
from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from nbclient import NotebookClient
from nbformat import NotebookNode

from ...atomic import replacing
from . import checkout
from .editions import EDITIONS

SETTINGS = {"S2S_PROGRESS": "off", "OMP_WAIT_POLICY": "PASSIVE"}
SECONDS = 300  # for one cell
WIDGET = "application/vnd.jupyter.widget-view+json"
PICTURE = "image/png"


class BuildError(RuntimeError):
    """A chapter ran, and what it left must not be stored."""


class ThisEnvironment(AsyncKernelManager):
    """Runs the kernel of this process's environment, whatever kernel the user has installed as `python3`."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """Give that kernel, under any name."""
        return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())


def sources(numbers: Iterable[str] = (), notebooks: Path | None = None) -> list[Path]:
    """Find the sources of these chapters, or of all: in `notebooks`, or in the workbook.

    Raises FileNotFoundError for one that does not exist, and where there are none at all.
    """
    notebooks = notebooks or checkout.notebooks()
    if not (notebooks / "source").is_dir():
        raise FileNotFoundError(
            f"{notebooks / 'source'} does not exist. This copy of the workbook holds the student's notebooks only; "
            "the sources that they are built from are in the workbook's repository"
        )
    found = sorted((notebooks / "source").glob("[0-9][0-9]_*.py"))
    if missing := set(numbers) - {path.name[:2] for path in found}:
        raise FileNotFoundError(f"no source of chapter {min(missing)} in {notebooks / 'source'}")
    return [path for path in found if not numbers or path.name[:2] in numbers]


def editions(source: Path) -> Iterator[tuple[Path, NotebookNode]]:
    """Give the editions of a chapter, not executed, and where each is stored."""
    for folder, make in EDITIONS.items():
        yield source.parents[1] / folder / f"{source.stem}.ipynb", make(source)


def build(source: Path) -> list[Path]:
    """Write and execute all editions of a chapter; return those that changed."""
    changed = []
    for path, notebook in editions(source):
        execute(notebook, source.parents[1])
        tidy(notebook, path.name)
        before = path.read_text(encoding="utf-8") if path.exists() else None
        if before is not None:
            keep_pictures(notebook, nbformat.reads(before, as_version=4))
        notebook.metadata["s2s"] = {"outputs": digests(notebook)}
        text = nbformat.writes(notebook) + "\n"
        if text != before:
            with replacing(path) as temporary:
                temporary.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def execute(notebook: NotebookNode, folder: Path) -> None:
    """Run a notebook in a fresh kernel in `folder`. Raises nbclient's CellExecutionError."""
    options = {"record_timing": False, "coalesce_streams": True, "store_widget_state": False, "timeout": SECONDS}
    where = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, kernel_manager_class=ThisEnvironment, resources=where, **options)
    client.execute(env={**os.environ, **SETTINGS})
    notebook.metadata.pop("language_info", None)


def tidy(notebook: NotebookNode, name: str) -> None:
    """Take out what can't be stored, put in what pictures show. Raises BuildError for warnings and bare pictures."""
    for number, cell in enumerate(notebook.cells, 1):
        words = cell.metadata.get("s2s", {}).get("figure")
        for output in cell.get("outputs", ()):
            if output.get("name") == "stderr":
                raise BuildError(f"{name}, cell {number} writes to stderr: {output.text.strip()}")
            data = output.get("data", {})
            data.pop(WIDGET, None)
            if PICTURE in data and words:
                output.metadata[PICTURE] = {**output.metadata.get(PICTURE, {}), "alt": words}
            elif PICTURE in data and "text/html" not in data:
                raise BuildError(f'{name}, cell {number} draws: its header needs figure="what the picture shows"')
        if words and not has_picture(cell):
            raise BuildError(f"{name}, cell {number} is headed as a figure and draws none")


def digests(notebook: NotebookNode) -> dict[str, str]:
    """Sum up what each cell put out: kept in the notebook, it shows what is changed or cleared afterwards."""
    put_out = {cell.id: json.dumps(cell.outputs, sort_keys=True) for cell in notebook.cells if cell.get("outputs")}
    return {id: hashlib.sha256(text.encode()).hexdigest()[:8] for id, text in put_out.items()}


def has_picture(cell: NotebookNode) -> bool:
    """Tell whether a cell's outputs hold a picture."""
    return any(PICTURE in output.get("data", {}) for output in cell.outputs)


def keep_pictures(notebook: NotebookNode, old: NotebookNode) -> None:
    """Keep the old pictures where no code changed, nor a cell's other outputs: fonts differ between machines."""
    if _code(notebook) != _code(old):
        return
    before = {cell.id: cell for cell in old.cells}
    for cell in notebook.cells:
        if cell.id in before and _without_pictures(cell) == _without_pictures(before[cell.id]):
            for output, kept in zip(cell.get("outputs", ()), before[cell.id].get("outputs", ()), strict=True):
                if PICTURE in kept.get("data", {}):
                    output.data[PICTURE] = kept.data[PICTURE]


def _code(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def _without_pictures(cell: NotebookNode) -> NotebookNode:
    cell = copy.deepcopy(cell)
    cell.execution_count = None
    for output in cell.get("outputs", ()):
        if PICTURE in output.get("data", {}):
            output.data[PICTURE] = ""
        output.execution_count = None
    return cell
