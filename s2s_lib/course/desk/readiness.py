"""Is everything in place to work through the course? The first cell of chapter 00 asks."""

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ...translating.translator import shipped
from .output import say

PYTHON = (3, 11)
TRANSLATORS = ("fr-en", "french-none", "french-dot", "french-general", "french-concat", "korean-concat")
PACKAGES = (
    "torch",
    "matplotlib",
    "seaborn",
    "ipywidgets",
    "anywidget",
    "tqdm",
    "safetensors",
    "jaxtyping",
)


def ready() -> None:
    """Print "ready: yes", or what is missing and what to do about it."""
    problems = missing()
    say("\n- ".join(["ready: no" if problems else "ready: yes", *problems]))


def missing() -> list[str]:
    """List what stands in the way, each with its remedy."""
    problems = []
    if sys.version_info < PYTHON:
        problems.append(f"Python {sys.version.split()[0]} is too old: install {PYTHON[0]}.{PYTHON[1]} or newer")
    absent = [package for package in PACKAGES if not _installed(package)]
    if absent:
        problems.append(f"not installed: {', '.join(absent)}. Run: pip install -r requirements.txt")
    lost = [name for name in TRANSLATORS if name not in shipped()]
    if lost:
        problems.append(f"translators not found: {', '.join(lost)}. Clone or unpack the workbook again")
    return problems + _locked_folder()


def _locked_folder() -> list[str]:
    try:
        here = Path.cwd()
    except OSError:
        return ["the folder of this notebook is gone, so progress can't be kept: open the notebook anew"]
    if os.access(here, os.W_OK):
        return []
    return [f"{here} can't be written to, so progress can't be kept: copy the notebooks elsewhere"]


def _installed(package: str) -> bool:
    try:
        return bool(version(package))
    except PackageNotFoundError:
        return False
