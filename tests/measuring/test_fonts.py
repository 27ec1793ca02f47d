"""Words of any script in figures: no warning, a font that has the letters, and Latin as it always was."""

import logging
import warnings
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import tiny
from matplotlib import cbook, font_manager
from matplotlib.figure import Figure
from matplotlib.font_manager import FontEntry, fontManager
from matplotlib.image import imread
from matplotlib.text import Text

from s2s_lib.measuring import fonts, plots
from s2s_lib.measuring.analysis import LengthGroup
from s2s_lib.widgets import CompareAttention, StepThrough, still

WORDS = {
    "Korean": "나는",
    "Hindi": "क्षत्रिय",
    "Thai": "ภาษาไทย",
    "Arabic": "مرحبا",
    "Japanese": "私のネコ",
    "emoji": "👨\u200d👩\u200d👧\ufe0f🦜🏽",
    "flag": "🏴\U000e0067\U000e007f",
    "fullwidth apostrophe": "l\uff07ami",
    "private use": "\ue000\U000f0000",
    "control characters": "a\0b\x01\x1b\x7f\r\t\x85",
    "half characters": "a\ud83eb\udd9c",
    "no characters": "\ufffe\uffff\U0001ffff",
    "combining marks": "e" + "\u0301\u0323" * 30,
    "line separator": "a\u2028b",
    "very long Latin": "W" * 5000,
    "very long Korean": "나" * 500,
    "formula": "$\\broken{$ 나",
}
MATHS = "\U0001d63c"  # a letter that STIXGeneral has and DejaVu Sans has not


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    """Let a test change the fonts of this machine."""
    monkeypatch.setattr(fontManager, "ttflist", list(fontManager.ttflist))
    forget()
    yield
    monkeypatch.undo()
    forget()


def forget():
    fonts.families.cache_clear()
    fontManager._findfont_cached.cache_clear()


@pytest.fixture
def shipped(monkeypatch):
    """Leave no fonts but those that come with matplotlib."""
    own = cbook._get_data_path("fonts")
    fontManager.ttflist = [font for font in fontManager.ttflist if font.fname.startswith(str(own))]
    assert len(fontManager.ttflist) > 30


