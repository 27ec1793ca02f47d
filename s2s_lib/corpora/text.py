"""From text to numbers and back: special tokens, tokenization, vocabulary."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

SPECIALS = ("<pad>", "<unk>", "<sos>", "<eos>")
PAD, UNK, SOS, EOS = range(4)

# French words that lose their last vowel before another vowel keep the apostrophe: l' homme, qu' il.
# Every other apostrophe opens an English ending: man 's, do n't would need a lexicon, so it stays don 't.
_ELIDED = r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|quelqu|presqu)'(?=\s?\w)"
_TOKEN = re.compile(
    rf"""aujourd'hui
       | {_ELIDED}
       | '\w+                              # 's  're  't
       | \d+(?:[.,:]\d+)*(?![-\w])         # 3  3.5  1,000  10:30
       | \w+(?:[-‑]\w+)*                   # chat  t-shirt
       | \.\.\. | \S                       # punctuation, one sign at a time
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CLOSING = set(".,!?;:)]}%…»'") | {"..."}
_OPENING = set("([{«")


def normalize(text: str) -> str:
    """Bring text into one form: composed accents (NFC), straight apostrophes, single spaces."""
    text = unicodedata.normalize("NFC", text).replace("’", "'").replace("`", "'")
    return " ".join(text.split())


def tokenize(text: str, lowercase: bool = True) -> list[str]:
    """Split text into words and punctuation: "L'homme rit." -> ["l'", "homme", "rit", "."]."""
    tokens = _TOKEN.findall(normalize(text))
    return [token.lower() for token in tokens] if lowercase else tokens


def detokenize(tokens: Iterable[str]) -> str:
    """Join words and punctuation into readable text: the inverse of `tokenize`, up to spacing and case.

    A sentence starts with a capital letter, and so does the English pronoun `i`.
    """
    text, glue, quoted = "", True, False
    for token in tokens:
        closing = token in _CLOSING or (token.startswith("'") and len(token) > 1) or (token == '"' and quoted)
        text += token if glue or closing else " " + token
        quoted ^= token == '"'
        glue = token in _OPENING or (token.endswith("'") and len(token) > 1) or (token == '"' and quoted)
    text = re.sub(r"\bi\b(?!-)", "I", text)
    return text[:1].upper() + text[1:]


class Vocab:
    """A two-way table between tokens and the numbers 0..V-1; the first four are the special tokens."""

    def __init__(self, tokens: Sequence[str]):
        """Take every token in order, the special tokens first; raises ValueError otherwise."""
        if tuple(tokens[: len(SPECIALS)]) != SPECIALS:
            raise ValueError(f"a vocabulary starts with {SPECIALS}, this one with {tuple(tokens[:4])}")
        if len(set(tokens)) != len(tokens):
            twice = [token for token, count in Counter(tokens).items() if count > 1]
            raise ValueError(f"a vocabulary holds each token once; more than once: {twice[:5]}")
        self.tokens = tuple(tokens)
        self.ids = {token: index for index, token in enumerate(self.tokens)}

    @classmethod
    def build(cls, sentences: Iterable[Sequence[str]], min_count: int = 1) -> "Vocab":
        """Collect the tokens seen `min_count` times or more, most frequent first, ties in alphabetical order."""
        counts = Counter(token for sentence in sentences for token in sentence)
        kept = [token for token, count in counts.items() if count >= min_count and token not in SPECIALS]
        return cls([*SPECIALS, *sorted(kept, key=lambda token: (-counts[token], token))])

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

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """Look up the numbers of `tokens`; a token that was never seen becomes `<unk>`."""
        return [self.ids[token] if token in self and token not in SPECIALS else UNK for token in tokens]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Look up the tokens behind `ids`, up to the first `<eos>`; `<pad>` and `<sos>` are left out."""
        tokens = []
        for index in map(int, ids):
            if index == EOS:
                break
            if index not in (PAD, SOS):
                tokens.append(self.tokens[index])
        return tokens
