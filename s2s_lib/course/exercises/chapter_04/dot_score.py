"""04-dot-score: every query against every key, in one product."""

import torch

from ....model.attention import DotScore
from ...desk.exercise import Exercise, Wrong, numbers


def dot_score(query, keys):
    """Score every query (B, T, H) against every key (B, S, H)."""
    return DotScore(keys.shape[2])(query, keys)  # (B, T, S)


def _dot_score_cases(generator):
    for batch, steps, length, hidden in ((1, 2, 3, 2), (2, 1, 4, 3), (3, 4, 2, 5)):
        yield numbers(generator, batch, steps, hidden), numbers(generator, batch, length, hidden)


DOT_SCORE = Exercise(
    id="04-dot-score",
    objective="Compute dot-product scores of all decoder states against all encoder states in one product",
    points=2,
    minutes=10,
    difficulty=1,
    reference=dot_score,
    cases=lambda generator: list(_dot_score_cases(generator)),
    library=(DotScore.forward,),
    hints=(
        "Entry [b, t, s] compares which query with which key? Which axis is summed away?",
        "A matrix product sums over the last axis of the left and the second to last of the right. "
        "Which two axes of `keys` must change places?",
        "`keys.transpose(1, 2)` is (B, H, S). Put `query`, which is (B, T, H), to its left.",
    ),
    wrong=(
        Wrong(
            "transposed",
            "This is (B, S, T), keys against queries. Rows are the queries, which ask: (B, T, S).",
            lambda query, keys: keys @ query.transpose(1, 2),
        ),
        Wrong(
            "scale-wrong",
            "The scores are scaled or normalised on the way. That is another score; dot attention is the plain "
            "product (Luong et al. 2015), dividing by the square root of H came later (Vaswani et al. 2017).",
            lambda query, keys: query @ keys.transpose(1, 2) / query.shape[2] ** 0.5,
            lambda query, keys: query @ keys.transpose(1, 2) / query.shape[2],
            lambda query, keys: torch.cosine_similarity(query.unsqueeze(2), keys.unsqueeze(1), dim=3),
        ),
        Wrong(
            "reshaped",
            "`view` and `reshape` deal the same numbers into another shape; they do not swap axes. The shape is "
            "right and the numbers are not. `transpose(1, 2)` swaps.",
            lambda query, keys: query @ keys.reshape(keys.shape[0], keys.shape[2], keys.shape[1]),
        ),
        Wrong(
            "softmax-early",
            "These are weights already: the softmax comes later, since the pads must be masked before it.",
            lambda query, keys: (query @ keys.transpose(1, 2)).softmax(dim=2),
        ),
        Wrong(
            "query-constant",
            "All rows are alike: one query is used for every output step. Each step asks with its own state.",
            lambda query, keys: (query[:, :1] @ keys.transpose(1, 2)).repeat(1, query.shape[1], 1),
            lambda query, keys: (query[:, -1:] @ keys.transpose(1, 2)).repeat(1, query.shape[1], 1),
            lambda query, keys: (keys[:, -1:] @ keys.transpose(1, 2)).repeat(1, query.shape[1], 1),
        ),
        Wrong(
            "not-transposed",
            "The last axis of the left (H) must meet the second to last of the right, and there stands S: "
            "swap the last two axes of `keys`.",
            lambda query, keys: query @ keys,
            lambda query, keys: torch.bmm(query, keys),
            lambda query, keys: query @ keys.T,
            lambda query, keys: query @ keys.permute(2, 1, 0),
        ),
        Wrong(
            "not-summed",
            "The products of the components are there; a dot product also adds them up, over H.",
            lambda query, keys: query.unsqueeze(2) * keys.unsqueeze(1),
        ),
        Wrong(
            "first-sentence",
            "Every sentence of the batch is scored against the first one: keep the batch axis.",
            lambda query, keys: query @ keys[0].T,
        ),
    ),
)
