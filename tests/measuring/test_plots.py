"""Figures show the numbers that they are given, with words on both axes."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import tiny
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from s2s_lib.measuring import plots
from s2s_lib.measuring.analysis import LengthGroup


@pytest.fixture(autouse=True)
def no_figure_stays_in_pyplot():
    yield
    assert plt.get_fignums() == []


def labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def drawn(ax):
    mesh = ax.collections[0]
    assert mesh.get_clim() == (0, 1)
    return np.asarray(mesh.get_array()).reshape(len(ax.get_yticks()), len(ax.get_xticks()))


@pytest.fixture
def trace():
    return tiny.translator().translate("a b unseen c", forced="x y z", gold={(0, 0), (2, 1)})


def test_a_heatmap_has_output_rows_source_columns_and_a_fixed_scale(trace):
    ax = plots.heatmap(trace)
    assert labels(ax.xaxis) == ["a", "b", "unseen → <unk>", "c"]
    assert labels(ax.yaxis) == [f"{w}*" if c else w for w, c in zip(trace.trg, trace.copied, strict=True)]
    np.testing.assert_allclose(drawn(ax), trace.weights.numpy())
    assert ax.yaxis_inverted()  # the first output word is at the top


def test_gold_cells_are_outlined_where_they_are(trace):
    boxes = [patch for patch in plots.heatmap(trace).patches if isinstance(patch, Rectangle)]
    assert {(round(box.get_x()), round(box.get_y())) for box in boxes} == {(0, 0), (2, 1)}
    assert all(not box.get_fill() for box in boxes)


def test_numbers_stand_in_cells_that_are_big_enough(trace):
    assert [text.get_text() for text in plots.heatmap(trace).texts] == [
        f"{weight:.2f}" for weight in trace.weights.flatten().tolist()
    ]
    assert not plots.heatmap(tiny.translator().translate("a " * 20)).texts
    assert not plots.heatmap(trace, values=False).texts


def test_a_notebook_shows_a_figure_by_itself(trace):
    assert plots.heatmap(trace).figure._repr_png_().startswith(b"\x89PNG")


def test_a_heatmap_draws_on_the_axes_that_it_is_given(trace):
    ax = plots.new_axes(4, 3)
    assert plots.heatmap(trace, ax) is ax


@pytest.mark.parametrize(
    ("attention", "text", "message"), [(None, "a b", "a model without"), ("dot", "", "no source words")]
)
def test_what_cannot_be_drawn_is_said(attention, text, message):
    with pytest.raises(ValueError, match=message):
        plots.heatmap(tiny.translator(attention).translate(text))


def test_transposed_weights_are_refused():
    with pytest.raises(ValueError, match=r"\(2, 3\) for 3 output and 2 source"):
        plots.weights_heatmap(np.zeros((2, 3)), ["a", "b"], ["x", "y", "z"])


def test_curves_show_the_mean_and_the_whole_spread_over_seeds():
    rows = [{"epoch": e, "accuracy": e / 10 + seed / 100, "p": p} for e in (1, 2) for seed in (0, 2, 4) for p in (0, 1)]
    ax = plots.curves(pd.DataFrame(rows), "epoch", "accuracy", hue="p")
    lines = [line for line in ax.lines if len(line.get_xdata()) == 2]
    assert [list(np.round(line.get_ydata(), 9)) for line in lines] == [[0.12, 0.22]] * 2
    assert len({to_hex(line.get_color()) for line in lines}) == 2
    assert len({line.get_marker() for line in lines}) == 2  # told apart without colour
    low, high = np.asarray([path.vertices[:, 1] for path in ax.collections[0].get_paths()]).min(), 0.24
    assert (round(low, 9), round(ax.collections[0].get_paths()[0].vertices[:, 1].max(), 9)) == (0.1, high)


def test_accuracy_by_length_and_gradient_flow_draw_a_named_line_per_model():
    groups = [LengthGroup(1, 3, 10, 0.9), LengthGroup(4, 9, 10, 0.2)]
    ax = plots.accuracy_by_length({"none": groups, "dot": groups})
    assert [line.get_label() for line in ax.lines] == ["none", "dot"]
    assert list(ax.lines[0].get_xdata()) == [2, 6.5]
    assert list(ax.lines[0].get_ydata()) == [0.9, 0.2]
    ax = plots.gradient_flow({"none": [1e-4, 1e-3], "dot": [1e-2, 1e-2]}, ["a", "b"])
    assert ax.get_yscale() == "log"
    assert labels(ax.xaxis) == ["a", "b"]


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("a" * 40, "a" * 40),
        ("a" * 41, "a" * 39 + "…"),
        ("나" * 20, "나" * 20),
        ("나" * 21, "나" * 19 + "…"),
        ("a" * 10**6, "a" * 39 + "…"),
        ("a\0\ud800", "a\ufffd\ufffd"),
    ],
)
def test_a_label_is_as_wide_as_forty_latin_letters_at_most(word, written):
    assert plots.label(word) == written


def test_long_words_get_room_and_usual_ones_take_none():
    usual = plots.heatmap_size(["mouse"] * 3, ["cat → <unk>"] * 2)
    assert usual == plots.heatmap_size(["a"] * 3, ["b"] * 2)
    wider, taller = plots.heatmap_size(["나" * 15] * 3, ["b"] * 2)
    assert wider > usual[0]
    assert taller > usual[1]
    assert plots.heatmap_size(["a"] * 3, ["b" * 30] * 2) > usual


def test_a_word_with_dollar_signs_is_no_formula():
    ax = plots.gradient_flow({"none": [1e-4, 1e-3]}, ["$x^2$", "b"])
    assert labels(ax.xaxis) == ["$x^2$", "b"]
    assert not any(label.get_parse_math() for label in ax.get_xticklabels())
