"""05-general: a matrix between the query and the key."""

import torch
import torch.nn.functional as F

from ....model.attention import DiagonalScore, DotScore, GeneralScore
from ...desk.exercise import Exercise, Wrong, numbers


def general(query, keys, W_a):
    """Score every query (B, T, H) against every key (B, S, H) through W_a (H, H)."""
    score = GeneralScore(keys.shape[2])
    score.W_a.data = W_a
    return score(query, keys).detach()  # (B, T, S)


def _cases(generator):
    for batch, steps, length, hidden in ((1, 3, 4, 2), (2, 1, 4, 3), (3, 4, 2, 5)):
        query, keys = (numbers(generator, batch, size, hidden) for size in (steps, length))
        W_a = numbers(generator, hidden, hidden)
        W_a[0, -1] = W_a[-1, 0] + 1  # never symmetric, so that its transpose is another matrix
        yield query, keys, W_a


def _through(query, keys, W_a):
    return query @ W_a @ keys.transpose(1, 2)


GENERAL = Exercise(
    id="05-general",
    objective="Score with a full matrix W_a between decoder and encoder states, on its right side",
    points=2,
    minutes=10,
    difficulty=1,
    reference=general,
    cases=lambda generator: list(_cases(generator)),
    library=(GeneralScore.forward, DotScore.forward, DiagonalScore.forward),
    hints=(
        "In h_t^T W_a h_s, which of the two states meets the rows of W_a, and which its columns?",
        "Every row of `query @ W_a`, (B, T, H), is h_t^T W_a for one query. What is left is chapter 04's dot product.",
        "`query @ W_a` to the left of `keys.transpose(1, 2)`, (B, H, S).",
    ),
    wrong=(
        Wrong(
            "general-side",
            "W_a is transposed, or on the wrong side: this is h_s^T W_a h_t. The query stands to the left of W_a. "
            "(`F.linear(x, W)` and `nn.Linear` multiply by the transpose of their matrix.)",
            lambda query, keys, W_a: query @ W_a.T @ keys.transpose(1, 2),
            lambda query, keys, W_a: F.linear(query, W_a) @ keys.transpose(1, 2),
        ),
        Wrong(
            "general-tanh",
            "A tanh has slipped in. The general score is a plain product; the tanh belongs to the concat score.",
            lambda query, keys, W_a: (query @ W_a).tanh() @ keys.transpose(1, 2),
            lambda query, keys, W_a: query @ (W_a @ keys.transpose(1, 2)).tanh(),
            lambda query, keys, W_a: _through(query, keys, W_a).tanh(),
        ),
        Wrong(
            "scale-wrong",
            "The scores are scaled or normalised on the way. Luong et al. (2015) take the plain product.",
            lambda query, keys, W_a: _through(query, keys, W_a) / query.shape[2] ** 0.5,
            lambda query, keys, W_a: _through(query, keys, W_a) / query.shape[2],
            lambda query, keys, W_a: F.normalize(query @ W_a, dim=2) @ F.normalize(keys, dim=2).transpose(1, 2),
        ),
        Wrong(
            "matrix-unused",
            "This is dot attention: W_a does not come in.",
            lambda query, keys, W_a: query @ keys.transpose(1, 2),
        ),
        Wrong(
            "diagonal-only",
            "Only the diagonal of W_a is used, a weight per dimension. The numbers off the diagonal compare one "
            "dimension of the query with another one of the key.",
            lambda query, keys, W_a: (query * W_a.diagonal()) @ keys.transpose(1, 2),
        ),
        Wrong(
            "matrix-twice",
            "W_a is applied to the queries and to the keys. One matrix stands between the two, once.",
            lambda query, keys, W_a: (query @ W_a) @ (keys @ W_a).transpose(1, 2),
            lambda query, keys, W_a: (query @ W_a.T) @ (keys @ W_a.T).transpose(1, 2),
        ),
        Wrong(
            "transposed",
            "This is (B, S, T), keys against queries. Rows are the queries, which ask: (B, T, S).",
            lambda query, keys, W_a: _through(query, keys, W_a).transpose(1, 2),
            lambda query, keys, W_a: _through(keys, query, W_a),
        ),
        Wrong(
            "softmax-early",
            "These are weights already: the softmax comes later, since the pads must be masked before it.",
            lambda query, keys, W_a: _through(query, keys, W_a).softmax(dim=2),
        ),
        Wrong(
            "query-constant",
            "All rows are alike: one query is used for every output step. Each step asks with its own state.",
            lambda query, keys, W_a: _through(query[:, :1], keys, W_a).repeat(1, query.shape[1], 1),
            lambda query, keys, W_a: _through(query[:, -1:], keys, W_a).repeat(1, query.shape[1], 1),
        ),
        Wrong(
            "reshaped",
            "`view` and `reshape` deal the same numbers into another shape; they do not swap axes. "
            "`transpose(1, 2)` does.",
            lambda query, keys, W_a: query @ W_a @ keys.reshape(keys.shape[0], keys.shape[2], keys.shape[1]),
        ),
        Wrong(
            "not-transposed",
            "The last axis of the left (H) must meet the second to last of the right, and there stands S: swap the "
            "last two axes of `keys`.",
            lambda query, keys, W_a: query @ W_a @ keys,
            lambda query, keys, W_a: query @ W_a @ keys.T,
            lambda query, keys, W_a: query @ (W_a @ keys),
            lambda query, keys, W_a: torch.bmm(query @ W_a, keys),
        ),
        Wrong(
            "element-by-element",
            "`*` multiplies number by number. A matrix product, `@`, multiplies and adds up.",
            lambda query, keys, W_a: query * W_a @ keys.transpose(1, 2),
            lambda query, keys, W_a: query * W_a * keys,
        ),
    ),
)
