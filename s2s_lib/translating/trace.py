"""`Trace`: everything that happened while one sentence was translated. Figures and widgets draw it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..corpora.text import PAD, SOS
from ..model.attention import Attended, Operands
from ..model.decoder import writable
from ..model.encoder import Memory
from ..model.inference import inference
from ..model.metrics import entropy
from ..model.seq2seq import Seq2Seq
from .decoding import greedy_steps, stack_steps

CANDIDATES = 5  # likeliest tokens kept per step

Edits = Mapping[int, Sequence[float]]  # output step -> the weights to use there, one per source token


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    r"""One translation, step by step. `weights[t]` says where the decoder looked when it wrote `trg[t]`.

    Without attention `scores`, `weights`, `contexts`, `operands` and `entropy` are None. It holds that
    softmax(scores) = weights, save in edited rows, weights @ states = contexts and, where there are operands,
    operands.total() = scores.
    """

    kind: str | None  # the attention's name: "dot", "general", ..., that of one's own; None without attention
    src: tuple[str, ...]  # S tokens as they were typed
    trg: tuple[str, ...]  # T tokens, the last of them <eos> if the decoder came to an end
    text: str  # readable output
    unknown: tuple[bool, ...]  # (S,) True where a source word is not in the vocabulary and was read as <unk>
    copied: tuple[bool, ...]  # (T,) True where the decoder said <unk> and the word it looked at most stands for it
    candidates: tuple[tuple[tuple[str, float], ...], ...]  # per step the likeliest tokens, with probabilities
    log_prob: float  # log p(trg | src) in nats, the sum over the tokens
    states: Float[Tensor, "S H"]  # \bar h_s, the encoder's
    hidden: Float[Tensor, "T H"]  # h_t, the decoder's
    queries: Float[Tensor, "T H"]  # what attention was asked with: h_t, or h_{t-1} in Bahdanau's order
    query: str = "h_t"  # which of the two, as the formula writes it
    formula: str = ""  # of the score; "" where it has none to show
    about: str = ""  # what the score does, in one sentence
    scores: Float[Tensor, "T S"] | None = None
    weights: Float[Tensor, "T S"] | None = None
    contexts: Float[Tensor, "T H"] | None = None
    operands: Operands | None = None  # what the scores are a sum of, where their attention says
    edited: tuple[int, ...] = ()  # steps whose weights were set by hand
    chosen: tuple[int, ...] = ()  # steps whose word was set by hand
    gold: frozenset[tuple[int, int]] | None = None  # (s, t) pairs, where the corpus knows them
    dropped: tuple[str, ...] = ()  # signs around the sentence that were typed and not read: the vocabulary lacks them

    @property
    def attends_first(self) -> bool:
        """Tell whether attention came before the state update (Bahdanau's order), and not after it (Luong's)."""
        return self.query != "h_t"

    @property
    def entropy(self) -> Float[Tensor, " T"] | None:
        """Entropy of each step's weights, in nats."""
        return None if self.weights is None else entropy(self.weights)

    def __repr__(self) -> str:
        """Show what was translated, and how; the same on every machine."""
        dropped = f", dropped={self.dropped}" if self.dropped else ""
        return f"Trace({' '.join(self.src)!r} -> {self.text!r}, attention={self.kind!r}{dropped})"


class Guesses(NamedTuple):
    """What a model thought at each step."""

    log_probs: Float[Tensor, "B T"]  # of the tokens that were written, in nats; 0 beyond the end
    likeliest: Int[Tensor, "B T C"]  # the best tokens
    probabilities: Float[Tensor, "B T C"]  # theirs


class Record(NamedTuple):
    """All that a model computed for a batch of outputs; values beyond a sentence's end mean nothing."""

    tokens: Int[Tensor, "B T"]
    memory: Memory
    hidden: Float[Tensor, "B T H"]
    queries: Float[Tensor, "B T H"]
    attended: Attended | None
    operands: Operands | None
    guesses: Guesses


class Seen(NamedTuple):
    """A record's values for one sentence, without the pads of its batch."""

    states: Float[Tensor, "S H"]
    hidden: Float[Tensor, "T H"]
    queries: Float[Tensor, "T H"]
    scores: Float[Tensor, "T S"] | None
    weights: Float[Tensor, "T S"] | None
    contexts: Float[Tensor, "T H"] | None
    operands: Operands | None


