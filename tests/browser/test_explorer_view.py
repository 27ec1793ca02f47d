"""`AttentionExplorer` in the browser: what it asks, which answers it takes, and what it says about them."""

import pytest
import tiny
from stub import View

from s2s_lib.widgets import AttentionExplorer
from s2s_lib.widgets.explorer import drawn

BUSY = "No answer yet"


def explorer(text="a b c", **named):
    return AttentionExplorer(named or tiny.translator(), text)


def answer(widget, n, text, model="", edits=None):
    return {"n": n, "text": text, "model": model, **drawn(widget.translated(text, model, edits or {}))}


def written(view):
    return view.text(".s2s-output").removeprefix("→ ")


def columns(view):
    view.settle()
    return view.page.locator(".s2s-cols span").all_inner_texts()


@pytest.fixture
def view(page):
    return View(page, explorer())


def test_the_first_key_is_asked_at_once_and_the_last_always(view):
    field = view.page.get_by_label("source sentence")
    field.fill("")
    view.settle()
    view.page.wait_for_function("performance.now() - model.sent.at(-1).at > 100")  # the next key is a first one
    view.page.evaluate("model.sent.length = 0")
    assert view.page.evaluate(
        "(field => { field.value = 'a'; field.dispatchEvent(new Event('input')); return model.sent.length; })"
        "(document.querySelector('.s2s-field'))"
    )
    field.press_sequentially(" b c a b c a b c a b c a b c a", delay=10)
    sent = view.sent()
    assert sent[-1]["value"]["text"] == field.input_value() == "a b c a b c a b c a b c a b c a"
    numbers = [request["value"]["n"] for request in sent]
    assert numbers == list(range(numbers[0], numbers[0] + len(sent)))
    lasted = sent[-1]["at"] - sent[0]["at"]
    assert lasted >= 55 * (len(sent) - 1), "at most one in 60 ms"
    assert 3 <= len(sent) < 30


def test_a_late_answer_to_an_older_request_is_dropped(view):
    for n, text in ((1, "a"), (3, "a b c a"), (2, "a b")):
        view.push(answer=answer(view.widget, n, text))
    assert columns(view) == ["a", "b", "c", "a"]
    view.push(answer=answer(view.widget, 4, "b"))
    assert columns(view) == ["b"]


def test_a_failed_answer_keeps_the_map_and_is_told(view):
    before = written(view)
    view.push(error="RuntimeError: this model is in training", answer={"n": 1, "text": "a", "model": ""})
    alarm = view.page.get_by_role("alert")
    assert alarm.inner_text() == "RuntimeError: this model is in training"
    assert (written(view), columns(view)) == (before, ["a", "b", "c"])
    view.push(error="", answer=answer(view.widget, 2, "a"))
    assert not alarm.is_visible()


def test_a_busy_kernel_is_told_once_and_no_longer_when_the_answer_comes(page):
    page.clock.install()  # pauses pass at once
    view = View(page, explorer())
    field = page.get_by_label("source sentence")
    for text in ("a b", "a b c"):
        field.fill(text)
        view.settle()
        page.clock.run_for(750)
    assert view.text(".s2s-remarks").count(BUSY) == 1
    view.serve()
    assert BUSY not in view.text(".s2s-remarks")
    field.fill("c")
    view.serve()
    page.clock.run_for(750)
    assert BUSY not in view.text(".s2s-remarks")


def test_another_model_is_asked_and_one_without_attention_has_no_map(page):
    view = View(page, explorer(looking=tiny.translator(), blind=tiny.translator(None)))
    page.get_by_label("blind").check()
    assert view.sent()[-1]["value"]["model"] == "blind"
    view.serve()
    assert "no attention" in view.text(".s2s-remarks")
    for gone in (".s2s-map", ".s2s-side", ".s2s-editing", "text=Show as table"):
        assert not page.locator(gone).is_visible()
    page.get_by_label("looking").check()
    view.serve()
    assert page.locator(".s2s-map").is_visible()
    assert columns(view) == ["a", "b", "c"]


def test_an_empty_field_asks_for_a_sentence(view):
    view.page.get_by_label("source sentence").fill("  ")
    view.serve()
    assert "Type a sentence." in view.text()
    assert not view.page.locator(".s2s-map").is_visible()
    view.page.get_by_label("source sentence").fill("b")
    view.serve()
    assert columns(view) == ["b"]


