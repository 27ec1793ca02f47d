"""The house as designed: layers, no hidden state, light imports, small files, one set of pins."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import jaxtyping
import pytest
import torch

import s2s_lib

LIBRARY = Path(s2s_lib.__file__).parent
ROOT = Path(__file__).parents[1]
LAYERS = {
    0: {"text", "batching", "atomic", "corpora"},
    1: {"encoder", "attention"},
    2: {"decoder"},
    3: {"seq2seq", "teacher_forcing", "bahdanau"},
    4: {"metrics", "decoding", "training", "checkpoints", "fitting"},
    5: {"trace", "translator", "analysis"},
    6: {"plots", "train", "experiments", "ablation"},
    7: {"widgets", "course"},
}
LAYER = {name: layer for layer, names in LAYERS.items() for name in names}
FILES = sorted(path for path in LIBRARY.rglob("*.py") if "__pycache__" not in path.parts)
NAMED = [pytest.param(path, id=str(path.relative_to(LIBRARY))) for path in FILES]
CORE = [param for param in NAMED if LAYER.get(Path(param.id).parts[0].removesuffix(".py"), 9) <= 5]
HEAVY = ("matplotlib", "seaborn", "ipywidgets", "anywidget", "pandas", "sacrebleu", "babel", "IPython", "pooch")


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def room(path: Path) -> str:
    """Name the file or folder of the table that `path` belongs to."""
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Name the rooms of the library that a file imports, at its top or inside a function."""
    package = ["s2s_lib", *path.relative_to(LIBRARY).parts[:-1]]
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*start, *([node.module] if node.module else [])])
            found |= {f"{module}.{name.name}" for name in node.names}
    parts = [name.split(".") for name in found]
    return {name[1] for name in parts if name[0] == "s2s_lib" and len(name) > 1}


@pytest.mark.parametrize("path", NAMED)
def test_every_file_has_its_layer_and_imports_none_above(path):
    if path == LIBRARY / "__init__.py":
        return
    assert room(path) in LAYER, "name this file in the table of layers, in the design and here"
    for other in imported(path):  # what the package itself exports comes from layers 0 to 5
        assert LAYER.get(other, 5) <= LAYER[room(path)], f"{path.name} imports {other}, which stands above it"


def test_shapes_are_checked_in_the_tests():
    with pytest.raises(jaxtyping.TypeCheckError):
        s2s_lib.masked_softmax(torch.zeros(2, 3, 4), torch.ones(1, 4, dtype=torch.bool))


def test_the_table_names_no_file_that_is_gone():
    assert set(LAYER) == {room(path) for path in FILES} - {"__init__"}


def test_no_import_goes_round_in_circles():
    needs = {room(path): set() for path in FILES}
    for path in FILES:
        needs[room(path)] |= imported(path) - {room(path)}
    del needs["__init__"]
    while ready := [name for name, others in needs.items() if not others & needs.keys()]:
        for name in ready:
            del needs[name]
    assert not needs


def written(node: ast.AST) -> str:
    """Return the attribute of `self` that an assignment's target leads to, or nothing."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            return node.attr
        node = node.value
    return ""


@pytest.mark.parametrize("path", CORE)
def test_nothing_is_kept_on_self_after_it_was_built(path):
    """What a call computes is returned; nothing hides between two calls."""
    for function in ast.walk(tree(path)):
        if isinstance(function, ast.FunctionDef) and function.name != "__init__":
            for node in ast.walk(function):
                if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
                    assert not written(node), f"{path.name}:{node.lineno} writes self.{written(node)}"
                called = node.func if isinstance(node, ast.Call) else None
                name = getattr(called, "attr", getattr(called, "id", ""))
                assert name not in ("setattr", "__setattr__", "register_buffer", "register_parameter")


def fresh(code: str, **environment) -> str:
    """Run code in a new interpreter, without the tests' hook."""
    inherited = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    paths = {"PYTHONPATH": str(LIBRARY.parent)}
    result = subprocess.run(
        [sys.executable, "-c", code], env=inherited | paths | environment, capture_output=True, text=True, check=True
    )
    return result.stdout.strip()


