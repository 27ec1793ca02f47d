"""The training throughput as a picture."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # a file is all that is wanted: no window

from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from .report import Report
from .training import PLAIN

LIBRARY, BASELINE = "#0072B2", "#E69F00"  # blue and orange of Okabe and Ito (2008): told apart by everyone
INK, QUIET = "#222222", "#666666"


def panel(ax: Axes, report: Report) -> Axes:
    """Draw one size: a bar per contestant, as a multiple of the plain loop, slowest at the bottom."""
    rates = report.medians
    names = sorted(rates, key=rates.__getitem__)
    ratios = [rates[name] / rates[PLAIN] for name in names]
    colours = [LIBRARY if name.startswith("library") else BASELINE for name in names]
    bars = ax.barh(names, ratios, color=colours, height=0.72)
    ax.bar_label(bars, [f"{ratio:.1f} ×" for ratio in ratios], padding=4, color=INK)
    ax.set_title(f"{report.title}\n", loc="left", color=INK, fontsize=12, fontweight="bold")
    ax.text(0, 1.02, report.about.split(";")[1].strip(), transform=ax.transAxes, color=QUIET, fontsize=9)
    ax.set_xlim(0, max(ratios) * 1.14)
    ax.set_xticks([])
    ax.tick_params(axis="y", length=0, labelcolor=INK)
    ax.spines[["top", "right", "bottom"]].set_visible(False)
    ax.spines["left"].set_color(QUIET)
    return ax


def save(reports: list[Report], folder: Path) -> Path:
    """Write the chart of all training reports, one panel below the other."""
    figure, axes = plt.subplots(len(reports), 1, figsize=(8, 3.4 * len(reports)), squeeze=False, layout="constrained")
    for ax, report in zip(axes[:, 0], reports, strict=True):
        panel(ax, report)
    figure.suptitle("Target tokens a second in training, as multiples of the plain loop", x=0.01, ha="left", color=INK)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "training.png"
    figure.savefig(path, dpi=150)
    plt.close(figure)
    return path
