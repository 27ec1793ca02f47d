"""Tokens, and the way back to readable text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_lib.corpora.text import detokenize, glue, lower, normalize, tokenize

READABLE = [
    "L'homme rit.",
    "Qu'est-ce que c'est?",
    "Aujourd'hui, il m'a entarté; j'ai ri.",
    "Jusqu'à lundi, s'il te plaît!",
    "Il dit «non» (deux fois).",
    "Peut-être qu'elle viendra...",
    "I think that I'm late: it's 10:30.",
    'He said "go", then "stop".',
    "The dogs' owner doesn't pay 1,000.50 dollars.",
    "A t-shirt costs 5%, the 2nd one 12.",
    "나는 집에 간다.",
    "하얀 고양이가 [작은] 쥐를 봤어요!",
]
SPLITS = {
    "L'homme": ["l'", "homme"],
    "l’homme": ["l'", "homme"],
    "qu'il": ["qu'", "il"],
    "Lorsqu'on": ["lorsqu'", "on"],
    "aujourd'hui": ["aujourd'hui"],
    "d'aujourd'hui": ["d'", "aujourd'hui"],
    "man's": ["man", "'s"],
    "don't": ["don", "'t"],
    "t-shirt": ["t-shirt"],
    "3,5 kg": ["3,5", "kg"],
    "fin...": ["fin", "..."],
    "oui !": ["oui", "!"],
    "«non»": ["«", "non", "»"],
    "": [],
    " \n\t ": [],
}
words = st.lists(st.text(alphabet="abéß한'-.,\"«»(1", min_size=1, max_size=4), max_size=8)


@pytest.mark.parametrize("text", READABLE)
def test_text_survives_the_way_to_tokens_and_back(text):
    assert detokenize(tokenize(text)) == text


@pytest.mark.parametrize("text", READABLE)
def test_tokens_survive_the_way_to_text_and_back(text):
    assert tokenize(detokenize(tokenize(text))) == tokenize(text)


@pytest.mark.parametrize(("text", "tokens"), SPLITS.items())
def test_words_split_where_french_and_english_join_them(text, tokens):
    assert tokenize(text) == tokens


@given(st.text())
def test_tokenizing_loses_nothing_but_spaces(text):
    tokens = tokenize(text, lowercase=False)
    assert "".join(tokens) == normalize(text).replace(" ", "")
    assert all(tokens)


@given(words)
def test_joining_loses_nothing_but_case(tokens):
    joined = detokenize(tokens)
    assert joined.replace(" ", "").casefold() == "".join(tokens).casefold()


@given(st.lists(st.text()))
def test_joining_takes_any_tokens(tokens):
    assert isinstance(detokenize(tokens), str)


def test_case_is_kept_on_demand():
    assert tokenize("Le Chat", lowercase=False) == ["Le", "Chat"]
    assert tokenize("Le Chat") == ["le", "chat"]


def test_both_spellings_of_an_accent_are_one_token():
    assert tokenize("e\u0301te\u0301") == tokenize("\u00e9t\u00e9") == ["\u00e9t\u00e9"]


SAID_BY_I = {
    "en": "Here I am, said the i-th.",
    "en-GB": "Here I am, said the i-th.",
    "EN-us": "Here I am, said the i-th.",
    "it": "Here i am, said the i-th.",
    "eng": "Here i am, said the i-th.",
    "": "Here i am, said the i-th.",
}


@pytest.mark.parametrize(("language", "text"), SAID_BY_I.items())
def test_only_english_writes_i_as_a_capital(language, text):
    assert detokenize(["here", "i", "am", ",", "said", "the", "i-th", "."], language) == text


def test_without_a_language_text_is_joined_as_english():
    assert detokenize(["am", "i"]) == "Am I"


@pytest.mark.parametrize(
    ("word", "language", "capital"),
    [("iyi", "tr", "İyi"), ("iyi", "az-Latn", "İyi"), ("iyi", "it", "Iyi"), ("ılık", "tr", "Ilık"), ("ა", "ka", "ა")],
)
def test_a_sentence_starts_as_its_language_writes_capitals(word, language, capital):
    assert detokenize([word], language) == capital


@given(st.text(alphabet="iıIİabÇ "))
def test_turkish_keeps_its_two_letters_i_apart(text):
    low = lower(text, "tr")
    assert [letter in "iİ" for letter in text] == [letter == "i" for letter in low]
    assert [letter in "ıI" for letter in text] == [letter == "ı" for letter in low]
    assert lower(text, "fr") == lower(text) == text.lower()


@given(words)
def test_glue_writes_what_detokenize_writes_before_any_capital(tokens):
    assert glue(tokens).casefold() == detokenize(tokens).casefold()
    assert glue(tokens).replace(" ", "") == "".join(tokens)


@pytest.mark.parametrize("text", [None, 3, b"le chat", ["le", "chat"]])
def test_what_is_no_text_is_refused(text):
    with pytest.raises(TypeError, match=r"tokenize: a text is one string, not .*\((NoneType|int|bytes|list)\)"):
        tokenize(text)


@pytest.mark.parametrize("tokens", ["le chat", None, 3, [3], [None], [["le"]], b"le"])
def test_what_are_no_tokens_is_refused(tokens):
    with pytest.raises(TypeError, match="detokenize: "):
        detokenize(tokens)


@pytest.mark.parametrize("code", ["French", "en_US", "e", "en-", "-", " ", "12"])
def test_what_is_no_code_of_a_language_is_refused(code):
    with pytest.raises(ValueError, match="no code of BCP 47"):
        detokenize(["a"], code)


def test_a_language_that_is_no_string_is_refused():
    with pytest.raises(TypeError, match='a code such as "fr"'):
        detokenize(["a"], None)
