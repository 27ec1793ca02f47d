"""`AttentionExplorer` in the browser: a weight changed by key, slider or dragging, and what is told of the outcome."""

import numpy as np
import pytest
import tiny
from stub import View

from s2s_lib.widgets import AttentionExplorer


@pytest.fixture
def view(page):
    """A view whose cursor is on step 2 and the word c."""
    view = View(page, AttentionExplorer(tiny.translator(seed=3), "a b c"))
    page.get_by_role("gridcell").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    return view


def before(view, step=1):
    return view.widget.answered.weights[step].numpy().astype(float)


def edited(view, step=1):
    """Return the row that was asked for last, a distribution."""
    row = np.array(view.sent()[-1]["value"]["edits"][str(step)])
    assert abs(row.sum() - 1) < 1e-6
    assert (row >= 0).all()
    return row


def assert_in_proportion(old, new, s):
    others = [i for i in range(len(old)) if i != s]
    assert new[others] * old[others].sum() == pytest.approx(old[others] * new[others].sum(), abs=1e-6)


@pytest.mark.parametrize(
    ("key", "change"),
    [("+", 0.05), ("=", 0.05), ("Shift+ArrowUp", 0.05), ("-", -0.05), ("−", -0.05), ("Shift+ArrowDown", -0.05)],
)
def test_a_key_changes_a_weight_and_the_others_share_the_rest(view, key, change):
    old = before(view)
    if len(key) == 1:
        view.page.evaluate(
            "key => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))", key
        )
    else:
        view.page.keyboard.press(key)
    new = edited(view)
    assert new[2] == pytest.approx(np.clip(old[2] + change, 0, 1), abs=1e-6)
    assert_in_proportion(old, new, 2)


def test_keys_give_one_word_all_or_each_the_same_and_take_it_back(view):
    view.page.keyboard.press("o")
    assert edited(view).tolist() == [0, 0, 1]
    view.serve()
    assert view.page.get_by_role("gridcell", name="set by hand").count() == 3
    view.page.keyboard.press("u")
    assert edited(view) == pytest.approx([1 / 3] * 3)
    view.serve()
    view.page.keyboard.press("r")
    assert view.sent()[-1]["value"]["edits"] == {}
    view.serve()
    assert view.page.get_by_role("gridcell", name="set by hand").count() == 0


def test_keys_of_the_browser_change_no_weight(view):
    for key in ("Control+r", "Meta+u", "Alt+o", "Control+=", "Control+-"):
        view.page.keyboard.press(key)
    assert view.sent() == []


def test_the_buttons_do_what_the_keys_do(view):
    view.page.get_by_role("button", name="only this word").click()
    assert edited(view).tolist() == [0, 0, 1]
    view.serve()
    view.page.get_by_role("button", name="uniform").click()
    assert edited(view) == pytest.approx([1 / 3] * 3)
    view.serve()
    view.page.get_by_role("button", name="reset all").click()
    assert view.sent()[-1]["value"]["edits"] == {}


@pytest.mark.parametrize("share", ["0.4", "0", "1"])
def test_the_slider_sets_the_weight_under_the_cursor(view, share):
    old = before(view)
    slider = view.page.get_by_label("weight of c in step 2")
    slider.fill(share)
    new = edited(view)
    assert new[2] == pytest.approx(float(share))
    assert_in_proportion(old, new, 2)
    view.serve()
    assert slider.input_value() == share
    assert view.page.locator(".s2s-editing > label + span").inner_text() == f"{float(share):.2f}"


def test_a_bar_is_dragged_to_a_weight_and_only_while_the_button_is_down(view):
    old, page = before(view), view.page
    box = page.locator(".s2s-bars > span").nth(1).bounding_box()
    x, bottom = box["x"] + box["width"] / 2, box["y"] + box["height"]
    page.mouse.move(x, bottom - 5)
    page.mouse.down()
    page.mouse.move(x + 40, bottom - 0.75 * box["height"], steps=4)
    page.mouse.up()
    new = edited(view)
    assert new[1] == pytest.approx(0.75, abs=0.02), "the bar that was taken hold of stays the one that is set"
    assert_in_proportion(old, new, 1)
    sent = len(view.sent())
    page.mouse.move(x, bottom - 3)
    assert len(view.sent()) == sent


def test_several_rows_can_be_changed_and_typing_forgets_them(view):
    view.page.keyboard.press("o")
    view.serve()
    view.page.keyboard.press("ArrowUp")
    view.page.keyboard.press("u")
    assert set(view.sent()[-1]["value"]["edits"]) == {"0", "1"}
    view.page.get_by_label("source sentence").press_sequentially(" a")
    assert view.sent()[-1]["value"]["edits"] == {}


def test_a_map_of_an_older_sentence_is_not_edited(view):
    view.page.get_by_label("source sentence").fill("c")
    asked = view.sent()
    view.page.get_by_role("gridcell").last.focus()
    view.page.keyboard.press("o")
    assert view.sent() == asked


def test_edited_rows_and_changed_words_carry_signs(view):
    plain = view.widget.answered
    for step in range(len(plain.trg)):  # until an edit changes a word
        view.page.keyboard.press("Control+Home")
        for key in ["ArrowDown"] * step + ["o"]:
            view.page.keyboard.press(key)
        view.serve()
        if view.widget.answered.trg != plain.trg:
            break
        view.page.keyboard.press("r")
        view.serve()
    rows, now = view.page.locator(".s2s-rows span").all_inner_texts(), view.widget.answered
    assert rows[step].startswith("✎ ")
    assert [row.startswith("✎ ") for row in rows] == [t == step for t in range(len(rows))]
    assert [row.removeprefix("✎ ").removeprefix("≠ ").rstrip("*") for row in rows] == list(now.trg)
    note = view.text(".s2s-remarks")
    assert f"set by hand: step {step + 1}. Without that: {plain.text} (≠ marks what changed)" in note
    kept = [word for row, word in zip(rows, now.trg, strict=True) if "≠" not in row]
    assert 0 < len(kept) < len(rows)
    rest = iter(plain.trg)
    assert all(word in rest for word in kept), "the words without a sign are there before, in their order"


def test_an_edit_that_changes_no_word_says_so(view):
    view.page.get_by_label("weight of c in step 2").fill(f"{before(view)[2]:.2f}")
    view.serve()
    assert view.widget.answered.edited == (1,)
    assert "(nothing changed)" in view.text(".s2s-remarks")
    assert "≠" not in view.text(".s2s-rows")
