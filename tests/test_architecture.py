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
# From the ground up: a room imports the rooms below it, and none above. CONTRIBUTING.md says what each holds.
ROOMS = (
    "atomic",
    "spelling",
    "scfg",
    "corpora",
    "model",
    "learning",
    "translating",
    "measuring",
    "widgets",
    "course.desk",
    "course.exercises",
    "course.workshop",
    "course.research",
)
FLOOR = {room: floor for floor, room in enumerate(ROOMS)}
# Doors: what stands in front of the rooms and may look into any of them.
DOORS = {"", "course", "course.__main__", "train", "ablation"}
OPEN = {"s2s_lib.course", "s2s_lib.widgets", "s2s_lib.ablation"}  # where a chapter may import from, besides
FILES = sorted(path for path in LIBRARY.rglob("*.py") if "__pycache__" not in path.parts)
NAMED = [pytest.param(path, id=str(path.relative_to(LIBRARY))) for path in FILES]
STUDENT = ("corpora", "model", "learning", "translating")  # what a student reads
CORE = [param for param in NAMED if Path(param.id).parts[0] in (*STUDENT, "measuring")]
HEAVY = (
    "matplotlib",
    "seaborn",
    "mpmath",
    "ipywidgets",
    "anywidget",
    "pandas",
    "sacrebleu",
    "babel",
    "IPython",
    "pooch",
)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module(path: Path) -> str:
    """Name a file as it is imported, without the package: "model.encoder", "course.desk", "" for the package."""
    parts = path.relative_to(LIBRARY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module(path): path for path in FILES}


def room(name: str) -> str:
    """Name the room of a module, or of a name in it; a door is a room of its own."""
    return next((room for room in reversed(ROOMS) if name == room or name.startswith(f"{room}.")), name)


def imported(path: Path) -> set[str]:
    """Name the modules of the library that a file imports: at its top, inside a function, or for its types only."""
    package = ["s2s_lib", *path.relative_to(LIBRARY).parts[:-1]]
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*start, *([node.module] if node.module else [])])
            names = {f"{origin}.{name.name}" for name in node.names}
            found |= {name if name.removeprefix("s2s_lib.") in MODULES else origin for name in names}
    return {name.removeprefix("s2s_lib").lstrip(".") for name in found if re.match(r"s2s_lib(\.|$)", name)}


def circle(needs: dict[str, set[str]]) -> set[str]:
    """Find what can't be put into an order, each after all that it needs."""
    needs = {name: set(others) for name, others in needs.items()}
    while ready := [name for name, others in needs.items() if not others & needs.keys()]:
        for name in ready:
            del needs[name]
    return set(needs)


@pytest.mark.parametrize("path", NAMED)
def test_every_file_has_its_room_and_imports_none_above(path):
    here = room(module(path))
    assert here in FLOOR or here in DOORS, "name this room in the design, in CONTRIBUTING.md and here"
    for other in imported(path) if here in FLOOR else ():
        if other == "":
            continue  # names that the package offers: the rooms behind them are looked at below
        assert FLOOR.get(room(other), 99) <= FLOOR[here], f"{path.name} imports {other}, which stands above it"


def test_a_room_takes_from_the_package_itself_only_what_lies_below():
    for path in FILES:
        here = room(module(path))
        for node in ast.walk(tree(path)):
            named = isinstance(node, ast.ImportFrom) and here in FLOOR
            if named and module(path).count(".") + (path.name != "__init__.py") >= node.level > 0 and not node.module:
                package = module(path).split(".")[: module(path).count(".") + 1 - node.level]
                if not package:
                    for name in node.names:
                        found = getattr(s2s_lib, name.name)
                        home = getattr(found, "__module__", None) or getattr(found, "__name__", "")
                        below = room(home.removeprefix("s2s_lib."))
                        assert FLOOR.get(below, 0) <= FLOOR[here], f"{path.name} takes {name.name} from above"


