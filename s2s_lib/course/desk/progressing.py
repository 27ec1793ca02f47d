"""Progress: a small JSON file beside the notebook. S2S_PROGRESS=off keeps it in memory, for builds, tests, grading."""

import json
import os
from contextlib import suppress
from pathlib import Path

from ...atomic import replacing
from .comparing import show_in_a_line
from .output import say
from .registry import EXERCISES, PREDICTIONS, is_exercise

FILE = ".s2s-progress.json"
PARTS = ("exercises", "predictions", "revealed")
_memory: dict = {}


def load() -> dict:
    """Read {"exercises": {id: {"solved", "failed"}}, "predictions": {id: answer}, "revealed": {id: answer}}.

    A file that is damaged is put aside.
    """
    stored = _memory
    try:
        if _on_disk() and Path(FILE).exists():
            return _parts(json.loads(Path(FILE).read_text(encoding="utf-8")))
    except (ValueError, TypeError, LookupError, AttributeError, OSError, RecursionError):
        with suppress(OSError):
            Path(FILE).replace(f"{FILE}.damaged")
        stored = {}
    return {part: dict(stored.get(part, {})) for part in PARTS}


def _parts(stored: dict) -> dict:
    """Take from a file what is expected in it, each value of its own type."""
    parts = {part: dict(stored[part]) for part in PARTS}
    for id, each in parts["exercises"].items():
        parts["exercises"][id] = {"solved": bool(each["solved"]), "failed": list(map(str, each["failed"]))}
    return parts


def save(stored: dict) -> None:
    """Write all or nothing; where a folder can't be written to, memory must do."""
    try:
        if not _on_disk():
            raise OSError("progress is kept in memory")
        with replacing(FILE) as temporary:
            temporary.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    except OSError:
        _memory.update(stored)


def _on_disk() -> bool:
    return os.environ.get("S2S_PROGRESS") != "off"


def record_try(id: str, passed: bool, fingerprint: str) -> int:
    """Note a try; return how many different wrong answers there were. What is solved stays solved."""
    stored = load()
    before = stored["exercises"].get(id, {"solved": False, "failed": []})
    failed = before["failed"] if passed else sorted({*before["failed"], fingerprint})
    stored["exercises"][id] = {"solved": before["solved"] or passed, "failed": failed}
    save(stored)
    return len(failed)


def solved(id: object) -> bool:
    """Tell whether an exercise was ever solved."""
    return is_exercise(id) and load()["exercises"].get(id, {}).get("solved", False)


def progress(chapter: str = "") -> None:
    """Print which exercises are solved and which predictions were right, of one chapter ("04") or of all."""
    if not isinstance(chapter, str) or not any(id.startswith(chapter) for id in (*EXERCISES, *PREDICTIONS)):
        chapters = ", ".join(sorted({id[:2] for id in EXERCISES}))
        say(f"There is no chapter {show_in_a_line(chapter)}. There are {chapters}; without one, it prints all.")
        return
    stored = load()
    exercises = [exercise for id, exercise in EXERCISES.items() if id.startswith(chapter)]
    done = [exercise for exercise in exercises if stored["exercises"].get(exercise.id, {}).get("solved")]
    for exercise in exercises:
        tried = len(stored["exercises"].get(exercise.id, {}).get("failed", []))
        state = "solved" if exercise in done else f"{tried} tried" if tried else f"{exercise.minutes} minutes"
        say(f"[{'x' if exercise in done else ' '}] {exercise.id:<20} {exercise.points} p  {state}")
    points, most = (sum(exercise.points for exercise in some) for some in (done, exercises))
    say(f"\n{len(done)} of {len(exercises)} exercises solved, {points} of {most} points")
    asked = {id: prediction.right for id, prediction in PREDICTIONS.items() if id.startswith(chapter)}
    right = sum(stored["revealed"].get(id) == answer for id, answer in asked.items())
    say(f"{right} of {len(asked)} predictions right")
