"""The widgets as text: tables for every reader, and pages that work without a kernel. Every word is escaped."""

import html
import json
import re
from base64 import b64encode
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from ..measuring.plots import labels
from ..translating.trace import Trace
from .payload import LARGEST

HERE = Path(__file__).parent
# The page may run its own script and style, and ask nobody for anything.
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"


class Section(NamedTuple):
    """A widget's part of a page: its heading, what is said about it, what it draws, and the same as tables."""

    title: str
    text: str
    state: dict
    tables: str


def table(trace: Trace, name: str = "") -> str:
    """Write the weights of a trace as a table: a row for each output word, a column for each source word."""
    title = f"{name}: " if name else ""
    gold = trace.gold or ()
    truth = " ([ ]: the true alignment)" if gold else ""
    caption = html.escape(f"{title}{' '.join(trace.src)} → {trace.text}{truth}")
    if trace.weights is None or not trace.src:
        return f"<p>{caption}{' (no attention: no weights)' if trace.src else ''}</p>"
    if max(len(trace.src), len(trace.trg)) > LARGEST:
        return f"<p>{caption} (more than {LARGEST} words: no table)</p>"
    columns, rows = labels(trace)
    head = "".join(f'<th scope="col" dir="auto">{html.escape(word)}</th>' for word in columns)
    body = "\n".join(
        _row(word, t, weights, gold) for t, (word, weights) in enumerate(zip(rows, trace.weights.tolist(), strict=True))
    )
    return (
        f'<table>\n<caption dir="auto">{caption}</caption>\n<thead><tr><td></td>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table>"
    )


def _row(word: str, t: int, weights: Sequence[float], gold: Collection[tuple[int, int]]) -> str:
    cells = (f"[{weight:.2f}]" if (s, t) in gold else f"{weight:.2f}" for s, weight in enumerate(weights))
    return (
        f'<tr><th scope="row" dir="auto">{html.escape(word)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
    )


def page(title: str, sections: Sequence[Section]) -> str:
    """Write a page of widgets: the module, the stylesheet and the data in one file that fetches nothing."""
    parts = {
        "POLICY": POLICY,
        "TITLE": html.escape(title),
        "STYLE": (HERE / "widget.css").read_text(encoding="utf-8"),
        "SECTIONS": "\n".join(map(_section, sections)),
        "DATA": data([section.state for section in sections]),
        "MODULE": (HERE / "widget.js").read_text(encoding="utf-8"),
    }
    template = (HERE / "page.html").read_text(encoding="utf-8")
    return re.sub("%([A-Z]+)%", lambda name: parts[name[1]], template)  # in one go: what is put in is not searched


def _section(section: Section) -> str:
    heading = f"<h2>{html.escape(section.title)}</h2>" if section.title else ""
    text = f"<p>{html.escape(section.text)}</p>" if section.text else ""
    without_script = f"<noscript>{section.tables}</noscript>"
    return f'<section>{heading}{text}<div class="s2s-here"></div>{without_script}</section>'


def data(state: object) -> str:
    """Write a state as JSON that may stand inside a script element; bytes become {"base64": ...}."""
    text = json.dumps(state, default=lambda raw: {"base64": b64encode(raw).decode()}, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
