"""What students write in chapter 06, in their own way, and how each mistake is called."""

import math

import torch
from torch.nn.functional import cross_entropy, nll_loss


def run(step, gold, forces, own=lambda logits: logits.max(1).indices, keeps=lambda state: state):
    """Read the truth where `forces(t)` says so."""
    logits, state = step(gold[:, 0], None)
    found = [logits]
    for t in range(1, gold.size(1)):
        read = gold[:, t] if forces(t) else own(logits)
        logits, state = step(read, keeps(state))
        found.append(logits)
    return torch.stack(found, 1)


def forced_if(forces):
    return lambda step, gold, p, coin: run(step, gold, lambda t: forces(p, coin))


def one_toss(step, gold, p, coin):
    forced = coin() < p
    return run(step, gold, lambda t: forced)


def a_toss_for_each_token(step, gold, p, coin):
    logits, state = step(gold[:, 0], None)
    found = [logits]
    for t in range(1, gold.size(1)):
        best = logits.max(1).indices
        read = torch.stack([gold[b, t] if coin() < p else best[b] for b in range(len(gold))])
        logits, state = step(read, state)
        found.append(logits)
    return torch.stack(found, 1)


def a_toss_at_the_first_step_too(step, gold, p, coin):
    tossed = [coin() < p for _ in range(gold.size(1))]
    return run(step, gold, lambda t: tossed[t])


def free_for_good(step, gold, p, coin):
    free = []

    def forces(t):
        free.append(not coin() < p)
        return not any(free)

    return run(step, gold, forces)


def truth_of(place):
    def answer(step, gold, p, coin):
        logits, state = step(gold[:, 0], None)
        found = [logits]
        for t in range(1, gold.size(1)):
            read = gold[:, place(t, gold.size(1))] if coin() < p else logits.max(1).indices
            logits, state = step(read, state)
            found.append(logits)
        return torch.stack(found, 1)

    return answer


def right(step, gold, p, coin):
    return run(step, gold, lambda t: coin() < p)


def then(change):
    return lambda *given: change(right(*given))


def with_own(own):
    return lambda step, gold, p, coin: run(step, gold, lambda t: coin() < p, own)


def written_over(step, gold, p, coin):
    logits, state = step(gold[:, 0], None)
    found = [logits]
    for t in range(1, gold.size(1)):
        if coin() >= p:
            gold[:, t] = logits.max(1).indices
        logits, state = step(gold[:, t], state)
        found.append(logits)
    return torch.stack(found, 1)


def nats(logits, targets, **how):
    return cross_entropy(logits.flatten(0, 1), targets.flatten(), **how)


def mean_nats(logits, targets):
    return nats(logits, targets, ignore_index=0)


def hits(logits, targets):
    return logits.argmax(-1) == targets


def accurate(logits, targets):
    return hits(logits, targets)[targets > 0].float().mean()


def sentence_by_sentence(measure):
    def answer(logits, targets):
        return torch.stack([measure(a[None], b[None]) for a, b in zip(logits, targets, strict=True)]).mean()

    return answer


def scored(perplexity=lambda logits, targets: mean_nats(logits, targets).exp(), accuracy=accurate):
    return lambda forced, free, targets: (perplexity(forced, targets), accuracy(free, targets))


def hits_over_all_places(logits, targets):
    return (hits(logits, targets) & (targets > 0)).sum() / targets.numel()


def nats_over_all_places(logits, targets):
    return (nats(logits, targets, ignore_index=0, reduction="sum") / targets.numel()).exp()


def own_log_softmax_of_probabilities(forced, free, targets):
    likely = forced.softmax(-1).log_softmax(-1).flatten(0, 1)
    return nll_loss(likely, targets.flatten(), ignore_index=0).exp(), accurate(free, targets)


def plain(kind):
    def answer(forced, free, targets):
        return kind(*scored()(forced, free, targets))

    return answer


def exponent(steps, k):
    return torch.exp(steps / k)


def decayed(steps, k):
    return torch.sigmoid(math.log(k) - steps / k)


