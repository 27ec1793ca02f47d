"""Progress: a small JSON file beside the notebook. S2S_PROGRESS=off keeps it in memory, for builds, tests, grading."""

import json
import os
from contextlib import suppress
from pathlib import Path

from ...atomic import replacing
from .registry import EXERCISES, PREDICTIONS

FILE = ".s2s-progress.json"
PARTS = ("exercises", "predictions", "revealed")
_memory: dict = {}


def load() -> dict:
    """Read {"exercises": {id: {"solved", "failed"}}, "predictions": {id: answer}, "revealed": {id: answer}}.

    A file that is damaged is put aside.
    """
    stored = _memory
    if _on_disk() and Path(FILE).exists():
        try:
            stored = json.loads(Path(FILE).read_text(encoding="utf-8"))
            for each in stored["exercises"].values():
                each["solved"], each["failed"] = bool(each["solved"]), list(each["failed"])
            return {part: dict(stored[part]) for part in PARTS}
        except (ValueError, TypeError, LookupError, AttributeError, OSError):
            with suppress(OSError):
                Path(FILE).replace(f"{FILE}.damaged")
            stored = {}
    return {part: dict(stored.get(part, {})) for part in PARTS}


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


def solved(id: str) -> bool:
    """Tell whether an exercise was ever solved."""
    return load()["exercises"].get(id, {}).get("solved", False)


def progress(chapter: str = "") -> None:
    """Print which exercises are solved and which predictions were right, of one chapter ("04") or of all."""
    stored = load()
    exercises = [exercise for id, exercise in EXERCISES.items() if id.startswith(chapter)]
    done = [exercise for exercise in exercises if stored["exercises"].get(exercise.id, {}).get("solved")]
    for exercise in exercises:
        tried = len(stored["exercises"].get(exercise.id, {}).get("failed", []))
        state = "solved" if exercise in done else f"{tried} tried" if tried else f"{exercise.minutes} minutes"
        print(f"[{'x' if exercise in done else ' '}] {exercise.id:<20} {exercise.points} p  {state}")
    points, most = (sum(exercise.points for exercise in some) for some in (done, exercises))
    print(f"\n{len(done)} of {len(exercises)} exercises solved, {points} of {most} points")
    asked = {id: prediction.right for id, prediction in PREDICTIONS.items() if id.startswith(chapter)}
    right = sum(stored["revealed"].get(id) == answer for id, answer in asked.items())
    print(f"{right} of {len(asked)} predictions right")
