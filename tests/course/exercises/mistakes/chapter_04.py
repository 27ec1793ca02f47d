"""What students write in chapter 04, in their own way, and how each mistake is called."""

import torch


def scored(query, keys):
    return torch.einsum("bth,bsh->bts", query, keys)


def weighed(scores, mask):
    return torch.where(mask[:, None], scores, -torch.inf).softmax(-1)


def low(value):
    return lambda scores, mask: torch.where(mask[:, None], scores, value).softmax(-1)


def over(axis):
    return lambda scores, mask: torch.softmax(torch.where(mask[:, None], scores, -torch.inf), axis)


def masked_late(scores, mask):
    return torch.softmax(scores, -1) * mask[:, None]


def step(asks=lambda query, states: query, weighs=weighed, mixes=torch.bmm, feature=lambda c, h: torch.cat([c, h], -1)):
    """One attention step, with one of its parts done wrongly."""

    def answer(query, states, mask, to_logits):
        weights = weighs(scored(asks(query, states), states), mask)
        return to_logits(feature(mixes(weights, states), query)), weights

    return answer


def then(change):
    return lambda *given: change(*step()(*given))


def on_scores(query, states, mask, to_logits):
    scores = scored(query, states)
    return to_logits(torch.cat([scores @ states, query], -1)), weighed(scores, mask)


MISTAKES = {
    "04-dot-score": {
        "transposed": [lambda query, keys: scored(keys, query)],
        "scale-wrong": [
            lambda query, keys: scored(query, keys) * query.size(2) ** -0.5,
            lambda query, keys: scored(query, keys) / keys.size(2),
        ],
        "reshaped": [lambda query, keys: query @ keys.contiguous().view(keys.size(0), keys.size(2), keys.size(1))],
        "softmax-early": [lambda query, keys: torch.softmax(scored(query, keys), -1)],
        "query-constant": [
            lambda query, keys: scored(query[:, [0] * query.size(1)], keys),
            lambda query, keys: scored(query[:, [-1] * query.size(1)], keys),
            lambda query, keys: scored(keys[:, [-1] * query.size(1)], keys),
        ],
        "not-transposed": [lambda query, keys: query.matmul(keys), lambda query, keys: query.bmm(keys)],
        "not-summed": [lambda query, keys: torch.einsum("bth,bsh->btsh", query, keys)],
        "first-sentence": [lambda query, keys: torch.einsum("bth,sh->bts", query, keys[0])],
    },
    "04-masked-softmax": {
        "mask-missing": [lambda scores, mask: torch.softmax(scores, -1)],
        "softmax-axis": [over(0), over(1)],
        "mask-after-softmax": [masked_late],
        "mask-inverted": [lambda scores, mask: weighed(scores, mask.logical_not())],
        "mask-soft": [low(value) for value in (-1e4, -1e3, -100.0, -1e-9)],
        "log-softmax": [lambda scores, mask: torch.where(mask[:, None], scores, -torch.inf).log_softmax(-1)],
        "not-normalised": [lambda scores, mask: torch.where(mask[:, None], scores, -torch.inf).exp()],
    },
    "04-attend": {
        "mask-missing": [step(weighs=lambda scores, mask: torch.softmax(scores, -1))],
        "mask-after-softmax": [step(weighs=masked_late)],
        "mask-inverted": [step(weighs=lambda scores, mask: weighed(scores, mask.logical_not()))],
        "softmax-axis": [step(weighs=over(0)), step(weighs=over(1))],
        "query-constant": [
            step(asks=lambda query, states: states[:, [-1] * query.size(1)]),
            step(asks=lambda query, states: query[:, [0] * query.size(1)]),
            step(asks=lambda query, states: query[:, [-1] * query.size(1)]),
        ],
        "concat-order": [step(feature=lambda context, query: torch.cat([query, context], -1))],
        "scores-as-weights": [on_scores],
        "context-unweighted": [
            step(mixes=lambda weights, states: torch.bmm(torch.full_like(weights, 1 / states.size(1)), states)),
            step(mixes=lambda weights, states: torch.bmm(torch.ones_like(weights), states)),
        ],
        "context-missing": [
            step(feature=lambda context, query: torch.cat([query] * 2, -1)),
            step(feature=lambda context, query: torch.cat([context] * 2, -1)),
        ],
        "not-concatenated": [
            step(feature=lambda context, query: context),
            step(feature=lambda context, query: query),
            step(feature=lambda context, query: query + context),
        ],
        "scale-wrong": [
            lambda query, states, *given: step(asks=lambda query, states: query * query.size(2) ** -0.5)(
                query, states, *given
            )
        ],
        "probabilities": [then(lambda logits, weights: (torch.softmax(logits, 2), weights))],
        "returned-swapped": [then(lambda logits, weights: (weights, logits))],
        "logits-only": [then(lambda logits, weights: logits)],
        "tanh-added": [step(feature=lambda context, query: torch.tanh(torch.cat([context, query], -1)))],
    },
}
