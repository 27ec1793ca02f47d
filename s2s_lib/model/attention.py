r"""Attention: compare the decoder's state with every encoder state, and mix these by how well they match.

Notation of Luong et al. (2015, section 3.1): h_t is a decoder state (the query), \bar h_s an encoder state (a key):

    e_ts = score(h_t, \bar h_s)      a_t = softmax(e_t) over real tokens      c_t = sum over s of a_ts \bar h_s
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from .encoder import Memory

CONCAT_BYTES = 2**20  # of a block of concat attention: what fits into a core's cache


class Attended(NamedTuple):
    """What attention returns for T decoder states."""

    context: Float[Tensor, "B T H"]
    weights: Float[Tensor, "B T S"]  # each row sums to 1; exactly 0 at pads
    scores: Float[Tensor, "B T S"]  # before masking and softmax


def masked_softmax(scores: Float[Tensor, "B T S"], mask: Bool[Tensor, "B S"]) -> Float[Tensor, "B T S"]:
    """Softmax over the source positions where `mask` is True; pads get exactly 0. `scores` stay as they are.

    A row without any real token has no distribution: it comes out as NaN.
    """
    return scores.masked_fill(~mask.unsqueeze(1), float("-inf")).softmax(dim=-1)


class DotScore(nn.Module):
    r"""score(h_t, \bar h_s) = h_t^T \bar h_s  (Luong et al. 2015, eq. 8, dot). No parameters."""

    def __init__(self, hidden_size: int):
        """Take the size H for the sake of a common signature; a dot product needs no parameter."""
        super().__init__()

    def forward(self, query: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]) -> Float[Tensor, "B T S"]:
        """Score every query against every key."""
        return query @ keys.transpose(1, 2)


class GeneralScore(nn.Module):
    r"""score(h_t, \bar h_s) = h_t^T W_a \bar h_s  (Luong et al. 2015, eq. 8, general). H x H parameters."""

    def __init__(self, hidden_size: int):
        """Start at W_a = I, where general attention is dot attention."""
        super().__init__()
        self.W_a = nn.Parameter(torch.eye(hidden_size))

    def forward(self, query: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]) -> Float[Tensor, "B T S"]:
        """Score every query against every key."""
        return query @ self.W_a @ keys.transpose(1, 2)


class DiagonalScore(nn.Module):
    r"""score(h_t, \bar h_s) = h_t^T diag(w_a) \bar h_s: general attention with a weight per dimension."""

    def __init__(self, hidden_size: int):
        """Start at w_a = 1, where diagonal attention is dot attention."""
        super().__init__()
        self.w_a = nn.Parameter(torch.ones(hidden_size))

    def forward(self, query: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]) -> Float[Tensor, "B T S"]:
        """Score every query against every key."""
        return (query * self.w_a) @ keys.transpose(1, 2)


class ConcatScore(nn.Module):
    r"""score(h_t, \bar h_s) = v_a^T tanh(W_a [h_t; \bar h_s])  (Luong et al. 2015, eq. 8; Bahdanau et al. 2015).

    W_a [h_t; \bar h_s] = W_q h_t + W_k \bar h_s, so each state is multiplied once and not once per pair.
    """

    def __init__(self, hidden_size: int):
        """Keep W_a as its two halves, W_q for the query and W_k for the key."""
        super().__init__()
        self.W_q = nn.Linear(hidden_size, hidden_size, bias=False)
        self.W_k = nn.Linear(hidden_size, hidden_size, bias=False)
        self.v_a = nn.Parameter(torch.empty(hidden_size))
        nn.init.uniform_(self.v_a, -(hidden_size**-0.5), hidden_size**-0.5)  # as nn.Linear does

    def forward(self, query: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]) -> Float[Tensor, "B T S"]:
        """Score every query against every key."""
        return AdditiveScore.apply(self.W_q(query), self.W_k(keys), self.v_a)


class AdditiveScore(torch.autograd.Function):
    """sum over h of v_h tanh(query_th + key_sh), in blocks of `CONCAT_BYTES`.

    All (B, T, S, H) hyperbolic tangents at once would fill the memory, and be slow for it: a block that stays in
    the cache is used up before the next one is made, in the same place. The gradient makes them once more.
    """

    @staticmethod
    def forward(ctx, query: Tensor, keys: Tensor, v: Tensor) -> Tensor:
        """Score (B, T, H) queries against (B, S, H) keys: (B, T, S)."""
        ctx.save_for_backward(query, keys, v)
        scores = query.new_empty(query.shape[0], query.shape[1], keys.shape[1])
        for rows, steps, tanh in tanh_blocks(query, keys):
            scores[rows, steps] = tanh @ v
        return scores

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Apply tanh' = 1 - tanh^2."""
        query, keys, v = ctx.saved_tensors
        to_query, to_keys, to_v = torch.zeros_like(query), torch.zeros_like(keys), torch.zeros_like(v)
        for rows, steps, tanh in tanh_blocks(query, keys):
            above = gradient[rows, steps].unsqueeze(3)  # (b, t, S, 1)
            to_v += above.flatten() @ tanh.flatten(0, 2)
            inner = tanh.square_().neg_().add_(1).mul_(above)  # (b, t, S, H)
            to_query[rows, steps] = inner.sum(2)
            to_keys[rows] += inner.sum(1)
        return to_query * v, to_keys * v, to_v


