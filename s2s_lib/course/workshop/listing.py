"""The table of exercises in the README, made from the exercises themselves."""

from pathlib import Path

from ...atomic import replacing
from ..exercises import EXERCISES

BEGIN, END = "<!-- exercises -->", "<!-- /exercises -->"
HEAD = "| exercise | afterwards you can | difficulty | minutes | points |\n|---|---|---|---|---|"


class ListError(ValueError):
    """The README has no place for the table."""


def table() -> str:
    """Write one row for each exercise, and their sums, in markdown."""
    every = sorted(EXERCISES.values(), key=lambda exercise: exercise.chapter)
    rows = [
        f"| {each.id} | {_lower(each.objective)} | {each.difficulty} of 3 | {each.minutes} | {each.points} |"
        for each in every
    ]
    minutes, points = (sum(getattr(each, what) for each in every) for what in ("minutes", "points"))
    return "\n".join([HEAD, *rows, f"| **{len(every)} exercises** | | | **{minutes}** | **{points}** |"])


def with_table(text: str) -> str:
    """Put the table between its two markers in a text. Raises ListError where they don't stand, once each, in order."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in before + after:
        raise ListError(f"the table stands between a line {BEGIN} and a line {END}: put them in, once each")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def write_table(readme: Path) -> bool:
    """Bring the table of a README up to date; tell whether it changed."""
    before = readme.read_text(encoding="utf-8")
    after = with_table(before)
    if after != before:
        with replacing(readme) as temporary:
            temporary.write_text(after, encoding="utf-8")
    return after != before


def _lower(objective: str) -> str:
    return objective[0].lower() + objective[1:]
