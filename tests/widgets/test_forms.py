"""Every widget outside a kernel: repr, table, picture, SVG, page."""

import json
import re
import struct
import threading
from base64 import b64decode
from html.parser import HTMLParser
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import pytest
import tiny

from s2s_lib import Translator, Vocab
from s2s_lib.corpora.text import SPECIALS
from s2s_lib.widgets import AttentionExplorer, CompareAttention, StepThrough, TrainingMonitor

HOSTILE = (
    "</script><script>hit()</script>",
    "<img/src=x/onerror=hit()>",
    '"><svg/onload=hit()>',
    "$x^2$",
    "%DATA%",
    "\u2028",
)


def translator(words=("a", "b", "c"), outputs=("x", "y", "z")):
    src, trg = Vocab([*SPECIALS, *words]), Vocab([*SPECIALS, *outputs])
    return Translator(tiny.model(src_vocab=len(src), trg_vocab=len(trg)), src, trg)


def widgets(one, tokens):
    """Make one of each, on a sentence of these tokens."""
    trace = one.translate(tokens)
    return {
        "explorer": AttentionExplorer({"<b>": one, "other": one}, tokens),
        "steps": StepThrough(trace),
        "compare": CompareAttention({"<i>one</i>": trace, "two": trace}),
        "monitor": TrainingMonitor(one, tokens),
    }


NAMES = ["explorer", "steps", "compare", "monitor"]


@pytest.fixture(params=NAMES)
def widget(request):
    return widgets(translator(), ("a", "b", "c"))[request.param]


class Elements(HTMLParser):
    """Lists the elements of a page, and the text outside of scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        if not self.tags or self.tags[-1] not in ("script", "style"):
            self.text.append(data)


def test_the_repr_is_the_same_every_time(widget):
    assert repr(widget) == f"{type(widget).__name__}('a b c')"
    assert widget._repr_mimebundle_()[0]["text/plain"] == repr(widget)


def test_a_notebook_stores_a_view_a_table_and_a_picture(widget):
    data, _ = widget._repr_mimebundle_()
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "text/plain", "text/html", "image/png"}
    png = b64decode(data["image/png"])
    width, height = struct.unpack(">II", png[16:24])
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert width > 100
    assert height > 50


def test_the_table_holds_the_weights():
    widget = widgets(translator(), ("a", "b", "c"))["steps"]
    table = ElementTree.fromstring(widget.to_table())
    rows = [[cell.text for cell in row.findall("td")] for row in table.find("tbody")]
    assert rows == [[f"{weight:.2f}" for weight in row] for row in widget.shown.weights.tolist()]
    assert [cell.text for cell in table.iter("th") if cell.get("scope") == "col"] == ["a", "b", "c"]
    assert [cell.text for cell in table.iter("th") if cell.get("scope") == "row"] == list(widget.shown.trg)


def test_an_untrained_monitor_shows_no_number():
    widget = widgets(translator(), ("a", "b", "c"))["monitor"]
    assert not re.search(r"\d", widget.to_table())


def test_pictures_and_pages_are_drawn_alike_every_time(widget):
    assert widget.to_png() == widget.to_png()
    assert widget.to_svg() == widget.to_svg()
    assert widget.to_html() == widget.to_html()


def test_an_svg_holds_its_words_as_text(widget):
    texts = {
        element.text for element in ElementTree.fromstring(widget.to_svg()).iter() if element.tag.endswith("}text")
    }
    assert {"a", "b", "c"} <= texts


def test_forms_are_written_whole_to_a_path(widget, tmp_path):
    page, png, svg = tmp_path / "new" / "w.html", tmp_path / "w.png", tmp_path / "w.svg"
    assert widget.to_html(page) == page.read_text(encoding="utf-8")
    assert widget.to_png(str(png)) == png.read_bytes()
    assert widget.to_svg(svg) == svg.read_text(encoding="utf-8")


def test_a_page_carries_the_same_state_as_the_live_view(widget):
    raw = re.search(r'<script type="application/json" id="states">(.*?)</script>', widget.to_html(), re.DOTALL)[1]
    (state,) = json.loads(raw, object_hook=lambda part: b64decode(part["base64"]) if "base64" in part else part)
    live = widget.state()
    assert state.keys() == live.keys()
    for name, value in live.items():
        assert state[name] == plain(value), name


def plain(value):
    """Say with lists and string keys what JSON can't say with tuples and numbers."""
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("name", NAMES)
def test_hostile_words_stay_text_in_every_form(name):
    words = HOSTILE[1:2] if name == "explorer" else HOSTILE  # it splits what is typed into many words
    plain = widgets(translator("pqrstu"), tuple("pqrstu"))[name]
    widget = widgets(translator(HOSTILE, HOSTILE), words)[name]
    table, page = Elements(widget.to_table()), Elements(widget.to_html())
    assert set(table.tags) == set(Elements(plain.to_table()).tags)
    assert set(page.tags) == set(Elements(plain.to_html()).tags)
    assert page.tags.count("script") == 2
    assert not [key for key, _ in page.attributes + table.attributes if key.startswith("on")]
    if name != "explorer":  # which splits what is typed
        assert all(any(word.strip() in text for text in page.text) for word in HOSTILE)
    tags = {element.tag for element in ElementTree.fromstring(widget.to_svg()).iter()}
    assert not [tag for tag in tags if tag.endswith(("script", "img"))]
    assert widget.to_png()


def test_displaying_a_hundred_times_leaves_no_figure_and_no_thread(widget):
    before = threading.active_count()
    for _ in range(100 if isinstance(widget, AttentionExplorer) else 5):  # all of them share the code
        widget._repr_mimebundle_()
    assert (plt.get_fignums(), threading.active_count()) == ([], before)


def test_a_widget_without_attention_says_so():
    trace = tiny.translator(None).translate("a b")
    assert "no attention" in StepThrough(trace).to_table()
    assert "no attention" in StepThrough(trace).to_svg()
