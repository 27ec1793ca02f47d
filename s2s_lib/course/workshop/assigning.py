"""A course folder for nbgrader: the instructor edition of some chapters, the settings, and a page that says how."""

from collections.abc import Sequence
from pathlib import Path

import nbformat

from ...atomic import replacing
from .building import SECONDS, sources
from .editions import instructor

CONFIG = '''"""nbgrader's settings for this course. The notebooks are run with the environment that is set here."""

import os

os.environ["S2S_PROGRESS"] = "off"  # what a student solved before must not change what a cell prints
os.environ["S2S_SEED"] = "{seed}"  # hidden tests draw other inputs than a student's own checks, which use 0
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "s2s"
c.Execute.timeout = {seconds}  # for one cell; some train a model
c.Execute.skip_cells_with_tag = ""  # else a check cell with the tag "skip-execution" would get full points
'''
README = """# Grading chapters of the workbook with nbgrader

Once, in the workbook's folder: `pip install -e ".[instructor]"`. Then, in this folder and in the same environment, with
`NAME` for the name of a folder in `source/`:

```
nbgrader generate_assignment NAME    # writes release/NAME/NAME.ipynb: hand that to the students
nbgrader autograde NAME              # runs and grades submitted/STUDENT/NAME/NAME.ipynb of every student
nbgrader export --to grades.csv      # a line for each student and chapter
```

A student may as well hand in the workbook's own `notebooks/NAME.ipynb`, filled in.

**What is graded**: the function of each exercise, by the hidden test in its check cell, on inputs drawn with the seed
in `nbgrader_config.py`: all points of the exercise, or none. Nothing else gives points. An edited check cell is put
back before it is run; a deleted one gives 0. Where a notebook can't be run to its end (an answer ends the kernel, say),
the whole chapter gives 0, and `autograde` names the student.

**What "hidden" means**: absent from the student's notebook, and nothing more. References and solved chapters are
public, and an answer runs in the same process as its test, so that whoever sets out to deceive it can. Read what is
handed in.
"""


class AssignError(RuntimeError):
    """The course folder can't be written as asked."""


def assign(names: Sequence[str], target: Path, seed: int = 1, notebooks: Path | None = None) -> list[Path]:
    """Write the course folder; return what is new. Raises AssignError, and writes nothing, where a file differs."""
    texts = {
        target / "nbgrader_config.py": CONFIG.format(seed=seed, seconds=SECONDS),
        target / "README.md": README,
    }
    for source in _named(names, notebooks):
        notebook = target / "source" / source.stem / f"{source.stem}.ipynb"
        texts[notebook] = nbformat.writes(instructor(source)) + "\n"
    contents = {path: text.encode() for path, text in texts.items()}
    new = {path: content for path, content in contents.items() if not path.exists()}
    present = contents.keys() - new
    if differing := sorted(str(path) for path in present if not path.is_file() or path.read_bytes() != contents[path]):
        raise AssignError(
            f"{', '.join(differing)}: there already, and different from what would be written. "
            "Nothing was written: move it away, or choose another folder"
        )
    for path, content in new.items():
        with replacing(path) as temporary:
            temporary.write_bytes(content)
    return sorted(new)


def _named(names: Sequence[str], notebooks: Path | None) -> list[Path]:
    """Find chapters by number or by whole name, each once."""
    known = {name: source for source in sources(notebooks=notebooks) for name in (source.name[:2], source.stem)}
    if unknown := [name for name in names if name not in known]:
        there = ", ".join(sorted({source.stem for source in known.values()}))
        raise AssignError(f"there is no chapter {', '.join(unknown)}. There are {there}")
    return sorted({known[name] for name in names})
