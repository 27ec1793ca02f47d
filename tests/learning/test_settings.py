"""Settings: what can't be meant is refused in words, what can be meant comes out as plain numbers."""

import math

import numpy as np
import pytest
import torch

from s2s_lib.learning.settings import Settings
from s2s_lib.model.teacher_forcing import linear

USUAL = Settings(3, 5e-3, 0.3, 1.0, "step", 1.0, 0.0, None, 0)
NAN, INF = math.nan, math.inf
VALUES = {
    "epochs": [0, -1],
    "lr": [0, 0.0, -1e-3, NAN, INF, -INF],
    "warmup": [-0.1, 1.1, 3, NAN, INF],
    "teacher_forcing": [-0.1, 1.01, 2, NAN, INF, torch.tensor(1.5), lambda progress: 2.0, linear(1.0, -0.1)],
    "coin": ["word", "", "Step", None, 1, ["step"]],
    "clip": [0, -1.0, NAN, -INF],
    "label_smoothing": [-0.1, 1, 1.0, 1.5, NAN],
    "patience": [0, -1],
    "seed": [2**64, -(2**63) - 1],
}
TYPES = {
    "epochs": [True, 2.0, "3", None, [3], np.float64(3)],
    "lr": ["0.1", None, True, 1j, [0.1]],
    "warmup": ["0.1", None, False, torch.zeros(2)],
    "teacher_forcing": ["0.5", None, True, [1.0, 0.5], lambda progress: None, lambda progress: "1", linear],
    "clip": ["1", True, [1.0]],
    "label_smoothing": ["0", None, True],
    "patience": [True, False, 2.0, "2", NAN],
    "seed": [None, 1.0, "1", True],
}


def each(table):
    return [pytest.param(name, value, id=f"{name}-{value!r:.30}") for name, values in table.items() for value in values]


@pytest.mark.parametrize(("name", "value"), each(VALUES))
def test_a_value_that_cannot_be_meant_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=rf"^{name}.*(give|choose) "):
        USUAL._replace(**{name: value}).checked()


@pytest.mark.parametrize(("name", "value"), each(TYPES))
def test_a_type_that_cannot_be_meant_is_refused_by_name(name, value):
    with pytest.raises(TypeError, match=rf"^{name}.*give "):
        USUAL._replace(**{name: value}).checked()


def test_two_common_slips_are_told_what_to_write():
    with pytest.raises(TypeError, match=r'clip=None.*float\("inf"\)'):
        USUAL._replace(clip=None).checked()
    with pytest.raises(TypeError, match=r"linear makes a schedule.*give linear\(\)"):
        USUAL._replace(teacher_forcing=linear).checked()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("epochs", value) for value in (1, np.int64(7))),
        *(("lr", value) for value in (1, 1e-300, np.float32(0.1))),
        *(("warmup", value) for value in (0, 1, 0.5)),
        *(("clip", value) for value in (INF, 1e-9, 2)),
        *(("label_smoothing", value) for value in (0, 0.999)),
        *(("patience", value) for value in (None, 1, np.int32(4))),
        *(("seed", value) for value in (2**64 - 1, -(2**63), np.int64(5))),
        *(("coin", value) for value in ("step", "token")),
    ],
)
def test_what_can_be_meant_comes_out_as_a_plain_value_and_is_accepted_again(name, value):
    checked = USUAL._replace(**{name: value}).checked()
    assert getattr(checked, name) == value
    assert type(getattr(checked, name)) in (int, float, str, type(None))
    assert getattr(checked.checked(), name) == value


@pytest.mark.parametrize("value", [0, 1, 0.25, np.float32(0.25), torch.tensor(0.25), lambda p: torch.tensor(p)])
def test_a_probability_or_a_schedule_of_any_numbers_gives_floats(value):
    forcing = USUAL._replace(teacher_forcing=value).checked()
    for progress in (0.0, 0.3, 1.0):
        expected = value(progress) if callable(value) and not isinstance(value, torch.Tensor) else value
        assert type(forcing.forcing_at(progress)) is float
        assert forcing.forcing_at(progress) == pytest.approx(float(expected))


def test_a_schedule_stays_itself():
    falling = linear()
    assert USUAL._replace(teacher_forcing=falling).checked().teacher_forcing is falling
