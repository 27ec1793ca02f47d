"""Decoding: from the probabilities of the next token to a whole sentence."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..corpora.text import EOS, PAD, SOS
from ..model.decoder import most_likely, writable
from ..model.encoder import Memory
from ..model.seq2seq import Seq2Seq


class Hypothesis(NamedTuple):
    """A translation that beam search found."""

    tokens: tuple[int, ...]  # without <eos>
    log_prob: float  # of all tokens, <eos> included
    score: float  # log_prob / length ** length_penalty
    finished: bool  # False where max_len came before <eos>


def limits(src_mask: Bool[Tensor, "B S"], max_len: int | None) -> Int[Tensor, "B 1"]:
    """Return `max_len` for each sentence, or twice its length and ten. Raises ValueError below one."""
    if max_len is not None and max_len < 1:
        raise ValueError(f"max_len={max_len}: at least one token must be allowed")
    lengths = src_mask.sum(1, keepdim=True)
    return 2 * lengths + 10 if max_len is None else torch.full_like(lengths, max_len)


@torch.no_grad()
def greedy(
    model: Seq2Seq, src: Int[Tensor, "B S"], src_mask: Bool[Tensor, "B S"], max_len: int | None = None
) -> tuple[Int[Tensor, "B T"], Float[Tensor, "B T S"] | None]:
    """Take the most likely token at every step, until each row has said `<eos>`.

    Returns the tokens, pads after a row's `<eos>`, and the attention weights, zeros there; None without attention.
    """
    memory = model.encoder(src, src_mask)
    state, token = memory.initial, src.new_full((len(src), 1), SOS)
    running, limit = src_mask.any(1, keepdim=True), limits(src_mask, max_len)  # (B, 1)
    tokens, weights = [], []
    for step in range(1, int(limit.max()) + 1):
        logits, state, attended, _ = model.decoder(token, state, memory)
        token = most_likely(logits).where(running, PAD)
        tokens.append(token)
        if attended is not None:
            weights.append(attended.weights * running.unsqueeze(2))
        running = running & (token != EOS) & (step < limit)
        if not running.any():
            break
    return torch.cat(tokens, dim=1), torch.cat(weights, dim=1) if weights else None


@torch.no_grad()
def beam_search(
    model: Seq2Seq,
    src: Int[Tensor, "B S"],
    src_mask: Bool[Tensor, "B S"],
    beam_size: int = 5,
    max_len: int | None = None,
    length_penalty: float = 1.0,
) -> list[list[Hypothesis]]:
    """Keep the `beam_size` best beginnings of every sentence at each step (Graves 2012; Sutskever et al. 2014).

    A finished hypothesis keeps its place, frozen, and competes with the ones that go on, all by log
    probability / length ** length_penalty: 0 favours short sentences, 1 the best average token.
    Returns each sentence's hypotheses, best first. Raises ValueError for a beam below one.
    """
    if beam_size < 1:
        raise ValueError(f"beam_size={beam_size}: at least one hypothesis must be kept")
    memory = repeated(model.encoder(src, src_mask), beam_size)
    state, rows = memory.initial, len(src)
    tokens = src.new_full((rows, beam_size, 1), SOS)
    log_probs = torch.full((rows, beam_size), float("-inf"), device=src.device)
    log_probs[:, 0] = 0.0  # all beams are alike at first: only one of them may grow
    lengths, limit = torch.zeros_like(log_probs), limits(src_mask, max_len)
    for step in range(int(limit.max())):
        logits, state, _, _ = model.decoder(tokens[:, :, -1].reshape(-1, 1), state, memory)
        done = ended(tokens[:, :, -1]) | (step >= limit)
        steps = next_log_probs(logits.view(rows, beam_size, -1), done)  # (B, K, V)
        totals, grown = log_probs.unsqueeze(2) + steps, lengths + ~done
        normalized = totals / grown.clamp(min=1).pow(length_penalty).unsqueeze(2)
        beam, token = topk_pairs(normalized, beam_size)  # (B, K) each
        log_probs, lengths = totals[torch.arange(rows)[:, None], beam, token], grown.gather(1, beam)
        tokens = torch.cat([tokens.take_along_dim(beam.unsqueeze(2), dim=1), token.unsqueeze(2)], dim=2)
        picked = (beam + torch.arange(rows, device=src.device)[:, None] * beam_size).flatten()
        state = tuple(part[:, picked] for part in state)
        if ended(token).all():
            break
    return [ranked(*sentence, length_penalty) for sentence in zip(tokens, log_probs, lengths, strict=True)]


def repeated(memory: Memory, times: int) -> Memory:
    """Copy every sentence of a memory `times` times, one after the other."""
    initial = tuple(part.repeat_interleave(times, dim=1) for part in memory.initial)
    return Memory(memory.states.repeat_interleave(times, 0), initial, memory.mask.repeat_interleave(times, 0))


def ended(last: Int[Tensor, "B K"]) -> Bool[Tensor, "B K"]:
    """Tell which hypotheses are finished by their last token: `<eos>`, or the pads after it."""
    return (last == EOS) | (last == PAD)


def next_log_probs(logits: Float[Tensor, "B K V"], done: Bool[Tensor, "B K"]) -> Float[Tensor, "B K V"]:
    """Give the log probability of each next token; a finished hypothesis goes on with `<pad>`, at no cost."""
    frozen = torch.full_like(logits[0, 0], float("-inf"))
    frozen[PAD] = 0.0
    return torch.where(done.unsqueeze(2), frozen, writable(logits).log_softmax(2))


def topk_pairs(scores: Float[Tensor, "B K V"], k: int) -> tuple[Int[Tensor, "B K"], Int[Tensor, "B K"]]:
    """Find the k best (beam, token) pairs of every sentence."""
    best = scores.flatten(1).topk(k, dim=1).indices
    return best // scores.shape[2], best % scores.shape[2]


def ranked(
    tokens: Int[Tensor, "K T"],
    log_probs: Float[Tensor, " K"],
    lengths: Float[Tensor, " K"],
    length_penalty: float,
) -> list[Hypothesis]:
    """Order one sentence's hypotheses, best first; those that no probability is left for are dropped."""
    hypotheses = []
    for row, log_prob, length in zip(tokens.tolist(), log_probs.tolist(), lengths.tolist(), strict=True):
        written = tuple(token for token in row if token not in (PAD, SOS))
        finished = EOS in written
        score = log_prob / length**length_penalty
        if log_prob > float("-inf"):
            hypotheses.append(Hypothesis(written[: len(written) - finished], log_prob, score, finished))
    return sorted(hypotheses, key=lambda hypothesis: -hypothesis.score)
