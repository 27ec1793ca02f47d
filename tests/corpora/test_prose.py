"""Prose as people type it, in many languages: nothing is lost on the way to tokens and back, and no blank moves."""

import unicodedata

import pytest
import regex
from prose import LANGUAGES, LINES

from s2s_lib.corpora.text import tokenize
from s2s_lib.corpora.tokenizers import Words

ALL = [(language, line) for language, line, *_ in [*LANGUAGES.items(), *LINES]]
MARK_OR_NOTHING = regex.compile(r"\p{M} | ^[\p{C}\p{Z}\p{DI}]*$", regex.V1 | regex.VERBOSE)
NO_BREAK = str.maketrans("\u00a0\u202f", "  ")


@pytest.mark.parametrize(("language", "line", "wanted"), [(*row, row[1])[:3] for row in [*LANGUAGES.items(), *LINES]])
def test_a_line_comes_back_with_its_blanks(language, line, wanted):
    words = Words(language, lowercase=False)
    joined = words.join(words.split(line))
    assert joined.translate(NO_BREAK) == unicodedata.normalize("NFC", wanted)
    assert words.split(joined) == words.split(line)


@pytest.mark.parametrize(("language", "line"), ALL)
def test_no_token_is_invisible_or_begins_with_a_mark(language, line):
    for tokens in (tokenize(line), tokenize(line, language=language)):
        assert [token for token in tokens if MARK_OR_NOTHING.match(token)] == []


@pytest.mark.parametrize(("language", "line"), ALL)
def test_without_its_language_a_line_keeps_its_signs(language, line):
    visible = regex.sub(r"[\s\u00ad\u200b\u200e\u2060\ufeff]", "", unicodedata.normalize("NFC", line))
    assert len("".join(tokenize(line, lowercase=False))) == len(visible)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("hi", "नमस्ते दुनिया"),
        ("bn", "বাংলায় র‍্যাব"),
        ("ta", "புத்தகங்களைப் தமிழ்ப்"),
        ("ml", "അവന്‍ വന്നു"),
        ("ar", "كَتَبَ الوَلَدُ"),
        ("fa", "می‌خواهم کتاب‌ها"),
        ("he", "בְּרֵאשִׁית צה\"ל צ'ק"),
        ("th", "ฉันไม่รู้ ว่า"),
        ("vi", unicodedata.normalize("NFD", "tiếng việt được")),
        ("yo", "ọ̀rọ̀ ẹ̀kọ́"),
        ("ko", unicodedata.normalize("NFD", "한국어 글")),
        ("my", "မြန်မာ ဘာသာ"),
    ],
)
def test_a_word_keeps_its_marks_and_joiners_in_every_script(language, words):
    expected = unicodedata.normalize("NFC", words).split(" ")
    assert tokenize(words) == tokenize(words, language=language) == expected
