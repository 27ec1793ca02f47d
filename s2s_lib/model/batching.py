"""From sentence pairs to padded batches of numbers: the input and the target are shifted once, here."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from ..corpora.checks import check_kind, check_whole
from ..corpora.parallel import SentencePair
from ..corpora.text import EOS, PAD, SOS
from ..corpora.vocab import Vocab, Vocabs, check_pairs

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
    """Stack sequences of different lengths into one matrix, `<pad>` after the end of the shorter ones.

    Raises ValueError for no sequences at all, TypeError for sequences of anything but whole numbers.
    """
    if not len(sequences):
        raise ValueError("pad has no sequences to stack; give it one or more")
    width = max(map(len, sequences))
    if width == 0:
        return torch.zeros(len(sequences), 0, dtype=torch.long)  # (B, 0)
    rows = []
    for ids in sequences:
        missing = width - len(ids)
        rows.append([*ids, *[PAD] * missing])
    try:
        matrix = torch.tensor(rows)  # (B, N)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"pad takes sequences of whole numbers, as vocab.encode gives them: {error}") from error
    if matrix.dtype != torch.long or matrix.dim() != 2:
        raise TypeError(f"pad takes sequences of whole numbers, not of {matrix.dtype} in {matrix.dim()} dimensions")
    return matrix


def collate(pairs: Sequence[tuple[list[int], list[int]]]) -> Batch:
    """Make one batch of encoded (source, target) pairs.

    Raises ValueError for no pairs and for a pair with an empty side, TypeError for pairs of text.
    """
    if any(isinstance(pair, SentencePair | str) for pair in pairs):
        raise TypeError("collate takes encoded pairs, lists of numbers, not text; write vocabs.encode(pair) for each")
    if not pairs or not all(src and trg for src, trg in pairs):
        raise ValueError("a batch needs one pair or more, each with a token or more on both sides")
    src = pad([src for src, _ in pairs])  # (B, S)
    trg_in = pad([[SOS, *trg] for _, trg in pairs])  # (B, T)
    trg_out = pad([[*trg, EOS] for _, trg in pairs])  # (B, T)
    mask = src != PAD  # (B, S)
    return Batch(src, mask, trg_in, trg_out)


class batches:  # noqa: N801 - reads as the function that it is: `for batch in batches(...)`
    """The batches of a corpus, again and again: each loop over them is one epoch.

    With `bucket`, sentences of about equal length share a batch, which leaves little padding. With a
    `generator`, every epoch comes in a new random order; without, always in the same.
    """

    def __init__(
        self,
        pairs: Iterable[SentencePair],
        src_vocab: Vocab | Vocabs,
        trg_vocab: Vocab | None = None,  # None where the star of *vocabs was forgotten: an error that says so
        *,
        batch_size: int,
        bucket: bool = True,
        generator: torch.Generator | None = None,
    ):
        """Encode `pairs` once, with the two vocabularies: `batches(corpus.train, *vocabs, batch_size=64)`.

        Raises ValueError for a batch size below one, no pairs at all and a pair with an empty side; TypeError for
        pairs, vocabularies and a generator that are none.
        """
        self.vocabs = _check_vocabs(src_vocab, trg_vocab)
        self.encoded = [self.vocabs.encode(pair) for pair in check_pairs("batches", pairs)]
        if not self.encoded:
            raise ValueError("batches: 0 pairs; it takes 1 or more")
        for number, (src, trg) in enumerate(self.encoded):
            if not src or not trg:
                raise ValueError(f"batches: pair number {number} has no token on one of its sides; leave it out")
        if generator is not None:
            check_kind("generator", generator, torch.Generator, "such as torch.Generator().manual_seed(0)")
        self.batch_size = check_whole("batch_size", batch_size)
        self.bucket = bucket
        self.generator = generator

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return math.ceil(len(self.encoded) / self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        """Go through the corpus once."""
        order = self._ordered()
        groups = _pieces(order, self.batch_size)
        if self.generator is not None:  # buckets come sorted by length: mix long and short ones again
            groups = [groups[number] for number in self._permutation(len(groups))]
        for group in groups:
            yield collate([self.encoded[index] for index in group])

    def _ordered(self) -> list[int]:
        """Put the indices of the pairs in an order: shuffled, and with `bucket` sorted by length in each pool."""
        count = len(self.encoded)
        order = list(range(count))
        pool = count  # one pool: the whole corpus
        if self.generator is not None:
            order = self._permutation(count)
            pool = POOL * self.batch_size
        if not self.bucket:
            return order
        by_length = []
        for indices in _pieces(order, pool):
            by_length += sorted(indices, key=self._lengths)
        return by_length

    def _lengths(self, index: int) -> tuple[int, int]:
        src, trg = self.encoded[index]
        return len(src), len(trg)

    def _permutation(self, n: int) -> list[int]:
        return torch.randperm(n, generator=self.generator).tolist()


def _pieces(items: list, size: int) -> list[list]:
    """Cut a list into pieces of `size`, the last of which may be shorter."""
    starts = range(0, len(items), size)
    return [items[start : start + size] for start in starts]


def _check_vocabs(src_vocab: Vocab | Vocabs, trg_vocab: Vocab | None) -> Vocabs:
    """Return the two vocabularies as one; raises TypeError for anything else."""
    if isinstance(src_vocab, tuple | list):
        raise TypeError("batches takes the two vocabularies one by one: write *vocabs, with the star")
    check_kind("batches: src_vocab", src_vocab, Vocab, "Vocabs.of(corpus) makes both")
    check_kind("batches: trg_vocab", trg_vocab, Vocab, "Vocabs.of(corpus) makes both")
    return Vocabs(src_vocab, trg_vocab)