def tanh_blocks(query: Tensor, keys: Tensor) -> Iterator[tuple[slice, slice, Tensor]]:
    """Give tanh(query_t + key_s) for a few sentences and steps at a time; each block overwrites the one before."""
    (batch, length, hidden), steps = keys.shape, query.shape[1]
    pair_bytes = length * hidden * keys.element_size()  # of one step of one sentence
    t = min(steps, max(1, CONCAT_BYTES // pair_bytes))
    b = min(batch, max(1, CONCAT_BYTES // (t * pair_bytes)))
    buffer = keys.new_empty(b * t * length * hidden)
    for row in range(0, batch, b):
        for step in range(0, steps, t):
            rows, some = slice(row, row + b), slice(step, step + t)
            left, right = query[rows, some].unsqueeze(2), keys[rows].unsqueeze(1)  # (b, t, 1, H) (b, 1, S, H)
            shape = (left.shape[0], left.shape[1], length, hidden)
            block = buffer[: left.shape[0] * left.shape[1] * length * hidden].view(shape)
            yield rows, some, torch.add(left, right, out=block).tanh_()


class Attention(nn.Module):
    """Attention with any of the scores above."""

    def __init__(self, score: nn.Module):
        """Take the score that compares a query with the keys."""
        super().__init__()
        self.score = score

    def forward(self, query: Float[Tensor, "B T H"], memory: Memory) -> Attended:
        """Look back at the memory from T decoder states at once."""
        scores = self.score(query, memory.states)
        weights = masked_softmax(scores, memory.mask)
        return Attended(weights @ memory.states, weights, scores)


class FixedContext(nn.Module):
    """The control experiment: every step gets the mean of the encoder's states, whatever the decoder asks.

    A context at each step as in Cho et al. (2014), yet without a choice: attention whose scores are all 0.
    """

    def forward(self, query: Float[Tensor, "B T H"], memory: Memory) -> Attended:
        """Weigh all real tokens alike."""
        scores = query.new_zeros(query.shape[0], query.shape[1], memory.mask.shape[1])
        weights = masked_softmax(scores, memory.mask)
        return Attended(weights @ memory.states, weights, scores)


SCORES = {"dot": DotScore, "general": GeneralScore, "diagonal": DiagonalScore, "concat": ConcatScore}
ATTENTIONS = (None, "fixed", *SCORES)


def build_attention(kind: str | None, hidden_size: int) -> nn.Module | None:
    """Build an attention by its name, None for none. Raises ValueError for a name that does not exist."""
    if kind not in ATTENTIONS:
        raise ValueError(f"attention={kind!r}: choose one of {', '.join(map(repr, ATTENTIONS))}")
    if kind is None:
        return None
    return FixedContext() if kind == "fixed" else Attention(SCORES[kind](hidden_size))
