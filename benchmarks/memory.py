"""Peak extra memory of a score's forward and backward pass, each measured in a process of its own.

The peak is the operating system's: by how much the pass raises the largest size of the process. It counts what
the C library keeps of freed blocks too, several times what tensors hold at a time (torch's profiler: 78 MB for
concat). `python -m benchmarks.memory KIND B S T H` prints it in bytes.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
from torch import Tensor

from s2s_lib.model.attention import SCORES

from .plain_loop import NaiveConcat
from .report import Report, Target

LIMIT = 600e6
SHAPE = (64, 60, 60, 512)  # B, S, T, H


def scorer(kind: str, hidden_size: int) -> Callable[[Tensor, Tensor], Tensor]:
    """Make a function from query and keys to scores: one of the library's, or the plain loop's attention."""
    if kind != "plain":
        return SCORES[kind](hidden_size)
    naive = NaiveConcat(hidden_size)
    return lambda query, keys: torch.stack([naive.score(step, keys) for step in query.unbind(1)], dim=1)


def peak() -> int:
    """Return the largest size in bytes that this process has had, on Linux; elsewhere parents may count."""
    status = Path("/proc/self/status")  # `ru_maxrss` of a new process begins at its parent's
    if status.exists():
        return next(
            int(line.split()[1]) * 1024 for line in status.read_text(encoding="utf-8").splitlines() if "VmHWM" in line
        )
    import resource  # here, since Windows has none

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def extra(kind: str, b: int, s: int, t: int, h: int) -> int:
    """Return by how many bytes one forward and backward pass raises the peak of this process."""
    score = scorer(kind, h)
    query, keys = torch.randn(b, t, h, requires_grad=True), torch.randn(b, s, h, requires_grad=True)
    score(query[:1, :1], keys[:1, :1]).sum().backward()  # what only the first call allocates is not the pass's
    before = peak()
    score(query, keys).sum().backward()
    return peak() - before


def measure(kind: str, shape: tuple[int, int, int, int] = SHAPE) -> int:
    """Measure `extra` in a fresh process, on one thread."""
    command = [sys.executable, "-m", "benchmarks.memory", kind, *map(str, shape)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def run(quick: bool) -> Report:
    """Measure every score, and the naive concat for comparison."""
    repeats = 1 if quick else 3
    found = {f"library, {kind}": median(measure(kind) for _ in range(repeats)) for kind in SCORES if kind != "fixed"}
    found["plain loop, concat"] = measure("plain")
    concat = found["library, concat"]
    rows = [[name, f"{size / 1e6:,.0f}", f"{size / concat:.2f}"] for name, size in found.items()]
    target = Target("concat below 600 MB", f"{concat / 1e6:,.0f} MB", concat < LIMIT)
    about = "Forward and backward at B = 64, S = T = 60, H = 512 in float32; one (B, T, S, H) tensor is 472 MB."
    header = ["score", "peak extra memory, MB", "x library, concat"]
    return Report("Memory of attention", about, header, rows, [target], found)


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(extra(sys.argv[1], *map(int, sys.argv[2:])))