def test_the_table_of_rooms_names_none_that_is_gone():
    assert set(ROOMS) == {room(name) for name in MODULES} - DOORS


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/design.md"])
def test_the_rooms_are_explained_from_the_ground_up(page):
    rows = re.findall(r"^\| `([a-z/]+?)(?:/|\.py)` \|", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert tuple(row.replace("/", ".") for row in rows) == ROOMS


@pytest.mark.parametrize("name", ROOMS)
def test_no_import_inside_a_room_goes_round_in_circles(name):
    files = {each: path for each, path in MODULES.items() if room(each) == name}
    needs = {each: (imported(path) & files.keys()) - {each} for each, path in files.items()}
    assert circle(needs) == set()


def test_circles_are_found_where_there_are_any():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == {"a", "b", "c"}
    source = LIBRARY / "widgets" / "saved.py"
    assert "widgets.payload" in imported(source)


def test_the_desk_does_without_the_exercises():
    code = "import sys, s2s_lib.course.desk; print('s2s_lib.course.exercises' in sys.modules)"
    assert fresh(code) == "False"
    known = "from s2s_lib.course.desk.registry import EXERCISES; print(len(EXERCISES) > 20)"
    assert fresh(f"from s2s_lib.course import check; {known}") == "True"


def test_the_package_offers_its_own_names_and_nobody_elses_modules():
    public = {name for name in vars(s2s_lib) if not name.startswith("_")}
    rooms = {name.split(".")[0] for name in MODULES}
    assert public <= set(s2s_lib.__all__) | rooms
    for name in s2s_lib.__all__:
        found = getattr(s2s_lib, name)
        home = getattr(found, "__module__", None) or getattr(found, "__name__", "s2s_lib")
        assert home.startswith("s2s_lib"), name


def test_every_chapter_finds_what_it_needs_in_the_package_itself():
    for path in (ROOT / "notebooks" / "source").glob("*.py"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "s2s_lib":
                assert node.module in ("s2s_lib", "s2s_lib.course", "s2s_lib.widgets", "s2s_lib.ablation"), (
                    f"{path.name}:{node.lineno}"
                )
                assert node.module != "s2s_lib" or {name.name for name in node.names} <= set(s2s_lib.__all__)


def test_shapes_are_checked_in_the_tests():
    with pytest.raises(jaxtyping.TypeCheckError):
        s2s_lib.masked_softmax(torch.zeros(2, 3, 4), torch.ones(1, 4, dtype=torch.bool))


def written(node: ast.AST) -> str:
    """Return the attribute of `self` that an assignment's target leads to, or nothing."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            return node.attr
        node = node.value
    return ""


def kept(function: ast.FunctionDef) -> set[str]:
    """Name the attributes of `self` that a function writes."""
    stores = (ast.Attribute, ast.Subscript)
    nodes = [node for node in ast.walk(function) if isinstance(node, stores) and not isinstance(node.ctx, ast.Load)]
    return {written(node) for node in nodes} - {""}


# What must change between two calls is an object with methods. This is the only one.
CHANGES = {("learning.run", "Run"): {"dropout", "shuffle", "history", "best_weights", "beginning"}}


@pytest.mark.parametrize("path", CORE)
def test_nothing_is_kept_on_self_after_it_was_built(path):
    """What a call computes is returned; nothing hides between two calls."""
    nodes = list(ast.walk(tree(path)))
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    owner = {method: kind.name for kind in classes for method in ast.walk(kind)}
    for function in nodes:
        if isinstance(function, ast.FunctionDef) and function.name != "__init__":
            may_change = CHANGES.get((module(path), owner.get(function)), set())
            assert kept(function) <= may_change, f"{path.name}:{function.lineno} writes {kept(function) - may_change}"
            for node in ast.walk(function):
                called = node.func if isinstance(node, ast.Call) else None
                name = getattr(called, "attr", getattr(called, "id", ""))
                assert name not in ("setattr", "__setattr__", "register_buffer", "register_parameter")


def test_what_may_change_was_there_when_it_was_built():
    for (file, kind), names in CHANGES.items():
        (found,) = [n for n in ast.walk(tree(MODULES[file])) if isinstance(n, ast.ClassDef) and n.name == kind]
        methods = {node.name: kept(node) for node in found.body if isinstance(node, ast.FunctionDef)}
        built = methods.pop("__init__")
        assert set().union(*methods.values()) == names
        assert names <= built


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
def test_a_function_can_be_read_in_one_go(path):
    assert {name: lines for name, lines in functions(path).items() if lines > 40} == {}


def code_lines(path: Path) -> set[int]:
    """Number the lines that are code: no blank ones, no comments, no docstrings."""
    lines = path.read_text(encoding="utf-8").splitlines()
    code = {number for number, line in enumerate(lines, 1) if line.strip() and not line.strip().startswith("#")}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            code -= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return code


def nodes(path: Path) -> int:
    """Count the statements and expressions of a file, docstrings left out."""
    found = sum(isinstance(node, ast.stmt | ast.expr) for node in ast.walk(tree(path)))
    spoken = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    return found - 2 * sum(ast.get_docstring(node) is not None for node in spoken)


def test_a_student_reads_the_core_in_an_afternoon():
    """What hurts is density: a line that is a small proof is written in three. 6.6 nodes a line were too many."""
    core = [path for name, path in MODULES.items() if room(name) in STUDENT]
    lines = sum(len(code_lines(path)) for path in core)
    assert lines < 3100
    assert sum(map(nodes, core)) / lines < 6.0


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
