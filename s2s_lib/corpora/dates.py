"""Dates as people write them, to ISO 8601, character by character: `5 mai 2021` -> `2021-05-05`.

The formats are real: the Unicode CLDR's short, medium, long and full date of each locale, read through Babel.
The source alone must decide the target, so two kinds of text never occur:

- a year of two digits, which leaves the century open: such formats are not used;
- a text that two of the locales read as different dates, as 03/04/2021 is in April in France and in March in
  Puerto Rico. Numeric dates up to the 12th are therefore rarer than in life where the locales disagree.
"""

import datetime
import itertools
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from .parallel import ParallelCorpus, SentencePair

if TYPE_CHECKING:
    import babel  # otherwise imported where it is used: most readers of this package never ask for dates

# All of them count in the Gregorian calendar and write the digits 0-9, as Babel does for every locale.
# fmt: off
LOCALES = (
    "bg", "ca", "cs", "cy", "da", "de", "el", "en_CA", "en_GB", "en_US", "en_ZA", "es", "es_PR", "et", "eu",
    "fi", "fr", "fr_CA", "ga", "gl", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "ko", "lt", "lv", "mk",
    "nb", "nl", "pl", "pt", "pt_PT", "ro", "ru", "sk", "sl", "sq", "sr", "sr_Latn", "sv", "sw", "tr", "uk",
    "vi", "zh", "zh_Hant",
)
# fmt: on
FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)
LENGTHS = ("short", "medium", "long", "full")

# Where ISO 8601 puts what CLDR's pattern letters write (Unicode Technical Standard 35, part 4).
ISO_POSITIONS = {"y": range(4), "M": range(5, 7), "d": range(8, 10)}
WEEKDAYS = frozenset("Ec")


class _Format(NamedTuple):
    """One way to write a date; `parts` are CLDR's fields, ("MMMM", True), and literals, (" de ", False)."""

    locale: "babel.Locale"
    parts: tuple[tuple[str, bool], ...]


def dates(
    train: int = 8000, valid: int = 500, test: int = 500, seed: int = 0, locales: Sequence[str] = LOCALES
) -> ParallelCorpus:
    """Draw dates from 1900 to 2099 in the formats of `locales` (CLDR names: "fr", "pt_BR", "zh_Hant").

    Tokens are single characters, a space included. No source occurs twice, and each has one target; a date
    may come back, written in another way. A seed always draws the same corpus.

    The alignment is exact, because the pattern says which characters of the source are its year, month and
    day: a field that ISO 8601 spells the same is aligned digit by digit, any other ("May" -> "05") each
    character with each. Nothing in the source stands for the two hyphens, and nothing in the target for
    weekdays and punctuation: they stay unaligned.

    Raises ValueError for a locale that Babel does not know, and where `locales` can't give as many texts.
    """
    if min(train, valid, test) < 0:
        raise ValueError(f"dates: the sizes must be 0 or more, not {train}, {valid} and {test}")
    formats = list(_formats(locales))
    pairs = _draw(formats, train + valid + test, random.Random(seed))
    return ParallelCorpus(pairs[:train], pairs[train : train + valid], pairs[train + valid :])


def _formats(locales: Iterable[str]) -> Iterator[_Format]:
    """Find the formats that write a day, a month and a whole year, each once, in the Gregorian calendar."""
    from babel import Locale, UnknownLocaleError
    from babel.dates import get_date_format, tokenize_pattern

    for name in locales:
        try:
            locale = Locale.parse(name)
        except (UnknownLocaleError, ValueError) as error:
            raise ValueError(f"dates: Babel knows no locale {name!r}; it knows 'fr' and 'pt_BR'") from error
        for pattern in dict.fromkeys(get_date_format(length, locale).pattern for length in LENGTHS):
            tokens = [(value, kind == "field") for kind, value in tokenize_pattern(pattern)]
            parts = tuple((value[0] * value[1] if field else value, field) for value, field in tokens)
            fields = [text for text, field in parts if field and text[0] not in WEEKDAYS]
            if sorted(text[0] for text in fields) == ["M", "d", "y"] and "yy" not in fields:
                yield _Format(locale, parts)


def _write(day: datetime.date, form: _Format) -> list[tuple[str, str]]:
    """Write a date as pieces: the pattern letter, "" for a literal, and its text with ordinary spaces."""
    from babel.dates import DateTimeFormat

    fields = DateTimeFormat(day, form.locale)
    pieces = [(part[0], fields[part]) if field else ("", part) for part, field in form.parts]
    return [(letter, text.replace("\u00a0", " ").replace("\u202f", " ")) for letter, text in pieces]


def _draw(formats: Sequence[_Format], count: int, rng: random.Random) -> list[SentencePair]:
    """Draw formats and days uniformly until `count` different texts that mean one date are found."""
    meanings = _meanings(formats)
    found: dict[str, SentencePair] = {}
    choices = len(formats) * ((LAST - FIRST).days + 1)
    for index in rng.sample(range(choices), min(choices, 20 * count)):
        if len(found) == count:
            break
        days, form = divmod(index, len(formats))
        day = FIRST + datetime.timedelta(days)
        pieces = _write(day, formats[form])
        if len(meanings[_blanked(pieces)]) == 1:
            text = "".join(text for _, text in pieces)
            found[text] = SentencePair(tuple(text), tuple(day.isoformat()), _align(pieces, day.isoformat()))
    if len(found) < count:
        raise ValueError(f"dates: {len(found)} texts found, {count} wanted; ask for fewer or for more locales")
    return list(found.values())


def _meanings(formats: Iterable[_Format]) -> dict[str, set[datetime.date]]:
    """Find the days of a year that each text can mean, its year and weekday left out.

    Two dates can only share a text within one year, since the text names the year in full.
    """
    meanings = defaultdict(set)
    for form, number in itertools.product(formats, range(366)):
        day = datetime.date(2000, 1, 1) + datetime.timedelta(number)  # a leap year
        meanings[_blanked(_write(day, form))].add(day)
    return meanings


def _blanked(pieces: Iterable[tuple[str, str]]) -> str:
    return "".join("_" if letter == "y" or letter in WEEKDAYS else text for letter, text in pieces)


def _align(pieces: Iterable[tuple[str, str]], iso: str) -> frozenset[tuple[int, int]]:
    """Link the characters of each field with the positions that ISO 8601 gives to that field."""
    links, start = set(), 0
    for letter, text in pieces:
        source, target = range(start, start + len(text)), ISO_POSITIONS.get(letter, range(0))
        same = text == iso[target.start : target.stop]
        links.update(zip(source, target, strict=True) if same else itertools.product(source, target))
        start += len(text)
    return frozenset(links)
