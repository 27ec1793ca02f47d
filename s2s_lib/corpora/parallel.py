"""What every corpus is made of: pairs of sentences, in three parts that never share a sentence."""

from typing import NamedTuple


class SentencePair(NamedTuple):
    """A sentence and its translation, as tuples of tokens.

    `alignment` holds the word pairs (source position, target position) that translate each other, both
    counted from 0, or None where nobody knows them.
    """

    src: tuple[str, ...]
    trg: tuple[str, ...]
    alignment: frozenset[tuple[int, int]] | None = None


class ParallelCorpus(NamedTuple):
    """Sentence pairs to learn from (`train`), to choose by (`valid`) and to be judged on (`test`)."""

    train: list[SentencePair]
    valid: list[SentencePair]
    test: list[SentencePair]
