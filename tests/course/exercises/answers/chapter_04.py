"""Other right answers to the exercises of chapter 04, and answers that call the library."""

import torch

from s2s_lib.model.attention import Attention, DotScore, masked_softmax
from s2s_lib.model.encoder import Memory


def scores_by_loop(query, keys):
    rows = [
        [[float(q.double() @ k.double()) for k in key] for q in asked] for asked, key in zip(query, keys, strict=True)
    ]
    return torch.tensor(rows)


def softmax_by_loop(scores, mask):
    weights = torch.zeros(scores.shape, dtype=torch.float64)
    for b, t, s in torch.cartesian_prod(*map(torch.arange, scores.shape)).tolist():
        if mask[b, s]:
            real = scores[b, t][mask[b]].double()
            weights[b, t, s] = 1 / (real - scores[b, t, s].double()).exp().sum()
    return weights


def softmax_renormalised(scores, mask):
    scores = scores.float()
    kept = (scores - scores.amax(dim=2, keepdim=True)).exp() * mask.unsqueeze(1)
    return kept / kept.sum(dim=2, keepdim=True)


def attend_by_loop(query, states, mask, to_logits):
    logits, weights = [], []
    for t in range(query.shape[1]):
        row = masked_softmax((states @ query[:, t].unsqueeze(2)).transpose(1, 2), mask).squeeze(1)
        weights.append(row)
        context = (row.unsqueeze(2) * states).sum(dim=1)
        logits.append(to_logits(torch.cat([context, query[:, t]], dim=1)))
    return torch.stack(logits, dim=1), torch.stack(weights, dim=1)


def attend_by_einsum(query, states, mask, to_logits):
    weights = masked_softmax(torch.einsum("bth,bsh->bts", query, states), mask)
    return [to_logits(torch.cat([torch.einsum("bts,bsh->bth", weights, states), query], -1)), weights]


RIGHT = {
    "04-dot-score": [
        scores_by_loop,
        lambda query, keys: torch.einsum("bth,bsh->bts", query, keys),
        lambda query, keys: torch.matmul(query, keys.mT),
        lambda query, keys: (query.unsqueeze(2) * keys.unsqueeze(1)).sum(3),
        *(
            lambda query, keys, to=to: query.to(to) @ keys.to(to).mT
            for to in (torch.half, torch.bfloat16, torch.double)
        ),
    ],
    "04-masked-softmax": [
        softmax_by_loop,
        softmax_renormalised,
        lambda scores, mask: torch.where(mask.unsqueeze(1), scores, float("-inf")).softmax(-1),
        lambda scores, mask: scores.masked_fill(~mask[:, None], torch.finfo(scores.dtype).min).softmax(-1),
        lambda scores, mask: scores.double().masked_fill(~mask[:, None], -torch.inf).softmax(-1),
    ],
    "04-attend": [
        attend_by_loop,
        attend_by_einsum,
        lambda *given: tuple(value.to(torch.half) for value in attend_by_loop(*given)),
        lambda *given: tuple(value.to(torch.double) for value in attend_by_loop(*given)),
    ],
}


def library_scores(query, keys):
    return DotScore(keys.shape[2])(query, keys)


def library_step(query, states, mask, to_logits):
    attended = Attention(DotScore(states.shape[2]))(query, Memory(states, (), mask))
    return to_logits(torch.cat([attended.context, query], 2)), attended.weights


LIBRARY = {
    "04-dot-score": [library_scores, DotScore(2)],
    "04-masked-softmax": [masked_softmax, lambda scores, mask: 1 * masked_softmax(scores, mask)],
    "04-attend": [library_step],
}
