"""What a token is: special tokens, text into words, words into readable text."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from ..spelling import DOTTED, FIRST_LETTER, normalize, split, written
from .checks import check_language, check_text, check_tokens

SPECIALS = ("<pad>", "<unk>", "<sos>", "<eos>")
PAD, UNK, SOS, EOS = range(4)


def tokenize(text: str, lowercase: bool = True, language: str = "") -> list[str]:
    """Split text into words and signs: "L'homme rit." -> ["l'", "homme", "rit", "."].

    A `language` (BCP 47) brings rules of its own, so that French parts mange-t-elle; without one, the elisions of
    French and the endings of English are known. Raises TypeError for what is no text.
    """
    tokens = split(check_text("tokenize", text), _base(check_language(language)))
    if not lowercase:
        return tokens
    return [lower(token, language) for token in tokens]


@lru_cache(2**16)
def lower(text: str, language: str = "") -> str:
    """Write text in lower case as its language does: Turkish and Azeri have two letters i."""
    if _base(language) in DOTTED:
        text = text.replace("İ", "i").replace("I", "ı")
    return unicodedata.normalize("NFC", text.lower())


def detokenize(tokens: Iterable[str], language: str = "en") -> str:
    """Join words and signs into readable text: the inverse of `tokenize`, up to blanks and case.

    A sentence starts with a capital letter. In English so does the pronoun `i`; French sets blanks beside its signs.
    `language` is a BCP 47 code ("it", "pt-BR"), "" where nobody knows it. Raises TypeError for a string in place of
    tokens.
    """
    tokens = check_tokens("detokenize", tokens)
    if _base(check_language(language)) == "en":
        tokens = ["I" if token == "i" else token for token in tokens]
    text = glue(tokens, language)
    found = FIRST_LETTER.match(text)
    if found is None:
        return text
    letter = found[1]
    dotted = letter == "i" and _base(language) in DOTTED
    capital = "İ" if dotted else letter.title()  # not `upper`: Georgian sentences start without a capital
    if lower(normalize(capital), language) != letter:  # ß has none
        return text
    return text[: found.start(1)] + capital + text[found.end() :]


def glue(tokens: Iterable[str], language: str = "") -> str:
    """Join words and signs with blanks where they belong, and leave the letters as they are.

    No blank is left out without which `tokenize` would find other tokens.
    """
    return written(check_tokens("detokenize", tokens), _base(language))


def _base(language: str) -> str:
    """Name the language of a code without its country: "en" of "en-GB"."""
    return language.split("-")[0].lower()
