"""What every corpus is made of: pairs of sentences, in three parts that never share a sentence."""

from typing import NamedTuple

from .checks import checked_whole
from .tokenizers import Tokenizer, Tokenizers


class SentencePair(NamedTuple):
    """A sentence and its translation, as tuples of tokens.

    `alignment` holds the word pairs (source position, target position) that translate each other, both
    counted from 0, or None where nobody knows them.
    """

    src: tuple[str, ...]
    trg: tuple[str, ...]
    alignment: frozenset[tuple[int, int]] | None = None


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


def checked_sizes(train: int, valid: int, test: int) -> int:
    """Return how many pairs three parts need; raises TypeError or ValueError for a part that is no number of pairs."""
    sizes = {"train": train, "valid": valid, "test": test}
    return sum(checked_whole(size, name, least=0) for name, size in sizes.items())
