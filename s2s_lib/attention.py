r"""Attention: compare the decoder's state with every encoder state, and mix these by how well they match.

Notation of Luong et al. (2015, section 3.1): h_t is a decoder state (the query), \bar h_s an encoder state (a key):

    e_ts = score(h_t, \bar h_s)      a_t = softmax(e_t) over real tokens      c_t = sum over s of a_ts \bar h_s
"""

from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from .encoder import Memory

CONCAT_BYTES = 16 * 2**20  # what concat attention may hold of (B, T, S, H) at a time


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
        self.v_a = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, query: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]) -> Float[Tensor, "B T S"]:
        """Score every query against every key.

        The (B, T, S, H) sums are made for a few target steps at a time (`CONCAT_BYTES`), and made again for
        the gradient instead of being kept: less memory, and small blocks that stay in the cache are faster.
        """
        query, keys = self.W_q(query), self.W_k(keys)
        steps = max(1, CONCAT_BYTES // (keys.numel() * keys.element_size()))
        remade = partial(checkpoint, self._block, use_reentrant=False, preserve_rng_state=False)
        return torch.cat([remade(block, keys) for block in query.split(steps, dim=1)], dim=1)

    def _block(self, query: Float[Tensor, "B t H"], keys: Float[Tensor, "B S H"]) -> Float[Tensor, "B t S"]:
        return self.v_a((query.unsqueeze(2) + keys.unsqueeze(1)).tanh_()).squeeze(3)


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
