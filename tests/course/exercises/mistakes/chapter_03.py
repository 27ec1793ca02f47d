"""What students write in chapter 03, in their own way, and how each mistake is called."""

import torch
from torch.nn.functional import cross_entropy, nll_loss

PAD, SOS, EOS = 0, 2, 3


def nats(logits, targets, reduction="mean", **how):
    return cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction=reduction, **how)


def summed(logits, targets):
    return nats(logits, targets, "sum", ignore_index=PAD)


def by_place(logits, targets):
    return nats(logits, targets, "none").view(targets.shape)


def of_likelihoods(values):
    return lambda logits, targets: nll_loss(values(logits).flatten(0, 1), targets.flatten(), ignore_index=PAD)


def sentence_by_sentence(logits, targets):
    losses = [cross_entropy(row, ids, ignore_index=PAD) for row, ids in zip(logits, targets, strict=True)]
    return sum(losses) / len(losses)


def without_ends(logits, targets):
    return nats(logits, targets.masked_fill(targets == EOS, PAD), ignore_index=PAD)


def decoded(step, state, max_len, keeps=True, reads=True, start=SOS, stops=None, after=PAD):
    """Decode greedily, with one thing or another forgotten."""
    batch, first = len(state), state
    token, ended, found = torch.tensor([start] * batch), torch.tensor([False] * batch), []
    for _ in range(max_len):
        read = token if reads else torch.tensor([start] * batch)
        logits, state = step(read, state if keeps else first)
        token = torch.argmax(logits, 1)
        if after is not None:
            token[ended] = after
        found.append(token)
        ended |= token == EOS
        if stops(ended, token) if stops else ended.all():
            break
    return torch.stack(found, 1)


def forgetting(**what):
    return lambda step, state, max_len: decoded(step, state, max_len, **what)


def then(change):
    return lambda *given: change(decoded(*given))


MISTAKES = {
    "03-loss": {
        "pad-in-loss": [nats],
        "divided-by-all": [
            lambda logits, targets: summed(logits, targets) / torch.ones_like(targets).sum(),
            lambda logits, targets: summed(logits, targets) / torch.ones_like(logits).sum(),
        ],
        "slot-zero": [lambda logits, targets: nats(logits[:, 1:], targets[:, 1:], ignore_index=PAD)],
        "shifted-again": [
            lambda logits, targets: nats(logits[:, :-1], targets[:, 1:], ignore_index=PAD),
            lambda logits, targets: nats(logits[:, 1:], targets[:, :-1], ignore_index=PAD),
        ],
        "sum-not-mean": [summed, lambda logits, targets: summed(logits, targets) / targets.size(0)],
        "sentence-mean": [sentence_by_sentence],
        "eos-ignored": [without_ends],
        "softmax-axis": [
            of_likelihoods(lambda logits: torch.log_softmax(logits, 0)),
            of_likelihoods(lambda logits: torch.log_softmax(logits, 1)),
        ],
        "softmax-twice": [lambda logits, targets: nats(torch.softmax(logits, -1), targets, ignore_index=PAD)],
        "softmax-missing": [of_likelihoods(lambda logits: logits)],
        "log-missing": [
            of_likelihoods(lambda logits: torch.softmax(logits, 2)),
            of_likelihoods(lambda logits: -torch.softmax(logits, 2)),
            of_likelihoods(lambda logits: torch.softmax(logits, 2) - 1),
        ],
        "sign": [lambda logits, targets: -nats(logits, targets, ignore_index=PAD)],
        "perplexity": [lambda logits, targets: torch.exp(nats(logits, targets, ignore_index=PAD))],
        "accuracy": [lambda logits, targets: (logits.argmax(-1) == targets)[targets > 0].double().mean()],
        "not-reduced": [
            by_place,
            lambda logits, targets: nats(logits, targets, "none", ignore_index=PAD).view(targets.shape),
            lambda logits, targets: by_place(logits, targets)[targets > 0],
        ],
        "rows-mixed": [lambda logits, targets: nats(logits.transpose(0, 1), targets, ignore_index=PAD)],
        "plain-number": [lambda logits, targets: float(summed(logits, targets) / (targets > 0).sum())],
    },
    "03-decode": {
        "state-dropped": [forgetting(keeps=False), forgetting(keeps=False, reads=False)],
        "no-eos-stop": [forgetting(after=None), forgetting(after=None, stops=lambda ended, token: False)],
        "runs-on": [forgetting(stops=lambda ended, token: False)],
        "eos-together": [forgetting(after=None, stops=lambda ended, token: (token == EOS).all())],
        "stops-late": [forgetting(stops=lambda ended, token: (token == PAD).all())],
        "first-eos-stops": [forgetting(stops=lambda ended, token: ended.any())],
        "eos-repeated": [forgetting(after=EOS)],
        "history-missing": [forgetting(reads=False)],
        "start-wrong": [forgetting(start=PAD), forgetting(start=1), forgetting(start=EOS)],
        "sos-kept": [then(lambda tokens: torch.nn.functional.pad(tokens, (1, 0), value=SOS))],
        "slot-zero": [then(lambda tokens: torch.nn.functional.pad(tokens, (1, 0), value=PAD))],
        "eos-dropped": [then(lambda tokens: tokens.masked_fill(tokens == EOS, PAD))],
        "length-off-by-one": [
            lambda step, state, max_len: decoded(step, state, max_len - 1),
            lambda step, state, max_len: decoded(step, state, max_len + 1),
        ],
        "transposed": [then(lambda tokens: tokens.T)],
        "side-by-side": [then(lambda tokens: tokens.T.flatten())],
    },
}
