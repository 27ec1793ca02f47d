"""Differences with an interval, against textbook formulas, simulation, and resampling done by hand."""

import inspect
import math
import statistics

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from s2s_lib.course.research.tables import table
from s2s_lib.measuring.intervals import compare_settings, drawn_again, paired_bootstrap, paired_difference, student_t
from s2s_lib.measuring.scores import bleu, chrf

MEASURES = {"bleu": bleu, "chrf": chrf}
WORDS = ["the", "a", "black", "red", "cat", "dog", "man", "bird", "sees", "eats", "runs", "quickly", "today", "Here"]


def drawn_sentences(seed, count=12):
    """Draw references, and two systems that get some of their words wrong."""
    generator = torch.Generator().manual_seed(seed)

    def draw(size):
        return torch.randint(size, (1,), generator=generator).item()

    references = [[WORDS[draw(len(WORDS))] for _ in range(5 + draw(5))] for _ in range(count)]
    systems = [
        [" ".join(WORDS[draw(len(WORDS))] if draw(rate) == 0 else word for word in sentence) for sentence in references]
        for rate in (6, 4)
    ]
    return (*systems, [" ".join(sentence) for sentence in references])


def inside(t, degrees):
    """Integrate the density of Student's distribution from -t to t, by Simpson's rule (Student 1908)."""
    grid = torch.linspace(-t, t, 200_001, dtype=torch.float64)
    scale = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)) / math.sqrt(degrees * math.pi)
    density = scale * (1 + grid**2 / degrees) ** (-(degrees + 1) / 2)
    step = 2 * t / 200_000
    return (step / 3 * (density[0] + density[-1] + 4 * density[1:-1:2].sum() + 2 * density[2:-1:2].sum())).item()


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("degrees", [1, 2, 4, 9, 29])
def test_students_distribution_holds_what_it_should_between_the_two_quantiles(confidence, degrees):
    assert inside(student_t(confidence, degrees), degrees) == pytest.approx(confidence, abs=1e-7)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.99])
def test_the_interval_is_the_textbooks(confidence):
    """Mean plus and minus t standard errors, written out in plain Python."""
    generator = np.random.default_rng(0)
    for n in (2, 3, 5, 30):
        ours, theirs = generator.normal(size=n) + 0.3, generator.normal(size=n)
        found = paired_difference(ours, theirs, confidence)
        differences = [a - b for a, b in zip(ours, theirs, strict=True)]
        mean = sum(differences) / n
        spread = math.sqrt(sum((each - mean) ** 2 for each in differences) / (n - 1))
        half = student_t(confidence, n - 1) * spread / math.sqrt(n)
        assert tuple(found) == pytest.approx((mean, mean - half, mean + half, n))


def test_the_interval_of_a_textbook_by_hand():
    ours, theirs = [0.91, 0.94, 0.90, 0.95, 0.93], [0.90, 0.91, 0.88, 0.95, 0.90]
    differences = [0.01, 0.03, 0.02, 0.00, 0.03]
    half = 2.776 * statistics.stdev(differences) / math.sqrt(5)  # 2.776: any table of t, 4 degrees of freedom, 95 %
    found = paired_difference(ours, theirs)
    assert found.mean == pytest.approx(0.018)
    assert (found.low, found.high) == pytest.approx((0.018 - half, 0.018 + half), abs=1e-5)


@pytest.mark.parametrize(("confidence", "n"), [(0.95, 5), (0.8, 3)])
def test_as_many_intervals_hold_the_truth_as_they_promise(confidence, n):
    """Seeds that differ much, and both settings alike with them: the interval is of the difference alone."""
    generator, held, narrow = np.random.default_rng(1), 0, 0
    for _ in range(1500):
        seed_effect = generator.normal(scale=10, size=n)
        ours = seed_effect + 0.7 + generator.normal(size=n)
        theirs = seed_effect + generator.normal(size=n)
        found = paired_difference(ours, theirs, confidence)
        held += found.low <= 0.7 <= found.high
        narrow += found.high - found.low < 10
    assert held / 1500 == pytest.approx(confidence, abs=0.03)
    assert narrow > 1400


numbers = st.floats(-1e3, 1e3)


@given(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=8), st.floats(0.01, 0.99))
def test_turned_round_a_difference_changes_its_sign(pairs, confidence):
    ours, theirs = zip(*pairs, strict=True)
    there, back = paired_difference(ours, theirs, confidence), paired_difference(iter(theirs), iter(ours), confidence)
    assert (there.mean, there.low, there.high) == pytest.approx((-back.mean, -back.high, -back.low), abs=1e-9)
    assert there.low <= there.mean <= there.high
    assert paired_difference(ours, ours, confidence)[:3] == (0, 0, 0)
    assert paired_difference([x + 1 for x in ours], ours, confidence)[:3] == pytest.approx((1, 1, 1), abs=1e-9)


