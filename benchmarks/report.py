"""What a benchmark found, and how it is written down."""

import json
import os
import platform
from pathlib import Path
from typing import NamedTuple

import torch


class Target(NamedTuple):
    """What was asked for, and whether it was met."""

    claim: str
    measured: str
    met: bool


class Report(NamedTuple):
    """What one benchmark found."""

    title: str
    about: str
    header: list[str]
    rows: list[list[str]]
    targets: list[Target]
    medians: dict[str, float]


def table(header: list[str], rows: list[list[str]]) -> str:
    """Write a markdown table that reads well in a terminal too: the first column left, the others right."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    aligned = [
        [cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(zip(row, widths, strict=True))]
        for row in [header, *rows]
    ]
    rule = ["-" * (width - 1) + (":" if i else "-") for i, width in enumerate(widths)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [aligned[0], rule, *aligned[1:]])


def markdown(report: Report) -> str:
    """Write a report as a section of a README."""
    parts = [f"### {report.title}", report.about, table(report.header, report.rows)]
    if report.targets:
        rows = [[target.claim, target.measured, "pass" if target.met else "FAIL"] for target in report.targets]
        parts.append(table(["target", "measured", "verdict"], rows))
    return "\n\n".join(parts)


def settings() -> dict[str, str | int | None]:
    """Tell what the figures depend on."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "OMP_WAIT_POLICY": os.environ.get("OMP_WAIT_POLICY"),
    }


def save(reports: list[Report], folder: Path) -> Path:
    """Write settings, medians and verdicts as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    found = [
        {
            "title": report.title,
            "about": report.about,
            "medians": {name: round(value, 4) for name, value in report.medians.items()},
            "targets": [target._asdict() for target in report.targets],
        }
        for report in reports
    ]
    path = folder / "results.json"
    path.write_text(json.dumps({"settings": settings(), "results": found}, indent=1) + "\n", encoding="utf-8")
    return path
