"""`Trace`: everything that happened while one sentence was translated. Figures and widgets draw it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..corpora.text import EOS, PAD, SOS
from ..model.attention import ConcatScore, DiagonalScore, DotScore, GeneralScore
from ..model.batching import pad
from ..model.decoder import Decoded, most_likely, writable
from ..model.encoder import Memory
from ..model.metrics import entropy
from ..model.seq2seq import Seq2Seq

Edits = Mapping[int, Sequence[float]]  # output step -> the weights to use there, one per source token


class Operands(NamedTuple):
    """What a score is a sum of: e_ts = sum over h of left_th right_sh, or of v_h tanh(left_th + right_sh)."""

    left: Float[Tensor, "... T H"]  # of the queries: h_t, h_t^T W_a or W_q h_t
    right: Float[Tensor, "... S H"]  # of the keys: \bar h_s or W_k \bar h_s
    v: Float[Tensor, " H"] | None = None  # v_a of concat attention


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    r"""One translation, step by step. `weights[t]` says where the decoder looked when it wrote `trg[t]`.

    Without attention `scores`, `weights`, `contexts`, `operands` and `entropy` are None. It holds that
    softmax(scores) = weights, save in edited rows, and weights @ states = contexts.
    """

    kind: str | None  # "dot", "general", ...; None without attention
    src: tuple[str, ...]  # S tokens as they were typed
    trg: tuple[str, ...]  # T tokens, the last of them <eos> if the decoder came to an end
    text: str  # readable output
    unknown: tuple[bool, ...]  # (S,) True where a source word is not in the vocabulary and was read as <unk>
    copied: tuple[bool, ...]  # (T,) True where the decoder said <unk> and the word it looked at most stands for it
    candidates: tuple[tuple[tuple[str, float], ...], ...]  # per step the likeliest tokens, with probabilities
    log_prob: float  # log p(trg | src) in nats, the sum over the tokens
    states: Float[Tensor, "S H"]  # \bar h_s, the encoder's
    queries: Float[Tensor, "T H"]  # h_t, the decoder's
    scores: Float[Tensor, "T S"] | None = None
    weights: Float[Tensor, "T S"] | None = None
    contexts: Float[Tensor, "T H"] | None = None
    operands: Operands | None = None  # what the scores were made of
    edited: tuple[int, ...] = ()  # steps whose weights were set by hand
    gold: frozenset[tuple[int, int]] | None = None  # (s, t) pairs, where the corpus knows them

    @property
    def entropy(self) -> Float[Tensor, " T"] | None:
        """Entropy of each step's weights, in nats."""
        return None if self.weights is None else entropy(self.weights)

    def __repr__(self) -> str:
        """Show what was translated, and how; the same on every machine."""
        return f"Trace({' '.join(self.src)!r} -> {self.text!r}, attention={self.kind!r})"


def checked_edits(edits: Edits | None, source_length: int) -> dict[int, Tensor]:
    """Make each edited row a distribution: it is divided by its sum.

    Raises ValueError for a row of another length, with a weight below 0, not finite, or of zeros only.
    """
    rows = {}
    for step, weights in (edits or {}).items():
        row = torch.as_tensor(weights, dtype=torch.float64)
        if row.shape != (source_length,) or step < 0:
            raise ValueError(f"edit of step {step}: {tuple(row.shape)} weights for {source_length} source tokens")
        if not row.isfinite().all() or (row < 0).any() or row.sum() == 0:
            raise ValueError(f"edit of step {step}: weights must be 0 or more, finite, and not all 0")
        rows[step] = (row if abs(row.sum() - 1) < 1e-5 else row / row.sum()).float()
    return rows


def with_edits(model: Seq2Seq, memory: Memory, decoded: Decoded, rows: Mapping[int, Tensor]) -> Decoded:
    """Replace the weights of some steps of one sentence; their contexts and logits follow."""
    if not rows:
        return decoded
    if decoded.attended is None:
        raise ValueError("this model has no attention, so there are no weights to edit")
    weights = decoded.attended.weights.clone()
    for step, row in rows.items():
        weights[0, step, : len(row)] = row
    context = weights @ memory.states
    attended = decoded.attended._replace(context=context, weights=weights)
    return decoded._replace(logits=model.decoder.predict(decoded.hidden, context), attended=attended)