WRONG_SEEDS = [
    pytest.param([1.0, 2.0], [1.0], {}, "2 and 1", id="a seed missing"),
    pytest.param([1.0], [1.0], {}, "1 seeds", id="one seed"),
    pytest.param([], [], {}, "0 seeds", id="none"),
    pytest.param([1.0, float("nan")], [1.0, 2.0], {}, r"ours\[1\] is nan", id="nan"),
    pytest.param([1.0, 2.0], [1.0, float("inf")], {}, r"theirs\[1\] is inf", id="infinite"),
    pytest.param(["1", "2"], [1.0, 2.0], {}, r"ours\[0\] is a str", id="text"),
    pytest.param("12", "34", {}, "ours is one text", id="a string"),
    pytest.param([1.0, None], [1.0, 2.0], {}, r"ours\[1\] is a NoneType", id="no result"),
    pytest.param([[1.0], [2.0]], [1.0, 2.0], {}, r"ours\[0\] is a list", id="nested"),
    pytest.param({0: 1.0, 1: 2.0}, [1.0, 2.0], {}, "ours is a dict", id="by seed"),
    pytest.param(1.0, 2.0, {}, "ours is a float", id="numbers"),
    pytest.param([1.0, 2.0], [1.0, 2.0], {"confidence": 95}, "confidence=95", id="per cent"),
    pytest.param([1.0, 2.0], [1.0, 2.0], {"confidence": 1.0}, "confidence=1.0", id="certainty"),
    pytest.param([1.0, 2.0], [1.0, 2.0], {"confidence": 0.0}, "confidence=0.0", id="none of it"),
]


@pytest.mark.parametrize(("ours", "theirs", "options", "said"), WRONG_SEEDS)
def test_seeds_that_can_not_be_paired_are_refused(ours, theirs, options, said):
    with pytest.raises((ValueError, TypeError), match=said):
        inspect.unwrap(paired_difference)(ours, theirs, **options)


ROWS = pd.DataFrame(
    {
        "attention": ["dot"] * 3 + ["none"] * 3 + ["fixed"] * 2,
        "seed": [0, 1, 2, 2, 0, 1, 0, 1],
        "exact": [0.9, 0.8, 0.7, 0.5, 0.4, 0.6, 0.1, None],
        "note": ["x"] * 8,
    }
)
DOT, NONE = {"attention": "dot"}, {"attention": "none"}


def test_settings_of_a_table_are_paired_by_their_seed():
    expected = paired_difference([0.9, 0.8, 0.7], [0.4, 0.6, 0.5])
    assert compare_settings(ROWS, "exact", ours=DOT, theirs=NONE) == expected
    assert compare_settings(ROWS.sample(frac=1, random_state=0), "exact", ours=DOT, theirs=NONE) == pytest.approx(
        expected
    )
    assert compare_settings(ROWS, "exact", ours=DOT, theirs=NONE, confidence=0.5).low > expected.low


def test_a_table_of_the_course_gives_the_difference_of_its_means():
    rows = table("bottleneck")
    means = rows.groupby(["attention", "hidden_size"])["exact"].mean()
    ours, theirs = ({"attention": kind, "hidden_size": 64} for kind in ("dot", "none"))
    found = compare_settings(rows, "exact", ours=ours, theirs=theirs)
    assert found.mean == pytest.approx(means["dot", 64] - means["none", 64])
    assert 0 < found.low < found.mean < found.high
    assert found.n == 5


@pytest.mark.parametrize(
    ("rows", "value", "ours", "said"),
    [
        (ROWS, "exakt", DOT, "no column exakt"),
        (ROWS, "exact", {"attentoin": "dot"}, "no column attentoin"),
        (ROWS, "exact", {"attention": "general"}, "'general'.*dot.*none"),
        (ROWS, "exact", {"attention": "dot", "seed": 3}, "no row has seed 3"),
        (ROWS, "exact", {}, "8 rows for 3 seeds: name more settings"),
        (ROWS.fillna(0.2), "exact", {"attention": "fixed"}, r"seeds \[0, 1\].*\[0, 1, 2\]"),
        (ROWS[ROWS.seed < 2], "exact", {"attention": "fixed"}, "is nan"),
        (ROWS[ROWS.seed < 1], "exact", DOT, "1 seeds"),
        (ROWS, "note", DOT, "is a str"),
        (ROWS.drop(columns="seed"), "exact", DOT, "no column seed"),
        ("attention", "exact", DOT, "table is a str"),
    ],
)
def test_settings_that_can_not_be_compared_are_said(rows, value, ours, said):
    with pytest.raises((ValueError, TypeError), match=said):
        inspect.unwrap(compare_settings)(rows, value, ours=ours, theirs=NONE)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("lowercase", [None, True, False])
