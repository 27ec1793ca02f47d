"""Decoding: from the probabilities of the next token to a whole sentence."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..corpora.checks import check_whole
from ..corpora.text import EOS, PAD, SOS
from ..model.decoder import Decoded, most_likely, writable
from ..model.encoder import Memory, State
from ..model.inference import inference
from ..model.seq2seq import Seq2Seq

STEEPEST = 10  # the largest length penalty: beyond it powers of a length leave what a float can hold


class Rules(NamedTuple):
    """How a translator decodes where the caller says nothing; kept in its file."""

    beam_size: int = 1
    max_len: int | None = None
    length_penalty: float = 1.0


GREEDY = Rules()


class GreedyStep(NamedTuple):
    """What greedy decoding did at one step for the R sentences that had not ended."""

    rows: Int[Tensor, " R"]  # which of the batch they are
    tokens: Int[Tensor, "R 1"]  # what was written
    decoded: Decoded


class Hypothesis(NamedTuple):
    """A translation that beam search found."""

    tokens: tuple[int, ...]  # without <eos>
    log_prob: float  # of all tokens, <eos> included
    score: float  # log_prob / length ** length_penalty
    finished: bool  # False where max_len came before <eos>


class Pruned(NamedTuple):
    """The best continuations that a step of beam search did not keep."""

    parents: Int[Tensor, "B P"]  # which hypothesis of the step before they continue
    tokens: Int[Tensor, "B P"]
    scores: Float[Tensor, "B P"]  # -inf where there was none


class BeamStep(NamedTuple):
    """One step of beam search: the K hypotheses that are kept of each sentence, best first, and what was pruned."""

    sequences: Int[Tensor, "B K N"]  # <sos>, all tokens so far, pads after <eos>
    parents: Int[Tensor, "B K"]  # which hypothesis of the step before each continues
    log_probs: Float[Tensor, "B K"]  # -inf where there was nothing to keep
    lengths: Float[Tensor, "B K"]  # tokens written, <eos> included
    scores: Float[Tensor, "B K"]  # log_probs / lengths ** length_penalty
    pruned: Pruned

    @property
    def tokens(self) -> Int[Tensor, "B K"]:
        """The last token of each; `<pad>` where the hypothesis had ended before."""
        return self.sequences[:, :, -1]


def limits(src_mask: Bool[Tensor, "B S"], max_len: int | None) -> Int[Tensor, "B 1"]:
    """Return `max_len` for each sentence, or twice its length and ten. Raises ValueError below one."""
    lengths = src_mask.sum(1, keepdim=True)
    if max_len is None:
        return 2 * lengths + 10
    return torch.full_like(lengths, check_whole("max_len", max_len))


def greedy(
    model: Seq2Seq, src: Int[Tensor, "B S"], src_mask: Bool[Tensor, "B S"], max_len: int | None = None
) -> tuple[Int[Tensor, "B T"], Float[Tensor, "B T S"] | None]:
    """Take the most likely token at every step, until each row has said `<eos>`.

    Returns the tokens, pads after a row's `<eos>`, and the attention weights, zeros there; None without attention.
    """
    rows, written, looked = [], [], []
    with inference(model):
        for step in greedy_steps(model, model.encoder(src, src_mask), max_len):
            rows.append(step.rows)
            written.append(step.tokens)
            if step.decoded.attended is not None:
                looked.append(step.decoded.attended.weights)
    tokens = stack_steps(rows, written, len(src))  # (B, T); <pad> is 0
    weights = stack_steps(rows, looked, len(src)) if looked else None  # (B, T, S)
    return tokens, weights


def greedy_steps(
    model: Seq2Seq,
    memory: Memory,
    max_len: int | None = None,
    edits: Float[Tensor, "B _ S"] | None = None,
    words: Int[Tensor, "B _"] | None = None,
) -> Iterator[GreedyStep]:
    """Decode greedily, step by step, inside `inference(model)`; a sentence that has ended leaves the batch.

    `edits` are attention weights for some steps, NaN elsewhere; `words` are tokens to write, `<pad>` where the model
    chooses. What comes after is decided by what was so set.
    """
    limit = limits(memory.mask, max_len)  # (B, 1)
    rows = torch.arange(len(limit), device=limit.device)
    token = torch.full_like(limit, SOS)  # (B, 1)
    state = memory.initial
    for step in range(int(limit.max())):
        set_by_hand = []
        if edits is not None and step < edits.shape[1]:
            set_by_hand.append(edits[rows, step : step + 1])  # (R, 1, S)
        decoded = model.decoder(token, state, memory, *set_by_hand)
        token = most_likely(decoded.logits)  # (R, 1)
        if words is not None and step < words.shape[1]:
            given = words[rows, step : step + 1]
            token = torch.where(given == PAD, token, given)
        yield GreedyStep(rows, token, decoded)
        going_on = (token != EOS) & (step + 1 < limit[rows])  # (R, 1)
        going_on = going_on.squeeze(1)  # (R,)
        if not going_on.any():
            return
        state = decoded.state
        if not going_on.all():  # else there is nothing to leave out, and nothing to copy
            rows, token = rows[going_on], token[going_on]
            memory = select(memory, going_on)
            state = tuple(part[:, going_on] for part in state)


def select(memory: Memory, rows: Tensor) -> Memory:
    """Pick sentences of a memory, by their numbers or by a mask."""
    initial = tuple(part[:, rows] for part in memory.initial)
    return Memory(memory.states[rows], initial, memory.mask[rows])


def stack_steps(rows: Sequence[Tensor], steps: Sequence[Tensor], sentences: int) -> Tensor:
    """Put the (R, 1, ...) values of every step, for the sentences that took it, into one (B, T, ...), else zeros."""
    first = steps[0]
    stacked = first.new_zeros(sentences, len(steps), *first.shape[2:])
    for step, values in enumerate(steps):
        stacked[rows[step], step] = values[:, 0]
    return stacked


def beam_search(
    model: Seq2Seq,
    src: Int[Tensor, "B S"],
    src_mask: Bool[Tensor, "B S"],
    beam_size: int = 5,
    max_len: int | None = None,
    length_penalty: float = 1.0,
) -> list[list[Hypothesis]]:
    """Return the hypotheses that the last of `beam_steps` keeps of each sentence, best first."""
    for step in beam_steps(model, src, src_mask, beam_size, max_len, length_penalty):
        last = step
    kept = zip(last.sequences, last.log_probs, last.lengths, strict=True)
    return [ranked(*sentence, length_penalty) for sentence in kept]


def beam_steps(
    model: Seq2Seq,
    src: Int[Tensor, "B S"],
    src_mask: Bool[Tensor, "B S"],
    beam_size: int = 5,
    max_len: int | None = None,
    length_penalty: float = 1.0,
) -> Iterator[BeamStep]:
    """Keep the `beam_size` best beginnings of every sentence at each step (Graves 2012; Sutskever et al. 2014).

    A finished hypothesis keeps its place, frozen, and competes with the ones that go on, all by log
    probability / length ** length_penalty: 0 favours short sentences, 1 the best average token.
    Raises ValueError for a beam or a length below one and for a penalty that is no number of a sensible size.
    """
    check_whole("beam_size", beam_size)
    if not abs(length_penalty) <= STEEPEST:  # NaN is not
        raise ValueError(f"length_penalty={length_penalty}: give a number such as 0, 0.6 or 1, {STEEPEST} at most")
    with inference(model):
        memory = repeated(model.encoder(src, src_mask), beam_size)
    limit = limits(src_mask, max_len)  # (B, 1)
    state = memory.initial
    sequences = src.new_full((len(src), beam_size, 1), SOS)
    log_probs = torch.full((len(src), beam_size), -math.inf, device=src.device)
    log_probs[:, 0] = 0.0  # all beams are alike at first: only one of them may grow
    lengths = torch.zeros_like(log_probs)
    for number in range(int(limit.max())):
        last = sequences[:, :, -1]  # (B, K)
        done = ended(last) | (number >= limit)
        with inference(model):
            logits, state, _, _ = model.decoder(last.reshape(-1, 1), state, memory)
        growth = next_log_probs(logits.view(*last.shape, -1), done)  # (B, K, V)
        step = best_continuations(sequences, log_probs, lengths, growth, done, length_penalty)
        sequences, log_probs = step.sequences, step.log_probs
        lengths = step.lengths
        state = reordered(state, step.parents)
        yield step
        if ended(step.tokens).all():
            return


def best_continuations(
    sequences: Int[Tensor, "B K N"],
    log_probs: Float[Tensor, "B K"],
    lengths: Float[Tensor, "B K"],
    growth: Float[Tensor, "B K V"],
    done: Bool[Tensor, "B K"],
    length_penalty: float,
) -> BeamStep:
    """Keep the K best of all K V continuations, and name the K best of the others."""
    k = sequences.shape[1]
    totals = log_probs.unsqueeze(2) + growth  # (B, K, V)
    grown = lengths + ~done  # (B, K)
    divisor = grown.clamp(min=1).pow(length_penalty)
    scores = totals / divisor.unsqueeze(2)  # (B, K, V)
    candidates = min(2 * k, scores[0].numel())
    parents, tokens = topk_pairs(scores, candidates)  # (B, 2K) each
    rows = torch.arange(len(scores), device=scores.device).unsqueeze(1)  # (B, 1)
    found = scores[rows, parents, tokens]  # (B, 2K)
    pruned = Pruned(parents[:, k:], tokens[:, k:], found[:, k:])
    parents = parents[:, :k]  # (B, K)
    tokens = tokens[:, :k]  # (B, K)
    grown_sequences = [sequences[rows, parents], tokens.unsqueeze(2)]
    return BeamStep(
        sequences=torch.cat(grown_sequences, dim=2),  # (B, K, N + 1)
        parents=parents,
        log_probs=totals[rows, parents, tokens],
        lengths=grown.gather(1, parents),
        scores=found[:, :k],
        pruned=pruned,
    )


def reordered(state: State, parents: Int[Tensor, "N K"]) -> State:
    """Give each kept hypothesis the decoder's state of the one that it continues."""
    sentences, beam = parents.shape
    numbers = torch.arange(sentences, device=parents.device)
    first = numbers.unsqueeze(1) * beam  # (N, 1): the first row of each sentence, which stands K times in the batch
    picked = (first + parents).flatten()  # (N K)
    return tuple(part[:, picked] for part in state)


