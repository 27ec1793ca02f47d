"""08-bleu: BLEU of a corpus, without smoothing."""

import math
import operator
from collections import Counter

import torch

from ....measuring.scores import bleu as library_bleu
from ...desk.exercise import Exercise, Wrong

ORDERS = (1, 2, 3, 4)
WORDS = "abcdef"


def bleu(hypotheses, references):
    """Corpus BLEU, 0..100, of lists of tokens, one reference a sentence (Papineni et al. 2002; sacrebleu)."""
    from sacrebleu import corpus_bleu  # here, since only checking needs it and importing it takes a while

    lines = [[" ".join(tokens) for tokens in side] for side in (hypotheses, references)]
    score = corpus_bleu(lines[0], [lines[1]], smooth_method="none", tokenize="none", force=True).score
    return torch.tensor(score)


def _cases(generator):
    """Corpora that end shorter than, as long as and longer than their references; then runs that match nothing."""
    for lengths, changes in (((7,), (0,)), ((8, 6), (-2, -1)), ((7, 9, 6), (2, -1, 3)), ((9, 5, 8, 4), (-3, 2, 0, -1))):
        yield _drawn(generator, lengths, changes)
    yield [["a", "b", "b", "a"]], [["b", "a", "c", "b", "a"]]  # no run of three words matches
    yield [["a", "b"], ["c"]], [["a", "b"], ["c", "a"]]  # and here there is none


def _drawn(generator, lengths, changes):
    """Draw a corpus of which four words in a row match somewhere, though not everywhere."""
    while True:
        pairs = [_pair(generator, *sizes) for sizes in zip(lengths, changes, strict=True)]
        hypotheses, references = map(list, zip(*pairs, strict=True))
        found, total = matches(hypotheses, references, 4)
        if 0 < found < total:
            return hypotheses, references


def _pair(generator, length, change):
    """Draw a reference, and a hypothesis: one word replaced by another, some dropped or repeated at the end."""
    reference = [WORDS[i] for i in torch.randint(len(WORDS), (length,), generator=generator)]
    here, there = torch.randperm(length, generator=generator)[:2].tolist()
    hypothesis = [*reference[:here], reference[there], *reference[here + 1 :]]
    return hypothesis[: length + min(0, change)] + hypothesis[-1:] * max(0, change), reference


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


BLEU = Exercise(
    id="08-bleu",
    objective="Compute corpus BLEU: clipped n-gram precisions, their geometric mean, brevity penalty",
    points=4,
    minutes=25,
    difficulty=3,
    reference=bleu,
    cases=lambda generator: list(_cases(generator)),
    library=(library_bleu,),
    hints=(
        "Which two numbers do you need for each n from 1 to 4, and over what are they summed before one is divided by "
        "the other?",
        "`Counter(zip(*(tokens[i:] for i in range(n))))` counts the n-grams of a sentence. For two counters, `h & r` "
        "keeps the smaller count of each, and `.total()` adds them up.",
        "Two loops, sentences inside of n or n inside of sentences, fill `matched[n]` and `total[n]`. Then: any zero "
        "gives 0, else 100 * min(1, exp(1 - R / H)) * (p1 p2 p3 p4) ** (1 / 4).",
    ),
    wrong=(
        Wrong(
            "bleu-unclipped",
            "The matches are not clipped: a word that the reference has once counts each time the hypothesis says it. "
            "An n-gram counts as often as the reference has it, at most.",
            variant(count=unclipped),
        ),
        Wrong(
            "matches-once",
            "An n-gram that occurs twice in both sentences matches twice; as a set, it counts once.",
            variant(count=once),
            variant(of=different),
        ),
        Wrong(
            "pooled",
            "All sentences are thrown together before the n-grams are compared, so that a word may match the reference "
            "of another sentence. Match sentence by sentence, then add up.",
            variant(of=pooled),
        ),
        Wrong(
            "bleu-no-brevity",
            "The brevity penalty is missing, and a hypothesis of one sure word would score 100: multiply by "
            "exp(1 - R / H) where the corpus of hypotheses (H words) is shorter than its references (R words).",
            variant(brevity=lambda *_: 1.0),
        ),
        Wrong(
            "brevity-of-the-long",
            "The penalty strikes those that are too long. Long ones pay already, in precision; it is the short ones "
            "that are penalised.",
            variant(brevity=lambda h, r: papineni(r, h)),
        ),
        Wrong(
            "brevity-rewards",
            "A long output is rewarded: 1 - R / H is above 0 where H is larger than R. The penalty is at most 1.",
            variant(brevity=lambda h, r: math.exp(1 - r / h)),
        ),
        Wrong(
            "brevity-plain-ratio",
            "The penalty is exp(1 - R / H), not the ratio of the lengths.",
            variant(brevity=lambda h, r: min(1.0, h / r)),
        ),
        Wrong(
            "brevity-per-sentence",
            "The penalty is taken sentence by sentence and averaged. It compares the lengths of the whole corpus: "
            "a short sentence may be made good by a long one.",
            lengths_per_sentence,
        ),
        Wrong(
            "bleu-sentence-mean",
            "This is the mean of the sentences' scores. BLEU adds up matches and totals over the corpus first and "
            "divides once, so that one sentence without a match of four words does not count as 0.",
            sentence_mean(variant()),
        ),
        Wrong(
            "precision-per-sentence",
            "Precisions are averaged over the sentences. Add up matches and totals over the corpus, and divide once: "
            "long sentences weigh more.",
            variant(of=macro),
        ),
        Wrong(
            "weights-halved",
            "The n-grams have the weights 1/2, 1/4, 1/8, 1/16. BLEU weighs them alike, 1/4 each.",
            variant(mean=halved),
        ),
        Wrong(
            "mean-not-geometric",
            "The mean of the four precisions is a geometric one, the fourth root of their product: one order without a "
            "match makes the score 0.",
            variant(mean=lambda precisions: sum(precisions) / len(precisions)),
            variant(mean=math.prod),
        ),
        Wrong(
            "recall",
            "You divide by the n-grams of the reference: that is recall. BLEU asks which share of what the hypothesis "
            "says is in the reference.",
            variant(of=of_references),
            lambda hypotheses, references: variant()(references, hypotheses),
        ),
        Wrong(
            "orders",
            "BLEU has four orders: runs of 1, 2, 3 and 4 words.",
            *(variant(orders=orders) for orders in ((1,), (1, 2), (1, 2, 3), (2, 3, 4), (4,), (1, 2, 3, 4, 5))),
        ),
        Wrong(
            "smoothed",
            "A count of 0 is smoothed away. Here it isn't: where no run of n words matches, the score is 0.",
            variant(divide=lambda found, total: share(found + 1, total + 1)),
            variant(divide=lambda found, total: max(share(found, total), 1e-9)),
            variant(mean=lambda precisions: geometric([p for p in precisions if p] or [0.0])),
        ),
        Wrong(
            "zero-not-handled",
            "It breaks where nothing matches, or where there is no run of n words: log(0) and 0 / 0 do not exist. "
            "The score is 0 there.",
            variant(mean=logs),
            variant(mean=logs, divide=operator.truediv),
            variant(divide=operator.truediv),
        ),
        Wrong(
            "not-percent",
            "This is BLEU between 0 and 1; asked for is 0 to 100.",
            variant(scale=1.0),
        ),
        Wrong(
            "plain-number",
            "The score is right, as a plain number: wrap it, `torch.tensor(score)`.",
            lambda *given: bleu(*given).item(),
        ),
    ),
)
