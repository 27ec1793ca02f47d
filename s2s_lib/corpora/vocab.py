"""Vocabularies: tokens to numbers and back, for one language and for the two of a corpus."""

import operator
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .checks import all_of, check_tokens, check_whole, listed
from .parallel import ParallelCorpus, SentencePair
from .text import EOS, PAD, SOS, SPECIALS, UNK
from .tokenizers import WORDS, Tokenizer, Tokenizers, check_tokenizer


class Vocab:
    """A two-way table between tokens and the numbers 0..V-1; the first four are the special tokens.

    `tokenizer` is what made the tokens, and what makes text of them again.
    """

    def __init__(self, tokens: Iterable[str], tokenizer: Tokenizer = WORDS):
        """Take every token in order, the special tokens first; raises ValueError otherwise.

        Raises TypeError for a string in place of the tokens, for tokens and a tokenizer that are none.
        """
        self.tokens = check_tokens("Vocab", tokens)
        self.tokenizer = check_tokenizer(tokenizer)
        first = self.tokens[: len(SPECIALS)]
        if first != SPECIALS:
            raise ValueError(f"a vocabulary starts with {SPECIALS}, this one with {first}")
        self.ids = {token: index for index, token in enumerate(self.tokens)}
        if len(self.ids) != len(self.tokens):
            counts = Counter(self.tokens)
            twice = [token for token in self.ids if counts[token] > 1]
            raise ValueError(f"a vocabulary holds each token once; more than once: {twice[:5]}")

    @classmethod
    def build(cls, sentences: Iterable[Sequence[str]], min_count: int = 1, tokenizer: Tokenizer = WORDS) -> "Vocab":
        """Collect the tokens seen `min_count` times or more, most frequent first, ties in alphabetical order.

        A sentence is a list of tokens, in the form in which `tokenizer` folds them. Raises TypeError for a string in
        the place of a sentence or of all, ValueError for a `min_count` below 1.
        """
        check_whole("min_count", min_count)
        counts = Counter()
        for sentence in listed("Vocab.build: sentences", sentences):
            if isinstance(sentence, SentencePair):
                raise TypeError("Vocab.build: sentences hold a pair, of two languages; Vocabs.of(pairs) builds both")
            counts.update(check_tokens("Vocab.build", sentence))
        frequent = [token for token in counts if counts[token] >= min_count and token not in SPECIALS]
        frequent.sort(key=lambda token: (-counts[token], token))
        return cls([*SPECIALS, *frequent], tokenizer)

    def __len__(self) -> int:
        """Return V, the number of tokens, special ones included."""
        return len(self.tokens)

    def __contains__(self, token: str) -> bool:
        """Tell whether `token` has a number of its own."""
        return token in self.ids

    def __eq__(self, other: object) -> bool:
        """Two vocabularies are equal when they give every token the same number."""
        return isinstance(other, Vocab) and self.tokens == other.tokens

    __hash__ = None

    def __repr__(self) -> str:
        """Name the number of tokens and their tokenizer."""
        return f"<Vocab of {len(self)} tokens, {self.tokenizer!r}>"

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """Look up the numbers of `tokens`; one that was never seen, or that spells a special token, becomes `<unk>`.

        Raises TypeError for a string in place of the tokens, and for tokens that are no strings.
        """
        tokens = check_tokens("Vocab.encode", tokens)
        ids = [self.ids.get(token, UNK) for token in tokens]
        return [UNK if index < len(SPECIALS) else index for index in ids]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Look up the tokens behind `ids`, up to the first `<eos>`; `<pad>` and `<sos>` are left out.

        Raises IndexError for a number that no token has, TypeError for what is no whole number.
        """
        tokens = []
        for number in ids:
            index = self._check_id(number)
            if index == EOS:
                break
            if index not in (PAD, SOS):
                tokens.append(self.tokens[index])
        return tokens

    def _check_id(self, number: int) -> int:
        try:
            index = operator.index(number)
        except (TypeError, ValueError) as error:
            raise TypeError(f"Vocab.decode: {number!r} is no number of a token; give it one sentence of ids") from error
        if not 0 <= index < len(self):
            raise IndexError(f"Vocab.decode: no token has the number {index}; this vocabulary ends at {len(self) - 1}")
        return index


class Vocabs(NamedTuple):
    """The vocabularies of the two languages; `*vocabs` hands both on."""

    src: Vocab
    trg: Vocab

    @classmethod
    def of(
        cls,
        corpus: ParallelCorpus | Iterable[SentencePair],
        min_count: int = 1,
        tokenizers: Tokenizer | tuple[Tokenizer, Tokenizer] | None = None,
    ) -> "Vocabs":
        """Collect both vocabularies from the training part of a corpus, or from sentence pairs.

        Their tokenizers are those of the corpus unless `tokenizers`, one for both or a pair, names others; of pairs
        alone they are words. Raises TypeError for pairs that are none, ValueError for a `min_count` below 1.
        """
        known = WORDS
        if isinstance(corpus, ParallelCorpus):
            corpus, known = corpus.train, corpus.tokenizers
        pairs = check_pairs("Vocabs.of", corpus)
        src_tokenizer, trg_tokenizer = Tokenizers.of(known if tokenizers is None else tokenizers)
        src = Vocab.build([pair.src for pair in pairs], min_count, src_tokenizer)
        trg = Vocab.build([pair.trg for pair in pairs], min_count, trg_tokenizer)
        return cls(src, trg)

    def encode(self, pair: SentencePair) -> tuple[list[int], list[int]]:
        """Look up the numbers of both sides of a pair."""
        src = self.src.encode(pair.src)
        trg = self.trg.encode(pair.trg)
        return src, trg


def check_pairs(name: str, pairs: object) -> list[SentencePair]:
    """Return sentence pairs as a list; raises TypeError for anything else."""
    if isinstance(pairs, ParallelCorpus):
        raise TypeError(f"{name}: a corpus has three parts; name one, such as corpus.train or corpus.test")
    if isinstance(pairs, SentencePair):
        raise TypeError(f"{name} is one SentencePair: a list is meant, [pair]")
    return all_of(SentencePair, name, pairs, "such as those of corpus.train, or SentencePair(src, trg)")
