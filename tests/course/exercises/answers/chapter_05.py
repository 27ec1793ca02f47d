"""Other right answers to the exercises of chapter 05, and answers that call the library."""

import math

import torch
import torch.nn.functional as F

from s2s_lib.model.additive import AdditiveScore, additive_score
from s2s_lib.model.attention import ConcatScore, DotScore, GeneralScore


def general_by_loop(query, keys, W_a):
    scores = torch.zeros(query.shape[0], query.shape[1], keys.shape[1])
    for b, t, s in torch.cartesian_prod(*map(torch.arange, scores.shape)).tolist():
        for i, row in enumerate(W_a.tolist()):
            scores[b, t, s] += sum(query[b, t, i] * weight * keys[b, s, j] for j, weight in enumerate(row))
    return scores


def concat_by_loop(query, keys, W_a, v_a):
    scores = torch.zeros(query.shape[0], query.shape[1], keys.shape[1], dtype=torch.float64)
    for b, t, s in torch.cartesian_prod(*map(torch.arange, scores.shape)).tolist():
        pair = [*query[b, t].tolist(), *keys[b, s].tolist()]
        inner = [sum(w * x for w, x in zip(row, pair, strict=True)) for row in W_a.tolist()]
        scores[b, t, s] = sum(v * math.tanh(x) for v, x in zip(v_a.tolist(), inner, strict=True))
    return scores


def concat_of_pairs(query, keys, W_a, v_a):
    pairs = [torch.cat([query, keys[:, s : s + 1].expand_as(query)], dim=2) for s in range(keys.shape[1])]
    return torch.stack([F.linear(pair, W_a).tanh() @ v_a for pair in pairs], dim=2)


def concat_of_repeats(query, keys, W_a, v_a):
    left = query.repeat_interleave(keys.shape[1], dim=1)  # (B, TS, H)
    right = keys.repeat(1, query.shape[1], 1)  # (B, TS, H)
    scores = torch.tanh(torch.cat([left, right], dim=2) @ W_a.T) @ v_a
    return scores.view(len(query), query.shape[1], keys.shape[1])


def concat_of_halves(query, keys, W_a, v_a):
    size = query.shape[2]
    asked, kept = query @ W_a[:, :size].T, keys @ W_a[:, size:].T
    return ((asked[:, :, None] + kept[:, None]).tanh() * v_a).sum(-1)


TYPES = (torch.half, torch.bfloat16, torch.double)

RIGHT = {
    "05-general": [
        general_by_loop,
        lambda query, keys, W_a: torch.einsum("bth,hk,bsk->bts", query, W_a, keys),
        lambda query, keys, W_a: query @ (W_a @ keys.mT),
        lambda query, keys, W_a: query @ F.linear(keys, W_a).mT,
        lambda query, keys, W_a: F.bilinear(
            query[:, :, None].expand(-1, -1, keys.shape[1], -1).contiguous(),
            keys[:, None].expand(-1, query.shape[1], -1, -1).contiguous(),
            W_a[None],
        ).squeeze(3),
        *(lambda query, keys, W_a, to=to: query.to(to) @ W_a.to(to) @ keys.to(to).mT for to in TYPES),
    ],
    "05-concat": [
        concat_by_loop,
        concat_of_pairs,
        concat_of_repeats,
        concat_of_halves,
        lambda query, keys, W_a, v_a: torch.einsum("h,btsh->bts", v_a, concat_inner(query, keys, W_a).tanh()),
        *(lambda *given, to=to: concat_of_halves(*(each.to(to) for each in given)) for to in TYPES),
    ],
}


def concat_inner(query, keys, W_a):
    W_q, W_k = W_a.view(len(W_a), 2, -1).unbind(1)
    return torch.einsum("kh,bth->btk", W_q, query).unsqueeze(2) + torch.einsum("kh,bsh->bsk", W_k, keys).unsqueeze(1)


def library_general(query, keys, W_a):
    score = GeneralScore(len(W_a))
    score.W_a.data = W_a
    return score(query, keys)


def library_concat(query, keys, W_a, v_a):
    score = ConcatScore(len(W_a))
    score.W_q.weight.data, score.W_k.weight.data = W_a.chunk(2, dim=1)
    score.v_a.data = v_a
    return score(query, keys)


LIBRARY = {
    "05-general": [library_general, lambda query, keys, W_a: DotScore(len(W_a))(query @ W_a, keys)],
    "05-concat": [
        library_concat,
        lambda query, keys, W_a, v_a: additive_score(query @ W_a[:, : len(W_a)].T, keys @ W_a[:, len(W_a) :].T, v_a),
        lambda query, keys, W_a, v_a: AdditiveScore.apply(
            query @ W_a[:, : len(W_a)].T, keys @ W_a[:, len(W_a) :].T, v_a
        ),
    ],
}
