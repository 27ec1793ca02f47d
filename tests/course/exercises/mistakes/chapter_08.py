"""What students write in chapter 08, in their own way, and how each mistake is called."""

import math
from collections import Counter

import torch

PAD, EOS = 0, 3


def extended(log_probs, steps, finished, token=PAD, cost=0.0, join=lambda so_far, step: so_far + step):
    """List all continuations as (beam, token, total)."""
    found = []
    for k in range(len(log_probs)):
        for v in range(steps.size(1)):
            step = steps[k, v].item()
            if finished[k]:
                step = cost if v == token else -math.inf
            found.append((k, v, join(log_probs[k].item(), step)))
    return found


def best_of(found, count, worst=False):
    totals = torch.tensor([total for _, _, total in found])
    return [found[at] for at in totals.topk(count, largest=not worst).indices]  # ties as torch breaks them


def grown(worst=False, **how):
    return lambda log_probs, *given: best_of(extended(log_probs, *given, **how), len(log_probs), worst)


def then(change):
    return lambda *given: change(grown()(*given))


def nothing_frozen(log_probs, steps, finished):
    return grown()(log_probs, steps, torch.zeros_like(finished))


def the_others_frozen(log_probs, steps, finished):
    return grown()(log_probs, steps, finished.logical_not())


def one_each(log_probs, steps, finished):
    found = extended(log_probs, steps, finished)
    return [max((each for each in found if each[0] == k), key=lambda each: each[2]) for k in range(len(log_probs))]


def last_steps_alone(log_probs, steps, finished):
    return best_of(extended(torch.zeros_like(log_probs), steps, finished), len(log_probs))


def frozen_in_place(log_probs, steps, finished):
    for k, done in enumerate(finished.tolist()):
        if done:
            steps[k] = -math.inf
            steps[k, PAD] = 0.0
    return grown()(log_probs, steps, finished)


def ranked(score, worst=False):
    def answer(log_probs, lengths, alpha):
        scores = [score(p, n, alpha) for p, n in zip(log_probs.tolist(), lengths.tolist(), strict=True)]
        order = sorted(range(len(scores)), key=lambda at: scores[at], reverse=not worst)
        return order, torch.tensor([scores[at] for at in order])

    return answer


def normalised(log_prob, length, alpha):
    return log_prob / length**alpha


def after_ranking(change):
    return lambda *given: change(*ranked(normalised)(*given))


def scores_as_given(log_probs, lengths, alpha):
    return ranked(normalised)(log_probs, lengths, alpha)[0], torch.div(log_probs, lengths.pow(alpha))


def runs(words, n):
    return Counter(tuple(words[at : at + n]) for at in range(len(words) - n + 1))


def found_of(said, wanted, n):
    """Count matching runs and all runs of one sentence."""
    said, wanted = runs(said, n), runs(wanted, n)
    return sum(min(count, wanted[run]) for run, count in said.items()), sum(said.values())


def found_unclipped(said, wanted, n):
    said, wanted = runs(said, n), runs(wanted, n)
    return sum(count for run, count in said.items() if wanted[run]), sum(said.values())


def found_once(said, wanted, n):
    said, wanted = runs(said, n), runs(wanted, n)
    return sum(1 for run in said if wanted[run]), sum(said.values())


def shortened(said, wanted):
    return min(1.0, math.exp(1 - wanted / said))


def root(shares):
    return math.prod(shares) ** (1 / len(shares))


def corpus(found=found_of, brevity=shortened, mean=root, orders=(1, 2, 3, 4), most=100):
    """Compute BLEU of a corpus, with one of its parts done wrongly."""

    def answer(hypotheses, references):
        shares = []
        for n in orders:
            counts = [found(said, wanted, n) for said, wanted in zip(hypotheses, references, strict=True)]
            right, total = map(sum, zip(*counts, strict=True))
            shares.append(right / total if total else 0.0)
        said, wanted = sum(map(len, hypotheses)), sum(map(len, references))
        return torch.tensor(most * brevity(said, wanted) * mean(shares))

    return answer


