"""Figures. Each function draws on `ax`, a new one if there is none, and returns it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING
from unicodedata import category

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from ..translating.trace import Trace
from .analysis import LengthGroup

if TYPE_CHECKING:
    import pandas as pd

COLOURS = "Blues"  # sequential, white at 0: safe for colour-blind eyes, and it prints
MANY = 30  # words on a side above which cells shrink
LARGEST_WITH_NUMBERS = 14  # cells in a row up to which numbers fit into them
LONGEST_LABEL = 40  # letters of a word beside a heatmap; longer ones would leave it no room
MARKERS = ("o", "s", "^", "D", "v", "P", "X")


class Picture(Figure):
    """A figure outside pyplot, so that none is left behind in its list; a notebook shows it by itself."""

    def _repr_png_(self) -> bytes:
        buffer = BytesIO()
        self.savefig(buffer, format="png", dpi=80)
        return buffer.getvalue()


def new_axes(width: float, height: float) -> Axes:
    """Make axes on a picture of their own; sizes in inches."""
    return Picture(figsize=(width, height), layout="constrained").subplots()


def heatmap(
    trace: Trace,
    ax: Axes | None = None,
    *,
    gold: Collection[tuple[int, int]] | None = None,
    values: bool | None = None,
) -> Axes:
    """Draw the attention weights of a translation: rows are output words, columns source words, colours 0..1.

    Cells of the gold alignment (`gold`, or the trace's own) are outlined. `values` writes the numbers into the
    cells, by default where they are big enough. A `copied` word is marked with an asterisk, an unknown source word as
    `word -> <unk>`. Raises ValueError for a trace without attention or without words.
    """
    if trace.weights is None or not trace.src:
        raise ValueError(f"there is no attention to draw: {'no source words' if not trace.src else 'a model without'}")
    columns, rows = labels(trace)
    return weights_heatmap(trace.weights, columns, rows, ax, gold=trace.gold if gold is None else gold, values=values)


def labels(trace: Trace) -> tuple[list[str], list[str]]:
    """Give the words beside a heatmap: those of the source, and those of the output."""
    columns = [f"{word} → <unk>" if odd else word for word, odd in zip(trace.src, trace.unknown, strict=True)]
    rows = [f"{word}*" if copied else word for word, copied in zip(trace.trg, trace.copied, strict=True)]
    return columns, rows


def drawable(text: str) -> str:
    """Replace what no font can draw and no SVG may hold: control characters and halves of a character."""
    return "".join(
        "\ufffd" if (category(letter) in ("Cc", "Cs") and letter != "\n") or letter in "\ufffe\uffff" else letter
        for letter in text
    )


def label(word: str) -> str:
    """Give a word as it is written beside a heatmap."""
    return drawable(word if len(word) <= LONGEST_LABEL else f"{word[: LONGEST_LABEL - 1]}…")


def weights_heatmap(
    weights: Iterable,
    src: Sequence[str],
    trg: Sequence[str],
    ax: Axes | None = None,
    *,
    gold: Collection[tuple[int, int]] | None = None,
    values: bool | None = None,
) -> Axes:
    """Draw any (T, S) matrix of weights with its words; see `heatmap`."""
    weights = np.asarray(weights)
    if weights.shape != (len(trg), len(src)):
        raise ValueError(f"weights of shape {weights.shape} for {len(trg)} output and {len(src)} source words")
    if ax is None:
        ax = new_axes(*heatmap_size(len(src), len(trg)))
    if values is None:
        values = len(src) <= LARGEST_WITH_NUMBERS
    style = {
        "cmap": COLOURS,
        "vmin": 0,
        "vmax": 1,
        "linewidths": 0.5,
        "linecolor": "#dddddd",
        "cbar_kws": {"label": "attention weight"},
        "xticklabels": False,  # set below; to try whether its own overlap takes seaborn seconds and gigabytes
        "yticklabels": False,
    }
    sns.heatmap(weights, ax=ax, annot=values, fmt=".2f", annot_kws={"size": 8}, **style)
    columns, rows = list(map(label, src)), list(map(label, trg))
    ax.set_xticks(np.arange(len(src)) + 0.5, columns, rotation=45, ha="left", rotation_mode="anchor", parse_math=False)
    ax.set_yticks(np.arange(len(trg)) + 0.5, rows, rotation=0, parse_math=False)
    ax.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
    ax.set(xlabel="source", ylabel="output")
    ax.xaxis.set_label_position("top")
    for source, target in gold or ():
        ax.add_patch(Rectangle((source + 0.04, target + 0.04), 0.92, 0.92, fill=False, ec="#d55e00", lw=2))
    return ax


def heatmap_size(source: int, steps: int) -> tuple[float, float]:
    """Give the inches that a heatmap of so many words needs."""
    wide, tall = 0.5 if source <= MANY else 0.25, 0.42 if steps <= MANY else 0.22
    return 2.2 + wide * source, 1.6 + tall * steps


def curves(table: "pd.DataFrame", x: str, y: str, ax: Axes | None = None, *, hue: str | None = None) -> Axes:
    """Draw y over x, a line per value of `hue`; the mean over seeds in a band from lowest to highest."""
    ax = ax or new_axes(6, 3.6)
    kinds = {} if hue is None else {"hue": hue, "style": hue, "markers": True, "dashes": False}
    palette = {} if hue is None else {"palette": "colorblind"}
    sns.lineplot(table, x=x, y=y, ax=ax, errorbar=("pi", 100), **kinds, **palette)
    ax.grid(alpha=0.3)
    return ax


def accuracy_by_length(groups: Mapping[str, Sequence[LengthGroup]], ax: Axes | None = None) -> Axes:
    """Draw the share of exact translations by source length, a line per model."""
    ax = ax or new_axes(6, 3.6)
    colours = sns.color_palette("colorblind", len(groups))
    for (name, members), colour, marker in zip(groups.items(), colours, MARKERS * len(groups), strict=False):
        middles = [(group.shortest + group.longest) / 2 for group in members]
        ax.plot(middles, [group.accuracy for group in members], label=name, color=colour, marker=marker)
    ax.set(xlabel="source length in words", ylabel="exact translations", ylim=(-0.03, 1.03))
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    ax.grid(alpha=0.3)
    ax.legend(title="attention")
    return ax


def gradient_flow(norms: Mapping[str, Sequence[float]], src: Sequence[str], ax: Axes | None = None) -> Axes:
    """Draw how much gradient reaches each source word, on a logarithmic scale, a line per model."""
    ax = ax or new_axes(1.5 + 0.5 * len(src), 3.2)
    colours = sns.color_palette("colorblind", len(norms))
    for (name, values), colour, marker in zip(norms.items(), colours, MARKERS * len(norms), strict=False):
        ax.plot(range(len(src)), np.asarray(values), label=name, color=colour, marker=marker)
    ax.set_xticks(range(len(src)), src, rotation=45, ha="right", rotation_mode="anchor")
    ax.set(yscale="log", xlabel="source", ylabel="gradient norm")
    ax.grid(alpha=0.3)
    ax.legend(title="attention")
    return ax