def test_the_bootstrap_equals_scoring_each_resample_anew(measure, lowercase):
    ours, theirs, references = drawn_sentences(0)
    ours = [text.title() for text in ours]
    options = {} if lowercase is None else {"lowercase": lowercase}

    def score(texts, chosen):
        picked = [[side[i] for i in chosen] for side in (texts, references)]
        return MEASURES[measure](*picked, **options)

    differences = [score(ours, chosen) - score(theirs, chosen) for chosen in drawn_again(12, 60, seed=3)]
    found = paired_bootstrap(ours, theirs, references, measure, lowercase=lowercase, resamples=60, seed=3)
    assert found.difference == pytest.approx(score(ours, range(12)) - score(theirs, range(12)))
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(differences, [0.025, 0.975])))
    assert found.not_better == pytest.approx(sum(difference <= 0 for difference in differences) / 60)
    assert found.low < found.high


def test_resamples_are_as_large_as_the_test_set_and_draw_every_sentence_alike():
    draws = torch.stack(list(drawn_again(10, 2000, seed=0)))
    assert draws.shape == (2000, 10)
    counts = draws.flatten().bincount(minlength=10)
    assert counts.sum() == 20000
    assert (counts - 2000).abs().max() < 5 * 2000**0.5
    assert len({tuple(row) for row in draws.tolist()}) > 1990
    assert any(len(set(row)) < 10 for row in draws.tolist())  # with replacement


@pytest.mark.parametrize("measure", MEASURES)
def test_a_system_is_no_better_than_itself(measure):
    ours, _, references = drawn_sentences(1)
    assert paired_bootstrap(ours, ours, references, measure, resamples=100) == (0, 0, 0, 1)


@pytest.mark.parametrize("measure", MEASURES)
def test_turned_round_a_bootstrap_changes_its_sign(measure):
    ours, theirs, references = drawn_sentences(2)
    there = paired_bootstrap(ours, theirs, references, measure, resamples=200)
    back = paired_bootstrap(iter(theirs), iter(ours), iter(references), measure, resamples=200)
    assert there[:3] == pytest.approx((-back.difference, -back.high, -back.low))
    assert there.not_better + back.not_better == pytest.approx(1)  # no resample is a draw here


def test_a_system_that_is_better_in_every_sentence_is_so_in_every_resample():
    _, theirs, references = drawn_sentences(3)
    theirs = [f"{text} nonsense" for text in theirs]
    found = paired_bootstrap(references, theirs, references, resamples=100)
    assert found.not_better == 0
    assert 0 < found.low < found.difference < found.high


def test_options_of_the_bootstrap_each_change_what_they_say():
    ours, theirs, references = drawn_sentences(4)
    given = ours, theirs, references

    def width(**options):
        found = paired_bootstrap(*given, **options)
        return found.high - found.low

    assert paired_bootstrap(*given, seed=1) == paired_bootstrap(*given, seed=1) != paired_bootstrap(*given, seed=2)
    assert width(confidence=0.5) < width(confidence=0.9) < width(confidence=0.99)
    assert paired_bootstrap(*given, "chrf").difference != paired_bootstrap(*given, "bleu").difference
    assert paired_bootstrap(*given, resamples=50) != paired_bootstrap(*given, resamples=51)
    state = torch.get_rng_state()
    paired_bootstrap(*given, resamples=50)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ours": ["a b"]}, "ours and references: there are 1 and 2"),
        ({"theirs": ["a b", "c", "d"]}, "theirs and references: there are 3 and 2"),
        ({"references": ["a b"]}, "2 and 1"),
        ({"ours": "a b"}, "ours is one text"),
        ({"theirs": [["a"], ["b"]]}, r"theirs\[0\] is a list"),
        ({"references": [["a"], ["b"]]}, r"references\[0\] is a list"),
        ({"ours": ["a"], "theirs": ["a"], "references": ["a"]}, "one sentence"),
        ({"ours": [], "theirs": [], "references": []}, "no sentence"),
        ({"measure": "rouge"}, "'rouge'.*bleu.*chrf"),
        ({"resamples": 20}, "20 resamples"),
        ({"resamples": 0}, "0 resamples"),
        ({"confidence": 95}, "confidence=95"),
    ],
)
def test_what_can_not_be_resampled_is_said(change, said):
    texts = ["a b", "c d"]
    with pytest.raises((ValueError, TypeError), match=said):
        inspect.unwrap(paired_bootstrap)(**({"ours": texts, "theirs": texts, "references": texts} | change))
