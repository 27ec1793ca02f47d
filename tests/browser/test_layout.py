"""The views at every width: nothing overlaps and nothing is cut off."""

import pytest
from samples import SAMPLES, show

KINDS = [*SAMPLES]
# What sticks out of the document, out of the box that holds it, or lies on its neighbour.
WRONG = """() => {
    const wrong = [];
    const say = (what, { className, textContent }) => wrong.push(`${what}: ${className} ${textContent}`);
    const seen = (element) => element.getClientRects().length;
    const box = (element) => element.getBoundingClientRect();
    if (document.documentElement.scrollWidth > innerWidth) wrong.push("the document scrolls sideways");
    const scrolls = (element) => element.closest(".s2s-map, .s2s-scroll, .s2s-table, .s2s-picture, .s2s-unseen");
    const all = [...document.querySelectorAll(".s2s *")].filter(seen);
    for (const element of all.filter((one) => !scrolls(one)))
        if (box(element).right > innerWidth + 0.5) say("beyond the edge", element);
    for (const button of document.querySelectorAll(".s2s button")) {
        if (seen(button) && button.scrollWidth > button.clientWidth + 1) say("cut off", button);
    }
    for (const bar of document.querySelectorAll(".s2s-bar, .s2s-editing, .s2s, .s2s-two, .s2s-panels, .s2s-panel")) {
        const children = [...bar.children].filter((part) => seen(part) && !part.matches(".s2s-unseen"));
        const parts = children.map((part) => [part, box(part)]);
        parts.forEach(([part, a], i) => parts.slice(i + 1).forEach(([, b]) => {
            const over = Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1;
            if (over && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1) say("overlaps", part);
        }));
    }
    return wrong;
}"""
# Each label against its row or column, in a map scrolled to its beginning.
LABELS = """() => [...document.querySelectorAll(".s2s-map")].flatMap((map) => {
    if (!map.getClientRects().length) return [];
    const canvas = map.querySelector("canvas").getBoundingClientRect();
    const style = getComputedStyle(map);
    const [width, height] = ["--width", "--row"].map((name) => parseFloat(style.getPropertyValue(name)));
    const [plane, cols] = [".s2s-plane", ".s2s-cols"].map((name) => map.querySelector(name).getBoundingClientRect());
    const wrong = [];
    [...map.querySelectorAll(".s2s-rows span")].forEach((label, t) => {
        const { top, bottom } = label.getBoundingClientRect();
        const off = Math.max(Math.abs(top - canvas.top - t * height), Math.abs(bottom - top - height));
        if (off > 0.6) wrong.push(`row ${t}`);
    });
    [...map.querySelectorAll(".s2s-cols span")].forEach((label, s) => {
        const { left, right, top, bottom } = label.getBoundingClientRect();
        const middle = canvas.left + (s + 0.5) * width;
        if (left > middle || right < middle || left < canvas.left + s * width - 3) wrong.push(`column ${s}`);
        if (right > plane.right + 0.6) wrong.push(`column ${s} sticks out to the right`);
        if (top < cols.top - 0.6 || bottom > cols.bottom + 3) wrong.push(`column ${s} sticks out of the head`);
    });
    return wrong;
})"""


@pytest.mark.parametrize("width", [320, 420, 768, 1280, 1920])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_overlaps_or_is_cut_off(new_page, kind, width):
    page = new_page(viewport={"width": width, "height": 800})
    for count in (1, 6, 20, 40, 60):
        show(page, kind, count)
        assert page.evaluate(WRONG) == [], count
        assert page.evaluate(LABELS) == [], count


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_overlaps_on_a_page_of_twice_the_size(new_page, kind):
    page = new_page(viewport={"width": 640, "height": 400}, device_scale_factor=2)
    show(page, kind, 20)
    assert page.evaluate(WRONG) + page.evaluate(LABELS) == []
    sharp = "canvas => canvas.width / parseFloat(canvas.style.width)"
    canvases = page.evaluate(f"[...document.querySelectorAll('.s2s-map canvas')].map({sharp})")
    assert canvases == pytest.approx([2] * len(canvases)), "as sharp as the screen"


def test_a_map_follows_the_width_of_its_page(page):
    view = show(page, "explorer", 20)
    wide = page.locator(".s2s-body canvas").bounding_box()["width"]
    page.set_viewport_size({"width": 500, "height": 800})
    page.wait_for_function(
        "wide => document.querySelector('.s2s-body canvas').getBoundingClientRect().width < wide", arg=wide
    )
    view.settle()
    assert page.evaluate(WRONG) + page.evaluate(LABELS) == []


def test_the_words_stay_in_sight_while_a_large_map_scrolls(new_page):
    page = new_page(viewport={"width": 420, "height": 600})
    show(page, "explorer", 60)
    page.evaluate("Object.assign(document.querySelector('.s2s-map'), { scrollLeft: 300, scrollTop: 200 })")
    frame = page.locator(".s2s-map").bounding_box()
    assert page.locator(".s2s-rows").bounding_box()["x"] == pytest.approx(frame["x"], abs=1)
    assert page.locator(".s2s-cols").bounding_box()["y"] == pytest.approx(frame["y"], abs=1)
    bars = page.locator(".s2s-bars").bounding_box()
    assert bars["y"] + bars["height"] <= frame["y"] + frame["height"] + 1


def test_a_cell_that_is_walked_to_is_scrolled_into_sight(new_page):
    page = new_page(viewport={"width": 420, "height": 600})
    show(page, "explorer", 60)
    page.get_by_role("gridcell").focus()
    for key in ("Control+End", "Control+Home", "PageDown", "End", "Home"):
        page.keyboard.press(key)
        hidden = page.evaluate(
            """() => {
                const cell = document.activeElement.getBoundingClientRect();
                const top = document.elementFromPoint(cell.left + cell.width / 2, cell.top + cell.height / 2);
                return !document.activeElement.contains(top) ? top?.outerHTML.slice(0, 80) ?? "off the page" : "";
            }"""
        )
        assert hidden == "", key
