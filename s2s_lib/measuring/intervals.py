"""Is one setting better than another, or was it luck? Differences with an interval, over seeds and over sentences."""

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from numbers import Real
from typing import TYPE_CHECKING, NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from ..corpora.checks import check_number, check_numbers, kind, listed, numbered
from .comparable import texts

if TYPE_CHECKING:
    import pandas as pd


class PairedDifference(NamedTuple):
    """The mean over n seeds of ours minus theirs, and the interval `low`..`high` around it."""

    mean: float
    low: float
    high: float
    n: int


class ScoreDifference(NamedTuple):
    """The corpus score of ours minus that of theirs, the interval `low`..`high`, and a share of the resamples."""

    difference: float
    low: float
    high: float
    not_better: float  # the share in which ours scores no higher than theirs


def paired_difference(
    ours: Iterable[float],
    theirs: Iterable[float],
    confidence: float = 0.95,
) -> PairedDifference:
    """Compare two settings over the same seeds: the mean difference, with Student's t interval (Student 1908).

    `ours` and `theirs` hold one number for each seed, in the same order. What a lucky seed gives to both sides
    drops out of their difference, so the interval is narrower than those of the two means. It takes the differences
    to be about normal; of many settings compared at 95 %, one in twenty seems to differ by chance alone. Raises
    ValueError for different numbers of seeds, fewer than two, and NaN, TypeError for what is no number.
    """
    check_confidence(confidence)
    first = numbers("ours", ours)
    second = numbers("theirs", theirs)
    check_numbers(first, second, "numbers of ours and of theirs")
    n = len(first)
    if n < 2:
        raise ValueError(f"{n} seeds: how far a difference varies takes two seeds or more, better five")
    sides = torch.tensor([first, second], dtype=torch.float64)  # (2, n)
    differences = sides[0] - sides[1]  # (n,)
    mean = differences.mean().item()
    error = differences.std().item() / math.sqrt(n)  # of the mean; std divides by n - 1
    half = error * student_t(confidence, n - 1)
    return PairedDifference(
        mean=mean,
        low=mean - half,
        high=mean + half,
        n=n,
    )


@cache
def student_t(confidence: float, degrees: int) -> float:
    """Give the t between whose minus and plus Student's distribution of so many degrees of freedom holds `confidence`.

    What lies outside is the regularized incomplete beta function (Abramowitz and Stegun 1964, 26.7.1 and 26.5.27).
    """
    from mpmath import betainc, findroot  # here, since only comparisons need it

    def too_much_outside(t: Real) -> Real:
        outside = betainc(degrees / 2, 0.5, 0, degrees / (degrees + t * t), regularized=True)
        return outside - (1 - confidence)

    return float(findroot(too_much_outside, (0, 1e6), solver="bisect", maxsteps=100))


def compare_settings(
    table: "pd.DataFrame", value: str, *, ours: Mapping, theirs: Mapping, confidence: float = 0.95
) -> PairedDifference:
    """Compare two settings of a table over its seeds: the mean of column `value` in ours minus that in theirs.

    `ours` and `theirs` name columns and the value that a row has there, {"attention": "dot"}. Raises ValueError
    where a setting is not in the table, holds a seed twice, or has other seeds than the other one.
    """
    first = by_seed(table, value, ours)
    second = by_seed(table, value, theirs)
    if first.keys() != second.keys():
        raise ValueError(f"ours has the seeds {sorted(first)}, theirs {sorted(second)}: only the same can be compared")
    partners = [second[seed] for seed in first]
    return paired_difference(first.values(), partners, confidence)


def by_seed(table: object, value: str, settings: Mapping) -> dict[int, float]:
    """Take the values of one setting out of a table, each with its seed."""
    if not hasattr(table, "columns"):
        raise TypeError(f"table is {kind(table)}: a table is meant, as ablation.table and run_grid give them")
    missing = {value, "seed", *settings} - set(table.columns)
    if missing:
        raise ValueError(f"the table has no column {', '.join(sorted(missing))}")
    for name, wanted in settings.items():
        known = table[name].unique().tolist()
        table = table[table[name] == wanted]
        if table.empty:
            raise ValueError(f"no row has {name} {wanted!r}, given what was chosen before; there are {known}")
    setting = dict(settings)
    seeds = table["seed"].tolist()
    different = len(set(seeds))
    if different < len(seeds):
        raise ValueError(f"{setting} has {len(seeds)} rows for {different} seeds: name more settings")
    results = numbers(f"{value} of {setting}", table[value].tolist())
    return dict(zip(seeds, results, strict=True))


