"""Models, batches and corpora small enough to run in milliseconds, and different along every axis."""

import torch
import torch.nn.functional as F
from torch import nn

from s2s_lib.corpora.parallel import SentencePair
from s2s_lib.corpora.text import SPECIALS
from s2s_lib.corpora.vocab import Vocab
from s2s_lib.model.attention import ATTENTIONS
from s2s_lib.model.batching import Batch, batches, collate
from s2s_lib.model.seq2seq import Seq2Seq, build_model
from s2s_lib.translating.translator import Translator

SRC_VOCAB, TRG_VOCAB = 11, 13
LENGTHS = ((4, 2), (2, 6), (5, 3))  # (source, target), sorted on neither side
LOOKING = [kind for kind in ATTENTIONS if kind is not None]  # the attentions that give weights
CELLS = ["gru", "lstm"]


def model(
    attention: str | nn.Module | None = "general", *, seed: int = 0, src_vocab=SRC_VOCAB, trg_vocab=TRG_VOCAB, **sizes
) -> Seq2Seq:
    """Build a model with weights of a size that makes it opinionated, wherever training would start; in eval mode."""
    sizes = {"embedding_dim": 6, "hidden_size": 8, "num_layers": 1, "dropout": 0.0} | sizes
    built = build_model(src_vocab, trg_vocab, attention=attention, seed=seed, **sizes)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in built.named_parameters():
            weight.normal_(std=1.0 if "embedding" in name else 0.5, generator=generator)
    return built.eval()


def batch(lengths=LENGTHS, *, seed: int = 0, src_vocab=SRC_VOCAB, trg_vocab=TRG_VOCAB) -> Batch:
    """Draw sentence pairs of the given lengths."""
    generator = torch.Generator().manual_seed(seed)

    def ids(length: int, size: int) -> list[int]:
        return torch.randint(len(SPECIALS), size, (length,), generator=generator).tolist()

    return collate([(ids(src, src_vocab), ids(trg, trg_vocab)) for src, trg in lengths])


def padded(given: Batch, src: int = 3, trg: int = 2) -> Batch:
    """Add columns of pads on both sides."""
    wide_src, mask = F.pad(given.src, (0, src)), F.pad(given.src_mask, (0, src))
    return Batch(wide_src, mask, F.pad(given.trg_in, (0, trg)), F.pad(given.trg_out, (0, trg)))


def single(given: Batch, row: int) -> Batch:
    """Cut one sentence pair out of a batch, without its pads."""
    s, t = int(given.src_mask[row].sum()), int((given.trg_out[row] != 0).sum())
    cut = given.src[row, :s], given.src_mask[row, :s], given.trg_in[row, :t], given.trg_out[row, :t]
    return Batch(*(part.unsqueeze(0) for part in cut))


def copy_task(
    count: int, *, seed: int = 0, words: int = 6, longest: int = 5, reverse: bool = False
) -> list[SentencePair]:
    """Draw sentences of made-up words, each its own translation, or its own in reverse."""
    generator = torch.Generator().manual_seed(seed)
    pairs = []
    for _ in range(count):
        length = int(torch.randint(2, longest + 1, (1,), generator=generator))
        src = tuple(f"w{i}" for i in torch.randint(words, (length,), generator=generator).tolist())
        pairs.append(SentencePair(src, src[::-1] if reverse else src))
    return pairs


def corpus(
    pairs: list[SentencePair], *, batch_size: int = 8, shuffle: int | None = None, words: int = 6, **kind
) -> batches:
    """Make batches of a copy task, shuffled by the seed `shuffle`."""
    vocab = Vocab([*SPECIALS, *(f"w{i}" for i in range(words))])
    generator = None if shuffle is None else torch.Generator().manual_seed(shuffle)
    return batches(pairs, vocab, vocab, batch_size=batch_size, generator=generator, **kind)


def translator(attention: str | nn.Module | None = "general", *, seed: int = 0, **sizes) -> Translator:
    """Join a model with random weights and vocabularies of a few words."""
    src, trg = Vocab([*SPECIALS, *"abc"]), Vocab([*SPECIALS, *"xyz"])
    return Translator(model(attention, seed=seed, src_vocab=len(src), trg_vocab=len(trg), **sizes), src, trg)