def each_sentence(hypotheses, references):
    scores = [corpus()([said], [wanted]) for said, wanted in zip(hypotheses, references, strict=True)]
    return sum(scores) / len(scores)


MISTAKES = {
    "08-beam-step": {
        "greedy-each": [one_each],
        "not-frozen": [nothing_frozen],
        "finished-dropped": [grown(cost=-math.inf)],
        "eos-again": [grown(token=EOS)],
        "finished-inverted": [the_others_frozen],
        "past-forgotten": [last_steps_alone],
        "multiplied": [grown(join=lambda so_far, step: so_far * step)],
        "worst-first": [then(lambda found: list(reversed(found)))],
        "unsorted": [then(lambda found: sorted(found, key=lambda triple: triple[:2]))],
        "index-swapped": [then(lambda found: [(v, k, total) for k, v, total in found])],
        "index-flat": [
            lambda log_probs, steps, finished: [
                (k * steps.size(1) + v, total) for k, v, total in grown()(log_probs, steps, finished)
            ]
        ],
        "in-place": [frozen_in_place],
    },
    "08-rank": {
        "length-norm-sign": [
            ranked(lambda p, n, alpha: p * n**alpha),
            ranked(lambda p, n, alpha: p - n * alpha),
        ],
        "alpha-ignored": [ranked(lambda p, n, alpha: p / n)],
        "length-ignored": [ranked(lambda p, n, alpha: p)],
        "alpha-times-length": [ranked(lambda p, n, alpha: p / n * alpha)],
        "word-reward": [ranked(lambda p, n, alpha: p + n * alpha)],
        "other-penalty": [ranked(lambda p, n, alpha: p * 6**alpha / (5 + n) ** alpha)],
        "root-instead-of-power": [ranked(lambda p, n, alpha: -((-p / n) ** alpha))],
        "probabilities": [
            ranked(lambda p, n, alpha: math.exp(p) / n**alpha),
            ranked(lambda p, n, alpha: math.exp(p / n**alpha)),
        ],
        "eos-not-counted": [ranked(lambda p, n, alpha: p / (n - 1) ** alpha)],
        "worst-first": [ranked(normalised, worst=True)],
        "scores-unsorted": [scores_as_given],
        "ranks": [after_ranking(lambda order, scores: ([order.index(at) for at in range(len(order))], scores))],
        "returned-swapped": [after_ranking(lambda order, scores: (scores, order))],
        "order-a-tensor": [after_ranking(lambda order, scores: (torch.tensor(order), scores))],
        "one-of-two": [
            after_ranking(lambda order, scores: order),
            after_ranking(lambda order, scores: scores),
        ],
    },
    "08-bleu": {
        "bleu-unclipped": [corpus(found_unclipped)],
        "matches-once": [corpus(found_once)],
        "bleu-no-brevity": [corpus(brevity=lambda said, wanted: 1)],
        "brevity-of-the-long": [corpus(brevity=lambda said, wanted: shortened(wanted, said))],
        "brevity-rewards": [corpus(brevity=lambda said, wanted: math.e / math.exp(wanted / said))],
        "brevity-plain-ratio": [corpus(brevity=lambda said, wanted: said / max(said, wanted))],
        "bleu-sentence-mean": [each_sentence],
        "mean-not-geometric": [corpus(mean=lambda shares: sum(shares) / 4), corpus(mean=math.prod)],
        "recall": [lambda hypotheses, references: corpus()(references, hypotheses)],
        "orders": [corpus(orders=orders) for orders in ([1], [1, 2], [1, 2, 3], [4], [2, 3, 4])],
        "not-percent": [corpus(most=1)],
        "plain-number": [lambda *given: corpus()(*given).item()],
    },
}