@pytest.fixture
def silent(capfd, caplog):
    """Fail where anything is warned of, logged or written to the terminal."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert capfd.readouterr().err == ""


def trace_of(word):
    plain = tiny.translator().translate(["a", "b"], forced=["x"])
    return replace(plain, src=(word, "b"), trg=(word, "<eos>"), text=word)


def figures(word):
    """Draw a word in every place where there may be one."""
    trace, groups = trace_of(word), [LengthGroup(1, 3, 10, 0.9), LengthGroup(4, 9, 10, 0.2)]
    blind = replace(trace, weights=None)
    table = pd.DataFrame({"x": [1, 2, 1, 2], "y": [1, 2, 3, 4], "kind": [word, word, "b", "b"]})
    yield plots.heatmap(trace).figure
    yield plots.gradient_flow({"a": [1, 2]}, [word, "b"]).figure
    yield still.panels({word: trace, "b": blind})
    if "$" not in word:  # names, unlike words of a text, may hold formulas
        yield plots.gradient_flow({word: [1, 2]}, ["a", "b"]).figure
        yield plots.accuracy_by_length({word: groups}).figure
        yield plots.curves(table, "x", "y", hue="kind").figure
        yield own_figure(word)


def own_figure(word):
    """Draw what a student might."""
    word = word[:20]
    ax = plots.new_axes(8, 6)
    ax.bar([word, "b"], [1, 2], label=word)
    ax.set_yticks([0, 1], [word, "b"])
    ax.set_title(word, weight="bold")
    ax.set_xlabel(word, style="italic", family="serif")
    ax.legend(title=word)
    return ax.figure


@pytest.mark.parametrize("name", WORDS)
def test_every_word_is_drawn_everywhere_without_a_warning(name, silent):
    for figure in figures(WORDS[name]):
        figure.draw_without_rendering()


@pytest.mark.parametrize("name", WORDS)
def test_every_word_is_drawn_without_a_warning_where_no_font_has_it(name, shipped, silent):
    assert plots.heatmap(trace_of(WORDS[name])).figure._repr_png_().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["Korean", "emoji", "control characters", "half characters"])
def test_an_svg_stays_one_that_a_page_can_hold(name, silent):
    svg = BytesIO()
    own_figure(WORDS[name]).savefig(svg, format="svg")
    ElementTree.fromstring(svg.getvalue())


@pytest.mark.parametrize("name", ["Korean", "emoji", "half characters"])
def test_widgets_draw_every_word_without_a_warning_and_keep_it_as_text(name, silent):
    trace = trace_of(WORDS[name])
    for widget in (StepThrough(trace), CompareAttention({WORDS[name]: trace})):
        widget._repr_mimebundle_()
        page = ElementTree.fromstring(widget.to_svg())
        assert fonts.drawable(WORDS[name]) in {element.text for element in page.iter()}


@pytest.mark.parametrize("name", ["Korean", "emoji"])
def test_words_on_axes_of_pyplot_are_drawn_without_a_warning_as_well(name, silent):
    ax = Figure().subplots()
    plots.heatmap(trace_of(WORDS[name]), ax)
    ax.figure.savefig(BytesIO())


def drawn(*families, text=MATHS):
    """Draw a text in certain fonts, by matplotlib alone."""
    return pixels(Figure(figsize=(2, 1)), text, family=list(families))


def pixels(figure, text, **style):
    figure.text(0.1, 0.3, text, size=30, **style)
    picture = BytesIO()
    figure.savefig(picture, dpi=80)
    picture.seek(0)
    return imread(picture)


def test_a_letter_comes_from_a_font_that_has_it(shipped):
    ours = pixels(plots.Picture(figsize=(2, 1)), MATHS)
    assert np.array_equal(ours, drawn("DejaVu Sans", "STIXGeneral"))
    assert not np.array_equal(ours, drawn("DejaVu Sans", fonts.BOXES))


def test_without_a_font_a_letter_is_a_box(shipped):
    fontManager.ttflist = [font for font in fontManager.ttflist if not font.name.startswith("STIX")]
    assert np.array_equal(pixels(plots.Picture(figsize=(2, 1)), MATHS), drawn("DejaVu Sans", fonts.BOXES))


@pytest.mark.parametrize("text", ["Übermut → ñandú … λ", "a" + MATHS])
def test_latin_looks_as_matplotlib_draws_it(shipped, text):
    ours = pixels(plots.Picture(figsize=(6, 1)), text)
    assert np.array_equal(ours, pixels(Figure(figsize=(6, 1)), text, family=["DejaVu Sans", "STIXGeneral"]))


def families_of(text, **style):
    picture = plots.Picture()
    shown = picture.text(0, 0, text, **style)
    fonts.legible(picture)
    return shown.get_fontfamily()


def test_latin_asks_for_no_font():
    assert list(families_of("Übermut → ñandú")) == ["sans-serif"]


def test_a_second_look_changes_nothing_and_new_words_are_seen(shipped):
    picture = plots.Picture()
    shown = picture.text(0, 0, MATHS)
    for _ in range(3):
        fonts.legible(picture)
        assert list(shown.get_fontfamily()) == ["sans-serif", "STIXGeneral"]
    shown.set_text("나")
    fonts.legible(picture)
    assert list(shown.get_fontfamily()) == ["sans-serif", "STIXGeneral", fonts.BOXES]


def test_a_students_own_family_stays_in_front():
    assert next(iter(families_of(MATHS, family="serif"))) == "serif"
    path = Path(font_manager.findfont("DejaVu Sans Mono"))
    assert list(families_of("나", fontproperties=path)) == ["sans-serif"], "a font's file says it all"


def entry(path, name):
    return FontEntry(fname=str(path), name=name, style="normal", variant="normal", weight=400, stretch="normal")


BROKEN = {
    "gone": None,
    "empty": b"",
    "no font": b"not a font at all" * 100,
    "cut off": 20_000,  # bytes of a good one
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_font_that_cannot_be_read_is_passed_over(shipped, tmp_path, kind, silent):
    path = tmp_path / "broken.ttf"
    content = BROKEN[kind]
    if isinstance(content, int):
        with open(font_manager.findfont("STIXGeneral"), "rb") as file:
            content = file.read(content)
    if content is not None:
        path.write_bytes(content)
    fontManager.ttflist = [entry(path, "Aaa First"), *fontManager.ttflist]
    assert list(families_of(MATHS)) == ["sans-serif", "STIXGeneral"]
    plots.weights_heatmap([[1]], [MATHS], [MATHS]).figure._repr_png_()


def test_a_font_without_outlines_is_passed_over(shipped, monkeypatch):
    """Glyphs that are coloured pictures have none: matplotlib would leave the place blank."""
    monkeypatch.setattr(fonts, "_has_outline", lambda font, letter: font.family_name != "STIXGeneral")
    assert list(families_of(MATHS)) == ["sans-serif", fonts.BOXES]


def test_what_is_of_private_use_is_not_drawn_as_some_font_has_it(shipped):
    """Fonts keep their own signs there: STIXNonUnicode, which matplotlib ships, has letters of mathematics."""
    assert list(families_of("\ue000")) == ["sans-serif", fonts.BOXES]


def test_a_font_added_meanwhile_is_found(shipped):
    stix = [font for font in fontManager.ttflist if font.name == "STIXGeneral"]
    fontManager.ttflist = [font for font in fontManager.ttflist if font.name != "STIXGeneral"]
    assert list(families_of(MATHS)) == ["sans-serif", fonts.BOXES]
    fontManager.addfont(next(font.fname for font in stix if (font.style, font.weight) == ("normal", 400)))
    assert list(families_of(MATHS)) == ["sans-serif", "STIXGeneral"]


def test_the_order_of_the_list_does_not_matter():
    before = families_of("나는 사과 葛🦜" + MATHS)
    fontManager.ttflist.reverse()
    forget()
    assert families_of("나는 사과 葛🦜" + MATHS) == before


@pytest.mark.parametrize(("text", "region"), [("나는 葛", "KR"), ("葛のネコ", "JP"), ("葛", "SC")])
def test_chinese_characters_have_the_shapes_of_the_language_around_them(text, region):
    if not any(font.name == f"Noto Sans CJK {region}" for font in fontManager.ttflist):
        pytest.skip("Noto Sans CJK is not installed here (apt install fonts-noto-cjk)")
    assert list(families_of(text)) == ["sans-serif", f"Noto Sans CJK {region}"]


def test_korean_is_drawn_in_noto_where_it_is_installed():
    if not any(font.name == "Noto Sans CJK KR" for font in fontManager.ttflist):
        pytest.skip("Noto Sans CJK is not installed here (apt install fonts-noto-cjk)")
    ours = pixels(plots.Picture(figsize=(2, 1)), "나는")
    assert np.array_equal(ours, drawn("Noto Sans CJK KR", text="나는"))
    assert not np.array_equal(ours, drawn(fonts.BOXES, text="나는"))


def test_the_log_still_tells_of_a_weight_that_the_student_asked_for(shipped, caplog):
    families_of(MATHS, weight="ultralight")
    plots.Picture().text(0, 0, "a", family="cmr10", weight="bold").get_window_extent()
    told = [record.getMessage() for record in caplog.records]
    assert [line for line in told if "STIXGeneral" in line] == []
    assert [line for line in told if "cmr10" in line]


def test_labels_that_an_axis_writes_when_it_is_drawn_are_seen():
    ax = plots.new_axes(6, 3)
    ax.plot([1, 12], [0, 1])
    ax.xaxis.set_major_formatter(lambda month, _: f"{month:g}월")
    fonts.legible(ax)
    labels = [text for text in ax.xaxis.findobj(Text) if "월" in text.get_text()]
    assert labels
    assert all(len(text.get_fontfamily()) > 1 for text in labels)
