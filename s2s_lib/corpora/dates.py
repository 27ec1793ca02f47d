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

from .parallel import Alignment, ParallelCorpus, SentencePair, check_sizes, cut_parts
from .tokenizers import Characters, Tokenizers

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
FIRST = datetime.date(1900, 1, 1)
LAST = datetime.date(2099, 12, 31)
LENGTHS = ("short", "medium", "long", "full")

# Where ISO 8601 puts what CLDR's pattern letters write (Unicode Technical Standard 35, part 4).
ISO_POSITIONS = {
    "y": range(4),
    "M": range(5, 7),
    "d": range(8, 10),
}
HARD_SPACES = "\u00a0\u202f"  # where a line must not break
NOWHERE = range(0)  # where it puts weekdays and literals
WEEKDAYS = frozenset("Ec")


Pieces = list[tuple[str, str]]  # of a written date: the pattern letter, "" for a literal, and the text


class _Format(NamedTuple):
    """One way to write a date; `parts` are CLDR's fields, ("MMMM", True), and literals, (" de ", False)."""

    locale: "babel.Locale"
    parts: tuple[tuple[str, bool], ...]


def dates(
    train: int = 8000,
    valid: int = 500,
    test: int = 500,
    seed: int = 0,
    locales: Sequence[str] = LOCALES,
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
    count = check_sizes(train, valid, test)
    formats = list(_formats(locales))
    pairs = _draw(formats, count, random.Random(seed))
    characters = Tokenizers(Characters(), Characters())
    return cut_parts(pairs, train, valid, characters)


def _formats(locales: Iterable[str]) -> Iterator[_Format]:
    """Find the formats that write a day, a month and a whole year, each once, in the Gregorian calendar."""
    from babel import Locale, UnknownLocaleError
    from babel.dates import get_date_format, tokenize_pattern

    for name in locales:
        try:
            locale = Locale.parse(name)
        except (UnknownLocaleError, ValueError) as error:
            raise ValueError(f"dates: Babel knows no locale {name!r}; it knows 'fr' and 'pt_BR'") from error
        patterns = [get_date_format(length, locale).pattern for length in LENGTHS]
        for pattern in dict.fromkeys(patterns):  # each once
            parts = tuple(_part(*token) for token in tokenize_pattern(pattern))
            fields = [text for text, is_field in parts if is_field and text[0] not in WEEKDAYS]
            letters = sorted(text[0] for text in fields)
            if letters == ["M", "d", "y"] and "yy" not in fields:
                yield _Format(locale, parts)


def _part(token: str, value: str | tuple[str, int]) -> tuple[str, bool]:
    """Write what Babel reads in a pattern as one text: the field ("M", 4) as "MMMM", a literal as it is."""
    if token == "field":
        letter, repeated = value
        return letter * repeated, True
    return value, False


def _write(day: datetime.date, form: _Format) -> Pieces:
    """Write a date as pieces: the pattern letter, "" for a literal, and its text with ordinary spaces."""
    from babel.dates import DateTimeFormat

    written = DateTimeFormat(day, form.locale)
    pieces = []
    for part, is_field in form.parts:
        letter, text = "", part
        if is_field:
            letter, text = part[0], written[part]
        for space in HARD_SPACES:
            text = text.replace(space, " ")
        pieces.append((letter, text))
    return pieces


def _draw(formats: Sequence[_Format], count: int, rng: random.Random) -> list[SentencePair]:
    """Draw formats and days uniformly until `count` different texts that mean one date are found."""
    meanings = _meanings(formats)
    found: dict[str, SentencePair] = {}
    days = (LAST - FIRST).days + 1
    choices = len(formats) * days
    tries = min(choices, 20 * count)
    for index in rng.sample(range(choices), tries):
        if len(found) == count:
            break
        number, form = divmod(index, len(formats))
        day = FIRST + datetime.timedelta(number)
        pieces = _write(day, formats[form])
        if len(meanings[_without_year(pieces)]) == 1:
            text = "".join(text for _, text in pieces)
            iso = day.isoformat()
            alignment = _align(pieces, iso)
            found[text] = SentencePair(tuple(text), tuple(iso), alignment)
    if len(found) < count:
        raise ValueError(f"dates: {len(found)} texts found, {count} wanted; ask for fewer or for more locales")
    return list(found.values())


def _meanings(formats: Iterable[_Format]) -> dict[str, set[datetime.date]]:
    """Find the days of a year that each text can mean, its year and weekday left out.

    Two dates can only share a text within one year, since the text names the year in full.
    """
    new_year = datetime.date(2000, 1, 1)
    days = [new_year + datetime.timedelta(number) for number in range(366)]  # a leap year
    meanings = defaultdict(set)
    for form in formats:
        for day in days:
            text = _without_year(_write(day, form))
            meanings[text].add(day)
    return meanings


def _without_year(pieces: Pieces) -> str:
    """Join the pieces, with a blank to fill in for the year and for the weekday, which follows from it."""
    written = ""
    for letter, text in pieces:
        written += "_" if letter == "y" or letter in WEEKDAYS else text
    return written


def _align(pieces: Pieces, iso: str) -> Alignment:
    """Link the characters of each field with the positions that ISO 8601 gives to that field."""
    links = set()
    start = 0
    for letter, text in pieces:
        source = range(start, start + len(text))
        target = ISO_POSITIONS.get(letter, NOWHERE)
        if text == iso[target.start : target.stop]:
            links.update(zip(source, target, strict=True))
        else:
            links.update(itertools.product(source, target))
        start = source.stop
    return frozenset(links)