def paired_bootstrap(
    ours: Iterable[str],
    theirs: Iterable[str],
    references: Iterable[str],
    measure: str = "bleu",
    *,
    lowercase: bool | None = None,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> ScoreDifference:
    """Compare two systems on the same test sentences (Koehn 2004, on paired bootstrap resampling).

    Test sentences are drawn anew `resamples` times, as many as there are and with replacement, and both systems are
    scored on each draw; the interval leaves out as many of the differences above as below. It tells how far the
    choice of the *sentences* decides, and nothing of another training seed. The `measure` is "bleu" or "chrf", each
    with the `lowercase` of the function of that name. Raises TypeError for tokens in place of text, ValueError for
    different numbers of sentences, fewer than two, and too few resamples for the interval.
    """
    check_confidence(confidence)
    beyond = resamples * (1 - confidence) / 2
    if round(beyond, 6) < 1:
        raise ValueError(f"{resamples} resamples leave none outside of {confidence:.0%}: draw more, such as 1000")
    references = listed("references", references)
    first, wanted = texts(ours, references, "ours")
    second, _ = texts(theirs, references, "theirs")
    if len(wanted) < 2:
        raise ValueError("one sentence: however often it is drawn, the score stays the same")
    scorer = sentence_scorer(measure, lowercase)
    one = sentence_counts(scorer, first, wanted)
    other = sentence_counts(scorer, second, wanted)
    resampled = []
    for chosen in drawn_again(len(wanted), resamples, seed):
        difference = score(scorer, one[chosen]) - score(scorer, other[chosen])
        resampled.append(difference)
    spread = torch.tensor(resampled, dtype=torch.float64)  # (resamples,)
    ends = torch.tensor([(1 - confidence) / 2, (1 + confidence) / 2], dtype=torch.float64)
    low, high = spread.quantile(ends).tolist()
    not_better = (spread <= 0).double().mean().item()
    return ScoreDifference(
        difference=score(scorer, one) - score(scorer, other),
        low=low,
        high=high,
        not_better=not_better,
    )


def drawn_again(sentences: int, resamples: int, seed: int) -> Iterator[Int[Tensor, " N"]]:
    """Draw test sets of as many sentences as there are, by their numbers, with replacement."""
    generator = torch.Generator().manual_seed(seed)
    for _ in range(resamples):
        yield torch.randint(sentences, (sentences,), generator=generator)


def sentence_scorer(measure: str, lowercase: bool | None) -> object:
    """Make sacrebleu's BLEU or chrF, as the function of that name uses it. Raises ValueError for another name."""
    from sacrebleu import BLEU, CHRF

    if measure not in ("bleu", "chrf"):
        raise ValueError(f'measure={measure!r}: choose "bleu" or "chrf"')
    if measure == "bleu":
        return BLEU(lowercase=lowercase is not False)
    return CHRF(lowercase=lowercase is True)


# A corpus score is made of counts that add up over sentences. sacrebleu's public functions count a corpus anew each
# time, which would take minutes here; these two are what its own significance tests use. requirements.txt pins it.


def sentence_counts(scorer: object, said: list[str], wanted: list[str]) -> Int[Tensor, "N C"]:
    """Count matches, n-grams and lengths, sentence by sentence."""
    return torch.tensor(scorer._extract_corpus_statistics(said, [wanted]))


def score(scorer: object, counts: Int[Tensor, "N C"]) -> float:
    """Give the corpus score of these sentences."""
    total = counts.sum(0).tolist()
    return scorer._compute_score_from_stats(total).score


def numbers(name: str, given: object) -> list[float]:
    """List finite numbers. Raises TypeError for anything else, ValueError for NaN and infinity."""
    found = []
    for entry, number in numbered(name, given):
        if not isinstance(number, Real):
            raise TypeError(f"{entry} is {kind(number)}: a number is meant; a tensor has .item()")
        if not math.isfinite(number):
            raise ValueError(f"{entry} is {number}: each seed needs a result on both sides")
        found.append(float(number))
    return found


def check_confidence(confidence: float) -> None:
    """Raise TypeError for what is no number, ValueError unless it lies between 0 and 1."""
    check_number("confidence", confidence, "a share between 0 and 1, such as 0.95", lambda share: 0 < share < 1)
