"""The wheel: all that the library needs is declared and inside, and it works without the workbook around it."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from test_architecture import FILES, LIBRARY, MODULES, ROOT, pins, tree

from s2s_lib import Translator
from s2s_lib.course.desk.readiness import PACKAGES

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDED = pins("\n".join(PROJECT["dependencies"]))
EXTRAS = {name: pins("\n".join(listed)) for name, listed in PROJECT["optional-dependencies"].items()}
TOOLS = EXTRAS["lab"] | EXTRAS["dev"]
# Only the workshop, where notebooks are built, may need more than the wheel brings.
WORKSHOP = [path for name, path in MODULES.items() if name.startswith(("course.workshop", "course.__main__"))]
# What starts tools by their names: ruff and nbval, beartype, axe, and JupyterLab.
CALLING = (".ci/run", "tests/conftest.py", "tests/browser/accessibility.py", "tests/browser/server.py")
FRENCH = "deux hommes jouent de la guitare."


def imports(paths) -> set[str]:
    """Name the packages that files import, wherever in them, besides the library and Python's own."""
    found = set()
    for node in (node for path in paths for node in ast.walk(tree(path))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module.partition(".")[0])
    return {name.lower() for name in found - {*sys.stdlib_module_names, "s2s_lib"}}


def test_requirements_and_pyproject_pin_the_same():
    assert pins((ROOT / "requirements.txt").read_text(encoding="utf-8")) == NEEDED | TOOLS
    listed = [line for lines in PROJECT["optional-dependencies"].values() for line in lines]
    assert len(PROJECT["dependencies"]) + len(listed) == len(NEEDED | TOOLS | EXTRAS["instructor"]), (
        "each is pinned exactly, and stands there once"
    )


def test_what_the_library_imports_is_what_it_declares():
    imported = imports(path for path in FILES if path not in WORKSHOP)
    assert imported - NEEDED.keys() == set()
    assert NEEDED.keys() - imported == {"ipywidgets"}  # speaks to the front end for anywidget
    assert imports(WORKSHOP) - NEEDED.keys() - TOOLS.keys() == set()


def test_every_tool_is_used():
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("[tool.")[2]
    called = settings + "".join((ROOT / name).read_text(encoding="utf-8") for name in CALLING)
    used = (
        imports([*WORKSHOP, *ROOT.glob("tests/**/*.py")]) | set(re.findall(r"\w+", called)) | {"setuptools"}
    )  # `wheel`
    assert [name for name in TOOLS | EXTRAS["instructor"] if name.replace("-", "_") not in used] == []


def test_contributing_says_why_each_is_there():
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Dependencies")[2]
    explained = {name.lower() for row in re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE) for name in row.split(", ")}
    assert explained - {"package"} == (NEEDED | TOOLS | EXTRAS["instructor"]).keys()


def test_nothing_counts_as_missing_that_the_wheel_does_not_bring():
    assert {name.lower() for name in PACKAGES} <= NEEDED.keys()