MISTAKES = {
    "06-unroll": {
        "tf-inverted": [
            forced_if(lambda p, coin: p < coin()),
            forced_if(lambda p, coin: p <= coin()),
            forced_if(lambda p, coin: p < 1 - coin()),
        ],
        "tf-boundary": [forced_if(lambda p, coin: not coin() > p)],
        "tf-per-sequence": [one_toss],
        "tf-per-token": [a_toss_for_each_token],
        "coin-out-of-step": [a_toss_at_the_first_step_too],
        "other-coin": [forced_if(lambda p, coin: coin < p)],
        "tf-no-return": [free_for_good],
        "always-forced": [forced_if(lambda p, coin: True)],
        "always-free": [forced_if(lambda p, coin: False)],
        "truth-shifted": [truth_of(lambda t, steps: t - 1), truth_of(lambda t, steps: min(t + 1, steps - 1))],
        "state-dropped": [lambda step, gold, p, coin: run(step, gold, lambda t: coin() < p, keeps=lambda state: None)],
        "slot-zero": [
            then(lambda rows: torch.cat([rows[:, :1] * 0, rows[:, :-1]], 1)),
            then(lambda rows: torch.cat([rows[:, :1] * 0, rows], 1)),
            then(lambda rows: torch.cat([rows[:, :1] * 0, rows[:, 1:]], 1)),
        ],
        "too-short": [then(lambda rows: rows[:, 1:]), then(lambda rows: rows[:, :-1])],
        "token-shape": [
            lambda step, gold, p, coin: step(gold, None),
            lambda step, gold, p, coin: step(gold[:, 0:1], None),
            with_own(lambda logits: torch.argmax(logits)),
            with_own(lambda logits: torch.argmax(logits, 0)),
            with_own(lambda logits: torch.argmax(logits, 1, True)),
            with_own(lambda logits: logits),
        ],
        "not-stacked": [
            then(lambda rows: torch.stack(rows.unbind(1))),
            then(lambda rows: torch.cat(rows.unbind(1), 1)),
            then(lambda rows: torch.stack(rows.unbind(1), 2)),
            then(lambda rows: [*rows.unbind(1)]),
        ],
        "tokens-returned": [then(lambda rows: rows.max(-1).indices)],
        "probabilities": [then(lambda rows: torch.softmax(rows, -1)), then(lambda rows: rows.softmax(-1).log())],
        "in-place": [written_over],
    },
    "06-score": {
        "ppl-free-running": [lambda forced, free, targets: scored()(free, free, targets)],
        "tf-in-eval": [lambda forced, free, targets: scored()(forced, forced, targets)],
        "runs-swapped": [lambda forced, free, targets: scored()(free, forced, targets)],
        "mean-of-means": [
            scored(lambda logits, targets: sentence_by_sentence(mean_nats)(logits, targets).exp()),
            scored(accuracy=sentence_by_sentence(accurate)),
            scored(
                lambda logits, targets: sentence_by_sentence(mean_nats)(logits, targets).exp(),
                sentence_by_sentence(accurate),
            ),
            scored(sentence_by_sentence(lambda logits, targets: mean_nats(logits, targets).exp())),
        ],
        "pad-in-loss": [
            scored(lambda logits, targets: nats(logits, targets).exp()),
            scored(accuracy=lambda logits, targets: hits(logits, targets).float().mean()),
            scored(
                lambda logits, targets: nats(logits, targets).exp(),
                lambda logits, targets: hits(logits, targets).float().mean(),
            ),
            scored(nats_over_all_places),
            scored(accuracy=hits_over_all_places),
            scored(nats_over_all_places, hits_over_all_places),
        ],
        "loss-returned": [scored(mean_nats)],
        "base-mixed": [scored(lambda logits, targets: torch.exp2(mean_nats(logits, targets)))],
        "exp-before-mean": [
            scored(lambda logits, targets: nats(logits, targets, reduction="none")[targets.flatten() > 0].exp().mean())
        ],
        "sign": [scored(lambda logits, targets: 1 / mean_nats(logits, targets).exp())],
        "sum-for-mean": [scored(lambda logits, targets: nats(logits, targets, ignore_index=0, reduction="sum").exp())],
        "softmax-twice": [own_log_softmax_of_probabilities],
        "count-or-percent": [
            scored(accuracy=lambda logits, targets: (hits(logits, targets) & (targets > 0)).sum().float()),
            scored(accuracy=lambda logits, targets: accurate(logits, targets) * 100),
        ],
        "error-rate": [scored(accuracy=lambda logits, targets: (~hits(logits, targets))[targets > 0].float().mean())],
        "returned-swapped": [plain(lambda perplexity, accuracy: (accuracy, perplexity))],
        "not-tensors": [
            plain(lambda perplexity, accuracy: (float(perplexity), float(accuracy))),
            plain(lambda perplexity, accuracy: (perplexity, float(accuracy))),
            plain(lambda perplexity, accuracy: (float(perplexity), accuracy)),
        ],
    },
    "06-schedule": {
        "schedule-grows": [
            lambda steps, k: torch.sigmoid(steps / k - math.log(k)),
            lambda steps, k: k / (k + 1 / exponent(steps.double(), k)),
            lambda steps, k: decayed(max(steps) - steps, k),
        ],
        "overflow": [
            lambda steps, k: torch.tensor([k / (k + math.exp(i / k)) for i in steps.tolist()]),
            lambda steps, k: 1 - exponent(steps, k) / (k + exponent(steps, k)),
            lambda steps, k: 1 - exponent(steps.double(), k) / (k + exponent(steps.double(), k)),
        ],
        "pace-missing": [
            lambda steps, k: k / (k + steps.double().exp()),
            lambda steps, k: k / (k + (k * steps.double()).exp()),
        ],
        "start-wrong": [
            lambda steps, k: 1 / (1 + exponent(steps, k)),
            lambda steps, k: k / (1 + exponent(steps, k)),
            lambda steps, k: 1 / (k + exponent(steps, k)),
            lambda steps, k: 1 / (1 + torch.exp(steps / k - k)),
        ],
        "not-exponential": [lambda steps, k: k / (k + steps), lambda steps, k: k / (k + steps / k)],
        "other-schedule": [
            lambda steps, k: 1 / exponent(steps.double(), k),
            lambda steps, k: torch.relu(1 - steps / k),
        ],
        "whole-division": [lambda steps, k: k / (k + steps.div(k, rounding_mode="floor").exp())],
        "one-value": [
            lambda steps, k: decayed(steps, k)[0],
            lambda steps, k: decayed(steps, k)[-1],
            lambda steps, k: decayed(steps, k).sum() / len(steps),
            lambda steps, k: decayed(steps, k).min(),
        ],
        "list-returned": [lambda steps, k: [float(p) for p in decayed(steps, k)]],
    },
}
