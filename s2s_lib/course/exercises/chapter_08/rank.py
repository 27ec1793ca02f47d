"""08-rank: hypotheses of different lengths, ranked with a length penalty."""

import torch

from ....translating.decoding import ranked
from ...desk.exercise import Exercise, Wrong


def rank(log_probs, lengths, alpha):
    """Order hypotheses by log probability / length ** alpha, the best first."""
    return by(log_probs / lengths**alpha)


def by(scores, descending=True):
    """Order by scores; return the order and the scores, in that order."""
    found = scores.sort(descending=descending)
    return found.indices.tolist(), found.values


def _cases(generator):
    """Two hypotheses, then one, then more; longer ones are less likely, so that alpha decides."""
    for count, alpha in ((2, 1.0), (1, 0.5), (3, 0.0), (4, 0.5), (5, 1.5), (6, 1.0)):
        yield *_drawn(generator, count, alpha), alpha


def _drawn(generator, count, alpha):
    """Draw hypotheses, again and again until no two scores are alike."""
    while True:
        lengths = torch.randperm(8, generator=generator)[:count] + 2
        log_probs = -(lengths + torch.randint(9, (count,), generator=generator)) / 4
        if all(len(scores.unique()) == count for scores in (log_probs, log_probs / lengths**alpha)):
            return log_probs, lengths


RANK = Exercise(
    id="08-rank",
    objective="Rank hypotheses of different lengths with a length penalty",
    points=2,
    minutes=10,
    difficulty=1,
    reference=rank,
    cases=lambda generator: list(_cases(generator)),
    library=(ranked,),
    returns=("order", "scores"),
    hints=(
        "What is the score at alpha = 0, and what at alpha = 1?",
        "`lengths ** alpha` is a tensor of shape (K,); the log probabilities are divided by it, one by one.",
        "`scores.sort(descending=True)` gives `values`, the sorted scores, and `indices`, the order; `.tolist()` makes "
        "a list of the latter.",
    ),
    wrong=(
        Wrong(
            "length-norm-sign",
            "The penalty works the wrong way round: the larger alpha, the worse long hypotheses fare. Log "
            "probabilities are negative, so that *dividing* by a large number brings a score nearer to 0, which "
            "is better.",
            lambda log_probs, lengths, alpha: by(log_probs * lengths**alpha),
            lambda log_probs, lengths, alpha: by(log_probs / lengths**-alpha),
            lambda log_probs, lengths, alpha: by(log_probs - alpha * lengths),
        ),
        Wrong(
            "alpha-ignored",
            "Alpha has no effect: you divide by the length itself, which is right at alpha = 1 only.",
            lambda log_probs, lengths, alpha: by(log_probs / lengths),
        ),
        Wrong(
            "length-ignored",
            "These are the plain log probabilities, right at alpha = 0 only.",
            lambda log_probs, lengths, alpha: by(log_probs),
        ),
        Wrong(
            "alpha-times-length",
            "Alpha is an exponent here, not a factor: length ** alpha.",
            lambda log_probs, lengths, alpha: by(log_probs / (alpha * lengths)),
            lambda log_probs, lengths, alpha: by(alpha * log_probs / lengths),
        ),
        Wrong(
            "word-reward",
            "You add alpha for every word. That is another way to help long sentences, and gives other scores; "
            "asked for is a division by length ** alpha.",
            lambda log_probs, lengths, alpha: by(log_probs + alpha * lengths),
        ),
        Wrong(
            "other-penalty",
            "This is the length penalty of Google's system (Wu et al. 2016), ((5 + length) / 6) ** alpha. "
            "Here it is length ** alpha.",
            lambda log_probs, lengths, alpha: by(log_probs / ((5 + lengths) / 6) ** alpha),
        ),
        Wrong(
            "root-instead-of-power",
            "The whole quotient is raised to alpha, or the exponent is 1 / alpha. Only the length is raised, to alpha.",
            lambda log_probs, lengths, alpha: by(-((-log_probs / lengths) ** alpha)),
            lambda log_probs, lengths, alpha: by(log_probs / lengths ** (1 / max(alpha, 1e-9))),
        ),
        Wrong(
            "probabilities",
            "Scores are of log probabilities; you take probabilities, by `exp`.",
            lambda log_probs, lengths, alpha: by(log_probs.exp() / lengths**alpha),
            lambda log_probs, lengths, alpha: by((log_probs / lengths**alpha).exp()),
        ),
        Wrong(
            "eos-not-counted",
            "The lengths are one too small: `lengths` counts `<eos>` already, and `<eos>` has a probability, too.",
            lambda log_probs, lengths, alpha: by(log_probs / (lengths - 1) ** alpha),
        ),
        Wrong(
            "worst-first",
            "The worst stands first: scores are negative, and the largest is the best.",
            lambda log_probs, lengths, alpha: by(log_probs / lengths**alpha, descending=False),
        ),
        Wrong(
            "scores-unsorted",
            "The order is right, and the scores stand in the order in which the hypotheses were given: sort them, too.",
            lambda log_probs, lengths, alpha: (rank(log_probs, lengths, alpha)[0], log_probs / lengths**alpha),
        ),
        Wrong(
            "ranks",
            "You give each hypothesis its rank. Asked for is the list of hypotheses in their order, best first: "
            "`indices` of the sort.",
            lambda log_probs, lengths, alpha: (
                torch.tensor(rank(log_probs, lengths, alpha)[0]).argsort().tolist(),
                rank(log_probs, lengths, alpha)[1],
            ),
        ),
        Wrong(
            "returned-swapped",
            "Both are right, in the wrong order: return the order, then the scores.",
            lambda *given: rank(*given)[::-1],
            lambda log_probs, lengths, alpha: tuple((log_probs / lengths**alpha).sort(descending=True)),
        ),
        Wrong(
            "order-a-tensor",
            "The order is right, as a tensor; a list is asked for: `.tolist()`.",
            lambda *given: (torch.tensor(rank(*given)[0]), rank(*given)[1]),
        ),
        Wrong(
            "one-of-two",
            "One thing is missing: return the order and the scores.",
            lambda *given: rank(*given)[0],
            lambda *given: rank(*given)[1],
        ),
    ),
)
