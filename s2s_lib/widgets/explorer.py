"""`AttentionExplorer`: type a sentence, see where the decoder looks, change a weight, see what it would have said."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

import traitlets

from ..corpora.parallel import SentencePair
from ..learning.fitting import LEARNING
from ..translating.trace import Trace
from ..translating.translator import NotReached, Text, Translator
from .base import MODELS, LiveWidget, describe_error, named
from .payload import LARGEST, described
from .still import panels

MOST = 200  # words that are translated at all: time and memory for more grow with their square


class AttentionExplorer(LiveWidget):
    """Translate what is typed, and draw the attention weights; several translators can be switched between.

    A weight can be dragged or set by key: its row is renormalised, and the output decoded again from that step.
    """

    view = traitlets.Unicode("explorer").tag(sync=True)
    models = traitlets.List(traitlets.Unicode()).tag(sync=True)
    # What the browser asks: {"n": number of the request, "text", "model", "edits": {step: weights}}.
    asked = traitlets.Dict().tag(sync=True, echo_update=False)
    answer = traitlets.Dict().tag(sync=True)  # {"n": the request's number, "text", "model", "trace" or "picture"}

    def __init__(
        self,
        translators: Translator | Mapping[str, Translator],
        text: Text,
        *,
        pairs: Iterable[SentencePair] = (),
    ):
        """Start with `text`, typed into the field and translated by the first translator.

        `translators` is one, or several by their names. `pairs` are sentences whose alignment is known: where one of
        them is typed and translated as in its reference, the alignment is outlined.
        """
        self.translators, self.answered, self.answering = named(translators, Translator), None, ""
        if not self.translators:
            raise ValueError("there is no translator to explore")
        self.known = {tuple(map(str.casefold, pair.src)): pair for pair in pairs if pair.alignment is not None}
        typed = text if isinstance(text, str) else " ".join(text)
        models = list(self.translators)
        super().__init__(models=models, asked={"n": 0, "text": typed, "model": models[0], "edits": {}})
        self.observe(lambda change: self._reply(), "asked")
        self._reply()

    def traces(self) -> Mapping[str, Trace]:
        """Give the translation shown."""
        return {} if self.answered is None else {self.answering: self.answered}

    def translated(self, text: str, model: str, edits: Mapping[str, list[float]]) -> Trace:
        """Translate as asked, with the alignment where it is known."""
        if model not in self.translators:
            raise KeyError(f"no translator {model!r}: there are {', '.join(map(repr, self.translators))}")
        translator = self.translators[model]
        with MODELS:
            if translator.model.training or translator.model in LEARNING:
                raise RuntimeError("this model is in training; type again when that is over")
            rows = {int(step): weights for step, weights in edits.items()}
            count = len(translator.split(text))
            if count > MOST:
                raise ValueError(f"{count} words are too many: up to {MOST} are translated here")
            trace = reached(translator, text, rows)
            pair = self.known.get(tuple(map(str.casefold, trace.src)))
            if pair is not None and trace.trg[:-1] == pair.trg:
                return replace(trace, gold=frozenset(pair.alignment))
        return trace

    def __repr__(self) -> str:
        """Say what was typed."""
        return f"AttentionExplorer({self.asked['text']!r})"

    def _reply(self) -> None:
        asked = self.asked
        told = {name: asked.get(name) for name in ("n", "text", "model")}
        try:
            trace = self.translated(asked["text"], asked["model"], asked["edits"])
            told |= drawn(trace)
            error, self.answered, self.answering = "", trace, asked["model"]
        except Exception as problem:  # nobody sees what is raised in a callback
            error = describe_error(problem)
        with self.hold_sync():
            self.error = error
            self.answer = told

    def state(self) -> dict:
        """Give, besides, the answers of all translators for the sentence shown, to switch between without a kernel."""
        asked, still = self.asked, {}
        for name in self.models:
            if name == asked["model"]:
                still[name] = {**self.answer, "n": 0}
                continue
            with suppress(Exception):  # a model that can't answer now is left out
                trace = self.translated(asked["text"], name, {})
                still[name] = {"n": 0, "text": asked["text"], "model": name, **drawn(trace)}
        return {**super().state(), "asked": {**asked, "n": 0}, "answer": {**self.answer, "n": 0}, "still": still}


def reached(translator: Translator, text: str, rows: Mapping[int, list[float]]) -> Trace:
    """Translate with the weights of some steps set by hand; where these make the output shorter, the rest is let go."""
    try:
        return translator.translate(text, edits=rows)
    except NotReached as missed:
        return reached(translator, text, {step: row for step, row in rows.items() if step not in missed.steps})


def drawn(trace: Trace) -> dict:
    """Give a trace, or a still picture of one with more words than fit a live map."""
    if max(len(trace.src), len(trace.trg)) > LARGEST and trace.weights is not None:
        return {"trace": {"text": trace.text, "words": len(trace.src)}, "picture": panels({"": trace})._repr_png_()}
    return {"trace": described(trace)}
