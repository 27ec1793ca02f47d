"""The heatmap from the keyboard: the grid pattern of the ARIA Authoring Practices, and keys that stay in the widget."""

import pytest
from stub import View, chance, maps, panel

WHERE = """() => {
    const cell = document.activeElement;
    return cell.dataset.t === undefined ? null : [Number(cell.dataset.t), Number(cell.dataset.s)];
}"""
START = (4, 3)
MOVES = {
    "ArrowLeft": (4, 2),
    "ArrowRight": (4, 4),
    "ArrowUp": (3, 3),
    "ArrowDown": (5, 3),
    "Home": (4, 0),
    "End": (4, 8),
    "Control+Home": (0, 0),
    "Control+End": (11, 8),
    "PageUp": (0, 3),
    "PageDown": (9, 3),
}


@pytest.fixture
def walked(page):
    view = View(page, maps(panel(chance(12, 9), gold=[[3, 2]])))
    page.get_by_role("gridcell").focus()
    return view


def press(view, *keys):
    for key in keys:
        view.page.keyboard.press(key)
    return tuple(view.page.evaluate(WHERE))


def test_each_key_of_the_grid_pattern_moves_as_it_should(walked):
    for key, there in MOVES.items():
        assert press(walked, "Control+Home", *["ArrowDown"] * 4, *["ArrowRight"] * 3) == START
        assert press(walked, key) == there, key


def test_the_edges_hold(walked):
    assert press(walked, "ArrowUp", "ArrowLeft", "PageUp", "Home", "Control+Home") == (0, 0)
    assert press(walked, "Control+End", "ArrowDown", "ArrowRight", "PageDown", "End") == (11, 8)


def test_keys_with_alt_and_the_browsers_own_are_left_alone(walked):
    walked.page.evaluate("addEventListener('keydown', event => (window.taken = event.defaultPrevented))")
    for key in ("Alt+ArrowRight", "Control+ArrowDown", "Meta+ArrowDown"):
        assert press(walked, key) == (0, 0), key
        assert walked.page.evaluate("taken") is False, key


def test_a_map_is_one_tab_stop_and_its_grid_is_built_when_entered(page):
    View(page, maps(panel(chance(12, 9), name="one"), panel(chance(3, 4), name="two")))
    cells = page.get_by_role("grid", name="weights of one").get_by_role("gridcell")
    assert cells.count() == 1
    assert page.locator(".s2s-grid [tabindex='0']").count() == 2
    cells.focus()
    assert cells.count() == 12 * 9
    page.keyboard.press("ArrowDown")
    assert page.locator(".s2s-grid [tabindex='0']").count() == 2
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.s2s-grid').getAttribute('aria-label')").endswith("two")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(WHERE) == [1, 0], "one comes back to the cell that was left"


def test_a_cell_says_its_step_its_words_its_weight_and_the_truth(walked):
    weights = chance(12, 9)
    assert press(walked, *["ArrowDown"] * 2, *["ArrowRight"] * 3) == (2, 3)
    name = walked.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert name == f"step 3, u2, attends to w3, {weights[2, 3]:.2f}, in the true alignment"
    assert walked.page.get_by_role("grid").get_attribute("aria-rowcount") == "12"
    places = walked.page.evaluate(
        "[document.activeElement.parentNode.ariaRowIndex, document.activeElement.ariaColIndex]"
    )
    assert places == ["3", "4"]


def test_the_cells_of_the_grid_lie_on_those_of_the_canvas(walked):
    canvas = walked.page.locator(".s2s-body canvas").first.bounding_box()
    for nth in (0, 13, 107):
        box = walked.page.get_by_role("gridcell").nth(nth).bounding_box()
        t, s = divmod(nth, 9)
        assert box["width"] == canvas["width"] / 9
        assert box["height"] == canvas["height"] / 12
        assert (box["x"], box["y"]) == pytest.approx(
            (canvas["x"] + s * box["width"], canvas["y"] + t * box["height"]), abs=0.1
        )


def test_a_click_chooses_the_cell_under_the_pointer(page):
    view = View(page, maps(panel(chance(12, 9))))
    canvas = page.locator(".s2s-body canvas").first.bounding_box()
    page.mouse.click(canvas["x"] + canvas["width"] * 5.5 / 9, canvas["y"] + canvas["height"] * 7.5 / 12)
    assert view.page.evaluate(WHERE) == [7, 5]
    frame = page.locator(".s2s-cursor").first.bounding_box()
    assert (frame["x"], frame["y"]) == pytest.approx(
        (canvas["x"] + canvas["width"] * 5 / 9, canvas["y"] + canvas["height"] * 7 / 12), abs=0.1
    )
    page.mouse.move(5, 5)
    assert page.locator(".s2s-rows .s2s-on").inner_text() == "u7"


def test_keys_stay_in_the_widget_but_those_of_the_browser(walked):
    walked.page.evaluate("window.heard = []; document.addEventListener('keydown', event => heard.push(event.key))")
    walked.page.get_by_role("button", name="Show as table").focus()
    for key in ("b", "j", "a", "x", "0", "ArrowDown", "Delete", "Shift+M"):
        walked.page.keyboard.press(key)
    walked.page.keyboard.press("Enter")
    assert walked.page.get_by_role("button", name="Hide the table").count() == 1
    assert walked.page.evaluate("heard") == []
    for key in ("Control+b", "Alt+j", "Meta+k", "Tab", "Escape"):
        walked.page.keyboard.press(key)
    assert {"b", "j", "k", "Tab", "Escape"} <= set(walked.page.evaluate("heard"))
