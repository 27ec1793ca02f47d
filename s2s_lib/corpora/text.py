"""What a token is: special tokens, text into words, words into readable text."""

import re
import unicodedata
from collections.abc import Iterable

from .checks import check_language, check_text, check_tokens

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
_DOTTED = {"tr", "az"}  # these write i with a dot and ı without, and keep that in capitals: İ and I


def normalize(text: str) -> str:
    """Bring text into one form: composed accents (NFC), straight apostrophes, single spaces."""
    text = unicodedata.normalize("NFC", text).replace("’", "'").replace("`", "'")
    return " ".join(text.split())


def tokenize(text: str, lowercase: bool = True) -> list[str]:
    """Split text into words and punctuation: "L'homme rit." -> ["l'", "homme", "rit", "."]."""
    tokens = _TOKEN.findall(normalize(check_text("tokenize", text)))
    if not lowercase:
        return tokens
    return [token.lower() for token in tokens]


def lower(text: str, language: str = "") -> str:
    """Write text in lower case as its language does: Turkish and Azeri have two letters i."""
    if _base(language) in _DOTTED:
        text = text.replace("İ", "i").replace("I", "ı")
    return text.lower()


def detokenize(tokens: Iterable[str], language: str = "en") -> str:
    """Join words and punctuation into readable text: the inverse of `tokenize`, up to spacing and case.

    A sentence starts with a capital letter. In English so does the pronoun `i`; `language` is a BCP 47 code
    ("it", "pt-BR"), "" where nobody knows it. Raises TypeError for a string in place of tokens.
    """
    text = glue(tokens)
    if _base(check_language(language)) == "en":
        text = re.sub(r"\bi\b(?!-)", "I", text)
    first, rest = text[:1], text[1:]
    if first == "i" and _base(language) in _DOTTED:
        return f"İ{rest}"
    return first.title() + rest  # not `upper`: Georgian sentences start without a capital


def glue(tokens: Iterable[str]) -> str:
    """Join words and punctuation with spaces where they belong, and leave the letters as they are."""
    text = ""
    glued = True  # to what stands before: nothing yet
    quoted = False  # whether a quotation is open
    for token in check_tokens("detokenize", tokens):
        closes = token in _CLOSING or token.startswith("'")
        opens = token in _OPENING or (token.endswith("'") and token != "'")
        if token == '"':
            closes = quoted
            quoted = not quoted
            opens = quoted
        text += token if glued or closes else f" {token}"
        glued = opens
    return text


def _base(language: str) -> str:
    """Name the language of a code without its country: "en" of "en-GB"."""
    return language.split("-")[0].lower()
