"""The widgets as still pictures."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from matplotlib.axes import Axes

from ..learning.training import Epoch, Step
from ..measuring.plots import Picture, drawable, heatmap, heatmap_size
from ..translating.trace import Trace

ACROSS = 3  # panels in a row


def panels(traces: Mapping[str, Trace]) -> Picture:
    """Draw a heatmap for each trace, three side by side; what has none is said in its place."""
    rows = -(-max(1, len(traces)) // ACROSS)
    columns = min(ACROSS, max(1, len(traces)))
    sizes = [heatmap_size(len(trace.src), len(trace.trg)) for trace in traces.values() if trace.weights is not None]
    width, height = (max(side) for side in zip((3, 1), *sizes, strict=True))
    size = columns * width, rows * (height + 0.3)
    picture = Picture(figsize=size, layout="constrained")
    axes = picture.subplots(rows, columns, squeeze=False)
    for ax, named in zip_longest(axes.flat, traces.items()):
        if named is None:
            ax.axis("off")
        else:
            panel(named[1], ax, named[0])
    return picture


def panel(trace: Trace, ax: Axes, name: str = "") -> None:
    """Draw one heatmap with its name, or the sentence alone where there are no weights."""
    if trace.weights is None or not trace.src:
        ax.axis("off")
        words = (
            f"{' '.join(trace.src)}\n→ {trace.text}\n\n(no attention: no weights to draw)" if trace.src else "no words"
        )
        ax.text(0.5, 0.5, drawable(words), ha="center", va="center", wrap=True, parse_math=False)
    else:
        heatmap(trace, ax)
    ax.set_title(drawable(name), parse_math=False)


def progress(steps: Sequence[Step], epochs: Sequence[tuple[int, Epoch]], trace: Trace) -> Picture:
    """Draw the loss over the steps of a training, and beside it the attention at its end."""
    if not steps:
        return panels({"not trained yet": trace})
    width, height = heatmap_size(len(trace.src), len(trace.trg))
    picture = Picture(figsize=(4.6 + width, max(3.6, height)), layout="constrained")
    left, right = picture.subplots(1, 2, width_ratios=(4.6, width))
    left.plot([step.step for step in steps], [step.loss for step in steps], lw=1, label="training, each step")
    valid = [(step, epoch.valid_loss) for step, epoch in epochs]
    if valid:
        left.plot(*zip(*valid, strict=True), "o--", color="#b34700", label="validation, each epoch")
    left.set(xlabel="step", ylabel="loss, nats per word", ylim=(0, None))
    left.grid(alpha=0.3)
    left.legend()
    panel(trace, right)
    return picture
