"""The widgets as still pictures."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from ..learning.training import Epoch, Step
from ..measuring.plots import Picture, heatmap, heatmap_size, label, label_room, labels
from ..translating.trace import Trace

ACROSS = 3  # panels in a row
SMALLEST = (3, 1)  # inches of a panel
TITLE = 0.3  # inches above it
LOSSES = 4.6  # inches that the curve of a training is wide


def panels(traces: Mapping[str, Trace]) -> Picture:
    """Draw a heatmap for each trace, three side by side; what has none is said in its place."""
    count = max(1, len(traces))
    columns = min(ACROSS, count)
    rows = -(-count // ACROSS)
    width, height = _panel_size(traces)
    picture = Picture(
        figsize=(columns * width, rows * (height + TITLE)),
        layout="constrained",
    )
    grid = picture.subplots(rows, columns, squeeze=False)
    places = iter(grid.flat)
    for name, trace in traces.items():
        panel(trace, next(places), name)
    for ax in places:  # those left over in the last row
        ax.axis("off")
    return picture


def _panel_size(traces: Mapping[str, Trace]) -> tuple[float, float]:
    """Give the inches that are enough for each of the heatmaps."""
    width, height = SMALLEST
    for name, trace in traces.items():
        if trace.weights is not None:
            columns, rows = labels(trace)
            wide, tall = heatmap_size(columns, rows)
            width = max(width, wide)
            height = max(height, tall)
        width = max(width, label_room([name]))
    return width, height


def panel(trace: Trace, ax: Axes, name: str = "") -> None:
    """Draw one heatmap with its name, or the sentence alone where there are no weights."""
    if trace.weights is None or not trace.src:
        ax.axis("off")
        _write_sentence(ax, _sentence(trace))
    else:
        heatmap(trace, ax)
    ax.set_title(label(name), parse_math=False)


def _write_sentence(ax: Axes, words: str) -> None:
    """Write lines in the middle of axes; what is too long is cut at the edges of the picture."""
    is_plain = words.count("$") < 2  # where matplotlib wraps, it reads formulas, whatever it is told
    text = ax.text(
        0.5,
        0.5,
        words,
        ha="center",
        va="center",
        wrap=is_plain,
        parse_math=False,
    )
    text.set_in_layout(False)


def _sentence(trace: Trace) -> str:
    """Write what a trace without a heatmap says."""
    if not trace.src:
        return "no words"
    source = " ".join(map(label, trace.src))
    output = " ".join(map(label, trace.text.split(" ")))
    return f"{source}\n→ {output}\n\n(no attention: no weights to draw)"


def training_picture(steps: Sequence[Step], epochs: Sequence[tuple[int, Epoch]], trace: Trace) -> Picture:
    """Draw the loss over the steps of a training, and beside it the attention at its end."""
    if not steps:
        return panels({"not trained yet": trace})
    columns, rows = labels(trace)
    width, height = heatmap_size(columns, rows)
    picture = Picture(
        figsize=(LOSSES + width, max(3.6, height)),
        layout="constrained",
    )
    left, right = picture.subplots(1, 2, width_ratios=(LOSSES, width))
    _draw_losses(left, steps, epochs)
    panel(trace, right)
    return picture


def _draw_losses(ax: Axes, steps: Sequence[Step], epochs: Sequence[tuple[int, Epoch]]) -> None:
    numbers = [step.step for step in steps]
    losses = [step.loss for step in steps]
    ax.plot(numbers, losses, lw=1, label="training, each step")
    if epochs:
        ends = [step for step, _ in epochs]
        valid = [epoch.valid_loss for _, epoch in epochs]
        ax.plot(ends, valid, "o--", color="#b34700", label="validation, each epoch")
    ax.set(xlabel="step", ylabel="loss, nats per word", ylim=(0, None))
    ax.grid(alpha=0.3)
    ax.legend()
