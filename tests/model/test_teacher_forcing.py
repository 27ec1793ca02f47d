"""The coin falls as often as it should, and schedules let go, not on."""

from itertools import pairwise

import pytest
import tiny
import torch
from hypothesis import given
from hypothesis import strategies as st

from s2s_lib.model.teacher_forcing import constant, exponential, flip, inverse_sigmoid, linear

FALLING = {
    "linear": linear(),
    "linear part of the way": linear(0.9, 0.2),
    "exponential": exponential(),
    "inverse sigmoid": inverse_sigmoid(),
    "steep": inverse_sigmoid(1e6),
}
ENDS = {"linear": (1, 0), "linear part of the way": (0.9, 0.2), "exponential": (1, 0.05), "steep": (1, 0)}


def coin(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_the_truth_is_read_with_probability_p(p):
    n = 40_000
    forced = int(flip(p, n // 100, 101, coin())[:, 1:].sum())
    assert abs(forced - n * p) < 5 * (n * p * (1 - p)) ** 0.5  # five standard deviations of a binomial


def test_at_zero_never_and_at_one_always():
    assert not flip(0.0, 200, 200, coin())[:, 1:].any()
    assert flip(1.0, 200, 200, coin()).all()


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_the_first_step_always_reads_the_truth(p):
    assert flip(p, 50, 4, coin())[:, 0].all()
    assert flip(p, 3, 1, coin()).all()


def test_every_step_tosses_its_own_coin():
    forced = flip(0.5, 400, 21, coin())[:, 1:]
    switches = (forced[:, 1:] != forced[:, :-1]).float().mean()
    assert 0.45 < switches < 0.55  # a coin for each sentence never switches
    assert 0.4 < (forced[1:] != forced[:-1]).float().mean() < 0.6  # a coin for the batch never differs


def test_the_coin_falls_as_its_generator_says():
    torch.manual_seed(1)
    first = flip(0.5, 9, 9, coin(3))
    torch.manual_seed(2)
    before = torch.get_rng_state()
    assert torch.equal(first, flip(0.5, 9, 9, coin(3)))
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(("kind", "tossed"), [("step", 1), ("token", len(tiny.LENGTHS))])
def test_a_step_has_one_coin_for_the_batch_and_a_token_its_own(kind, tossed, monkeypatch):
    rows = []

    def watched(p, number, steps, generator=None):
        rows.append(number)
        return flip(p, number, steps, generator)

    monkeypatch.setattr("s2s_lib.model.seq2seq.flip", watched)
    tiny.model()(tiny.batch(), 0.5, coin(), kind)
    assert rows == [tossed]


@pytest.mark.parametrize("name", FALLING)
def test_a_schedule_falls_and_stays_a_probability(name):
    values = [FALLING[name](i / 200) for i in range(201)]
    assert all(a >= b for a, b in pairwise(values))
    assert all(0 <= p <= 1 for p in values)
    assert values[0] > 0.85
    assert values[-1] < 0.25


@pytest.mark.parametrize(("name", "ends"), ENDS.items())
def test_a_schedule_begins_and_ends_where_it_says(name, ends):
    assert (FALLING[name](0.0), FALLING[name](1.0)) == pytest.approx(ends)


@given(st.floats(min_value=1e-6, max_value=1e300), st.floats(0, 1))
def test_inverse_sigmoid_is_symmetric_about_one_half_and_never_overflows(k, progress):
    schedule = inverse_sigmoid(k)
    assert schedule(0.5) == 0.5
    assert schedule(progress) + schedule(1 - progress) == pytest.approx(1)


def test_a_greater_k_falls_more_steeply():
    assert inverse_sigmoid(20)(0.4) > inverse_sigmoid(5)(0.4) > 0.5 > inverse_sigmoid(5)(0.6) > inverse_sigmoid(20)(0.6)


def test_exponential_falls_by_the_same_factor_in_every_step():
    values = [exponential(0.1)(i / 10) for i in range(11)]
    ratios = [b / a for a, b in pairwise(values)]
    assert ratios == pytest.approx([ratios[0]] * 10)


def test_a_constant_schedule_stays():
    assert [constant(0.3)(progress) for progress in (0.0, 0.5, 1.0)] == [0.3] * 3


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan"), float("inf")])
def test_what_is_no_probability_is_refused(p):
    for schedule in (constant(p), linear(p, p)):
        with pytest.raises(ValueError, match="between 0 and 1"):
            flip(schedule(0.5), 2, 2)


@pytest.mark.parametrize("end", [0, -0.1, 1.5])
def test_an_exponential_that_cannot_fall_is_refused(end):
    with pytest.raises(ValueError, match="0 < end <= 1"):
        exponential(end)


@pytest.mark.parametrize("k", [0, -10])
def test_an_inverse_sigmoid_that_would_not_fall_is_refused(k):
    with pytest.raises(ValueError, match="k"):
        inverse_sigmoid(k)
