"""06-score: perplexity on gold inputs beside the accuracy of a free run."""

import torch
from torch.nn.functional import one_hot

from ....model.decoder import writable
from ....model.metrics import token_accuracy, token_loss
from ...desk.exercise import Exercise, Wrong


def score(forced, free, targets):
    """Perplexity of the forced logits (B, T, V) and accuracy of the free ones, over the real tokens of (B, T)."""
    perplexity = token_loss(forced, targets).exp()
    return perplexity, torch.tensor(token_accuracy(free.argmax(dim=2), targets))


def _cases(generator):
    for lengths, vocab in (((2,), 4), ((3, 1), 5), ((2, 6, 4), 4), ((1, 5, 2, 7), 6), ((9, 4, 8), 3)):
        steps = max(lengths) + (len(lengths) > 2)
        targets = torch.randint(1, vocab, (len(lengths), steps), generator=generator)
        # A random order of different numbers, so that none is the largest twice; gold inputs help the truth.
        free, forced = torch.rand(2, len(lengths), steps, vocab, generator=generator).argsort(dim=3) / 2
        forced += 1.25 * one_hot(targets, vocab)
        yield forced, free, targets * (torch.arange(steps) < torch.tensor(lengths).unsqueeze(1))


def _surprise(logits, targets):
    return -logits.log_softmax(dim=2).gather(2, targets.unsqueeze(2)).squeeze(2)  # (B, T) nats


def _right(logits, targets):
    return (logits.argmax(dim=2) == targets).float()


def _mean(values, targets):
    return values[targets != 0].mean()


def _mean_of_means(values, targets):
    real = targets != 0
    return ((values * real).sum(dim=1) / real.sum(dim=1)).mean()


def _with_pads(values, targets):
    return values.mean()


def _score(perplexity=lambda nats, targets: _mean(nats, targets).exp(), accuracy=_mean, read=(0, 1), end=None):
    """A score with one of its parts replaced; `read` says which logits, forced 0 or free 1, make which number."""

    def answer(*given):
        targets = given[2]
        found = (
            perplexity(_surprise(given[read[0]], targets), targets),
            accuracy(_right(given[read[1]], targets), targets),
        )
        return end(*found) if end else found

    return answer


def _exponential(mean):
    return lambda nats, targets: mean(nats, targets).exp()


MEANS = (
    "A mean of means: each sentence (or batch) weighs the same, however short. A perplexity and an accuracy per token "
    "divide one sum over all real tokens by their number."
)
PADS = "Pads are counted. Only the places where `targets` is not 0 are words that had to be predicted."

SCORE = Exercise(
    id="06-score",
    objective="Put the perplexity on gold inputs beside the accuracy of a free run, over real tokens",
    points=3,
    minutes=15,
    difficulty=2,
    reference=score,
    cases=lambda generator: list(_cases(generator)),
    library=(token_loss, token_accuracy),
    returns=("perplexity", "accuracy"),
    hints=(
        "Which of the two runs tells how probable the true sentence is, and which tells what a user would get?",
        "`targets != 0` picks the real tokens, in logits (B, T, V) as well as in targets (B, T): "
        "`forced[real]` is (N, V), one row a token.",
        "Perplexity: `torch.nn.functional.cross_entropy(forced[real], targets[real]).exp()`. Accuracy: the mean of "
        "`(free.argmax(dim=2) == targets)[real].float()`.",
    ),
    wrong=(
        Wrong(
            "ppl-free-running",
            "The perplexity is taken from the free run. There the model is asked for the next word of the true "
            "sentence after words that are not from it. Perplexity belongs to gold inputs.",
            _score(read=(1, 1)),
        ),
        Wrong(
            "tf-in-eval",
            "The accuracy is taken from the forced run: teacher forcing is still on while you evaluate. No user has "
            "the true history to hand.",
            _score(read=(0, 0)),
        ),
        Wrong(
            "runs-swapped",
            "The runs are swapped: the perplexity belongs to the forced one, the accuracy to the free one.",
            _score(read=(1, 0)),
        ),
        Wrong(
            "mean-of-means",
            MEANS,
            _score(_exponential(_mean_of_means)),
            _score(accuracy=_mean_of_means),
            _score(_exponential(_mean_of_means), _mean_of_means),
            _score(lambda nats, targets: _sentence_perplexities(nats, targets).mean()),
        ),
        Wrong(
            "pad-in-loss",
            PADS,
            _score(_exponential(_with_pads)),
            _score(accuracy=_with_pads),
            _score(_exponential(_with_pads), _with_pads),
            _score(lambda nats, targets: (nats * (targets != 0)).mean().exp()),
            _score(accuracy=lambda right, targets: (right * (targets != 0)).mean()),
            _score(
                lambda nats, targets: (nats * (targets != 0)).mean().exp(),
                lambda right, targets: (right * (targets != 0)).mean(),
            ),
        ),
        Wrong(
            "loss-returned",
            "This is the loss in nats. Perplexity is its exponential.",
            _score(_mean),
        ),
        Wrong(
            "base-mixed",
            "2 to the power of a loss in nats: the base has to be that of the logarithm, so e, `exp`.",
            _score(lambda nats, targets: 2 ** _mean(nats, targets)),
        ),
        Wrong(
            "exp-before-mean",
            "The exponential is taken of each token and then the mean. Perplexity is the exponential of the mean loss; "
            "a single improbable word would otherwise outweigh all others.",
            _score(lambda nats, targets: _mean(nats.exp(), targets)),
        ),
        Wrong(
            "sign",
            "The minus is missing: a perplexity is 1 or more, the exponential of minus the mean log probability.",
            _score(lambda nats, targets: _mean(-nats, targets).exp()),
        ),
        Wrong(
            "sum-for-mean",
            "The loss is summed, and not divided by the number of real tokens: longer sentences look worse.",
            _score(lambda nats, targets: nats[targets != 0].sum().exp()),
        ),
        Wrong(
            "softmax-twice",
            "`cross_entropy` takes logits and applies the softmax itself; it has been given probabilities.",
            lambda forced, free, targets: _score()(forced.softmax(dim=2), free, targets),
        ),
        Wrong(
            "count-or-percent",
            "Accuracy is asked for as a share, a number from 0 to 1.",
            _score(accuracy=lambda right, targets: right[targets != 0].sum()),
            _score(accuracy=lambda right, targets: 100 * _mean(right, targets)),
        ),
        Wrong(
            "error-rate",
            "This is the share of wrong tokens.",
            _score(accuracy=lambda right, targets: 1 - _mean(right, targets)),
        ),
        Wrong(
            "most-likely",
            "`most_likely` never picks <pad> and <sos>. Asked for here is the word with the largest logit, whatever it "
            "is: `argmax(dim=2)`.",
            lambda forced, free, targets: _score()(forced, writable(free), targets),
        ),
        Wrong(
            "returned-swapped",
            "Both numbers are right, in the wrong order: perplexity, accuracy.",
            _score(end=lambda perplexity, accuracy: (accuracy, perplexity)),
        ),
        Wrong(
            "not-tensors",
            "Both are to be tensors without axes: leave out `.item()`, and wrap a plain float in `torch.tensor`.",
            _score(end=lambda perplexity, accuracy: (perplexity.item(), accuracy.item())),
            _score(end=lambda perplexity, accuracy: (perplexity, accuracy.item())),
            _score(end=lambda perplexity, accuracy: (perplexity.item(), accuracy)),
        ),
    ),
)


def _sentence_perplexities(nats, targets):
    real = targets != 0
    return ((nats * real).sum(dim=1) / real.sum(dim=1)).exp()
