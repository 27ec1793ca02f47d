"""What every corpus is made of: pairs of sentences, in three parts that never share a sentence."""

from collections.abc import Sequence
from typing import NamedTuple

from .tokenizers import Tokenizer, Tokenizers

Alignment = frozenset[tuple[int, int]]  # (source position, target position), both counted from 0


class SentencePair(NamedTuple):
    """A sentence and its translation, as tuples of tokens.

    `alignment` holds the word pairs (source position, target position) that translate each other, both
    counted from 0, or None where nobody knows them.
    """

    src: tuple[str, ...]
    trg: tuple[str, ...]
    alignment: Alignment | None = None


class _Parts(NamedTuple):
    train: list[SentencePair]
    valid: list[SentencePair]
    test: list[SentencePair]


class ParallelCorpus(_Parts):
    """Sentence pairs to learn from (`train`), to choose by (`valid`) and to be judged on (`test`).

    The three parts unpack: `train, valid, test = corpus`. Beside them, `tokenizers` names the tokenizers of the two
    languages: one for both or a pair, by default words of languages that nobody named.
    """

    tokenizers: Tokenizers

    def __new__(cls, train, valid, test, tokenizers=None):
        """Make the tuple of the three parts."""
        return super().__new__(cls, train, valid, test)

    def __init__(
        self,
        train: list[SentencePair],
        valid: list[SentencePair],
        test: list[SentencePair],
        tokenizers: Tokenizer | tuple[Tokenizer, Tokenizer] = Tokenizers(),  # noqa: B008 - nothing can change it
    ):
        """Raises TypeError for tokenizers that are none."""
        self.tokenizers = Tokenizers.of(tokenizers)

    def _replace(self, **changes) -> "ParallelCorpus":
        return ParallelCorpus(**{**self._asdict(), "tokenizers": self.tokenizers, **changes})


def cut_parts(pairs: Sequence[SentencePair], train: int, valid: int, tokenizers: Tokenizers) -> ParallelCorpus:
    """Cut pairs into parts: so many to train, so many to validate, and the rest to test."""
    held_out = pairs[train:]
    return ParallelCorpus(list(pairs[:train]), list(held_out[:valid]), list(held_out[valid:]), tokenizers)


def check_sizes(train: int, valid: int, test: int) -> int:
    """Return how many pairs three parts need; raises ValueError for one below 0."""
    if min(train, valid, test) < 0:
        raise ValueError(f"the sizes of the parts must be 0 or more, not {train}, {valid} and {test}")
    return train + valid + test
