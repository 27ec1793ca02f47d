"""A text field whose translation and attention heatmap follow the typing."""

import html
import threading
from base64 import b64encode

import ipywidgets as widgets

from ..plots import heatmap
from ..trace import Trace
from ..translator import Translator

LONGEST = 40  # source tokens; a heatmap of more has no readable words


class LiveTranslation(widgets.VBox):
    """Type a sentence, and see its translation and where the decoder looked.

    Without a running kernel, on GitHub or in a printed notebook, the picture of the first sentence is shown.
    """

    def __init__(self, translator: Translator, text: str = ""):
        """Start with `text`, typed into the field and translated."""
        self.translator, self.lock = translator, threading.Lock()
        self.field = widgets.Text(text, description="source", layout={"width": "95%"})
        self.output, self.message = widgets.HTML(), widgets.HTML()
        self.image = widgets.Image(format="png", layout={"max_width": "100%", "align_self": "flex-start"})
        super().__init__([self.field, self.output, self.message, self.image])
        self.add_class("s2s-live")
        self.field.observe(lambda change: self.show(change["new"]), "value")
        self.show(text)

    def show(self, text: str) -> None:
        """Translate `text` and draw it; what goes wrong is said under the field, where it can be seen."""
        try:
            with self.lock:  # callbacks may come on several threads
                trace = self.translator.translate(text)
            self.output.value = f"<b>{html.escape(trace.text)}</b>"
            self.message.value = html.escape(remark(trace))
            self.image.value = picture(trace)
        except Exception as error:
            self.message.value = html.escape(f"{type(error).__name__}: {error}")

    def __repr__(self) -> str:
        """Say what is shown; the same on every machine."""
        return f"LiveTranslation({self.field.value!r})"

    def _repr_mimebundle_(self, **options) -> dict:
        bundle = super()._repr_mimebundle_(**options) or {}
        picture = {"image/png": b64encode(self.image.value).decode()} if self.image.value else {}
        return {**bundle, "text/plain": repr(self), **picture}


def remark(trace: Trace) -> str:
    """Say what the reader should know about a trace besides its picture."""
    if not trace.src:
        return "Type a sentence."
    if len(trace.src) > LONGEST:
        return f"{len(trace.src)} words: too many for a readable heatmap, which stops at {LONGEST}."
    odd = [word for word, unknown in zip(trace.src, trace.unknown, strict=True) if unknown]
    if odd:
        return f"Not in the vocabulary, so read as <unk>: {', '.join(odd)}. A word marked * was carried over."
    return ""


def picture(trace: Trace) -> bytes:
    """Draw a trace as a PNG image; nothing for a trace that has no readable heatmap."""
    if trace.weights is None or not 0 < len(trace.src) <= LONGEST:
        return b""
    return heatmap(trace).figure._repr_png_()
