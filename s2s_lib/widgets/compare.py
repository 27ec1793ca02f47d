"""`CompareAttention`: several heatmaps side by side, with one cursor and one scale."""

from collections.abc import Mapping

import traitlets

from ..translating.trace import Trace
from .base import LiveWidget, named
from .payload import LARGEST, described


class CompareAttention(LiveWidget):
    """Show traces side by side with a linked cursor, their entropies and alignment errors, and the difference of two.

    A difference needs two traces of the same output: make them with `translate(..., forced=target)`.
    """

    view = traitlets.Unicode("compare").tag(sync=True)
    panels = traitlets.List(traitlets.Dict()).tag(sync=True)

    def __init__(self, traces: Mapping[str, Trace]):
        """Show these traces under their names. Raises ValueError where there is none, or one that can't be drawn."""
        self.compared = named(traces, Trace)
        if not self.compared:
            raise ValueError("there is no trace to compare")
        for name, trace in self.compared.items():
            if trace.weights is None or not trace.src:
                raise ValueError(
                    f"{name}: {'no source words' if not trace.src else 'no attention'}, so nothing to draw"
                )
            if max(len(trace.src), len(trace.trg)) > LARGEST:
                raise ValueError(f"{name}: more than {LARGEST} words; compare them with plots.heatmap")
        super().__init__(panels=[{"name": name, **described(trace)} for name, trace in self.compared.items()])

    def traces(self) -> Mapping[str, Trace]:
        """Give the traces."""
        return self.compared
