"""What is given, looked at before it is used: of nonsense, something would come out as well.

A check takes the name that the given has in an error, and then the given itself, about which nothing is taken for
granted: it is an `object`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Set
from numbers import Integral, Real

from torch import Tensor

# The languages of ISO 639 have two letters or three; x- begins what two people agreed on (BCP 47, RFC 5646).
_LANGUAGE = re.compile(r"([A-Za-z]{2,3}|x)(-[A-Za-z0-9]{1,8})*")


def article(name: str) -> str:
    """Put "a" or "an" before a name."""
    if name[0].lower() in "aeiou":
        return f"an {name}"
    return f"a {name}"


def kind(given: object) -> str:
    """Name the type of what was given, and of what is in it: "a generator", "a list of Batch", "a tensor of int64"."""
    name = type(given).__name__
    if isinstance(given, Tensor):
        name = f"tensor of {given.dtype}".replace("torch.", "")
    elif type(given) in (list, tuple) and given:
        name = f"{name} of {type(given[0]).__name__}"
    return article(name)


def check_kind(name: str, given: object, wanted: type, origin: str) -> None:
    """Raise TypeError unless this is a `wanted`; `origin` says where to get one."""
    if not isinstance(given, wanted):
        raise TypeError(f"{name} is {kind(given)}: {article(wanted.__name__)} is meant, {origin}")


def in_order(given: object) -> bool:
    """Tell whether this can be gone through, and in an order that means something."""
    return isinstance(given, Iterable) and not isinstance(given, Mapping | Set)


def listed(name: str, given: object) -> list:
    """List what was given; it is gone through once, so that a generator serves, too.

    Raises TypeError for one text in place of a list, and for sets and dictionaries, whose order means nothing.
    """
    if isinstance(given, str | bytes):
        raise TypeError(f"{name} is one text: a list is meant; of a single entry, [text]")
    if not in_order(given):
        raise TypeError(f"{name} is {kind(given)}: a list is meant, or another collection with an order")
    return list(given)


def numbered(name: str, given: object) -> list[tuple[str, object]]:
    """List what was given, each entry with the name that it has in an error."""
    entries = []
    for number, entry in enumerate(listed(name, given)):
        entries.append((f"{name}[{number}]", entry))
    return entries


def all_of(wanted: type, name: str, given: object, origin: str) -> list:
    """List what must all be of one kind. Raises TypeError, saying where to get such, for anything else."""
    entries = []
    for place, entry in numbered(name, given):
        check_kind(place, entry, wanted, origin)
        entries.append(entry)
    return entries


def check_numbers(first: list, second: list, what: str) -> None:
    """Raise ValueError unless two lists have the same length."""
    if len(first) != len(second):
        raise ValueError(f"{what}: there are {len(first)} and {len(second)}, and each needs its partner, in order")


def check_text(name: str, text: object) -> str:
    """Return `text`; raises TypeError for anything but one string."""
    if not isinstance(text, str):
        raise TypeError(f"{name}: a text is one string, not {text!r:.60} ({type(text).__name__})")
    return text


def check_tokens(name: str, given: object) -> tuple[str, ...]:
    """Return tokens as a tuple; raises TypeError for a string in their place, for ids, and for what has no order."""
    if isinstance(given, str):
        raise TypeError(f"{name}: {given!r:.60} is one string; split it into tokens first, as `tokenize` does")
    if not in_order(given):
        raise TypeError(f"{name}: {kind(given)} is no list of tokens")
    tokens = tuple(given)
    for token in tokens:
        if not isinstance(token, str):
            found = f"{token!r:.60} ({type(token).__name__})"
            raise TypeError(f"{name}: tokens are strings, not {found}; of ids, vocab.decode(ids) makes them")
    return tokens


def check_whole(name: str, given: object, least: int = 1) -> int:
    """Return `given` as an int; raises TypeError for what is none (True, 2.0), ValueError for one below `least`."""
    if isinstance(given, bool) or not isinstance(given, Integral):
        raise TypeError(f"{name}={given!r:.60}: give a whole number")
    if given < least:
        raise ValueError(f"{name}={given}: give a whole number of {least} or more")
    return int(given)


def check_number(name: str, given: object, meant: str, fits: Callable[[float], bool]) -> float:
    """Return `given` as a float; raises TypeError for what is no number (True, "0.5"), ValueError unless it `fits`."""
    number = given
    if isinstance(given, Tensor) and given.numel() == 1:
        number = given.item()
    if isinstance(number, bool) or not isinstance(number, Real):
        raise TypeError(f"{name}={given!r:.60}: give {meant}")
    if not fits(number):
        raise ValueError(f"{name}={number}: give {meant}")
    return float(number)


def check_share(name: str, given: object) -> float:
    """Return a probability, or another share of a whole, as a float; raises what `check_number` raises."""
    return check_number(name, given, "a number between 0 and 1", lambda share: 0 <= share <= 1)


def check_language(code: object) -> str:
    """Return a BCP 47 code, "" where nobody knows the language; raises TypeError or ValueError for anything else."""
    if not isinstance(code, str):
        raise TypeError(f'language is a code such as "fr", or "" where it is not known; not {code!r:.60}')
    if code and not _LANGUAGE.fullmatch(code):
        raise ValueError(f'language={code!r} is no code of BCP 47, such as "fr" or "pt-BR"; "" where it is not known')
    return code
