"""Other right answers to the exercises of chapter 06, and answers that call the library."""

import math

import torch
from torch.nn.functional import cross_entropy

from s2s_lib.model.metrics import token_accuracy, token_loss


def unroll_tossing_ahead(step, gold, p, coin):
    """The coin for the next step falls at the end of this one, also after the last."""
    logits, state, tokens = [], None, gold[:, 0]
    for t in range(gold.shape[1]):
        now, state = step(tokens, state)
        logits.append(now.unsqueeze(1))
        ahead = min(t + 1, gold.shape[1] - 1)
        tokens = gold[:, ahead] if coin() < p else now.topk(1, dim=1).indices[:, 0]
    return torch.cat(logits, dim=1)


def unroll_into_a_tensor(step, gold, p, coin):
    first, state = step(gold[:, 0], None)
    outputs = torch.zeros(*gold.shape, first.shape[1], dtype=torch.float64)
    outputs[:, 0] = first
    for t in range(1, gold.shape[1]):
        forced = torch.full((len(gold),), coin() < p)
        outputs[:, t], state = step(torch.where(forced, gold[:, t], outputs[:, t - 1].argmax(1)), state)
    return outputs


def unroll_on_a_copy(step, gold, p, coin):
    tokens, rows, state = gold.clone(), [], None
    for t in range(gold.shape[1]):
        if t and not coin() < p:
            tokens[:, t] = rows[-1].max(dim=1).indices
        logits, state = step(tokens[:, t], state)
        rows.append(logits)
    return torch.stack(rows).transpose(0, 1)


def score_by_loop(forced, free, targets):
    nats, right = [], []
    for b, row in enumerate(targets.tolist()):
        for t, token in enumerate(row):
            if token:
                nats.append(-forced[b, t].double().log_softmax(0)[token].item())
                right.append(free[b, t].argmax().item() == token)
    return [torch.tensor(math.exp(sum(nats) / len(nats))), torch.tensor(sum(right) / len(right))]


def score_by_cross_entropy(forced, free, targets):
    real = targets != 0
    right = (free.argmax(dim=2) == targets) & real
    return cross_entropy(forced.transpose(1, 2), targets, ignore_index=0).exp(), right.sum() / real.sum()


def decay_by_loop(steps, k):
    return torch.tensor([1 / (1 + math.exp(min(i / k - math.log(k), 700))) for i in steps.tolist()])


RIGHT = {
    "06-unroll": [
        unroll_tossing_ahead,
        unroll_into_a_tensor,
        unroll_on_a_copy,
        lambda *given: unroll_on_a_copy(*given).half(),
    ],
    "06-score": [
        score_by_loop,
        score_by_cross_entropy,
        lambda *given: tuple(value.half() for value in score_by_cross_entropy(*given)),
        lambda forced, free, targets: score_by_cross_entropy(forced.double(), free.double(), targets),
    ],
    "06-schedule": [
        decay_by_loop,
        lambda steps, k: k / (k + torch.exp(steps / k)),
        lambda steps, k: k / (k + torch.exp(steps.double() / k)),
        lambda steps, k: 1 / (1 + torch.exp(steps / k) / k),
        lambda steps, k: k * torch.exp(-steps / k) / (k * torch.exp(-steps / k) + 1),
        lambda steps, k: torch.tensor([1 / (1 + math.exp(min(i / k, 700.0)) / k) for i in steps.tolist()]),
    ],
}

LIBRARY = {
    "06-score": [
        lambda forced, free, targets: (
            token_loss(forced, targets).exp(),
            torch.tensor(token_accuracy(free.argmax(2), targets)),
        )
    ],
}
