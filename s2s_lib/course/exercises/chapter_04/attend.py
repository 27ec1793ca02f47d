"""04-attend: one whole step, from the decoder's states to the logits."""

import torch
from torch import nn

from ....model.attention import Attention, DotScore, masked_softmax
from ....model.decoder import Decoder
from ....model.encoder import Memory
from ...desk.exercise import Exercise, Wrong, numbers, real
from .masked_softmax import (
    MASK_AFTER,
    MASK_INVERTED,
    MASK_MISSING,
    SOFTMAX_AXIS,
    mask_after,
    mask_inverted,
    mask_missing,
    softmax_over,
)


def attend(query, states, mask, to_logits):
    """One whole step, for T decoder states (B, T, H) at once: weights, context, [context; state], logits."""
    attended = Attention(DotScore(states.shape[2]))(query, Memory(states, (), mask))
    return to_logits(torch.cat([attended.context, query], dim=2)), attended.weights  # (B, T, V), (B, T, S)


def _attend_cases(generator):
    for steps, lengths, hidden, vocab in ((2, (2,), 2, 3), (1, (3, 4), 2, 5), (4, (2, 5, 3), 3, 2)):
        to_logits = nn.utils.skip_init(nn.Linear, 2 * hidden, vocab)
        nn.init.zeros_(to_logits.bias)
        to_logits.weight.data = numbers(generator, vocab, 2 * hidden)
        query, states = (numbers(generator, len(lengths), size, hidden) for size in (steps, max(lengths) + 1))
        mask = torch.cat([real(lengths), torch.zeros(len(lengths), 1, dtype=torch.bool)], dim=1)
        yield query, states * mask.unsqueeze(2), mask, to_logits


def _plain(weights, states):
    return weights @ states


def _context_first(context, query):
    return torch.cat([context, query], dim=2)


def _attend(ask=lambda query, states: query, scale=1, weigh=masked_softmax, mix=_plain, join=_context_first, end=None):
    """A step with one of its parts replaced by a wrong one."""

    def answer(query, states, mask, to_logits):
        scores = ask(query, states) @ states.transpose(1, 2) * scale
        weights = weigh(scores, mask)
        logits = to_logits(join(mix(weights, states) if mix is not None else scores @ states, query))
        return end(logits, weights) if end else (logits, weights)

    return answer


ATTEND = Exercise(
    id="04-attend",
    objective="Put one attention step together: scores, weights, context, [context; state], logits",
    points=4,
    minutes=15,
    difficulty=2,
    reference=attend,
    cases=lambda generator: list(_attend_cases(generator)),
    library=(Attention.forward, Decoder.predict),
    returns=("logits", "weights"),
    hints=(
        "The context is a mean of the encoder's states. What are its weights, and over which axis does it sum?",
        "weights (B, T, S) @ states (B, S, H) is the context (B, T, H): a row for each output step.",
        "`torch.cat([context, query], dim=2)` is (B, T, 2H), the context first. Give that to `to_logits`, and return "
        "the logits and the weights.",
    ),
    wrong=(
        Wrong("mask-missing", MASK_MISSING, _attend(weigh=mask_missing)),
        Wrong("mask-after-softmax", MASK_AFTER, _attend(weigh=mask_after)),
        Wrong("mask-inverted", MASK_INVERTED, _attend(weigh=mask_inverted)),
        Wrong("softmax-axis", SOFTMAX_AXIS, _attend(weigh=softmax_over(0)), _attend(weigh=softmax_over(1))),
        Wrong(
            "query-constant",
            "Every output step asks the same question, so that all rows of the weights are alike. The query is the "
            "decoder's state at that step, not the encoder's last.",
            _attend(ask=lambda query, states: states[:, -1:].expand_as(query)),
            _attend(ask=lambda query, states: query[:, :1].expand_as(query)),
            _attend(ask=lambda query, states: query[:, -1:].expand_as(query)),
        ),
        Wrong(
            "concat-order",
            "The halves are swapped: it is [context; state], the context first. `to_logits` has learned "
            "which of its columns belong to which.",
            _attend(join=lambda context, query: torch.cat([query, context], dim=2)),
        ),
        Wrong(
            "scores-as-weights",
            "The context is mixed with the raw scores. The softmax is what makes it a mean of the states.",
            _attend(mix=None),
        ),
        Wrong(
            "context-unweighted",
            "The weights are right and then not used: the context is a plain sum or mean of the states, "
            "the same at every step.",
            _attend(mix=lambda weights, states: states.mean(1, keepdim=True).expand(-1, weights.shape[1], -1)),
            _attend(mix=lambda weights, states: states.sum(1, keepdim=True).expand(-1, weights.shape[1], -1)),
        ),
        Wrong(
            "context-missing",
            "The prediction does not see the context: the decoder's state stands in both halves, or the context does.",
            _attend(join=lambda context, query: torch.cat([query, query], dim=2)),
            _attend(join=lambda context, query: torch.cat([context, context], dim=2)),
        ),
        Wrong(
            "not-concatenated",
            "`to_logits` reads 2H numbers at each step: put context and state side by side on the last axis, `dim=2`.",
            _attend(join=lambda context, query: context),
            _attend(join=lambda context, query: query),
            _attend(join=lambda context, query: context + query),
            _attend(join=lambda context, query: torch.cat([context, query], dim=1)),
            _attend(join=lambda context, query: torch.cat([context, query])),
        ),
        Wrong(
            "scale-wrong",
            "The scores are scaled by 1/sqrt(H) before the softmax: the weights come out too even. Dot attention "
            "takes the plain product.",
            lambda *given: _attend(scale=given[0].shape[2] ** -0.5)(*given),
        ),
        Wrong(
            "probabilities",
            "A softmax over the vocabulary has been applied. Logits are asked for: the loss takes the softmax itself.",
            _attend(end=lambda logits, weights: (logits.softmax(-1), weights)),
        ),
        Wrong(
            "returned-swapped",
            "Both are right, in the wrong order: return logits, weights.",
            _attend(end=lambda logits, weights: (weights, logits)),
        ),
        Wrong(
            "logits-only",
            "The logits are right; return the weights as well: logits, weights.",
            _attend(end=lambda logits, weights: logits),
        ),
        Wrong(
            "tanh-added",
            "There is a tanh before `to_logits`. (The library's decoder has one, together with a matrix of its own, "
            "W_c; this exercise has not.)",
            _attend(join=lambda context, query: torch.cat([context, query], dim=2).tanh()),
        ),
    ),
)
