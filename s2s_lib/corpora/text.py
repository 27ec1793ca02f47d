"""What a token is: special tokens, text into words, words into readable text."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from .checks import check_language, check_text, check_tokens
from .spelling import CLOSED_BY, DOTTED, FIRST_LETTER, MIXED, OPENING, TOUCHING, TYPOGRAPHY, normalize, token_pattern

SPECIALS = ("<pad>", "<unk>", "<sos>", "<eos>")
PAD, UNK, SOS, EOS = range(4)


def tokenize(text: str, lowercase: bool = True, language: str = "") -> list[str]:
    """Split text into words and signs: "L'homme rit." -> ["l'", "homme", "rit", "."].

    A `language` (BCP 47) brings rules of its own, so that French parts mange-t-elle; without one, the elisions of
    French and the endings of English are known. Raises TypeError for what is no text.
    """
    tokens = _split(check_text("tokenize", text), _base(check_language(language)))
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
    tokens = check_tokens("detokenize", tokens)
    language = _base(language)
    looks = _looks(tokens)
    text = chunk = ""  # chunk: what stands since the last blank
    for at, token in enumerate(tokens):
        blank = _blank(looks[at - 1], looks[at], language) if at else ""
        if not blank and not _stay(chunk, tokens[at - 1], token, language):
            blank = " "
        chunk = token if blank else chunk + token
        text += blank + token
    return text


def _looks(tokens: list[str]) -> list[str]:
    """Say what tokens look like to their neighbours: a quotation mark is an opening one or a closing one."""
    opened, looks = [], []
    for at, token in enumerate(tokens):
        look = token
        partners = [n for n, mark in enumerate(opened) if token in CLOSED_BY[mark]]
        if partners:
            del opened[partners[-1] :]
            look = "»" if token == "»" else "”"
        elif token in CLOSED_BY and _is_closed(tokens, at):
            opened.append(token)
            look = "«" if token == "«" else "“"
        elif token in ("'", '"'):  # 5 " or the boys ' toys
            look = "”"
        looks.append(look)
    return looks


def _is_closed(tokens: list[str], at: int) -> bool:
    """Tell whether a quotation mark has a partner further on. The sign in boys ' toys has none and is none."""
    closers = CLOSED_BY[tokens[at]]
    words = [word for word, sign in pairwise(tokens[at:]) if sign in closers]  # what stands before the partners
    if tokens[at] == "'" and _is_plural(tokens[max(0, at - 1)]):
        quoted = [word for word in words if not _is_plural(word)]
        return len(quoted) % 2 == 1  # one is left over
    return bool(words)


def _is_plural(word: str) -> bool:
    return word.lower().endswith("s")


@lru_cache(2**16)
def _blank(left: str, right: str, language: str) -> str:
    """Give what stands between two tokens: a blank, one that holds a line together, or nothing."""
    before, after = TYPOGRAPHY.get(language, ({}, {}))
    if left in after:
        return after[left]
    if right in before and not OPENING.search(left) and not {left, right} <= {"!", "?"}:
        return before[right]
    neighbours = f"{left} {right}"
    if language in ("zh", "ja") and MIXED.search(neighbours):
        return ""
    return "" if TOUCHING.search(neighbours) else " "


@lru_cache(2**16)
def _stay(chunk: str, left: str, right: str, language: str) -> bool:
    """Tell whether `tokenize` finds the same in a chunk and a token when they are written together.

    It may be asked without a language, too. Rules by which `left`, the chunk's end, or `right` is no token don't count.
    """
    chunk, left, right = [text.replace("’", "'") for text in (chunk, left, right)]  # it may lack its partner here
    for rules in {language, ""}:
        last, after = _split(left, rules), _split(right, rules)
        apart = _split(chunk, rules) + after
        if len(last) == len(after) == 1 and _split(chunk + right, rules) != apart:
            return False
    return True


def _split(text: str, language: str) -> list[str]:
    return [token for chunk in normalize(text).split(" ") for token in _tokens(chunk, language)]


@lru_cache(2**16)  # most of a text are words that were seen before
def _tokens(chunk: str, language: str) -> list[str]:
    return token_pattern(language).findall(chunk)


def _base(language: str) -> str:
    """Name the language of a code without its country: "en" of "en-GB"."""
    return language.split("-")[0].lower()