def decode(
    model: Seq2Seq,
    src: Int[Tensor, "B S"],
    max_len: int | None = None,
    edits: Float[Tensor, "B _ S"] | None = None,
    words: Int[Tensor, "B _"] | None = None,
) -> Record:
    """Decode greedily and keep what was computed on the way; `edits` and `words` as in `greedy_steps`."""
    rows, hidden, tokens = [], [], []
    guesses, attended = [], []
    with inference(model):
        memory = model.encoder(src, src != PAD)
        for step in greedy_steps(model, memory, max_len, edits, words):
            rows.append(step.rows)
            tokens.append(step.tokens)
            hidden.append(step.decoded.hidden)
            guesses.append(guessed(writable(step.decoded.logits), step.tokens))
            attended.append(step.decoded.attended)

        def stacked(steps: Sequence[Tensor]) -> Tensor:
            return stack_steps(rows, steps, len(src))

        looked = None
        if attended[0] is not None:
            looked = Attended(*map(stacked, zip(*attended, strict=True)))
        thought = Guesses(*map(stacked, zip(*guesses, strict=True)))
        return recorded(model, stacked(tokens), memory, stacked(hidden), looked, thought)


def explain(
    model: Seq2Seq,
    src: Int[Tensor, "B S"],
    trg: Int[Tensor, "B T"],
    edits: Float[Tensor, "B T S"] | None = None,
) -> Record:
    """Run given outputs through the decoder in one call, to see what it looked at and thought of at each step.

    `edits` are attention weights to use in place of the model's own; a row of NaN leaves them to the model.
    """
    begin = trg.new_full((len(trg), 1), SOS)
    read = torch.cat([begin, trg[:, :-1]], dim=1)  # (B, T)
    set_by_hand = [] if edits is None else [edits]
    with inference(model):
        memory = model.encoder(src, src != PAD)
        decoded = model.decoder(read, memory.initial, memory, *set_by_hand)
        thought = guessed(writable(decoded.logits), trg)
        return recorded(model, trg, memory, decoded.hidden, decoded.attended, thought)


def guessed(logits: Float[Tensor, "B T V"], tokens: Int[Tensor, "B T"]) -> Guesses:
    """Give the log probability of each token, and the likeliest tokens with their probabilities."""
    count = min(CANDIDATES, logits.shape[-1] - 2)  # all but <pad> and <sos> can be written
    total = logits.logsumexp(-1, keepdim=True)  # (B, T, 1)
    written = logits.gather(-1, tokens.unsqueeze(-1))  # (B, T, 1)
    log_probs = (written - total).squeeze(-1)  # (B, T)
    best = logits.topk(count, dim=-1)  # (B, T, C)
    probabilities = (best.values - total).exp()
    return Guesses(log_probs.masked_fill(tokens == PAD, 0.0), best.indices, probabilities)


def recorded(
    model: Seq2Seq,
    tokens: Int[Tensor, "B T"],
    memory: Memory,
    hidden: Float[Tensor, "B T H"],
    attended: Attended | None,
    guesses: Guesses,
) -> Record:
    """Add what attention was asked with, and what its scores are made of."""
    queries = model.decoder.queries(hidden, memory.initial)
    operands = None
    if attended is not None:
        operands = model.decoder.attention.operands(queries, memory.states)
    return Record(tokens, memory, hidden, queries, attended, operands, guesses)


def sentence(record: Record, row: int, source: int, steps: int) -> Seen:
    """Cut one sentence of S source tokens and T steps out of a batch."""
    states = record.memory.states[row, :source]
    hidden = record.hidden[row, :steps]
    queries = record.queries[row, :steps]
    attended, operands = record.attended, record.operands
    if attended is None:
        return Seen(states, hidden, queries, None, None, None, None)
    if operands is not None:
        left, right = operands.left[row, :steps], operands.right[row, :source]
        operands = Operands(left, right, operands.v)
    return Seen(
        states,
        hidden,
        queries,
        scores=attended.scores[row, :steps, :source],
        weights=attended.weights[row, :steps, :source],
        contexts=attended.context[row, :steps],
        operands=operands,
    )


def checked_edits(edits: Edits | None, source_length: int) -> dict[int, Tensor]:
    """Make each edited row a distribution: it is divided by its sum.

    Raises ValueError for a row of another length, with a weight below 0, not finite, or of zeros only.
    """
    rows = {}
    for step, weights in (edits or {}).items():
        row = torch.as_tensor(weights, dtype=torch.float64)
        if row.shape != (source_length,) or step < 0:
            raise ValueError(f"edit of step {step}: {tuple(row.shape)} weights for {source_length} source tokens")
        total = row.sum()
        possible = row.isfinite().all() and (row >= 0).all()
        if not possible or total == 0:
            raise ValueError(f"edit of step {step}: weights must be 0 or more, finite, and not all 0")
        if abs(total - 1) >= 1e-5:
            row = row / total
        rows[step] = row.float()
    return rows


def edited_rows(rows: Mapping[int, Tensor], steps: int, source_length: int) -> Float[Tensor, "1 T S"] | None:
    """Put the edited rows of one sentence where a decoder reads them, NaN in all others; None where there is none."""
    if not rows:
        return None
    edits = torch.full((1, steps, source_length), float("nan"))
    for step, row in rows.items():
        edits[0, step] = row
    return edits
