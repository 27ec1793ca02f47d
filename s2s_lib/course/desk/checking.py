"""`check`: is the answer right, and if not, what does it show, which misconception is it, and what helps?"""

import hashlib
import math
import os

from . import progressing
from .comparing import show_in_a_line
from .judging import SECONDS, Verdict, judge
from .output import say
from .registry import EXERCISES, is_exercise

TRIES = 3  # different wrong answers after which the solved chapter is pointed at
SEEDS = range(-(2**63), 2**64)  # what torch takes
_hints_given: dict[str, int] = {}
_endless: dict[str, object] = {}  # the answer that did not end, so that a graded repeat does not wait again


class CheckError(AssertionError):
    """What `check` raises with `strict=True` for an answer that is not right."""


def check(id: str, answer: object, strict: bool = False, seed: int | None = None, seconds: float = SECONDS) -> None:
    """Check an answer and print what there is to say; never raise.

    For grading, `strict` prints nothing, writes nothing, and raises CheckError unless the answer is right. `seed`
    draws other inputs (for grading, the environment's S2S_SEED does, too). `seconds` is the limit of the whole check.
    """
    if seed is None:
        seed = os.environ.get("S2S_SEED", 0) if strict else 0
    if problem := _problem(id, seed, seconds):
        verdict = Verdict(None, problem)
    elif strict and _endless.get(id) is answer:
        verdict = Verdict(False, f"{id}: it did not end", ended=False)
    else:
        verdict = judge(EXERCISES[id], answer, int(seed), seconds)
    if not verdict.ended:
        _endless[id] = answer
    if not strict:
        _report(id, verdict)
    elif not verdict.passed:
        raise CheckError(verdict.text)


def _problem(id: object, seed: object, seconds: object) -> str | None:
    """Say which argument of a check makes no sense."""
    if not is_exercise(id):
        return _unknown(id)
    try:
        drawable = isinstance(seed, int | str) and int(seed) in SEEDS
    except ValueError:
        drawable = False
    if not drawable:
        return f"{id}: a seed (or S2S_SEED) is a whole number, not {show_in_a_line(seed)}."
    if not isinstance(seconds, int | float) or not 0 < seconds < math.inf:
        return f"{id}: seconds is a number above 0, not {show_in_a_line(seconds)}."
    return None


def _report(id: str, verdict: Verdict) -> None:
    """Print a verdict, note the try, and point at the solution after some."""
    say(verdict.text)
    if verdict.passed is not None:
        fingerprint = hashlib.sha1(verdict.text.encode("utf-8", "backslashreplace")).hexdigest()[:8]
        tries = progressing.record_try(id, verdict.passed, fingerprint)
        if not verdict.passed and tries >= TRIES:
            say(f"\nStill stuck? {_solved_chapter(id)}")


def hint(id: str) -> None:
    """Print the next hint of an exercise; a failed check has given the first."""
    if not is_exercise(id):
        say(_unknown(id))
        return
    hints = EXERCISES[id].hints
    number = _hints_given[id] = _hints_given.get(id, 1) + 1
    if number <= len(hints):
        say(f"Hint {number} of {len(hints)}: {hints[number - 1]}")
    else:
        say(f"No more hints. {_solved_chapter(id)}")


def _unknown(id: object) -> str:
    return f"There is no exercise {show_in_a_line(id)}. There are {', '.join(EXERCISES)}."


def _solved_chapter(id: str) -> str:
    return f"Chapter {id[:2]} stands solved in notebooks/solutions/."
