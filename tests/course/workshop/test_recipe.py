"""The recipe for adding an exercise, followed to the letter in a copy of the workbook."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[3]
RECIPE = (ROOT / "docs" / "adding_an_exercise.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`(\S+)`:\n\n```python\n(.*?)^```$", RECIPE, re.MULTILINE | re.DOTALL))
COMMANDS = re.findall(r"^python -m .*$", RECIPE, re.MULTILINE)
COPIED = ("README.md", "pyproject.toml", "s2s_lib", "tests/conftest.py", "tests/course")
CACHES = shutil.ignore_patterns("__pycache__")


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """Where the recipe was followed, and what each of its commands said."""
    root = tmp_path_factory.mktemp("workbook")
    for name in COPIED:
        (root / name).parent.mkdir(exist_ok=True)
        copy = shutil.copy if (ROOT / name).is_file() else lambda *way: shutil.copytree(*way, ignore=CACHES)
        copy(ROOT / name, root / name)
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root, {command: followed(command, root) for command in COMMANDS}


def followed(command, root):
    python, *arguments = shlex.split(command)
    assert python == "python"
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTEST_ADDOPTS": "-v -p no:cacheprovider"}
    result = subprocess.run(
        [sys.executable, *arguments], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def outcome(said, part):
    return next(text for command, text in said[1].items() if part in command)


def printed(root, edition):
    """What a notebook's cells print, and their sources."""
    cells = nbformat.read(root / "notebooks" / edition / "10_mean.ipynb", as_version=4).cells
    return "".join(o.get("text", "") for c in cells for o in c.get("outputs", ())), "\n".join(c.source for c in cells)


def test_it_names_a_file_for_each_part():
    assert [path.split("/")[0] for path in FILES] == ["notebooks", "s2s_lib", "tests"]
    assert len(COMMANDS) == 4


def test_both_editions_are_right(said):
    root, _ = said
    text, source = printed(root, "")
    assert text == "10-mean: not attempted yet.\n"
    assert "raise NotImplementedError()" in source
    assert "real.sum(dim=1)" not in source
    text, source = printed(root, "solutions")
    assert text == "10-mean: solved, 1 point. 2 inputs tried.\n"
    assert "real.sum(dim=1)" in source
    assert "SOLUTION" not in source
    assert "All notebooks are what their sources give." in outcome(said, "--check")


@pytest.mark.parametrize(
    "test",
    [
        "test_right_answers_pass[0-10-mean]",
        "test_wrong_answer_is_rejected_with_its_own_diagnosis[10-mean-pads-counted-0]",
        "test_wrong_answer_is_rejected_with_its_own_diagnosis[10-mean-pads-counted-1]",
        "test_exercises_are_complete[10-mean]",
        "test_exercises_and_predictions_are_those_that_are_registered[10_mean]",
        "test_each_exercise_and_its_check_run_with_the_setup_cell_alone[10_mean]",
    ],
)
def test_its_tests_ran_and_passed(said, test):
    assert f"{test} PASSED" in outcome(said, "pytest")


def test_the_new_exercise_stands_in_the_table(said):
    assert "| 10-mean | average over the real tokens" in (said[0] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_its_code_is_clean(name):
    command = [sys.executable, "-m", "ruff", "check", "--config", str(ROOT / "pyproject.toml"), "--stdin-filename"]
    path = str(ROOT / name)
    result = subprocess.run([*command, path, "-"], input=FILES[name], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
