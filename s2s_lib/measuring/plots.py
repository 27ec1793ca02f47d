"""Figures. Each function draws on `ax`, a new one if there is none, and returns it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from io import BytesIO
from itertools import accumulate, cycle, islice, takewhile
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from ..translating.trace import Trace
from .analysis import LengthGroup
from .fonts import drawable, legible

if TYPE_CHECKING:
    import pandas as pd

COLOURS = "Blues"  # sequential, white at 0: safe for colour-blind eyes, and it prints
MANY = 30  # words on a side above which cells shrink
LARGEST_WITH_NUMBERS = 14  # cells in a row up to which numbers fit into them
LONGEST_LABEL = 40  # Latin letters that a label is at most as wide as
USUAL_LABEL = 24  # up to which it needs no room of its own
INCHES = 0.12  # of room for each letter of a longer one
LEANING = 0.75  # of it for a label that leans by 45 degrees
MARKERS = ("o", "s", "^", "D", "v", "P", "X")


class Picture(Figure):
    """A figure outside pyplot, so that none is left behind in its list; a notebook shows it by itself.

    Words of every script are drawn with the fonts of this machine; see `fonts`.
    """

    def draw(self, renderer: object) -> None:
        """Draw everything, after the words have got their fonts."""
        legible(self)
        super().draw(renderer)

    def _repr_png_(self) -> bytes:
        buffer = BytesIO()
        self.savefig(buffer, format="png", dpi=80)
        return buffer.getvalue()


def new_axes(width: float, height: float) -> Axes:
    """Make axes on a picture of their own; sizes in inches."""
    picture = Picture(figsize=(width, height), layout="constrained")
    return picture.subplots()


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
    if not trace.src:
        raise ValueError("there is no attention to draw: no source words")
    if trace.weights is None:
        raise ValueError("there is no attention to draw: this is a model without it")
    if gold is None:
        gold = trace.gold
    columns, rows = labels(trace)
    return weights_heatmap(trace.weights, columns, rows, ax, gold=gold, values=values)


def labels(trace: Trace) -> tuple[list[str], list[str]]:
    """Give the words beside a heatmap: those of the source, and those of the output."""
    columns, rows = list(trace.src), list(trace.trg)
    for s, unknown in enumerate(trace.unknown):
        if unknown:
            columns[s] += " → <unk>"
    for t, copied in enumerate(trace.copied):
        if copied:
            rows[t] += "*"
    return columns, rows


def label(word: str) -> str:
    """Give a word or a name as it is written in a figure: a very long one is cut."""
    if label_width(word) > LONGEST_LABEL:
        widths = accumulate(label_width(letter) for letter in word)
        kept = sum(1 for _ in takewhile(lambda width: width < LONGEST_LABEL, widths))
        word = word[:kept] + "…"
    return drawable(word)


def label_width(word: str) -> int:
    """Measure a word in Latin letters: a Chinese, Japanese or Korean one is as wide as two."""
    wide = sum(east_asian_width(letter) in "WF" for letter in word)
    return len(word) + wide


def label_room(words: Iterable[str]) -> float:
    """Give the inches that a figure must be larger for words that are longer than usual."""
    longest = max((label_width(label(word)) for word in words), default=0)
    return INCHES * longest if longest > USUAL_LABEL else 0


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
        ax = new_axes(*heatmap_size(src, trg))
    if values is None:
        values = len(src) <= LARGEST_WITH_NUMBERS
    style = {
        "cmap": COLOURS,
        "vmin": 0,
        "vmax": 1,
        "linewidths": 0.5,
        "linecolor": "#dddddd",
        "cbar_kws": {"label": "attention weight"},
        "xticklabels": False,  # written below; to try whether its own overlap takes seaborn seconds and gigabytes
        "yticklabels": False,
    }
    sns.heatmap(weights, ax=ax, annot=values, fmt=".2f", annot_kws={"size": 8}, **style)
    _write_words(ax, src, trg)
    for cell in gold or ():
        _outline(ax, cell)
    legible(ax)
    return ax


def _write_words(ax: Axes, src: Sequence[str], trg: Sequence[str]) -> None:
    """Write the source words above a heatmap and the output words beside it, each in the middle of its cells."""
    columns = [label(word) for word in src]
    rows = [label(word) for word in trg]
    ax.set_xticks(np.arange(len(src)) + 0.5, columns, rotation=45, ha="left", rotation_mode="anchor", parse_math=False)
    ax.set_yticks(np.arange(len(trg)) + 0.5, rows, rotation=0, parse_math=False)
    ax.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
    ax.set(xlabel="source", ylabel="output")
    ax.xaxis.set_label_position("top")


def _outline(ax: Axes, cell: tuple[int, int]) -> None:
    """Draw a frame just inside the cell (s, t)."""
    s, t = cell
    corner = s + 0.04, t + 0.04
    frame = Rectangle(corner, 0.92, 0.92, fill=False, ec="#d55e00", lw=2)
    ax.add_patch(frame)


def heatmap_size(src: Sequence[str], trg: Sequence[str]) -> tuple[float, float]:
    """Give the inches that a heatmap of these words needs."""
    wide = 0.5 if len(src) <= MANY else 0.25
    tall = 0.42 if len(trg) <= MANY else 0.22
    above, beside = LEANING * label_room(src), label_room(trg)
    return 2.2 + wide * len(src) + above + beside, 1.6 + tall * len(trg) + above


def curves(table: "pd.DataFrame", x: str, y: str, ax: Axes | None = None, *, hue: str | None = None) -> Axes:
    """Draw y over x, a line per value of `hue`; the mean over seeds in a band from lowest to highest."""
    ax = ax or new_axes(6, 3.6)
    style = {}
    if hue is not None:
        style = {
            "hue": hue,
            "style": hue,
            "markers": True,
            "dashes": False,
            "palette": "colorblind",
        }
    sns.lineplot(table, x=x, y=y, ax=ax, errorbar=("pi", 100), **style)
    ax.grid(alpha=0.3)
    if ax.get_legend():
        ax.get_legend().set_in_layout(False)
    legible(ax)
    return ax


def accuracy_by_length(groups: Mapping[str, Sequence[LengthGroup]], ax: Axes | None = None) -> Axes:
    """Draw the share of exact translations by source length, a line per model."""
    ax = ax or new_axes(6, 3.6)
    for (name, members), style in zip(groups.items(), _styles(len(groups)), strict=True):
        middles = [(group.shortest + group.longest) / 2 for group in members]
        shares = [group.accuracy for group in members]
        ax.plot(middles, shares, label=label(str(name)), **style)
    ax.set(xlabel="source length in words", ylabel="exact translations", ylim=(-0.03, 1.03))
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    return _with_legend(ax)


def gradient_flow(norms: Mapping[str, Sequence[float]], src: Sequence[str], ax: Axes | None = None) -> Axes:
    """Draw how much gradient reaches each source word, on a logarithmic scale, a line per model."""
    if ax is None:
        room = LEANING * label_room(src)
        ax = new_axes(1.5 + 0.5 * len(src) + room, 3.2 + room)
    places = range(len(src))
    for (name, values), style in zip(norms.items(), _styles(len(norms)), strict=True):
        ax.plot(places, np.asarray(values), label=label(str(name)), **style)
    words = [label(word) for word in src]
    ax.set_xticks(places, words, rotation=45, ha="right", rotation_mode="anchor", parse_math=False)
    ax.set(yscale="log", xlabel="source", ylabel="gradient norm")
    return _with_legend(ax)


def _styles(count: int) -> list[dict]:
    """Give so many lines a colour and a marker each: they are told apart without colour, too."""
    colours = sns.color_palette("colorblind", count)
    markers = islice(cycle(MARKERS), count)
    return [{"color": colour, "marker": marker} for colour, marker in zip(colours, markers, strict=True)]


def _with_legend(ax: Axes) -> Axes:
    """Finish a figure with a line per kind of attention."""
    ax.grid(alpha=0.3)
    legend = ax.legend(title="attention")
    legend.set_in_layout(False)  # long names stick out and take nothing from the lines
    legible(ax)
    return ax
