"""What a token is: special tokens, text into words, words into readable text."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from . import spelling
from .checks import check_language, check_text, check_tokens

SPECIALS = ("<pad>", "<unk>", "<sos>", "<eos>")
PAD, UNK, SOS, EOS = range(4)


def normalize(text: str) -> str:
    """Bring text into one form: composed accents (NFC), straight apostrophes, single blanks, nothing invisible.

    Quotation marks ‘ and ’ stay, in pairs.
    """
    if not spelling.PLAIN.fullmatch(text):
        visible = spelling.INVISIBLE.sub("", unicodedata.normalize("NFC", text)).strip()
        text = unicodedata.normalize("NFC", spelling.BLANK_BEFORE_MARK.sub("", visible))
        text = spelling.QUOTED.sub(lambda found: found[1] or "'", spelling.APOSTROPHE.sub("'", text))
    return " ".join(text.split())


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
    if _base(language) in spelling.DOTTED:
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
    found = spelling.FIRST_LETTER.match(text)
    if found is None:
        return text
    letter = found[1]
    dotted = letter == "i" and _base(language) in spelling.DOTTED
    capital = "İ" if dotted else letter.title()  # not `upper`: Georgian sentences start without a capital
    if lower(capital, language) != letter:  # ß has none
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
        if token in spelling.CLOSED_BY:
            if any(token in spelling.CLOSED_BY[mark] for mark in opened):
                while token not in spelling.CLOSED_BY[opened.pop()]:
                    pass
                look = "»" if token == "»" else "”"
            elif _has_partner(tokens, at):
                opened.append(token)
                look = "«" if token == "«" else "“"
            elif token in "'\"":
                look = "”"
        looks.append(look)
    return looks


def _has_partner(tokens: list[str], at: int) -> bool:
    """Tell whether a quotation mark is closed later. The sign in the boys ' toys is none, unless it is missed there."""
    later = [
        tokens[other - 1] for other in range(at + 1, len(tokens)) if tokens[other] in spelling.CLOSED_BY[tokens[at]]
    ]
    if tokens[at] == "'" and at and tokens[at - 1].lower().endswith("s"):
        return sum(not word.lower().endswith("s") for word in later) % 2 == 1
    return bool(later)


@lru_cache(2**16)
def _blank(left: str, right: str, language: str) -> str:
    """Give what stands between two tokens: a blank, one that holds a line together, or nothing."""
    before, after = spelling.TYPOGRAPHY.get(language, ({}, {}))
    if left in after:
        return after[left]
    if right in before and not spelling.OPENING.search(left) and left + right not in ("!!", "!?", "?!", "??"):
        return before[right]
    neighbours = f"{left} {right}"
    if language in ("zh", "ja") and spelling.MIXED.search(neighbours):
        return ""
    return "" if spelling.TOUCHING.search(neighbours) else " "


@lru_cache(2**16)
def _stay(chunk: str, left: str, right: str, language: str) -> bool:
    """Tell whether `tokenize` finds the same in a chunk and a token when they are written together.

    It may be asked without a language, too. Rules by which `left`, the chunk's end, or `right` is no token don't count.
    """
    for rules in {language, ""}:
        texts = [text.replace("’", "'") for text in (chunk + right, chunk, left, right)]  # it may lack its partner here
        whole, before, last, after = [_split(text, rules) for text in texts]
        if len(last) == len(after) == 1 and whole != before + after:
            return False
    return True


def _split(text: str, language: str) -> list[str]:
    return [token for chunk in normalize(text).split(" ") for token in _tokens(chunk, language)]


@lru_cache(2**16)  # most of a text are words that were seen before
def _tokens(chunk: str, language: str) -> list[str]:
    return spelling.token_pattern(language).findall(chunk)


def _base(language: str) -> str:
    """Name the language of a code without its country: "en" of "en-GB"."""
    return language.split("-")[0].lower()
