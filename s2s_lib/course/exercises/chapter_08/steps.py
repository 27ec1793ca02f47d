"""One step of beam search, the right one and wrong ones."""

import torch

from ....corpora.text import EOS, PAD

NEVER = float("-inf")


def beam_step(log_probs, next_log_probs, finished):
    """Find the K best continuations of K hypotheses, as (beam, token, total)."""
    return best(log_probs.unsqueeze(1) + frozen(next_log_probs, finished))


def frozen(steps, finished, token=PAD, cost=0.0):
    """Let a finished hypothesis go on with one token only."""
    steps = steps.masked_fill(finished.unsqueeze(1), NEVER)  # (K, V), a copy
    steps[finished, token] = cost
    return steps


def best(totals, largest=True):
    """Give the K best (beam, token, total) of the totals (K, V)."""
    values, places = totals.flatten().topk(len(totals), largest=largest)
    triples = zip(places.tolist(), values.tolist(), strict=True)
    return [(place // totals.shape[1], place % totals.shape[1], value) for place, value in triples]


def freezing(**how):
    """Freeze in another way."""
    return lambda log_probs, steps, finished: best(log_probs.unsqueeze(1) + frozen(steps, finished, **how))


def handed_back(change):
    """Give the right triples, changed."""
    return lambda *given: change(beam_step(*given))


def copies(log_probs, steps, finished):
    """Let a finished hypothesis go on with any token, at no cost."""
    return best(log_probs.unsqueeze(1) + steps.masked_fill(finished.unsqueeze(1), 0))


def paid(log_probs, steps, finished, token=EOS):
    """Let a finished hypothesis pay for `token`, or for its likeliest one, again."""
    cost = steps[finished, token] if token is not None else steps[finished].max(1).values
    return freezing(cost=cost)(log_probs, steps, finished)


def stops_at_the_first(log_probs, steps, finished):
    """Freeze all once the best hypothesis is finished."""
    return beam_step(log_probs, steps, finished | finished[log_probs.argmax()])


def one_beam(log_probs, steps, finished):
    """Let the best hypothesis go on alone."""
    totals = log_probs.unsqueeze(1) + frozen(steps, finished)
    return best(totals.where(torch.arange(len(totals)).unsqueeze(1) == log_probs.argmax(), NEVER))


def greedy_each(log_probs, steps, finished):
    """Give each hypothesis its own best token."""
    values, tokens = (log_probs.unsqueeze(1) + frozen(steps, finished)).max(dim=1)
    return list(zip(range(len(values)), tokens.tolist(), values.tolist(), strict=True))


def by_step(log_probs, steps, finished):
    """Compare the last steps only."""
    found = best(frozen(steps, finished))
    return [(beam, token, value + log_probs[beam].item()) for beam, token, value in found]


def divided_by_k(log_probs, steps, finished):
    """Divide a flat place by K and not by V."""
    found, (k, v) = beam_step(log_probs, steps, finished), steps.shape
    return [((beam * v + token) // k, (beam * v + token) % k, total) for beam, token, total in found]


def flat(log_probs, steps, finished):
    """Leave the flat places as they are."""
    return [(beam * steps.shape[1] + token, total) for beam, token, total in beam_step(log_probs, steps, finished)]


def in_place(log_probs, steps, finished):
    """Freeze in the argument itself."""
    steps[finished] = NEVER
    steps[finished, PAD] = 0
    return beam_step(log_probs, steps, finished)
