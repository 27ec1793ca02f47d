"""Arguments that every door of this room looks at: tokens, whole numbers, codes of languages."""

import re
from collections.abc import Iterable

# The languages of ISO 639 have two letters or three; x- begins what two people agreed on (BCP 47, RFC 5646).
_LANGUAGE = re.compile(r"([A-Za-z]{2,3}|x)(-[A-Za-z0-9]{1,8})*")


def check_tokens(tokens: Iterable[str], where: str) -> tuple[str, ...]:
    """Return tokens as a tuple; raises TypeError for a string in their place, and for tokens that are no strings."""
    if isinstance(tokens, str):
        raise TypeError(f"{where}: {_short(tokens)} is one string; split it into tokens first, as `tokenize` does")
    if not isinstance(tokens, Iterable):
        raise TypeError(f"{where}: {_short(tokens)} is no list of tokens")
    tokens = tuple(tokens)
    for token in tokens:
        if not isinstance(token, str):
            raise TypeError(f"{where}: a token is a string, not {_short(token)} ({type(token).__name__})")
    return tokens


def check_text(text: str, where: str) -> str:
    """Return `text`; raises TypeError for anything but one string."""
    if not isinstance(text, str):
        raise TypeError(f"{where}: a text is one string, not {_short(text)} ({type(text).__name__})")
    return text


def check_whole(value: int, name: str, least: int) -> int:
    """Return `value`; raises TypeError unless it is a whole number, ValueError unless it is `least` or more."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} is a whole number, not {_short(value)} ({type(value).__name__})")
    if value < least:
        raise ValueError(f"{name}={value}: it must be {least} or more")
    return value


def check_language(code: str) -> str:
    """Return a BCP 47 code, "" where nobody knows the language; raises TypeError or ValueError for anything else."""
    if not isinstance(code, str):
        raise TypeError(f'language is a code such as "fr", or "" where it is not known; not {_short(code)}')
    if code and not _LANGUAGE.fullmatch(code):
        raise ValueError(f'language={code!r} is no code of BCP 47, such as "fr" or "pt-BR"; "" where it is not known')
    return code


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
