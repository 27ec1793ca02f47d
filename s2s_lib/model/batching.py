"""From sentence pairs to padded batches of numbers: the input and the target are shifted once, here."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from ..corpora.parallel import SentencePair
from ..corpora.text import EOS, PAD, SOS, Vocab

POOL = 50  # batches that are sorted together: enough for little padding, few enough to stay well shuffled


class Batch(NamedTuple):
    """B sentence pairs as numbers, padded to the longest.

    The decoder reads `trg_in` and learns to say `trg_out`: the same sentence, one step later.
    """

    src: Int[Tensor, "B S"]
    src_mask: Bool[Tensor, "B S"]  # True at real tokens
    trg_in: Int[Tensor, "B T"]  # <sos> y1 .. yn
    trg_out: Int[Tensor, "B T"]  # y1 .. yn <eos>


def pad(sequences: Sequence[Sequence[int]]) -> Int[Tensor, "B N"]:
    """Stack sequences of different lengths into one matrix, `<pad>` after the end of the shorter ones."""
    width = max(map(len, sequences))
    return torch.tensor([[*ids, *[PAD] * (width - len(ids))] for ids in sequences])


def collate(pairs: Sequence[tuple[list[int], list[int]]]) -> Batch:
    """Make one batch of encoded (source, target) pairs. Raises ValueError for a pair with an empty side."""
    if not pairs or not all(src and trg for src, trg in pairs):
        raise ValueError("a batch needs one pair or more, each with a token or more on both sides")
    src = pad([src for src, _ in pairs])
    trg_in = pad([[SOS, *trg] for _, trg in pairs])
    trg_out = pad([[*trg, EOS] for _, trg in pairs])
    return Batch(src, src != PAD, trg_in, trg_out)


class batches:  # noqa: N801 - reads as the function that it is: `for batch in batches(...)`
    """The batches of a corpus, again and again: each loop over them is one epoch.

    With `bucket`, sentences of about equal length share a batch, which leaves little padding. With a
    `generator`, every epoch comes in a new random order; without, always in the same.
    """

    def __init__(
        self,
        pairs: Iterable[SentencePair],
        src_vocab: Vocab,
        trg_vocab: Vocab,
        *,
        batch_size: int,
        bucket: bool = True,
        generator: torch.Generator | None = None,
    ):
        """Encode `pairs` once; raises ValueError for a batch size below one or no pairs at all."""
        self.vocabs = (src_vocab, trg_vocab)
        self.encoded = [(src_vocab.encode(pair.src), trg_vocab.encode(pair.trg)) for pair in pairs]
        if batch_size < 1 or not self.encoded:
            raise ValueError(f"{len(self.encoded)} pairs in batches of {batch_size}: both must be 1 or more")
        self.batch_size, self.bucket, self.generator = batch_size, bucket, generator

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return -(-len(self.encoded) // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        """Go through the corpus once."""
        shuffle = self.generator is not None
        order = self._permutation(len(self.encoded)) if shuffle else list(range(len(self.encoded)))
        if self.bucket:
            pool = self.batch_size * (POOL if shuffle else len(self))
            pools = (order[start : start + pool] for start in range(0, len(order), pool))
            order = [index for members in pools for index in sorted(members, key=self._lengths)]
        starts = range(0, len(order), self.batch_size)
        for number in self._permutation(len(starts)) if shuffle else range(len(starts)):
            chosen = order[starts[number] : starts[number] + self.batch_size]
            yield collate([self.encoded[index] for index in chosen])

    def _lengths(self, index: int) -> tuple[int, int]:
        src, trg = self.encoded[index]
        return len(src), len(trg)

    def _permutation(self, n: int) -> list[int]:
        return torch.randperm(n, generator=self.generator).tolist()
