"""`CompareAttention` in the browser: one cursor over all maps, and the difference of two."""

import numpy as np
import pytest
from stub import View, chance, maps, panel

ONE, OTHER, SMALL = chance(5, 6), chance(5, 6, seed=1), chance(2, 3, seed=2)


@pytest.fixture
def view(page):
    """Two panels of one output, and one of another with fewer words."""
    small = panel(SMALL, name="small", trg=["v0", "v1"], error_rate=0.25, entropy=[1.0, 0.5], gold=[[0, 0]])
    return View(page, maps(panel(ONE, name="one"), panel(OTHER, name="other"), small))


def cursors(view):
    """Return, for each map on the screen, where its frame is: (t, s)."""
    view.settle()
    return view.page.evaluate(
        """() => [...document.querySelectorAll(".s2s-map")].filter((map) => map.offsetParent).map((map) => {
            const frame = map.querySelector(".s2s-cursor").style;
            return [Number(frame.getPropertyValue("--t")), Number(frame.getPropertyValue("--s"))];
        })"""
    )


def details(view):
    view.settle()
    return view.page.locator(".s2s-panel > .s2s-status:last-child").all_inner_texts()


def said(weights, t, s, entropy=0.5):
    return f"step {t + 1}, u{t} on w{s}: {weights[t, s]:.2f}, entropy {entropy:.2f}"


def point(view, nth, t, s):
    box = view.page.locator(".s2s-body canvas").nth(nth).bounding_box()
    rows, columns = [(5, 6), (5, 6), (2, 3), (5, 6)][nth]
    view.page.mouse.move(box["x"] + box["width"] * (s + 0.5) / columns, box["y"] + box["height"] * (t + 0.5) / rows)


def test_each_panel_tells_its_entropy_and_its_alignment_error(view):
    titles = view.page.locator(".s2s-title + .s2s-status").all_inner_texts()
    assert titles == ["entropy 0.50 nats a step"] * 2 + ["entropy 0.75 nats a step, alignment error 0.25"]
    assert "Orange frames: the true alignment." in view.text()


def test_the_pointer_on_one_map_moves_the_cursors_of_all(view):
    point(view, 0, 1, 2)
    assert cursors(view) == [[1, 2]] * 3
    assert details(view) == [said(ONE, 1, 2), said(OTHER, 1, 2), f"step 2, v1 on w2: {SMALL[1, 2]:.2f}, entropy 0.50"]
    point(view, 1, 4, 5)
    assert cursors(view)[:2] == [[4, 5]] * 2
    assert details(view)[2] == "no such step"
    view.page.mouse.move(2, 2)
    assert cursors(view)[1] == [0, 0], "where the pointer was, the chosen cell is shown again"


def test_the_keys_on_one_map_move_the_cursors_of_all(view):
    view.page.get_by_role("gridcell").first.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        view.page.keyboard.press(key)
    assert cursors(view) == [[1, 2]] * 3
    assert details(view)[1] == said(OTHER, 1, 2)
    view.page.keyboard.press("Tab")
    assert cursors(view)[:2] == [[0, 0]] * 2, "the cursors follow the focus into the next map"


def test_the_difference_of_equal_outputs_is_the_difference_of_weights(view):
    page = view.page
    page.get_by_role("checkbox", name="difference of").check()
    view.settle()
    assert page.get_by_text("one − other", exact=True).is_visible()
    page.get_by_role("grid", name="difference").get_by_role("gridcell").focus()
    page.keyboard.press("Control+End")
    gap = float(ONE[4, 5] - OTHER[4, 5])
    name = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert name == f"step 5, u4, and w5, {'+' if gap > 0 else '−'}{abs(gap):.2f}"
    assert cursors(view) == [[4, 5], [4, 5], cursors(view)[2], [4, 5]]
    point(view, 0, 2, 2)
    assert cursors(view)[3] == [2, 2]
    page.get_by_label("minus").select_option("one")
    view.settle()
    assert page.get_by_text("one − one", exact=True).is_visible()


def test_the_difference_of_different_outputs_is_refused(view):
    page = view.page
    page.get_by_role("checkbox", name="difference of").check()
    page.get_by_label("minus").select_option("small")
    refusal = "These two wrote different words, so their rows can't be subtracted."
    assert refusal in view.text()
    assert refusal in page.get_by_role("status").text_content()
    assert len(cursors(view)) == 3
    point(view, 0, 1, 1)
    page.get_by_label("minus").select_option("other")
    assert refusal not in view.text()
    assert len(cursors(view)) == 4
    page.get_by_role("checkbox", name="difference of").uncheck()
    assert len(cursors(view)) == 3


def test_the_table_shows_every_panel(view):
    view.page.get_by_role("button", name="Show as table").click()
    tables = view.page.locator("table").all()
    assert len(tables) == 3
    for table, weights in zip(tables, (ONE, OTHER, SMALL), strict=True):
        rows = [
            [text.strip("[]") for text in row.locator("td").all_inner_texts()]
            for row in table.locator("tbody tr").all()
        ]
        assert np.abs(np.array(rows, float) - weights).max() <= 0.00501
    assert tables[2].locator("caption").inner_text().startswith("small: u0 u1")


def test_one_panel_has_nothing_to_subtract(page):
    View(page, maps(panel(ONE)))
    assert not page.get_by_role("checkbox", name="difference of").is_visible()
