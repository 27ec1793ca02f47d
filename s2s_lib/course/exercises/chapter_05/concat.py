"""05-concat: a network of two layers for every pair of a query and a key."""

import torch
import torch.nn.functional as F

from ....model.additive import AdditiveScore, additive_score
from ....model.attention import ConcatScore
from ...desk.exercise import Exercise, Wrong, numbers


def concat(query, keys, W_a, v_a):
    """Score every query (B, T, H) against every key (B, S, H): v_a^T tanh(W_a [query; key])."""
    W_q, W_k = W_a.chunk(2, dim=1)  # the columns that meet the query, and those that meet the key
    return additive_score(query @ W_q.T, keys @ W_k.T, v_a)  # (B, T, S)


def _cases(generator):
    for batch, steps, length, hidden in ((1, 3, 4, 2), (2, 1, 5, 3), (3, 4, 2, 5)):
        query, keys = (numbers(generator, batch, size, hidden) for size in (steps, length))
        yield query, keys, numbers(generator, hidden, 2 * hidden), numbers(generator, hidden)


def _pairs(query, keys):
    """Every query beside every key, (B, T, S, 2H)."""
    steps, length = query.shape[1], keys.shape[1]
    left, right = query.unsqueeze(2).expand(-1, -1, length, -1), keys.unsqueeze(1).expand(-1, steps, -1, -1)
    return torch.cat([left, right], dim=3)


def _network(bend=torch.tanh, join=_pairs, end=None):
    """The score with one of its parts replaced by a wrong one."""

    def answer(query, keys, W_a, v_a):
        scores = bend(join(query, keys) @ W_a.T) @ v_a
        return end(scores) if end else scores

    return answer


def _split(left, right):
    """The score from two halves of W_a, chosen wrongly."""

    def answer(query, keys, W_a, v_a):
        asked, kept = query @ left(W_a).T, keys @ right(W_a).T
        return (asked.unsqueeze(2) + kept.unsqueeze(1)).tanh() @ v_a

    return answer


def _apart(query, keys, W_a, v_a):
    W_q, W_k = W_a.chunk(2, dim=1)
    return (query @ W_q.T).tanh().unsqueeze(2) @ v_a + (keys @ W_k.T).tanh().unsqueeze(1) @ v_a


