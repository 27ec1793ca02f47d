"""How long importing the library takes, beyond importing torch."""

import subprocess
import sys
from statistics import median

from .report import Report, Target

LIMIT = 0.3
TIMED = """
import os, time
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
began = time.process_time()
import torch
between = time.process_time()
import s2s_lib
print(between - began, time.process_time() - between)
"""


def measure() -> tuple[float, float]:
    """Return the seconds for torch and, after it, for the library, in a fresh process."""
    done = subprocess.run([sys.executable, "-c", TIMED], capture_output=True, text=True, check=True)
    torch_seconds, library_seconds = map(float, done.stdout.split())
    return torch_seconds, library_seconds


def run(quick: bool) -> Report:
    """Measure several times."""
    repeats = 3 if quick else 9
    runs = [measure() for _ in range(repeats + 1)][1:]  # the first fills the disk's cache
    torch_seconds, library_seconds = (median(column) for column in zip(*runs, strict=True))
    rows = [
        ["torch", f"{torch_seconds:.2f}", "1.00"],
        ["s2s_lib after it", f"{library_seconds:.2f}", f"{library_seconds / torch_seconds:.2f}"],
    ]
    target = Target("s2s_lib below 0.3 s beyond torch", f"{library_seconds:.2f} s", library_seconds < LIMIT)
    about = f"Fresh processes, processor time, median of {repeats}."
    medians = {"torch": torch_seconds, "s2s_lib": library_seconds}
    return Report("Import time", about, ["import", "seconds", "x torch"], rows, [target], medians)