def repeated(memory: Memory, times: int) -> Memory:
    """Copy every sentence of a memory `times` times, one after the other."""
    rows = torch.arange(len(memory.mask), device=memory.mask.device)
    return select(memory, rows.repeat_interleave(times))


def ended(last: Int[Tensor, "B K"]) -> Bool[Tensor, "B K"]:
    """Tell which hypotheses are finished by their last token: `<eos>`, or the pads after it."""
    return (last == EOS) | (last == PAD)


def next_log_probs(logits: Float[Tensor, "B K V"], done: Bool[Tensor, "B K"]) -> Float[Tensor, "B K V"]:
    """Give the log probability of each next token; a finished hypothesis goes on with `<pad>`, at no cost."""
    frozen = torch.full_like(logits[0, 0], -math.inf)  # (V,)
    frozen[PAD] = 0.0
    growing = writable(logits).log_softmax(2)  # (B, K, V)
    return torch.where(done.unsqueeze(2), frozen, growing)


def topk_pairs(scores: Float[Tensor, "B K V"], k: int) -> tuple[Int[Tensor, "B P"], Int[Tensor, "B P"]]:
    """Find the k best (beam, token) pairs of every sentence."""
    vocabulary = scores.shape[2]
    best = scores.flatten(1).topk(k, dim=1).indices  # (B, P), numbers 0 .. K V - 1
    return best // vocabulary, best % vocabulary


def ranked(
    tokens: Int[Tensor, "K T"],
    log_probs: Float[Tensor, " K"],
    lengths: Float[Tensor, " K"],
    length_penalty: float,
) -> list[Hypothesis]:
    """Order one sentence's hypotheses, best first; those that no probability is left for are dropped."""
    hypotheses = []
    rows = zip(tokens.tolist(), log_probs.tolist(), lengths.tolist(), strict=True)
    for row, log_prob, length in rows:
        if log_prob == -math.inf:
            continue
        finished = EOS in row
        written = tuple(token for token in row if token not in (PAD, SOS, EOS))
        score = log_prob / length**length_penalty
        hypotheses.append(Hypothesis(written, log_prob, score, finished))
    return sorted(hypotheses, key=lambda hypothesis: -hypothesis.score)