CONCAT = Exercise(
    id="05-concat",
    objective="Score with the two-layer network v_a^T tanh(W_a [h_t; h_s]), for all pairs at once",
    points=3,
    minutes=20,
    difficulty=3,
    reference=concat,
    cases=lambda generator: list(_cases(generator)),
    library=(ConcatScore.forward, additive_score, AdditiveScore.forward),
    hints=(
        "Which columns of W_a are multiplied with h_t, and which with h_s?",
        "With W_q, the first H columns, and W_k, the last H: W_a [h_t; h_s] = W_q h_t + W_k h_s. For row vectors, "
        "W_q h_t is `query @ W_q.T`.",
        "`(query @ W_q.T).unsqueeze(2)` is (B, T, 1, H), `(keys @ W_k.T).unsqueeze(1)` is (B, 1, S, H); their sum is "
        "(B, T, S, H). Then tanh, then `@ v_a`.",
    ),
    wrong=(
        Wrong(
            "concat-no-tanh",
            "The tanh is missing. Without it the score is v_a^T W_q h_t + v_a^T W_k h_s, and the first term is the "
            "same for all source words: the weights no longer depend on the decoder's state.",
            _network(bend=lambda inner: inner),
        ),
        Wrong(
            "concat-relu",
            "There is another function in the place of the tanh (relu, sigmoid, ...). The scores, and with them the "
            "weights, are others.",
            *(_network(bend=bend) for bend in (F.relu, torch.sigmoid, F.leaky_relu, F.gelu, F.hardtanh)),
        ),
        Wrong(
            "concat-order",
            "The steps are in another order. It is W_a, then tanh on each of the H numbers, then v_a, and no softmax: "
            "that comes after the mask.",
            _network(bend=lambda inner: inner, end=torch.tanh),
            _network(end=torch.tanh),
            _network(bend=lambda inner: inner.softmax(dim=3)),
            _network(bend=lambda inner: inner.softmax(dim=2)),
            _network(bend=lambda inner: inner.tanh().softmax(dim=3)),
            _network(bend=lambda inner: inner.tanh().softmax(dim=2)),
            _network(join=lambda query, keys: _pairs(query, keys).tanh(), bend=lambda inner: inner),
        ),
        Wrong(
            "tanh-apart",
            "The tanh is taken of W_q h_t and of W_k h_s, and then they are added. Now the query adds the same number "
            "to every source word, which a softmax does not see. Add first, then tanh.",
            _apart,
        ),
        Wrong(
            "halves-swapped",
            "The order is [h_t; h_s], the query first: the first H columns of W_a belong to the query.",
            _network(join=lambda query, keys: _pairs(query, keys).roll(query.shape[2], dims=3)),
        ),
        Wrong(
            "half-twice",
            "The same half of W_a is used for both states. The first H columns meet the query, the last H the key.",
            _split(lambda W_a: W_a[:, : len(W_a)], lambda W_a: W_a[:, : len(W_a)]),
            _split(lambda W_a: W_a[:, len(W_a) :], lambda W_a: W_a[:, len(W_a) :]),
        ),
        Wrong(
            "split-wrongly",
            "W_a is split at the wrong place. [h_t; h_s] is H numbers of the query and then H of the key, so the "
            "halves are the columns `W_a[:, :H]` and `W_a[:, H:]`.",
            _split(lambda W_a: W_a[:, ::2], lambda W_a: W_a[:, 1::2]),
            _split(
                lambda W_a: W_a.reshape(-1, len(W_a))[: len(W_a)], lambda W_a: W_a.reshape(-1, len(W_a))[len(W_a) :]
            ),
            _split(lambda W_a: W_a[: len(W_a)], lambda W_a: W_a[len(W_a) :]),
            _split(lambda W_a: W_a.chunk(2, dim=0)[0], lambda W_a: W_a.chunk(2, dim=0)[1]),
        ),
        Wrong(
            "matrix-transposed",
            "A transpose is missing. W_a is (H, 2H), out by in, as `nn.Linear` keeps it: rows are multiplied with "
            "`W_a.T`, or with `W_q.T` and `W_k.T`.",
            _split(lambda W_a: W_a[:, : len(W_a)].T, lambda W_a: W_a[:, len(W_a) :].T),
            lambda query, keys, W_a, v_a: (_pairs(query, keys) @ W_a).tanh() @ v_a,
            lambda query, keys, W_a, v_a: (_pairs(query, keys) @ W_a.reshape(-1, len(W_a))).tanh() @ v_a,
        ),
        Wrong(
            "v-missing",
            "The H numbers are added up or averaged without v_a. It weighs them, and it may be negative.",
            lambda query, keys, W_a, v_a: (_pairs(query, keys) @ W_a.T).tanh().sum(3),
            lambda query, keys, W_a, v_a: (_pairs(query, keys) @ W_a.T).tanh().mean(3),
        ),
        Wrong(
            "not-summed",
            "v_a is multiplied in number by number. Add up over the last axis, or write `@ v_a`.",
            lambda query, keys, W_a, v_a: (_pairs(query, keys) @ W_a.T).tanh() * v_a,
            lambda query, keys, W_a, v_a: (_pairs(query, keys) @ W_a.T).tanh(),
        ),
        Wrong(
            "scale-wrong",
            "The scores are scaled by 1/sqrt(H) or 1/H. The concat score is not.",
            lambda query, keys, W_a, v_a: _network()(query, keys, W_a, v_a) / len(v_a) ** 0.5,
            lambda query, keys, W_a, v_a: _network()(query, keys, W_a, v_a) / len(v_a),
        ),
        Wrong(
            "axis-left",
            "The scores are right, with an axis of size 1 at the end. Take it away with `squeeze(3)`, or multiply by "
            "v_a as a vector.",
            _network(end=lambda scores: scores.unsqueeze(3)),
        ),
        Wrong(
            "squeezed",
            "`squeeze()` without an axis takes away every axis of size 1, and a batch of one or a single step is one. "
            "Name the axis.",
            _network(end=torch.squeeze),
        ),
        Wrong(
            "transposed",
            "This is (B, S, T). Rows are the queries, which ask: (B, T, S).",
            _network(end=lambda scores: scores.transpose(1, 2)),
            lambda query, keys, W_a, v_a: _network()(keys, query, W_a, v_a),
        ),
        Wrong(
            "softmax-early",
            "These are weights already: the softmax comes later, since the pads must be masked before it.",
            _network(end=lambda scores: scores.softmax(dim=2)),
        ),
        Wrong(
            "query-constant",
            "All rows are alike: one query is used for every output step. Each step asks with its own state.",
            lambda query, keys, W_a, v_a: _network()(query[:, :1].expand_as(query), keys, W_a, v_a),
            lambda query, keys, W_a, v_a: _network()(query[:, -1:].expand_as(query), keys, W_a, v_a),
        ),
        Wrong(
            "not-every-pair",
            "T queries and S keys do not fit side by side: every query is to meet every key. Give `query` an axis for "
            "the keys, `unsqueeze(2)`, and `keys` one for the queries, `unsqueeze(1)`.",
            lambda query, keys, W_a, v_a: (torch.cat([query, keys], dim=2) @ W_a.T).tanh() @ v_a,
            lambda query, keys, W_a, v_a: (torch.cat([query, keys], dim=1) @ W_a.T).tanh() @ v_a,
            lambda query, keys, W_a, v_a: (query @ W_a[:, : len(W_a)].T + keys @ W_a[:, len(W_a) :].T).tanh() @ v_a,
        ),
    ),
)
