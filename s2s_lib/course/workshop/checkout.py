"""Where the workbook's own files are: its notebooks, their sources, the README. A wheel holds the library alone."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]  # the workbook's folder; of a wheel, the folder that packages are installed in
NOTEBOOKS = ROOT / "notebooks"


class NoCheckout(FileNotFoundError):  # noqa: N818 - says what is not there
    """The library is installed without the workbook around it."""


def root() -> Path:
    """Return the workbook's folder. Raises NoCheckout where there is only the library, as after installing a wheel."""
    if not is_workbook(ROOT):
        raise NoCheckout(
            f"the library in {ROOT} is installed without the workbook's notebooks. "
            "Run this in a copy of the workbook's repository, or of its archive for students"
        )
    return ROOT


def notebooks() -> Path:
    """Return the folder of the student edition. Raises NoCheckout, as `root` does."""
    return root() / NOTEBOOKS.name


def is_workbook(folder: Path) -> bool:
    """Tell the workbook's folder by the project that it names, since any folder may hold one called `notebooks`."""
    try:
        settings = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not there; not UTF-8, or not TOML
        return False
    project = settings.get("project")
    return isinstance(project, dict) and project.get("name") == "s2s_lib"
