"""`StepThrough`: the arithmetic of attention, step by step, with the real numbers."""

from collections.abc import Mapping

import traitlets

from ..translating.trace import Trace
from .base import LiveWidget, single
from .payload import LARGEST, arithmetic


class StepThrough(LiveWidget):
    """Play a translation: decoder state, scores, softmax, weighted sum, next word. Runs wholly in the browser."""

    view = traitlets.Unicode("steps").tag(sync=True)
    trace = traitlets.Dict().tag(sync=True)

    def __init__(self, trace: Trace):
        """Show this trace. Raises ValueError for one without words or with more than fit."""
        single(trace, Trace)
        words = max(len(trace.src), len(trace.trg))
        if not trace.src or words > LARGEST:
            raise ValueError(f"a trace of 1 to {LARGEST} words can be stepped through; this one has {words}")
        self.shown = trace
        super().__init__(trace=arithmetic(trace))

    def traces(self) -> Mapping[str, Trace]:
        """Give the one trace."""
        return {"": self.shown}
