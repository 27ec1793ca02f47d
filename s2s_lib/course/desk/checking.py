"""`check`: is the answer right, and if not, what does it show, which misconception is it, and what helps?"""

import hashlib
import os

from . import progressing
from .judging import SECONDS, Verdict, judge
from .registry import EXERCISES

TRIES = 3  # different wrong answers after which the solved chapter is pointed at
_hints_given: dict[str, int] = {}
_endless: dict[str, object] = {}  # the answer that did not end, so that a graded repeat does not wait again


class CheckError(AssertionError):
    """What `check` raises with `strict=True` for an answer that is not right."""


def check(id: str, answer: object, strict: bool = False, seed: int | None = None, seconds: float = SECONDS) -> None:
    """Check an answer and print what there is to say; never raise.

    For grading, `strict` prints nothing, writes nothing, and raises CheckError unless the answer is right. `seed`
    draws other inputs (for grading, the environment's S2S_SEED does, too). `seconds` is the limit of the whole check.
    """
    if id not in EXERCISES:
        verdict = Verdict(False, _unknown(id))
    elif strict and _endless.get(id) is answer:
        verdict = Verdict(False, f"{id}: it did not end", ended=False)
    else:
        graded = int(os.environ.get("S2S_SEED", 0)) if strict else 0
        verdict = judge(EXERCISES[id], answer, graded if seed is None else seed, seconds)
    if not verdict.ended:
        _endless[id] = answer
    if strict:
        if not verdict.passed:
            raise CheckError(verdict.text)
        return
    print(verdict.text)
    if id in EXERCISES and verdict.passed is not None:
        tries = progressing.record_try(id, verdict.passed, hashlib.sha1(verdict.text.encode()).hexdigest()[:8])
        if not verdict.passed and tries >= TRIES:
            print(f"\nStill stuck? {_solved_chapter(id)}")


def hint(id: str) -> None:
    """Print the next hint of an exercise; a failed check has given the first."""
    if id not in EXERCISES:
        print(_unknown(id))
        return
    hints = EXERCISES[id].hints
    number = _hints_given[id] = _hints_given.get(id, 1) + 1
    if number <= len(hints):
        print(f"Hint {number} of {len(hints)}: {hints[number - 1]}")
    else:
        print(f"No more hints. {_solved_chapter(id)}")


def _unknown(id: str) -> str:
    return f"There is no exercise {id!r}. There are {', '.join(EXERCISES)}."


def _solved_chapter(id: str) -> str:
    return f"Chapter {id[:2]} stands solved in notebooks/solutions/."
