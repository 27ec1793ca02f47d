"""Words that are markup, code or odd characters stay text: in the live views, the table, the page and the pictures."""

from dataclasses import replace

import pytest
import tiny
from stub import View

from s2s_lib.widgets import AttentionExplorer, CompareAttention, StepThrough, TrainingMonitor
from s2s_lib.widgets.payload import described

CANARIES = (
    "</script><script>window.hit=1</script>",
    "<img src=x onerror=window.hit=1>",
    '"><svg onload=window.hit=1>',
    "javascript:window.hit=1",
    "{{7*7}}",
    "${7*7}",
    "%DATA%",
    "$&",
    "<!--",
    "</style>",
    "a\u2028b",
    "\0",
    "&lt;b&gt;",
    "שלום",
    "مرحبا",
    "안녕",
    "🦜",
)
LONE = "\ud83e"  # half a character: a page replaces it
SOURCE = [*CANARIES, LONE]
TYPED = " ".join([CANARIES[1], *CANARIES[-4:]])  # a translator splits it further


def poisoned(words=SOURCE):
    """Translate with words of no vocabulary on both sides, and as candidates."""
    plain = tiny.translator().translate(words, forced=["x"] * (len(words) - 1))
    candidates = tuple(((word, 0.5), *step[1:]) for word, step in zip(words, plain.candidates, strict=True))
    return replace(plain, trg=tuple(words), text=" ".join(words), candidates=candidates)


def poisoned_widgets():
    """Give each widget, showing the poisoned trace under a poisoned name."""
    name, trace = CANARIES[1], poisoned()
    explorer = AttentionExplorer({name: tiny.translator(), CANARIES[0]: tiny.translator(None)}, TYPED)
    monitor = TrainingMonitor(tiny.translator(), SOURCE)
    return {
        "explorer": explorer,
        "steps": StepThrough(trace),
        "monitor": monitor,
        "compare": CompareAttention({name: trace, CANARIES[0]: trace}),
    }


def assert_harmless(page):
    assert page.evaluate("window.hit") is None
    assert (
        page.locator(
            ".s2s img, .s2s :not(.s2s-chart) > svg, .s2s script, .s2s b b, noscript script, noscript img"
        ).count()
        == 0
    )


@pytest.mark.parametrize("kind", ["explorer", "steps", "monitor", "compare"])
def test_odd_words_stay_text_in_the_live_view(page, kind):
    widget = poisoned_widgets()[kind]
    changes = {"answer": widget.answer | {"trace": described(poisoned())}} if kind == "explorer" else {}
    view = View(page, widget, error=f"KeyError: {CANARIES[1]}", **changes)
    assert page.get_by_role("alert").text_content() == f"KeyError: {CANARIES[1]}"
    page.get_by_role("button", name="Show as table").click()
    if kind != "steps":
        labels = page.locator(".s2s-map").first.locator(".s2s-cols span").all()
        shown = [label.text_content() for label in labels]
        assert [text.removesuffix(" → <unk>") for text in shown] == SOURCE
        page.get_by_role("gridcell").first.focus()
        page.keyboard.press("ArrowRight")
        assert CANARIES[1] in page.evaluate("document.activeElement.getAttribute('aria-label')")
    else:
        for _ in range(9):
            page.get_by_role("button", name="Next").click()
        assert CANARIES[1] in view.text(".s2s-candidates")
    heads = [cell.text_content() for cell in page.locator("table").last.locator("thead th").all()]
    assert kind == "steps" or len(heads) == len(SOURCE)
    assert_harmless(page)


def test_odd_words_that_are_typed_stay_text(page):
    view = View(page, AttentionExplorer({word: tiny.translator() for word in CANARIES[:3]}, "a"))
    page.get_by_label("source sentence").fill(TYPED)
    view.serve()
    assert page.locator(".s2s-cols span").count() >= 8
    page.get_by_label(CANARIES[1]).check()
    view.serve()
    assert view.widget.answer["model"] == CANARIES[1]
    assert_harmless(page)


def test_half_a_character_is_not_sent(page):
    view = View(page, AttentionExplorer(tiny.translator(), "a"))
    page.evaluate(
        "(field => { field.value = 'a \\ud83e'; field.dispatchEvent(new Event('input')); })"
        "(document.querySelector('.s2s-field'))"
    )
    assert view.sent()[-1]["value"]["text"] == "a \ufffd"


@pytest.mark.parametrize("kind", ["explorer", "steps", "monitor", "compare"])
@pytest.mark.parametrize("script", [True, False])
def test_odd_words_stay_text_in_a_saved_page(new_page, tmp_path, kind, script):
    page = new_page(java_script_enabled=script)
    widget = poisoned_widgets()[kind]
    widget.to_html(tmp_path / "page.html")
    page.goto((tmp_path / "page.html").as_uri())
    if script:
        page.locator(".s2s", has_text=CANARIES[1]).wait_for()
        assert_harmless(page)
    elif kind != "monitor":  # before its training it has nothing to show
        heads = page.locator("table").first.locator("thead th").all()
        shown = [head.text_content().removesuffix(" → <unk>") for head in heads]
        assert shown[:10] == list(CANARIES[:10]) or (kind == "explorer" and "<" in "".join(shown))
        assert page.locator("table b, table img, table svg, table script").count() == 0


def test_odd_words_stay_text_in_an_svg(page):
    words = [word for word in CANARIES if word != "\0"]
    svg = CompareAttention({CANARIES[1]: poisoned(words), CANARIES[0]: poisoned(words)}).to_svg()
    page.set_content(f"<main>{svg[svg.index('<svg') :]}</main>")
    assert page.evaluate("window.hit") is None
    assert page.locator("svg script, svg img, svg svg, svg foreignObject").count() == 0
    shown = page.locator("svg").first.text_content()
    assert all(word in shown for word in words[:4])
