"""Other right answers to the exercises of chapter 08, and answers that call the library."""

import math
from collections import Counter

import torch

from s2s_lib import bleu, detokenize
from s2s_lib.corpora.text import PAD
from s2s_lib.translating.decoding import next_log_probs as library_steps
from s2s_lib.translating.decoding import ranked, topk_pairs


def beam_by_loop(log_probs, next_log_probs, finished):
    found = []
    for beam in range(len(log_probs)):
        if finished[beam]:
            found.append((beam, PAD, float(log_probs[beam])))
            continue
        for token in range(next_log_probs.shape[1]):
            found.append((beam, token, float(log_probs[beam] + next_log_probs[beam, token])))
    return sorted(found, key=lambda each: each[2], reverse=True)[: len(log_probs)]


def beam_by_where(log_probs, next_log_probs, finished, to=torch.double):
    pads = torch.arange(next_log_probs.shape[1]) == PAD
    alone = torch.where(pads, 0.0, -torch.inf).to(to)
    totals = log_probs.to(to)[:, None] + torch.where(finished[:, None], alone, next_log_probs.to(to))
    best = totals.view(-1).sort(descending=True, stable=True)
    beams, tokens = best.indices[: len(log_probs)].div(totals.shape[1], rounding_mode="floor"), best.indices % len(pads)
    return list(zip(beams.tolist(), tokens.tolist(), best.values.tolist(), strict=False))


def beam_of_tensors(*given):
    return [tuple(map(torch.tensor, each)) for each in beam_by_loop(*given)]


def rank_by_sorted(log_probs, lengths, alpha):
    scores = [float(p) / int(n) ** alpha for p, n in zip(log_probs, lengths, strict=True)]
    order = sorted(range(len(scores)), key=lambda k: -scores[k])
    return order, torch.tensor([scores[k] for k in order], dtype=torch.double)


def rank_by_argsort(log_probs, lengths, alpha):
    scores = log_probs * lengths.float().pow(-alpha)
    order = (-scores).argsort()
    return [order.tolist(), scores[order]]


def bleu_by_counters(hypotheses, references):
    matched, total = [0] * 4, [0] * 4
    for hypothesis, reference in zip(hypotheses, references, strict=True):
        for n in range(1, 5):
            said, wanted = (Counter(zip(*(s[i:] for i in range(n)), strict=False)) for s in (hypothesis, reference))
            matched[n - 1] += (said & wanted).total()
            total[n - 1] += said.total()
    if 0 in matched:
        return torch.tensor(0.0)
    brevity = min(1.0, math.exp(1 - sum(map(len, references)) / sum(map(len, hypotheses))))
    return torch.tensor(100 * brevity * math.prod(m / t for m, t in zip(matched, total, strict=True)) ** 0.25)


def bleu_by_lists(hypotheses, references):
    logs = torch.zeros((), dtype=torch.double)
    for n in (1, 2, 3, 4):
        matched = total = 0
        for hypothesis, reference in zip(hypotheses, references, strict=True):
            left = [reference[i : i + n] for i in range(len(reference) - n + 1)]
            for start in range(len(hypothesis) - n + 1):
                total += 1
                if hypothesis[start : start + n] in left:
                    left.remove(hypothesis[start : start + n])
                    matched += 1
        logs += (torch.tensor(matched / max(1, total), dtype=torch.double)).log() / 4
    lengths = [sum(len(tokens) for tokens in side) for side in (hypotheses, references)]
    return 100 * (logs + min(0.0, 1 - lengths[1] / lengths[0])).exp()


RIGHT = {
    "08-beam-step": [
        beam_by_loop,
        beam_by_where,
        lambda *given: beam_by_where(*given, to=torch.half),
        beam_of_tensors,
    ],
    "08-rank": [
        rank_by_sorted,
        rank_by_argsort,
        lambda log_probs, lengths, alpha: rank_by_argsort(log_probs.double(), lengths, alpha),
    ],
    "08-bleu": [bleu_by_counters, bleu_by_lists, lambda *given: bleu_by_lists(*given).float()],
}


def library_step(log_probs, next_log_probs, finished):
    totals = log_probs.unsqueeze(1) + library_steps(next_log_probs.unsqueeze(0), finished.unsqueeze(0))[0]
    beams, tokens = topk_pairs(totals.unsqueeze(0), len(log_probs))
    return [(k, v, totals[k, v].item()) for k, v in zip(beams[0].tolist(), tokens[0].tolist(), strict=True)]


def library_pairs(log_probs, next_log_probs, finished):
    totals = log_probs.unsqueeze(1) + next_log_probs.masked_fill(finished.unsqueeze(1), -torch.inf)
    totals[finished, PAD] = log_probs[finished]
    beams, tokens = topk_pairs(totals.unsqueeze(0), len(log_probs))
    return [(k, v, totals[k, v].item()) for k, v in zip(beams[0].tolist(), tokens[0].tolist(), strict=True)]


def library_ranked(log_probs, lengths, alpha):
    tokens = torch.arange(4, 4 + len(lengths)).unsqueeze(1)
    found = ranked(tokens, log_probs, lengths.float(), alpha)
    return [hypothesis.tokens[0] - 4 for hypothesis in found], torch.tensor([each.score for each in found])


def library_bleu(hypotheses, references):
    return torch.tensor(bleu(list(map(detokenize, hypotheses)), list(map(detokenize, references))))


LIBRARY = {
    "08-beam-step": [library_step, library_pairs],
    "08-rank": [library_ranked],
    "08-bleu": [library_bleu],
}
