"""The heatmap: its colours are matplotlib's, and its numbers can be read."""

import matplotlib
import numpy as np
import pytest
from stub import View, chance, maps, module, panel

# The colour of a point in every cell, `x` and `y` CSS pixels from the cell's corner.
SAMPLE = """([rows, columns, x, y, nth]) => {
    const canvas = document.querySelectorAll(".s2s-body canvas")[nth];
    const [width, height] = [parseFloat(canvas.style.width) / columns, parseFloat(canvas.style.height) / rows];
    const scale = canvas.width / parseFloat(canvas.style.width);
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return Array.from({ length: rows }, (_, t) => Array.from({ length: columns }, (_, s) => {
        const at = Math.floor((t * height + y) * scale) * canvas.width + Math.floor((s * width + x) * scale);
        return [...data.slice(4 * at, 4 * at + 3)];
    }));
}"""
GOLD = [0xD5, 0x5E, 0x00]


def sample(view, rows, columns, x=3, y=3, nth=0):
    return np.array(view.page.evaluate(SAMPLE, [rows, columns, x, y, nth]))


def table(name, numbers):
    return matplotlib.colormaps[name](np.clip(numbers, 0, 1), bytes=True)[..., :3].astype(int)


@pytest.mark.parametrize("scale", [1, 2, 1.5])
def test_every_cell_has_the_colour_of_matplotlibs_blues(new_page, scale):
    weights = chance(16, 17)
    weights.flat[:256] = (np.arange(256) + 0.5) / 256
    weights.flat[256:261] = [0, 1, 0.5, 1 / 3, 0.999]
    view = View(new_page(device_scale_factor=scale), maps(panel(weights)))
    assert np.abs(sample(view, 16, 17) - table("Blues", weights)).max() <= 1


def test_the_difference_has_the_colours_of_matplotlibs_red_and_blue(page):
    first, second = chance(14, 14), chance(14, 14, seed=1)
    first[0, :3], second[0, :3] = [1, 0, 0.25], [0, 1, 0.25]
    view = View(page, maps(panel(first, name="a"), panel(second, name="b")))
    page.get_by_role("checkbox").check()
    view.settle()
    assert np.abs(sample(view, 14, 14, nth=2) - table("RdBu_r", (first - second + 1) / 2)).max() <= 1


def test_the_true_alignment_is_framed_in_orange_and_nothing_else_is(page):
    gold = [[0, 0], [2, 1], [6, 4]]
    view = View(page, maps(panel(chance(5, 7), gold=gold)))
    framed = (np.abs(sample(view, 5, 7, x=1, y=1) - GOLD) <= 1).all(-1)
    assert sorted([int(s), int(t)] for t, s in np.argwhere(framed)) == gold


def luminance(rgb):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (byte / 255 for byte in rgb)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def test_the_numbers_are_read_on_each_of_the_512_colours(page):
    module(page)
    for name, anchors in {"Blues": "BLUES", "RdBu_r": "RED_BLUE"}.items():
        shades = table(name, (np.arange(256) + 0.5) / 256).tolist()
        ours = page.evaluate(f"shades => shades.map((_, i) => colour({anchors}, (i + 0.5) / 256))", shades)
        assert np.abs(np.array(ours) - shades).max() <= 1
        inks = page.evaluate("shades => shades.map(ink)", shades)
        paper = {"#fff": (255, 255, 255), "#000": (0, 0, 0)}
        assert min(contrast(paper[ink], shade) for ink, shade in zip(inks, shades, strict=True)) >= 4.5


def test_a_number_is_written_white_on_dark_and_black_on_pale(page):
    view = View(page, maps(panel([[0.97, 0.11, 0.004]])))
    width = page.evaluate("parseFloat(document.querySelector('.s2s-body canvas').style.width) / 3")
    line = np.array([sample(view, 1, 3, x=x, y=y)[0] for x in np.arange(0.3 * width, 0.7 * width, 1) for y in (12, 14)])
    assert line[:, 0].min(-1).max() > 200
    assert line[:, 1].max(-1).min() < 60
    assert np.ptp(line[:, 2], axis=0).max() == 0, "a weight that rounds to 0.00 is left blank"


def test_the_numbers_names_and_bars_use_two_decimals_and_a_true_minus(page):
    view = View(page, maps(panel([[0.2, 0.8]], name="a"), panel([[0.7, 0.8]], name="b")))
    page.get_by_role("checkbox").check()
    names = view.page.get_by_role("grid", name="difference").get_by_role("gridcell")
    assert names.first.get_attribute("aria-label") == "step 1, u0, and w0, −0.50"