WATCH = """
import os, sys
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            print(os.environ.get("OMP_WAIT_POLICY"))
            {then}
sys.meta_path.insert(0, Watch())
import s2s_lib
print(sorted(set(sys.modules) & set({heavy})))
"""


def test_importing_the_library_is_light_and_sets_the_thread_policy_before_torch_loads():
    assert fresh(WATCH.format(then="return", heavy=HEAVY)).split("\n") == ["PASSIVE", "[]"]


def test_a_thread_policy_of_your_own_is_kept():
    assert fresh(WATCH.format(then="sys.exit()", heavy=HEAVY), OMP_WAIT_POLICY="ACTIVE") == "ACTIVE"


def functions(path: Path) -> dict[str, int]:
    """Count the lines of every function, docstring and decorators left out."""
    found = {}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef):
            docstring = node.body[0] if ast.get_docstring(node) else None
            spoken = docstring.end_lineno - docstring.lineno + 1 if docstring else 0
            found[f"{path.name}:{node.name}"] = node.end_lineno - node.lineno + 1 - spoken
    return found


@pytest.mark.parametrize("path", NAMED)
def test_a_file_and_its_functions_can_be_read_in_one_go(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 200
    assert {name: lines for name, lines in functions(path).items() if lines > 40} == {}


def test_a_student_reads_the_core_in_an_afternoon():
    core = [param.values[0] for param in CORE if room(param.values[0]) != "corpora"]
    code = [line for path in core for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(code) < 1600


TEXT_FILES = {"open": 1, "read_text": 0, "write_text": 1}  # how many arguments may come before the encoding


def unnamed_encodings(path: Path) -> list[str]:
    """Find the calls that read or write text in whatever encoding the machine has."""
    found = []
    for node in ast.walk(tree(path)):
        name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
        if name in TEXT_FILES:
            modes = [a.value for a in [*node.args, *(k.value for k in node.keywords)] if isinstance(a, ast.Constant)]
            binary = any(isinstance(mode, str) and re.fullmatch(r"[rwxab+]*b[rwxab+]*", mode) for mode in modes)
            if not binary and "encoding" not in {keyword.arg for keyword in node.keywords}:
                found.append(f"{path.name}:{node.lineno}")
    return found


def test_every_text_file_is_opened_with_its_encoding():
    sources = [*FILES, *ROOT.glob("tests/**/*.py"), *ROOT.glob("benchmarks/**/*.py"), *ROOT.glob("notebooks/**/*.py")]
    assert [place for path in sources for place in unnamed_encodings(path)] == []


def pins(text: str) -> dict[str, str]:
    """Read `name==1.2` and conda's `name=1.2`, one a line; conda calls torch pytorch."""
    found = re.findall(r"^\s*(?:-\s+)?([A-Za-z][\w.-]*)\s*={1,2}\s*([\w.]+)\s*(?:#.*)?$", text, re.MULTILINE)
    return {re.sub("^pytorch$", "torch", name.lower()): version for name, version in found}


def test_conda_and_pip_install_the_same():
    wanted = pins((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    environment = (ROOT / "environment.yml").read_text(encoding="utf-8")
    listed = {name: version for name, version in pins(environment).items() if name != "python"}
    assert len(wanted) > 10
    if re.search(r"^\s*-\s+-r\s+requirements\.txt\s*$", environment, re.MULTILINE):
        assert listed.items() <= wanted.items()
    else:
        assert listed == wanted


def test_every_direct_dependency_is_pinned_exactly():
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        required = line.split("#")[0].strip()
        assert not required or required == "-e ." or re.fullmatch(r"[A-Za-z][\w.-]*==[\w.]+", required), line


def test_every_module_imported_is_installed_by_the_requirements():
    # they can't do without
    brought = {"numpy": "pandas", "nbformat": "nbclient", "jupyter_client": "nbclient", "traitlets": "anywidget"}
    wanted = pins((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    outside = set()
    for path in FILES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Import):
                outside |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                outside.add(node.module.split(".")[0])
    outside -= {*sys.stdlib_module_names, "s2s_lib"}
    assert {name for name in outside if brought.get(name, name).lower() not in wanted} == set()
