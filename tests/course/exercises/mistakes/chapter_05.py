"""What students write in chapter 05, in their own way, and how each mistake is called."""

import torch


def score(query, W_a, keys):
    return torch.einsum("bti,ij,bsj->bts", query, W_a, keys)


def general(change):
    return lambda query, keys, W_a: change(score(query, W_a, keys))


def whole(query, keys, W_a):
    """W_a [h_t; h_s] for every pair, (B, T, S, H)."""
    asked, kept = W_a[:, : len(W_a)], W_a[:, len(W_a) :]
    return torch.einsum("ij,btj->bti", asked, query)[:, :, None] + torch.einsum("ij,bsj->bsi", kept, keys)[:, None]


def halves(cut):
    def answer(query, keys, W_a, v_a):
        asked, kept = cut(W_a)
        left, right = (query @ asked.mT)[:, :, None], (keys @ kept.mT)[:, None]
        return torch.einsum("btsi,i->bts", torch.tanh(left + right), v_a)

    return answer


def network(change):
    return lambda query, keys, W_a, v_a: change(whole(query, keys, W_a), v_a)


def concat(query, keys, W_a, v_a):
    return torch.einsum("btsi,i->bts", torch.tanh(whole(query, keys, W_a)), v_a)


def then(change):
    return lambda *given: change(concat(*given))


def first_columns_and_last(W_a):
    return W_a[:, : len(W_a)], W_a[:, len(W_a) :]


MISTAKES = {
    "05-general": {
        "general-side": [lambda query, keys, W_a: score(query, W_a.T, keys)],
        "general-tanh": [
            lambda query, keys, W_a: torch.tanh(query @ W_a) @ keys.mT,
            lambda query, keys, W_a: query @ torch.tanh(keys @ W_a.T).mT,
            general(torch.tanh),
        ],
        "scale-wrong": [
            lambda query, keys, W_a: score(query, W_a, keys) / len(W_a) ** 0.5,
            lambda query, keys, W_a: score(query, W_a, keys) / len(W_a),
            lambda query, keys, W_a: torch.cosine_similarity((query @ W_a)[:, :, None], keys[:, None], dim=3),
        ],
        "matrix-unused": [lambda query, keys, W_a: torch.einsum("btj,bsj->bts", query, keys)],
        "diagonal-only": [lambda query, keys, W_a: score(query, W_a.diagonal().diag(), keys)],
        "matrix-twice": [
            lambda query, keys, W_a: score(query, W_a @ W_a.T, keys),
            lambda query, keys, W_a: score(query, W_a.T @ W_a, keys),
        ],
        "transposed": [general(lambda scores: scores.mT), lambda query, keys, W_a: score(keys, W_a, query)],
        "softmax-early": [general(lambda scores: torch.softmax(scores, -1))],
        "query-constant": [
            lambda query, keys, W_a: score(query[:, [0] * query.size(1)], W_a, keys),
            lambda query, keys, W_a: score(query[:, [-1] * query.size(1)], W_a, keys),
        ],
        "reshaped": [lambda query, keys, W_a: query @ W_a @ keys.contiguous().view(len(keys), len(W_a), -1)],
        "element-by-element": [lambda query, keys, W_a: (query * W_a) @ keys.mT],
    },
    "05-concat": {
        "concat-no-tanh": [network(lambda inner, v_a: inner @ v_a)],
        "concat-relu": [
            network(lambda inner, v_a: inner.clamp(min=0) @ v_a),
            network(lambda inner, v_a: torch.sigmoid(inner) @ v_a),
        ],
        "halves-swapped": [halves(lambda W_a: first_columns_and_last(W_a)[::-1])],
        "half-twice": [
            halves(lambda W_a: (W_a[:, : len(W_a)], W_a[:, : len(W_a)])),
            halves(lambda W_a: (W_a[:, len(W_a) :], W_a[:, len(W_a) :])),
        ],
        "split-wrongly": [
            halves(lambda W_a: W_a.unflatten(1, (-1, 2)).unbind(2)),
            halves(lambda W_a: W_a.reshape(2, len(W_a), len(W_a))),
            halves(lambda W_a: (W_a[: len(W_a)], W_a[len(W_a) :])),
            halves(lambda W_a: torch.chunk(W_a, 2)),
        ],
        "v-missing": [network(lambda inner, v_a: torch.tanh(inner).sum(3))],
        "not-summed": [network(lambda inner, v_a: torch.tanh(inner) * v_a)],
        "scale-wrong": [
            lambda query, keys, W_a, v_a: concat(query, keys, W_a, v_a) / len(v_a) ** 0.5,
            lambda query, keys, W_a, v_a: concat(query, keys, W_a, v_a) / len(v_a),
        ],
        "axis-left": [network(lambda inner, v_a: torch.tanh(inner) @ v_a[:, None])],
        "transposed": [then(lambda scores: scores.mT)],
        "softmax-early": [then(lambda scores: torch.softmax(scores, -1))],
        "query-constant": [
            lambda query, *given: concat(query[:, [0] * query.size(1)], *given),
            lambda query, *given: concat(query[:, [-1] * query.size(1)], *given),
        ],
    },
}