def test_what_is_special_about_a_sentence_is_noted(view):
    view.page.get_by_label("source sentence").fill("a zebra b zebra")
    view.serve()
    assert columns(view) == ["a", "zebra → <unk>", "b", "zebra → <unk>"]
    assert "read as <unk>: zebra." in view.text(".s2s-remarks"), "each unknown word is named once"
    view.page.get_by_label("source sentence").fill("a b ?!")
    view.serve()
    assert columns(view) == ["a", "b"]
    assert "“?”, “!” were left out: this translator has never seen them." in view.text(".s2s-remarks")
    view.page.get_by_label("source sentence").fill("a b.")
    view.serve()
    assert "“.” was left out: this translator has never seen it." in view.text(".s2s-remarks")
    trace = view.widget.answer["trace"]
    special = {"gold": [[0, 0]], "copied": [True] * len(trace["trg"]), "trg": [*trace["trg"][:-1], "x"]}
    view.push(answer=view.widget.answer | {"trace": trace | special})
    for told in ("carried over from the source", "Orange frames: the true alignment", "Cut off"):
        assert told in view.text(".s2s-remarks")
    assert view.text(".s2s-rows span").endswith("*")


def test_more_words_than_fit_are_a_still_picture(view):
    view.page.get_by_label("source sentence").fill(" ".join("abc" * 21))
    view.serve()
    image = view.page.get_by_role("img")
    assert image.get_attribute("alt").startswith("Attention heatmap of 63 words: ")
    view.page.wait_for_function("document.querySelector('img').naturalWidth > 300")
    assert "than fit a live map" in view.text(".s2s-remarks")
    assert not view.page.get_by_text("Show as table").is_visible()
    view.page.get_by_label("source sentence").fill("a")
    view.serve()
    assert columns(view) == ["a"]
    assert image.count() == 0


def test_the_list_is_of_the_row_under_the_cursor(view):
    trace = view.widget.answered
    view.page.get_by_role("gridcell").focus()
    view.page.keyboard.press("ArrowDown")
    side = view.text(".s2s-side")
    assert side.startswith(f"Step 2: {trace.trg[1]}")
    assert f"entropy {trace.entropy[1]:.2f} nats" in side
    for word, probability in trace.candidates[1]:
        assert f"{word} {probability:.2f}" in side
    bars = view.page.locator(".s2s-bars b").all_inner_texts()
    assert bars == [f"{weight:.2f}" for weight in trace.weights[1].tolist()]


def test_two_views_of_one_widget_stay_in_step(view):
    page = view.page
    page.evaluate("mount(model)")
    view.settle()
    one, other = page.locator(".s2s").first, page.locator(".s2s").last
    one.get_by_label("source sentence").fill("c b")
    view.serve()
    assert other.get_by_label("source sentence").input_value() == "c b"
    assert other.locator(".s2s-cols span").all_inner_texts() == ["c", "b"]
    other.get_by_role("gridcell").focus()
    page.keyboard.press("u")
    view.serve()
    assert set(view.sent()[-1]["value"]["edits"]) == {"0"}
    one.get_by_role("button", name="reset all").click()
    view.serve()
    numbers = [request["value"]["n"] for request in view.sent()]
    assert numbers == sorted(set(numbers)), "no number is given twice"
    assert view.sent()[-1]["value"]["edits"] == {}
    assert other.get_by_role("button", name="reset all").is_disabled()


def test_only_what_the_reader_asked_for_is_announced(page):
    page.clock.install()  # pauses pass at once
    view = View(page, explorer())
    page.clock.run_for(1200)
    status = view.page.get_by_role("status")
    assert status.inner_text() == ""
    view.page.get_by_label("source sentence").fill("b")
    view.serve()
    page.clock.run_for(1200)
    assert status.inner_text() == f"Translation: {view.widget.answered.text}"


def test_the_focus_stays_in_the_map_when_an_answer_repaints_it(view):
    focused = "document.activeElement.getAttribute('aria-label')"
    view.page.get_by_role("gridcell").focus()
    view.page.keyboard.press("Control+End")
    last = view.page.evaluate(focused)
    view.push(answer=answer(view.widget, 1, "a b c"))
    assert view.page.evaluate(focused) == last
    view.push(answer=answer(view.widget, 2, "a"))
    trace = answer(view.widget, 3, "a")["trace"]
    assert view.page.evaluate(focused).startswith(f"step {len(trace['trg'])}, {trace['trg'][-1]}, attends to a, 1.00")
    view.page.keyboard.press("ArrowLeft")
    assert view.page.evaluate(focused) is not None
