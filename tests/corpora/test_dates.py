import datetime
import importlib
import itertools

import pytest
from babel.dates import format_date, get_month_names

from s2s_lib.corpora.dates import LOCALES, dates

# The package offers the function `dates` under the module's name, hence not `import s2s_lib.corpora.dates`.
module = importlib.import_module("s2s_lib.corpora.dates")
LENGTHS = ("short", "medium", "long", "full")


@pytest.fixture(scope="module")
def corpus():
    return dates(train=800, valid=100, test=100, seed=3)


@pytest.fixture(scope="module")
def pairs(corpus):
    return [pair for part in corpus for pair in part]


def babel_text(day, length, locale):
    return format_date(day, length, locale).replace("\u202f", " ").replace("\u00a0", " ")


def linked_text(pair, positions):
    """Read the source characters that are aligned with any of these target positions."""
    return "".join(char for s, char in enumerate(pair.src) if any((s, t) in pair.alignment for t in positions))


def only_days(monkeypatch, first, last):
    monkeypatch.setattr(module, "FIRST", first)
    monkeypatch.setattr(module, "LAST", last)


def test_every_target_is_an_iso_date_of_the_two_centuries(pairs):
    for pair in pairs:
        day = datetime.date.fromisoformat("".join(pair.trg))
        assert day.isoformat() == "".join(pair.trg)
        assert 1900 <= day.year <= 2099


def test_babel_itself_writes_the_source_for_the_target(pairs):
    for pair in pairs[:150]:
        day = datetime.date.fromisoformat("".join(pair.trg))
        assert any(babel_text(day, length, locale) == "".join(pair.src) for length in LENGTHS for locale in LOCALES)


def test_tokens_are_single_characters_and_the_only_space_is_the_ordinary_one(pairs):
    tokens = {token for pair in pairs for token in pair.src + pair.trg}
    assert {len(token) for token in tokens} == {1}
    assert [token for token in tokens if token.isspace()] == [" "]


def test_the_source_names_the_whole_year(pairs):
    assert all("".join(pair.trg[:4]) in "".join(pair.src) for pair in pairs)


def test_parts_have_their_sizes_and_share_no_source(corpus, pairs):
    assert [len(part) for part in corpus] == [800, 100, 100]
    assert len({pair.src for pair in pairs}) == 1000


def test_a_seed_decides_everything():
    first, again, other = (dates(50, 5, 5, seed, locales=["fr", "ja"]) for seed in (3, 3, 4))
    assert first == again
    assert set(first.train) != set(other.train)


def test_year_and_day_are_aligned_with_the_numbers_they_are_written_with(pairs):
    for pair in pairs:
        assert linked_text(pair, range(4)) == "".join(pair.trg[:4])
        assert int(linked_text(pair, (8, 9))) == int("".join(pair.trg[8:]))


def test_the_month_is_aligned_with_its_number_or_one_of_its_names(pairs):
    widths, contexts = ("abbreviated", "wide"), ("format", "stand-alone")
    names = [get_month_names(*key) for key in itertools.product(widths, contexts, LOCALES)]
    for pair in pairs:
        month, text = int("".join(pair.trg[5:7])), linked_text(pair, (5, 6))
        assert text in (str(month), f"{month:02}") or text in {table[month] for table in names}


def test_hyphens_are_unaligned_and_every_digit_of_the_target_is_aligned(pairs):
    for pair in pairs:
        assert {t for _, t in pair.alignment} == {0, 1, 2, 3, 5, 6, 8, 9}


def test_equal_fields_align_digit_by_digit_and_others_each_with_each(monkeypatch):
    only_days(monkeypatch, datetime.date(2021, 5, 14), datetime.date(2021, 5, 14))
    found = {"".join(pair.src): pair.alignment for pair in dates(3, 0, 0, locales=["fr"]).train}
    year = {(6, 0), (7, 1), (8, 2), (9, 3)}
    assert found["14/05/2021"] == {(0, 8), (1, 9), (3, 5), (4, 6)} | year
    mai = set(itertools.product((3, 4, 5), (5, 6)))
    assert found["14 mai 2021"] == {(0, 8), (1, 9)} | mai | {(s + 1, t) for s, t in year}
    assert min(s for s, _ in found["vendredi 14 mai 2021"]) == len("vendredi ")


@pytest.mark.parametrize(
    ("year", "locales"),
    [(2023, ("en_GB", "es_PR", "hr", "ja")), (2024, ("fr", "en_US", "pl", "uk", "es_PR"))],
)
def test_all_texts_of_one_meaning_can_be_drawn_and_no_others(monkeypatch, year, locales):
    first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    only_days(monkeypatch, first, last)
    meanings = {}
    for day in (first + datetime.timedelta(n) for n in range((last - first).days + 1)):
        for locale, length in itertools.product(locales, LENGTHS):
            meanings.setdefault(babel_text(day, length, locale), set()).add(day.isoformat())
    whole = {text: days for text, days in meanings.items() if str(year) in text}
    clear = {text: days.pop() for text, days in whole.items() if len(days) == 1}
    assert len(whole) - len(clear) == 12 * 11  # es_PR's 03/04 is the 4th of March, the others' the 3rd of April
    drawn = dates(len(clear), 0, 0, locales=locales).train
    assert {"".join(pair.src): "".join(pair.trg) for pair in drawn} == clear
    with pytest.raises(ValueError, match=f"{len(clear)} texts found, {len(clear) + 1} wanted"):
        dates(len(clear) + 1, 0, 0, locales=locales)


def test_a_locale_without_rivals_keeps_its_numeric_dates():
    texts = {"".join(pair.src) for pair in dates(2000, 0, 0, locales=["es_PR"]).train}
    assert any(text[2] == "/" and int(text[3:5]) <= 12 and text[:2] != text[3:5] for text in texts)


def test_a_format_that_names_an_era_is_not_used():
    texts = ["".join(pair.src) for pair in dates(100, 0, 0, locales=["th"]).train]
    assert not any("ค.ศ." in text for text in texts)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"locales": ["fr", "xx"]}, "no locale 'xx'"),
        ({"locales": "fr"}, "no locale 'f'"),
        ({"locales": []}, "0 texts found, 3 wanted"),
        ({"valid": -1}, "0 or more, not 1, -1 and 1"),
    ],
)
def test_what_cannot_be_drawn_is_said(arguments, message):
    with pytest.raises(ValueError, match=message):
        dates(**{"train": 1, "valid": 1, "test": 1} | arguments)
