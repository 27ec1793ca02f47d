"""JupyterLab's pages, driven through the commands that its menus give."""

import time
from pathlib import Path
from urllib.parse import quote

import nbformat
import nbformat.v4 as v4
from server import INSTALLED, Server

PATIENCE = 10  # seconds of waiting after which a kernel may have overlooked a request
DARK, LIGHT = "JupyterLab Dark", "JupyterLab Light"
PANEL = "[...window.jupyterapp.shell.widgets('main')].find(widget => widget.sessionContext && widget.content?.widgets)"
READY = f"window.jupyterapp && {PANEL}?.content.model && {PANEL}.sessionContext.isReady"
IDLE = f"{READY} && {PANEL}.sessionContext.session?.kernel?.status === 'idle' && !window.s2sRuns"
CELLS = f"{PANEL}.content.model.toJSON().cells"
STATE = f"""() => ({{
    kernel: window.jupyterapp && {PANEL}?.sessionContext.session?.kernel?.status,
    commands: window.s2sRuns,
    dialogs: [...document.querySelectorAll('.jp-Dialog-content')].map(dialog => dialog.innerText),
}})"""
# A command is counted until it has ended, since a kernel may seem idle before it hears of the cells it is to run.
START = f"""([command, options, index]) => {{
    const panel = {PANEL};
    window.jupyterapp.shell.activateById(panel.id);
    if (index !== null) {{ panel.content.deselectAll(); panel.content.activeCellIndex = index; }}
    window.s2sRuns = (window.s2sRuns ?? 0) + 1;
    window.jupyterapp.commands.execute(command, options).finally(() => window.s2sRuns--);
}}"""


class Lab(Server):
    """A server and what a student does in its pages; a page shows one notebook."""

    def notebook(self, name: str, cells: list[str], kernel: str = INSTALLED) -> Path:
        """Write a notebook of code cells, to be run by the kernel with that version of ipykernel."""
        spec = {"name": f"ipykernel-{kernel}", "display_name": f"ipykernel {kernel}", "language": "python"}
        notebook = v4.new_notebook(cells=list(map(v4.new_code_cell, cells)), metadata={"kernelspec": spec})
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(nbformat.writes(notebook), encoding="utf-8")
        return path

    def visit(self, page, name: str, limit: float = 60) -> None:
        """Open a notebook in a workspace of its own, and wait for its kernel."""
        self.start_kernel(name, limit)
        self.workspaces += 1
        page.goto(f"{self.url}lab/workspaces/test-{self.workspaces}/tree/{quote(name)}?token={self.token}")
        self.wait_idle(page, limit)

    def wait(self, page, condition: str, what: str, limit: float = 60) -> None:
        """Wait until an expression of JavaScript holds; if it never does, say how things stand."""
        end, wake = time.monotonic() + limit, time.monotonic() + PATIENCE
        while not page.evaluate(f"() => Boolean({condition})"):
            if time.monotonic() > end:
                raise AssertionError(f"waited {limit} s for {what}; the page says {page.evaluate(STATE)}")
            if time.monotonic() > wake:
                self.wake_kernels()
                wake = time.monotonic() + PATIENCE
            page.wait_for_timeout(50)

    def wait_idle(self, page, limit: float = 60) -> None:
        """Wait until what was started has ended and the kernel is idle; after `page.reload()`, until both are back."""
        self.wait(page, IDLE, "the kernel to be idle", limit)

    def start(self, page, command: str, *, cell: int | None = None, **options) -> None:
        """Start a command of JupyterLab, at a cell if one is given, and don't wait for its end."""
        page.evaluate(START, [command, options, cell])

    def run_all(self, page, limit: float = 120) -> None:
        """Run all cells; an error in one of them is an error here."""
        self.start(page, "notebook:run-all-cells")
        self.wait_idle(page, limit)
        self.check(page)

    def run_cell(self, page, index: int, *, wait: bool = True, limit: float = 120) -> None:
        """Run one cell; without `wait` it may still run when this returns."""
        self.start(page, "notebook:run-cell", cell=index)
        if wait:
            self.wait_idle(page, limit)
            self.check(page, index)

    def check(self, page, *indices: int) -> None:
        """Assert that none of these cells, or of all, shows an error."""
        for index in indices or range(self.cell_count(page)):
            for output in self.outputs(page, index):
                assert output["output_type"] != "error", f"cell {index}: {output['ename']}: {output['evalue']}"

    def cell_count(self, page) -> int:
        """Count the notebook's cells."""
        return page.evaluate(f"{CELLS}.length")

    def cell(self, page, index: int):
        """Locate a cell on the page, its outputs and widgets included."""
        return page.locator(".jp-Notebook .jp-Cell").nth(index)

    def outputs(self, page, index: int) -> list[dict]:
        """Return a cell's outputs as the notebook's file would hold them."""
        return page.evaluate(f"{CELLS}[{index}].outputs ?? []")

    def text(self, page, index: int) -> str:
        """Return what a cell printed."""
        printed = [output["text"] for output in self.outputs(page, index) if output["output_type"] == "stream"]
        return "".join("".join(text) for text in printed)

    def theme(self, page, name: str) -> None:
        """Change to `DARK` or `LIGHT`; the next test begins with JupyterLab's own choice again."""
        self.start(page, "apputils:change-theme", theme=name)
        self.wait(page, f"document.body.dataset.jpThemeName === '{name}' && !window.s2sRuns", f"the theme {name}")

    def save(self, page) -> None:
        """Save the notebook as the menu does, and wait until it is on disk."""
        self.start(page, "docmanager:save")
        self.wait(page, f"!window.s2sRuns && !{PANEL}.content.model.dirty", "the notebook to be saved")