def test_citation_changelog_and_licence_speak_of_the_same_version_and_authors():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    said = dict(re.findall(r"^(?:  - )?([\w-]+): (.+)$", citation, re.MULTILINE))
    author = re.search(r"^Copyright \(c\) \d+ (.+)$", (ROOT / "LICENSE").read_text(encoding="utf-8"), re.MULTILINE)[1]
    assert [said["name"]] == [author] == [each["name"] for each in PROJECT["authors"]]
    assert (said["version"], said["license"]) == (PROJECT["version"], PROJECT["license"])
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = [name.strip("[]") for name in re.findall(r"^## (\S+)", changelog, re.MULTILINE)]
    assert released[0] == "Unreleased"
    assert PROJECT["version"] in released
    kinds = set(re.findall(r"^### (.+)$", changelog, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy: a build leaves folders behind, and takes up what an earlier one left."""
    source = tmp_path_factory.mktemp("source")
    shutil.copytree(LIBRARY, source / "s2s_lib", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip("wheel", "--no-build-isolation", "--wheel-dir", str(source / "dist"), str(source))
    (built,) = (source / "dist").iterdir()
    return built


def pip(command, *arguments):
    """Run pip without the network."""
    quiet = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", command, "--no-deps", "--no-index"]
    done = subprocess.run([*quiet, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_wheel_holds_the_library_with_all_its_data_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    there = {path for path in LIBRARY.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert names == {path.relative_to(ROOT).as_posix() for path in there}
    assert {Path(name).suffix for name in names} >= {".py", ".scfg", ".csv", ".safetensors", ".css", ".html", ".js"}


def test_the_wheel_asks_pip_for_what_it_needs_and_for_no_tool(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        asked = Parser().parsestr(archive.read(metadata).decode()).get_all("Requires-Dist")
    assert pins("\n".join(line for line in asked if "extra ==" not in line)) == NEEDED


# For a process that runs the installed wheel: neither the workbook's files nor the maintainers' tools are to be found.
ALONE = """
import sys
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder

class Finder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {tools} else super().find_spec(name, path, target)

def watch(event, arguments):
    path = arguments[0] if event == "open" else None
    if isinstance(path, str) and path.startswith({root!r}) and not path.startswith(sys.prefix):
        raise RuntimeError(f"{{path}} is the workbook's")

sys.meta_path[:] = BuiltinImporter, FrozenImporter, Finder  # without that of an editable install
sys.addaudithook(watch)
"""


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder that the wheel was installed in, among files of others that look like the workbook's."""
    folder = tmp_path_factory.mktemp("site-packages")
    pip("install", "--no-compile", "--target", str(folder), str(wheel))
    (folder / "notebooks" / "source").mkdir(parents=True)
    (folder / "notebooks" / "00_start_here.ipynb").write_text("{}", encoding="utf-8")
    (folder / "pyproject.toml").write_text('[project]\nname = "another"\n', encoding="utf-8")
    (folder / "README.md").write_text("<!-- exercises -->\n<!-- /exercises -->\n", encoding="utf-8")
    tools = {name.replace("-", "_") for name in TOOLS if name != "setuptools"}  # torch brings that
    (folder / "sitecustomize.py").write_text(ALONE.format(tools=tools, root=f"{ROOT}{os.sep}"), encoding="utf-8")
    return folder


def run(installed, folder, code):
    """Run code in a process of its own that finds the wheel and, of what is declared, no tool; read what it printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("S2S_", "PYTHON"))}
    environment = {**kept, "PYTHONPATH": str(installed), "MPLBACKEND": "agg", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


USE = f"""
import json, sys
import torch
from s2s_lib import DotScore, Translator, Vocab, ablation, batches, build_model, corpora, fit, heatmap
from s2s_lib.course import check, show_source
from s2s_lib.widgets import StepThrough

trace = Translator.load("fr-en").translate({FRENCH!r})
corpus = corpora.french(size="small")
vocabs = [Vocab.build(side) for side in zip(*((pair.src, pair.trg) for pair in corpus.train))]
train = batches(corpus.train[:64], *vocabs, batch_size=32, generator=torch.Generator().manual_seed(0))
model = build_model(*map(len, vocabs), embedding_dim=8, hidden_size=8, num_layers=1)
history = fit(model, train, epochs=1)
check("04-dot-score", lambda query, keys: query @ keys.mT)
show_source(DotScore, after="04-dot-score")
StepThrough(trace).to_png("steps.png")
StepThrough(trace).to_html("steps.html")
heatmap(trace).figure.savefig("map.png")
print()
print(json.dumps({{
    "text": trace.text,
    "steps": len(history.steps),
    "rows": len(ablation.table("attention")),
    "korean": len(corpora.korean().train) > 0,
    "modules": [module.__file__ for name, module in sys.modules.items() if name.split(".")[0] == "s2s_lib"],
}}))
"""


def test_the_installed_wheel_translates_trains_checks_and_draws(installed, tmp_path):
    found = run(installed, tmp_path, USE)
    assert found["text"] == Translator.load("fr-en").translate(FRENCH).text
    assert (found["steps"], found["korean"]) == (2, True)
    assert found["rows"] > 0
    assert all(Path(path).is_relative_to(installed) for path in found["modules"])
    assert (tmp_path / "steps.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    assert "<script" in (tmp_path / "steps.html").read_text(encoding="utf-8")


RUN = """
import contextlib, io, json, runpy, sys
said = []
for command in {commands}:
    sys.argv[1:] = command[1:]
    out, err, status = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            runpy.run_module(command[0], run_name="__main__", alter_sys=True)
        except SystemExit as error:
            status = error.code or 0
    said.append((status, out.getvalue(), err.getvalue()))
print(json.dumps(said))
"""
TRAIN, GRID, COURSE = "s2s_lib.train", "s2s_lib.ablation", "s2s_lib.course"
WORKING = [[TRAIN, "--help"], [GRID, "--help"], [COURSE, "--help"], [COURSE, "table"]]
NEEDING = [
    ["start"],
    ["build"],
    ["build", "04"],
    ["build", "--check"],
    ["assignment", "04", "--out", "course"],
    ["zip"],
    ["zip", "out/workbook.zip"],
    ["table", "--write"],
]


@pytest.fixture(scope="module")
def said(installed, tmp_path_factory):
    """What each command said, and the folder that they ran in."""
    folder = tmp_path_factory.mktemp("elsewhere")
    commands = [*WORKING, *([COURSE, *command] for command in NEEDING), [COURSE, "build", "--notebooks", "."]]
    answers = run(installed, folder, RUN.format(commands=commands))
    return {" ".join(command): answer for command, answer in zip(commands, answers, strict=True)}, folder


@pytest.mark.parametrize("command", WORKING, ids=" ".join)
def test_the_commands_of_the_installed_wheel_run(said, command):
    status, out, err = said[0][" ".join(command)]
    assert (status, err) == (0, "")
    assert len(out.splitlines()) > 5


@pytest.mark.parametrize("command", NEEDING, ids=" ".join)
def test_a_command_that_needs_the_workbook_says_so_in_one_line(said, installed, command):
    status, out, err = said[0][" ".join([COURSE, *command])]
    assert (status, out) == (1, "")
    assert re.fullmatch(r"the library in \S+ is installed without the workbook's notebooks\. Run this in .+\n", err)
    assert list(said[1].iterdir()) == [], "nothing was written"
    assert (installed / "README.md").read_text(encoding="utf-8").endswith("exercises -->\n<!-- /exercises -->\n")


def test_a_command_that_needs_a_tool_names_it(said):
    status, out, err = said[0][f"{COURSE} build --notebooks ."]
    assert (status, out) == (1, "")
    assert re.fullmatch(r"\w+ is not installed\. In the workbook's folder: pip install -r requirements\.txt\n", err)
