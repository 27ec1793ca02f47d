"""Judging an answer: is it right, and if not, what shows it, and which misconception is it?"""

import copy
import textwrap
import time
from typing import Any, NamedTuple

import torch

from .comparing import difference, same, show_value, type_name, unchanged
from .exercise import Answer, Exercise
from .output import Output
from .sandbox import Outcome, describe_error, run, sealed
from .timing import TimeUp, on_main_thread

SECONDS = 10.0  # for all inputs of an exercise together
LINES, WIDTH = 10, 100  # what is quoted of an answer's output


class Verdict(NamedTuple):
    """The judgement of an answer; `passed` is None where there is no answer yet."""

    passed: bool | None
    text: str
    diagnosis: str | None = None
    ended: bool = True


class Trial(NamedTuple):
    """One case: what went in, what should have come out, what did."""

    arguments: tuple
    expected: Any
    outcome: Outcome


def judge(exercise: Exercise, answer: object, seed: int = 0, seconds: float = SECONDS) -> Verdict:
    """Judge an answer: the same verdict for the same answer, whatever it does and whatever the session's settings."""
    if not callable(answer):
        return Verdict(False, f"{exercise.id}: check takes your function, and not {type_name(answer)}.")
    with sealed():
        return _judge(exercise, answer, seed, seconds)


def _judge(exercise: Exercise, answer: Answer, seed: int, seconds: float) -> Verdict:
    trials, end = [], time.monotonic() + seconds
    for arguments in exercise.cases(torch.Generator().manual_seed(seed)):
        expected = exercise.reference(*copy.deepcopy(arguments))
        outcome = run(answer, arguments, exercise.library, end - time.monotonic())
        if type(outcome.error) is NotImplementedError and not outcome.error.args:
            return Verdict(None, f"{exercise.id}: not attempted yet.")
        if isinstance(outcome.error, TimeUp):
            text = f"{exercise.id}: not yet. It did not end within {seconds:g} seconds: does a loop never stop?"
            return Verdict(False, text, ended=False)
        trials.append(Trial(arguments, expected, outcome))
    failed = [(trial, wrong) for trial in trials if (wrong := complaint(exercise, trial))]
    if failed:
        return _explain(exercise, trials, *failed[0])
    unlimited = "" if on_main_thread() else " (Off the main thread: no time limit.)"
    points = f"{exercise.points} point{'s' * (exercise.points > 1)}"
    return Verdict(True, f"{exercise.id}: solved, {points}. {len(trials)} inputs tried.{unlimited}")


def complaint(exercise: Exercise, trial: Trial) -> str | None:
    """Say what is wrong with one outcome, or None."""
    outcome = trial.outcome
    if isinstance(outcome.error, SystemExit):
        return "it stops the program (sys.exit)"
    if outcome.error is not None:
        return " ".join(filter(None, [f"it raises {describe_error(outcome.error)}", outcome.line]))
    if wrong := difference(outcome.value, trial.expected, exercise.returns):
        return wrong
    if changed := _changes(exercise, trial.arguments, outcome):
        return f"it writes into its argument {', '.join(changed)}; work on a copy"
    if outcome.called:
        return f"it calls the library's own {outcome.called[0]}"
    return None


def _changes(exercise: Exercise, arguments: tuple, outcome: Outcome) -> list[str]:
    pairs = zip(exercise.arguments, arguments, outcome.arguments, strict=True)
    return [name for name, before, after in pairs if not unchanged(before, after)]


def _explain(exercise: Exercise, trials: list[Trial], first: Trial, wrong: str) -> Verdict:
    """Three levels: a counter-example, the misconception, a hint."""
    id, diagnosis = _diagnose(exercise, trials)
    values = dict(zip(exercise.arguments, first.arguments, strict=True))
    if first.outcome.error is not None:
        values["expected"] = first.expected
    elif not same(first.outcome.value, first.expected):
        values |= {"expected": first.expected, "got": first.outcome.value}
    parts = [
        f"{exercise.id}: not yet. On this input {wrong}.",
        "\n".join(textwrap.indent(f"{name} {show_value(value)}", "    ") for name, value in values.items()),
        _quote(first.outcome.output),
        f"Diagnosis: {diagnosis} ({id})" if id else "",
        f'Hint 1 of {len(exercise.hints)}: {exercise.hints[0]}\nFor the next: hint("{exercise.id}")',
    ]
    return Verdict(False, "\n\n".join(filter(None, parts)), id)


def _quote(output: Output) -> str:
    lines = output.text.splitlines()
    quoted = [line[:WIDTH] for line in lines[:LINES]]
    if quoted != lines:
        quoted.append(f"... (cut: it printed {output.length:,} characters)")
    return "\n    ".join(["It printed:", *quoted]) if output.text else ""


def _diagnose(exercise: Exercise, trials: list[Trial]) -> tuple[str | None, str]:
    """Find the wrong function whose outcomes equal the student's on every input tried."""
    for wrong in exercise.wrong:
        for answer in wrong.answers:
            if all(_alike(exercise, trial, run(answer, trial.arguments)) for trial in trials):
                return wrong.id, wrong.diagnosis
    if any(trial.outcome.called for trial in trials):
        return "library-called", "That function is what you are asked to write. Write it of simpler ones."
    return None, ""


def _alike(exercise: Exercise, trial: Trial, other: Outcome) -> bool:
    one, arguments = trial.outcome, trial.arguments
    if one.error is not None or other.error is not None:
        return None not in (one.error, other.error) and describe_error(one.error) == describe_error(other.error)
    if _changes(exercise, arguments, one) != _changes(exercise, arguments, other):
        return False
    return same(one.value, other.value)
