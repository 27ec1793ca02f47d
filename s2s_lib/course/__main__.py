"""The workbook's own tools.

python -m s2s_lib.course start [DIR]        make a working copy of the student edition; never overwrites
python -m s2s_lib.course build [NN ...]     write and execute both editions of these chapters, or of all
python -m s2s_lib.course build --check      execute nothing; say which notebooks are not what their sources give
python -m s2s_lib.course assignment NAME ... --out DIR    write a course folder for nbgrader
python -m s2s_lib.course zip [FILE]         write an archive for students: the library and the student edition
python -m s2s_lib.course table [--write]    print the table of exercises, or put it into README.md
"""

import argparse
import sys
from pathlib import Path

from .workshop import checkout
from .workshop.starting import StartError, start

TOOLS = "pip install -r requirements.txt"  # what only maintainers need is not installed with a wheel
RAW = argparse.RawDescriptionHelpFormatter


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    parser = argparse.ArgumentParser("python -m s2s_lib.course", description=__doc__, formatter_class=RAW)
    commands = parser.add_subparsers(required=True)
    copy = commands.add_parser("start", help="make a working copy of the student edition")
    copy.add_argument("folder", nargs="?", default="my", type=Path, metavar="DIR", help="where (default: my)")
    copy.set_defaults(run=_start)
    build = commands.add_parser("build", help="write and execute the editions of chapters")
    build.add_argument("chapters", nargs="*", metavar="NN", help="chapters; without any, all")
    build.add_argument("--check", action="store_true", help="execute nothing; compare what is stored with the sources")
    build.set_defaults(run=_build)
    graded = commands.add_parser("assignment", help="write a course folder for nbgrader")
    graded.add_argument("chapters", nargs="+", metavar="NAME", help="a chapter: 04, or 04_dot_attention")
    graded.add_argument("--out", required=True, type=Path, metavar="DIR", help="the course folder; never overwrites")
    graded.add_argument("--seed", default=1, type=int, help="draws the inputs of the hidden tests (default: 1)")
    graded.set_defaults(run=_assignment)
    archive = commands.add_parser("zip", help="write an archive for students")
    archive.add_argument("file", nargs="?", default="s2s-workbook.zip", type=Path, metavar="FILE", help="its path")
    archive.set_defaults(run=_zip)
    table = commands.add_parser("table", help="print the table of exercises")
    table.add_argument("--write", action="store_true", help="put it between its markers in README.md")
    table.set_defaults(run=_table)
    for command in (copy, build, graded):
        command.add_argument("--notebooks", type=Path, help="the folder of the notebooks (default: the workbook's)")
    return _run(parser.parse_args(arguments))


def _run(given: argparse.Namespace) -> int:
    """Run the command that was given, and say in one line what it can't do without."""
    try:
        if "notebooks" in given and given.notebooks is None:
            given.notebooks = checkout.notebooks()
        return given.run(given)
    except checkout.NoCheckout as error:
        print(error, file=sys.stderr)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "s2s_lib":
            raise
        print(f"{error.name} is not installed. In the workbook's folder: {TOOLS}", file=sys.stderr)
    return 1


def _start(given: argparse.Namespace) -> int:
    try:
        written = start(given.folder, given.notebooks)
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(map(str, written)) or "Nothing new.")
    print(f"Open it: jupyter lab {given.folder / '00_start_here.ipynb'}")
    return 0


def _build(given: argparse.Namespace) -> int:
    from nbclient.exceptions import CellExecutionError  # here, so that `start` needs no maintainer's tools

    from .workshop.building import BuildError, build, sources
    from .workshop.editions import SourceError
    from .workshop.proofing import problems

    try:
        if given.check:
            found = problems(given.notebooks)
            print("\n".join(found) or "All notebooks are what their sources give.")
            return int(bool(found))
        for source in sources(given.chapters, given.notebooks):
            changed = build(source)
            print(f"{source.stem}: {', '.join(map(str, changed)) or 'nothing changed'}", flush=True)
    except (BuildError, SourceError, CellExecutionError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _assignment(given: argparse.Namespace) -> int:
    from .workshop.assigning import AssignError, assign
    from .workshop.editions import SourceError

    try:
        written = assign(given.chapters, given.out, given.seed, given.notebooks)
    except (AssignError, SourceError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(map(str, written)) or "Nothing new.")
    print(f"What to do with it: {given.out / 'README.md'}")
    return 0


def _zip(given: argparse.Namespace) -> int:
    from .workshop.packing import pack

    try:
        names = pack(given.file)
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{given.file}: {len(names)} files, {given.file.stat().st_size / 1e6:.1f} MB")
    return 0


def _table(given: argparse.Namespace) -> int:
    from .workshop.listing import ListError, table, write_table

    if not given.write:
        print(table())
        return 0
    readme = checkout.root() / "README.md"
    try:
        print(f"{readme}: {'rewritten' if write_table(readme) else 'nothing changed'}")
    except (ListError, OSError) as error:
        print(f"{readme}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
