"""`TrainingMonitor`: watch a translator learn where to look, while the cell that trains it runs."""

import html
import time
from collections.abc import Collection, Mapping

import numpy as np
import traitlets

from ..learning.training import Epoch, History, Step
from ..measuring.plots import Picture
from ..translating.trace import Trace
from ..translating.translator import Text, Translator
from .base import MODELS, LiveWidget, describe_error, single
from .payload import LARGEST, described
from .still import training_picture

PER_SECOND = 15  # updates at most
SHARE = 0.05  # of the training time that updates may take
SNAPSHOTS = 60  # kept for the scrubber; when there are more, every other one is dropped
POINTS = 300  # of the loss curve, as it is sent


class TrainingMonitor(LiveWidget):
    """Draw the loss and one sentence's attention while `fit` runs: display it first, then `fit(..., on_event=monitor)`.

    The model's weights come out as they would without it.
    """

    view = traitlets.Unicode("monitor").tag(sync=True)
    frame = traitlets.Dict().tag(sync=True)  # what is drawn now
    snapshots = traitlets.List(traitlets.Dict()).tag(sync=True)  # what can be looked through after the training

    def __init__(
        self,
        translator: Translator,
        text: Text,
        *,
        forced: Text | None = None,
        gold: Collection[tuple[int, int]] | None = None,
    ):
        """Watch the translator's model on the sentence `text`.

        With `forced`, a translation, the map shows where the model looks when it reads that; without, what it writes
        by itself. `gold` is the alignment of the two. Raises ValueError for a sentence without words or with too many,
        and for an alignment without the translation that it aligns.
        """
        single(translator, Translator)
        if gold is not None and forced is None:
            raise ValueError("gold= aligns the sentence with a translation: give that as forced=")
        words = translator.split(text)
        longest = len(words) if forced is None else max(len(words), len(translator.split_output(forced)) + 1)
        if not words or longest > LARGEST:
            raise ValueError(f"a probe of 1 to {LARGEST} words can be watched; this one has {longest if words else 0}")
        self.translator, self.text, self.forced, self.gold = translator, words, forced, gold
        self.steps, self.epochs, self.kept, self.every = [], [], [], 1
        self.began = self.drawn = time.perf_counter()
        self.cost = 0.0  # seconds of the last update
        self.shown = self.probe()
        super().__init__()
        self.show("waiting")

    def __call__(self, event: Step | Epoch | History) -> None:
        """Take in what `fit` tells. What goes wrong here is shown in the widget, and does not stop the training."""
        try:
            if isinstance(event, Step):
                self._step(event)
            elif isinstance(event, Epoch):
                self.epochs.append((self.steps[-1].step, event))
            else:
                self._snap(event.stopped)
                self.snapshots = [{"step": step, "trace": described(trace)} for step, trace in self.kept]
        except Exception as problem:
            self.error = describe_error(problem)

    def _step(self, event: Step) -> None:
        now = time.perf_counter()
        if not self.steps or event.step <= self.steps[-1].step:  # a run begins
            self.steps, self.epochs, self.every, self.error = [], [], 1, ""
            self.kept, self.snapshots = [(event.step - 1, self.shown)], []
            self.began = self.drawn = now
        self.steps.append(event)
        if now - self.drawn >= max(1 / PER_SECOND, self.cost / SHARE) or len(self.steps) == 1:
            self._snap("training")
            self.drawn = time.perf_counter()
            self.cost = self.drawn - now

    def _snap(self, state: str) -> None:
        """Look at the probe, keep what is seen, and show it."""
        self.shown = self.probe()
        here = self.steps[-1].step if self.steps else 0
        if not self.kept or here - self.kept[-1][0] >= self.every or state != "training":
            self.kept.append((here, self.shown))
        if len(self.kept) > SNAPSHOTS:
            self.kept, self.every = self.kept[::2], 2 * self.every
        self.show(state)

    def probe(self) -> Trace:
        """Translate the sentence with the weights as they are."""
        with MODELS:
            return self.translator.translate(self.text, forced=self.forced, gold=self.gold)

    def show(self, state: str) -> None:
        """Send what is known to the browser."""
        last = self.steps[-1] if self.steps else None
        stride = -(-len(self.steps) // POINTS) or 1
        points = self.steps[::-stride][::-1]  # the last step is among them
        self.frame = {
            "state": state,
            "forced": self.forced is not None,
            "step": last.step if last else 0,
            "steps": last.steps if last else 0,
            "epoch": last.epoch if last else 0,
            "seconds": self._seconds_left(),
            "losses": np.array([(point.step, point.loss) for point in points], "<f4").tobytes(),
            "valid": [(step, epoch.valid_loss) for step, epoch in self.epochs if epoch.valid_loss == epoch.valid_loss],
            "trace": described(self.shown),
        }

    def _seconds_left(self) -> float | None:
        if len(self.steps) < 2:
            return None
        pace = (time.perf_counter() - self.began) / (len(self.steps) - 1)
        return pace * (self.steps[-1].steps - self.steps[-1].step)

    def traces(self) -> Mapping[str, Trace]:
        """Give the sentence as the model sees it now."""
        return {"": self.shown}

    def figure(self) -> Picture:
        """Draw loss and attention as a still picture: call it in a cell after the training."""
        return training_picture(self.steps, self.epochs, self.shown)

    def to_table(self) -> str:
        """Write the weights as a table; before the training, when they mean nothing yet, say just that."""
        return super().to_table() if self.steps else f"<p>{html.escape(' '.join(self.text))}: not trained yet</p>"