@torch.no_grad()
def greedy_with_edits(model: Seq2Seq, src: Int[Tensor, "1 S"], rows: Mapping[int, Tensor], max_len: int) -> list[int]:
    """Decode one sentence greedily under edited weights; what follows an edited step is decided anew."""
    memory = model.encoder(src, src != PAD)
    state, tokens = memory.initial, [SOS]
    while tokens[-1] != EOS and len(tokens) <= max_len:
        decoded = model.decoder(src.new_tensor([tokens[-1:]]), state, memory)
        here = {0: rows[len(tokens) - 1]} if len(tokens) - 1 in rows else {}
        decoded = with_edits(model, memory, decoded, here)
        state = decoded.state
        tokens.append(int(most_likely(decoded.logits[0, -1])))
    return tokens[1:]


class Seen(NamedTuple):
    """What the model computed for one sentence, without the pads of its batch."""

    states: Float[Tensor, "S H"]
    queries: Float[Tensor, "T H"]
    logits: Float[Tensor, "T V"]
    contexts: Float[Tensor, "T H"] | None
    weights: Float[Tensor, "T S"] | None
    scores: Float[Tensor, "T S"] | None
    operands: Operands | None


def score_operands(score: object, query: Float[Tensor, "... T H"], keys: Float[Tensor, "... S H"]) -> Operands | None:
    """Split each score of this module into a sum over H; None for a module that is no such sum."""
    match score:
        case DotScore():
            return Operands(query, keys)
        case GeneralScore():
            return Operands(query @ score.W_a, keys)
        case DiagonalScore():
            return Operands(query * score.w_a, keys)
        case ConcatScore():
            return Operands(score.W_q(query), score.W_k(keys), score.v_a)
    return None


@torch.no_grad()
def explain(
    model: Seq2Seq, src: Sequence[Sequence[int]], trg: Sequence[Sequence[int]], rows: Mapping[int, Tensor] | None = None
) -> list[Seen]:
    """Run given targets through the decoder in one call, to see what it looked at and thought of at each step.

    `rows` replaces the attention weights of some steps; that works for one sentence at a time.
    """
    tokens = pad(src)
    memory = model.encoder(tokens, tokens != PAD)
    decoded = model.decoder(pad([[SOS, *ids[:-1]] for ids in trg]), memory.initial, memory)
    decoded = with_edits(model, memory, decoded, rows or {})
    operands = score_operands(getattr(model.decoder.attention, "score", None), decoded.hidden, memory.states)
    return [sentence(memory, decoded, operands, row, len(src[row]), len(trg[row])) for row in range(len(src))]


def sentence(memory: Memory, decoded: Decoded, operands: Operands | None, row: int, source: int, steps: int) -> Seen:
    """Cut one sentence out of a batch."""
    seen = memory.states[row, :source], decoded.hidden[row, :steps], decoded.logits[row, :steps]
    if decoded.attended is None:
        return Seen(*seen, None, None, None, None)
    context, weights, scores = (tensor[row, :steps] for tensor in decoded.attended)
    if operands is not None:
        operands = Operands(operands.left[row, :steps], operands.right[row, :source], operands.v)
    return Seen(*seen, context, weights[:, :source], scores[:, :source], operands)


def likeliest(
    logits: Float[Tensor, "T V"], tokens: Sequence[str], count: int
) -> tuple[tuple[tuple[str, float], ...], ...]:
    """Give the `count` most probable next tokens of every step, with their probabilities."""
    best = writable(logits).softmax(-1).topk(min(count, len(tokens) - 2), dim=-1)
    steps = zip(best.indices.tolist(), best.values.tolist(), strict=True)
    return tuple(tuple((tokens[i], p) for i, p in zip(*step, strict=True)) for step in steps)


def log_prob(logits: Float[Tensor, "T V"], target: Sequence[int]) -> float:
    """Give the log probability of a whole output, token by token, as decoding adds it up."""
    return writable(logits).log_softmax(-1)[range(len(target)), list(target)].sum().item()
