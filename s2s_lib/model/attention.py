r"""Attention: compare the decoder's state with every encoder state, and mix these by how well they match.

Notation of Luong et al. (2015, section 3.1): h_t is a decoder state (the query), \bar h_s an encoder state (a key):

    e_ts = score(h_t, \bar h_s)      a_t = softmax(e_t) over real tokens      c_t = sum over s of a_ts \bar h_s

A score is any module with `forward(query (B, T, H), keys (B, S, H)) -> (B, T, S)`. To be explained in figures and
widgets it may also say, as plain attributes, its `name`, its `formula` and what it is `about`, and, where it is a sum
over H, of which `operands`. Nobody asks for its class.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from .additive import additive_score
from .encoder import Memory


class Attended(NamedTuple):
    """What attention returns for T decoder states."""

    context: Float[Tensor, "B T H"]
    weights: Float[Tensor, "B T S"]  # each row sums to 1; exactly 0 at pads
    scores: Float[Tensor, "B T S"]  # before masking and softmax


class Operands(NamedTuple):
    """What a score is a sum of, over I: left_ti right_si, or v_i tanh(left_ti + right_si) where there is a v."""

    left: Float[Tensor, "... T I"]  # of the queries: h_t, h_t^T W_a or W_q h_t
    right: Float[Tensor, "... S I"]  # of the keys: \bar h_s or W_k \bar h_s
    v: Float[Tensor, " I"] | None = None  # v_a of concat attention

    def total(self) -> Float[Tensor, "... T S"]:
        """Add the terms up: the scores."""
        if self.v is None:
            return self.left @ self.right.mT
        left = self.left.unsqueeze(-2)  # (..., T, 1, I)
        right = self.right.unsqueeze(-3)  # (..., 1, S, I)
        return torch.tanh(left + right) @ self.v


def masked_softmax(scores: Float[Tensor, "B T S"], mask: Bool[Tensor, "B S"]) -> Float[Tensor, "B T S"]:
    """Softmax over the source positions where `mask` is True; pads get exactly 0. `scores` stay as they are.

    A row without any real token has no distribution: it comes out as NaN.
    """
    return scores.masked_fill(~mask.unsqueeze(1), float("-inf")).softmax(dim=-1)


class DotScore(nn.Module):
    r"""score(h_t, \bar h_s) = h_t^T \bar h_s  (Luong et al. 2015, eq. 8, dot). No parameters."""

    name = "dot"
    formula = "e_ts = h_t · h̄_s = Σ_i h_{t,i} h̄_{s,i}"
    about = "dot: the two states are multiplied number by number, and the products added up"

    def __init__(self, hidden_size: int):
        """Take the size H for the sake of a common signature; a dot product needs no parameter."""
        super().__init__()

    def forward(self, query: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]) -> Float[Tensor, "B T S"]:
        """Score every query against every key."""
        return query @ keys.transpose(1, 2)

    def operands(self, query: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]) -> Operands:
        """Both states, as they are."""
        return Operands(query, keys)


class GeneralScore(nn.Module):
    r"""score(h_t, \bar h_s) = h_t^T W_a \bar h_s  (Luong et al. 2015, eq. 8, general). H x H parameters."""

    name = "general"
    formula = "e_ts = h_tᵀ W_a h̄_s = Σ_i (h_tᵀ W_a)_i h̄_{s,i}"
    about = "general: the matrix W_a stands between the two states"

    def __init__(self, hidden_size: int):
        """Start at W_a = I, where general attention is dot attention."""
        super().__init__()
        self.W_a = nn.Parameter(torch.eye(hidden_size))

    def forward(self, query: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]) -> Float[Tensor, "B T S"]:
        """Score every query against every key."""
        return query @ self.W_a @ keys.transpose(1, 2)

    def operands(self, query: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]) -> Operands:
        """The decoder's state behind the matrix, and the encoder's."""
        return Operands(query @ self.W_a, keys)


class DiagonalScore(nn.Module):
    r"""score(h_t, \bar h_s) = h_t^T diag(w_a) \bar h_s: general attention with a weight per dimension."""

    name = "diagonal"
    formula = "e_ts = Σ_i w_{a,i} h_{t,i} h̄_{s,i}"
    about = "diagonal: each number has a weight of its own"

    def __init__(self, hidden_size: int):
        """Start at w_a = 1, where diagonal attention is dot attention."""
        super().__init__()
        self.w_a = nn.Parameter(torch.ones(hidden_size))

    def forward(self, query: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]) -> Float[Tensor, "B T S"]:
        """Score every query against every key."""
        return (query * self.w_a) @ keys.transpose(1, 2)

    def operands(self, query: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]) -> Operands:
        """The decoder's state with its weights, and the encoder's."""
        return Operands(query * self.w_a, keys)


class ConcatScore(nn.Module):
    r"""score(h_t, \bar h_s) = v_a^T tanh(W_a [h_t; \bar h_s])  (Luong et al. 2015, eq. 8; Bahdanau et al. 2015).

    W_a [h_t; \bar h_s] = W_q h_t + W_k \bar h_s, so each state is multiplied once and not once per pair.
    """

    name = "concat"
    formula = "e_ts = v_aᵀ tanh(W_a [h_t; h̄_s]) = Σ_i v_{a,i} tanh((W_q h_t)_i + (W_k h̄_s)_i)"
    about = "concat: a network of two layers reads both states"

    def __init__(self, hidden_size: int):
        """Keep W_a as its two halves, W_q for the query and W_k for the key."""
        super().__init__()
        self.W_q = nn.Linear(hidden_size, hidden_size, bias=False)
        self.W_k = nn.Linear(hidden_size, hidden_size, bias=False)
        self.v_a = nn.Parameter(torch.empty(hidden_size))
        nn.init.uniform_(self.v_a, -(hidden_size**-0.5), hidden_size**-0.5)  # as nn.Linear does

    def forward(self, query: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]) -> Float[Tensor, "B T S"]:
        """Score every query against every key."""
        q, k = self.W_q(query), self.W_k(keys)  # (B, T, H) (B, S, H)
        # torch.tanh(q.unsqueeze(2) + k.unsqueeze(1)) @ self.v_a, without ever holding all (B, T, S, H) numbers at once
        return additive_score(q, k, self.v_a)

    def operands(self, query: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]) -> Operands:
        """What the tanh adds up, and v_a."""
        return Operands(self.W_q(query), self.W_k(keys), self.v_a)


class FixedScore(nn.Module):
    """The control experiment: all scores are 0, so that every step gets the mean of the encoder's states.

    A context at each step as in Cho et al. (2014), yet without a choice, whatever the decoder asks.
    """

    name = "fixed"
    formula = "e_ts = 0"
    about = "fixed: all words get the same weight, whatever is asked"

    def __init__(self, hidden_size: int):
        """Take the size H for the sake of a common signature."""
        super().__init__()

    def forward(self, query: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]) -> Float[Tensor, "B T S"]:
        """Score all alike."""
        return query.new_zeros(*query.shape[:2], keys.shape[1])


class Attention(nn.Module):
    """Attention with any score. It explains itself: `name`, `formula`, `about` and `operands` are those of its score.

    An attention that is more than a score, several heads, say, is a subclass with a `forward` of its own.
    """

    def __init__(self, score: nn.Module):
        """Take the score that compares a query with the keys."""
        super().__init__()
        self.score = score
        self.name: str = getattr(score, "name", type(score).__name__)
        self.formula: str = getattr(score, "formula", "")
        self.about: str = getattr(score, "about", "")

    def forward(
        self, query: Float[Tensor, "B T H"], memory: Memory, edits: Float[Tensor, "B T S"] | None = None
    ) -> Attended:
        """Look back at the memory from T decoder states at once.

        `edits` are weights to use in place of the softmax's; a row of NaN leaves the choice to the model.
        """
        scores = self.score(query, memory.states)
        asked = (*query.shape[:2], memory.states.shape[1])
        if scores.shape != asked:
            raise ValueError(f"the score {self.name} gives {tuple(scores.shape)}; (B, T, S) = {asked} is asked for")
        weights = masked_softmax(scores, memory.mask)
        if edits is not None:
            weights = torch.where(edits.isnan(), weights, edits)
        return Attended(weights @ memory.states, weights, scores)

    def operands(self, query: Float[Tensor, "B T H"], keys: Float[Tensor, "B S H"]) -> Operands | None:
        """Split the scores into the terms of their sum; None where the score does not say."""
        split = getattr(self.score, "operands", None)
        return None if split is None else split(query, keys)


SCORES = {each.name: each for each in (FixedScore, DotScore, GeneralScore, DiagonalScore, ConcatScore)}
ATTENTIONS = (None, *SCORES)


def build_attention(attention: str | nn.Module | None, hidden_size: int) -> Attention | None:
    """Build an attention by its name, or around a score of one's own; None for none.

    Raises ValueError for a name that does not exist, TypeError for what is neither a name nor a module.
    """
    if attention is None or isinstance(attention, Attention):
        return attention
    if isinstance(attention, nn.Module):
        return Attention(attention)
    if not isinstance(attention, str):
        raise TypeError(f"attention={attention!r:.80}: give a name, None, or a score as an object, such as MyScore()")
    if attention not in SCORES:
        raise ValueError(f"attention={attention!r}: choose one of {', '.join(map(repr, ATTENTIONS))}, or give a score")
    return Attention(SCORES[attention](hidden_size))
