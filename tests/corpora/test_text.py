"""Tokens, vocabularies and the way back to readable text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_lib.corpora.text import EOS, PAD, SOS, SPECIALS, UNK, detokenize, normalize, tokenize
from s2s_lib.corpora.vocab import Vocab

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


def test_a_vocabulary_counts_then_spells():
    vocab = Vocab.build([["b", "a"], ["c", "b"], ["b", "c", "a", "z"]])
    assert vocab.tokens == (*SPECIALS, "b", "a", "c", "z")
    assert len(vocab) == 8


@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=5), max_size=6), st.integers(1, 4))
def test_a_vocabulary_keeps_what_was_seen_often_enough(sentences, min_count):
    seen = [token for sentence in sentences for token in sentence]
    vocab = Vocab.build(sentences, min_count)
    assert {token for token in "abcdef" if token in vocab} == {t for t in seen if seen.count(t) >= min_count}
    assert vocab == Vocab.build(sentences[::-1], min_count)


@given(st.lists(st.sampled_from("abc"), max_size=8))
def test_decoding_undoes_encoding(tokens):
    vocab = Vocab([*SPECIALS, "a", "b", "c"])
    assert vocab.decode(vocab.encode(tokens)) == tokens


def test_an_unseen_token_becomes_unknown():
    assert Vocab([*SPECIALS, "a"]).encode(["a", "zebra"]) == [4, UNK]


def test_decoding_ends_at_the_first_eos_and_leaves_out_what_is_not_text():
    assert Vocab([*SPECIALS, "a"]).decode([SOS, 4, PAD, UNK, EOS, 4, EOS]) == ["a", "<unk>"]


def test_text_cannot_smuggle_in_special_tokens():
    vocab = Vocab.build([["a", "<pad>", "<eos>"]])
    assert len(vocab) == 5
    assert vocab.encode(["<pad>", "<sos>", "<eos>", "a"]) == [UNK, UNK, UNK, 4]


@pytest.mark.parametrize("tokens", [[], ["a"], SPECIALS[::-1], (*SPECIALS, "a", "a"), (*SPECIALS, "<pad>")])
def test_a_vocabulary_that_is_none_is_refused(tokens):
    with pytest.raises(ValueError, match="vocabulary"):
        Vocab(tokens)


def test_vocabularies_are_equal_by_what_they_hold():
    assert Vocab([*SPECIALS, "a"]) == Vocab((*SPECIALS, "a"))
    assert Vocab([*SPECIALS, "a"]) != Vocab([*SPECIALS, "b"])
    assert Vocab(SPECIALS) != SPECIALS
