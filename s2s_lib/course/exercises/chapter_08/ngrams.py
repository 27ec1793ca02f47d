"""BLEU in parts that can be replaced one by one: n-grams, how they are counted, brevity, the mean."""

import math
from collections import Counter

import torch

ORDERS = (1, 2, 3, 4)


def ngrams(tokens, n):
    """Count the runs of n tokens."""
    return Counter(zip(*(tokens[start:] for start in range(n)), strict=False))


def clipped(hypothesis, reference):
    """Count the n-grams of a hypothesis that the reference has, each as often as there at most."""
    return (hypothesis & reference).total()


def unclipped(hypothesis, reference):
    """Count them as often as the hypothesis has them."""
    return sum(count for ngram, count in hypothesis.items() if ngram in reference)


def once(hypothesis, reference):
    """Count the different ones."""
    return len(hypothesis.keys() & reference.keys())


def matches(hypotheses, references, n, count=clipped):
    """Count the n-grams that match, sentence by sentence, and all there are."""
    pairs = [(ngrams(h, n), ngrams(r, n)) for h, r in zip(hypotheses, references, strict=True)]
    return sum(count(h, r) for h, r in pairs), sum(h.total() for h, _ in pairs)


def share(found, total):
    """Divide, 0 of 0 being 0."""
    return found / max(1, total)


def papineni(hypothesis, reference):
    """Brevity penalty of a corpus of these two lengths."""
    return 1.0 if hypothesis >= reference else math.exp(1 - reference / hypothesis)


def geometric(precisions):
    """Geometric mean, 0 if one of them is."""
    return math.prod(precisions) ** (1 / len(precisions))


def variant(of=matches, divide=share, brevity=papineni, mean=geometric, orders=ORDERS, scale=100.0, count=clipped):
    """Make a corpus BLEU with one of its parts replaced."""

    def answer(hypotheses, references):
        precisions = [divide(*of(hypotheses, references, n, count)) for n in orders]
        lengths = [sum(map(len, side)) for side in (hypotheses, references)]
        return torch.tensor(scale * brevity(*lengths) * mean(precisions))

    return answer


def sentence_mean(score):
    """Score each sentence, and average the scores."""
    return lambda hypotheses, references: torch.stack(
        [score([h], [r]) for h, r in zip(hypotheses, references, strict=True)]
    ).mean()


def logs(precisions):
    """Geometric mean by logarithms, which has no answer for 0."""
    return math.exp(sum(map(math.log, precisions)) / len(precisions))


def halved(precisions):
    """Weigh the orders by 1/2, 1/4, 1/8 and 1/16."""
    return math.prod(p**0.5**n for n, p in enumerate(precisions, 1))


def pooled(hypotheses, references, n, count):
    """Throw all sentences together, then count."""
    together = [sum((ngrams(tokens, n) for tokens in side), ngrams([], n)) for side in (hypotheses, references)]
    return count(*together), together[0].total()


def of_references(hypotheses, references, n, count):
    """Divide by the n-grams of the references."""
    return matches(references, hypotheses, n, count)


def macro(hypotheses, references, n, count):
    """Average the sentences' precisions."""
    shares = [share(*matches([h], [r], n, count)) for h, r in zip(hypotheses, references, strict=True)]
    return sum(shares), len(shares)


def different(hypotheses, references, n, count):
    """Count the different n-grams only."""
    pairs = [(ngrams(h, n), ngrams(r, n)) for h, r in zip(hypotheses, references, strict=True)]
    return sum(once(h, r) for h, r in pairs), sum(len(h) for h, _ in pairs)


def lengths_per_sentence(hypotheses, references):
    """Average the sentences' brevity penalties."""
    pairs = list(zip(hypotheses, references, strict=True))
    penalty = sum(papineni(len(h), len(r)) for h, r in pairs) / len(pairs)
    return penalty * variant(brevity=lambda *_: 1.0)(hypotheses, references)
