"""Vocabularies: every token has one number, and the pair of them comes from a corpus."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from s2s_lib import build_model, corpora
from s2s_lib.corpora.parallel import ParallelCorpus, SentencePair
from s2s_lib.corpora.text import EOS, PAD, SOS, SPECIALS, UNK
from s2s_lib.corpora.tokenizers import Characters, Tokenizers, Words
from s2s_lib.corpora.vocab import Vocab, Vocabs

letters = st.lists(st.sampled_from("abcdef"), max_size=5).map(tuple)
sentence_pairs = st.lists(st.builds(SentencePair, letters, letters), max_size=6)
AB = Vocab([*SPECIALS, "a", "b"])
PAIRS = [SentencePair(("le", "chat"), ("the", "cat")), SentencePair(("le",), ("the",))]


def test_a_vocabulary_counts_then_spells():
    vocab = Vocab.build([["b", "a"], ["c", "b"], ["b", "c", "a", "z"]])
    assert vocab.tokens == (*SPECIALS, "b", "a", "c", "z")
    assert len(vocab) == 8


@given(st.lists(letters, max_size=6), st.integers(1, 4))
def test_a_vocabulary_keeps_what_was_seen_often_enough(sentences, min_count):
    seen = [token for sentence in sentences for token in sentence]
    vocab = Vocab.build(sentences, min_count)
    assert {token for token in "abcdef" if token in vocab} == {t for t in seen if seen.count(t) >= min_count}
    assert vocab == Vocab.build(sentences[::-1], min_count) == Vocab.build(iter(sentences), min_count)


@given(letters)
def test_decoding_undoes_encoding(tokens):
    vocab = Vocab([*SPECIALS, *"abcdef"])
    assert vocab.decode(vocab.encode(tokens)) == list(tokens)
    assert vocab.decode(torch.tensor(vocab.encode(tokens), dtype=torch.long)) == list(tokens)


def test_an_unseen_token_becomes_unknown():
    assert Vocab([*SPECIALS, "a"]).encode(["a", "zebra"]) == [4, UNK]


def test_decoding_ends_at_the_first_eos_and_leaves_out_what_is_not_text():
    assert Vocab([*SPECIALS, "a"]).decode([SOS, 4, PAD, UNK, EOS, 4, EOS]) == ["a", "<unk>"]


def test_text_cannot_smuggle_in_special_tokens():
    vocab = Vocab.build([["a", "<pad>", "<eos>"]])
    assert len(vocab) == 5
    assert vocab.encode(["<pad>", "<unk>", "<sos>", "<eos>", "a"]) == [UNK, UNK, UNK, UNK, 4]


@pytest.mark.parametrize("tokens", [[], ["a"], SPECIALS[::-1], (*SPECIALS, "a", "a"), (*SPECIALS, "<pad>")])
def test_a_vocabulary_that_is_none_is_refused(tokens):
    with pytest.raises(ValueError, match="vocabulary"):
        Vocab(tokens)


def test_vocabularies_are_equal_by_what_they_hold():
    assert Vocab([*SPECIALS, "a"]) == Vocab((*SPECIALS, "a"))
    assert Vocab([*SPECIALS, "a"]) != Vocab([*SPECIALS, "b"])
    assert Vocab(SPECIALS) != SPECIALS
    assert Vocab(SPECIALS, Characters("ko")) == Vocab(SPECIALS)


def test_a_vocabulary_knows_its_tokenizer():
    assert Vocab(SPECIALS).tokenizer == Vocab.build([]).tokenizer == Words()
    assert Vocab(SPECIALS, Words("fr")).tokenizer == Words("fr")
    assert Vocab.build([["a"]], tokenizer=Characters()).tokenizer == Characters()
    assert "5 tokens" in repr(Vocab.build([["a"]], 1, Words("fr")))
    assert "fr" in repr(Vocab.build([["a"]], 1, Words("fr")))


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("sentences", "about"),
    [
        ("le chat dort", "sentences is one text"),
        (["le chat dort"], "one string; split it"),
        (["a"], "one string; split it"),
        ([["le"], "chat"], "one string; split it"),
        ([["le", 3]], r"not 3 \(int\)"),
        ([["le", None]], "NoneType"),
        ([[["le"]]], "list"),
        ([b"le"], "int"),
        ([3], "no list of tokens"),
        (None, "sentences is a NoneType"),
        (PAIRS, "Vocabs.of"),
    ],
)
def test_what_are_no_sentences_is_refused(sentences, about):
    with pytest.raises(TypeError, match=rf"Vocab\.build.*{about}"):
        Vocab.build(sentences)


@pytest.mark.parametrize(
    ("min_count", "error"), [(0, ValueError), (-1, ValueError), (1.0, TypeError), ("2", TypeError)]
)
def test_a_min_count_that_counts_nothing_is_refused(min_count, error):
    with pytest.raises(error, match="min_count"):
        Vocab.build([["a"]], min_count)
    with pytest.raises(error, match="min_count"):
        Vocabs.of(PAIRS, min_count)


@pytest.mark.parametrize("tokens", ["<pad><unk>", None, 4, [*SPECIALS, 4], [*SPECIALS, None], [*SPECIALS, ["a"]]])
def test_tokens_that_are_none_are_refused(tokens):
    with pytest.raises(TypeError, match=r"Vocab: "):
        Vocab(tokens)


@pytest.mark.parametrize("tokens", ["a b", "", None, 4, [4], [None], [["a"]], b"a"])
def test_only_tokens_are_looked_up(tokens):
    with pytest.raises(TypeError, match=r"Vocab\.encode: "):
        AB.encode(tokens)


@pytest.mark.parametrize("ids", [[6], [-1], [4, 99], torch.tensor([4, 6])])
def test_a_number_without_a_token_is_refused(ids):
    with pytest.raises(IndexError, match=r"no token has the number (6|-1|99); this vocabulary ends at 5"):
        AB.decode(ids)


@pytest.mark.parametrize("ids", ["45", [4.0], [None], [[4]], torch.tensor([[4, 5]]), torch.tensor([4.0])])
def test_only_whole_numbers_are_decoded(ids):
    with pytest.raises(TypeError, match=r"Vocab\.decode: .* no number of a token"):
        AB.decode(ids)


@pytest.mark.parametrize("tokenizer", ["words", Words, None, 3])
def test_a_tokenizer_that_is_none_is_refused(tokenizer):
    for build in (lambda: Vocab(SPECIALS, tokenizer), lambda: Vocab.build([], tokenizer=tokenizer)):
        with pytest.raises(TypeError, match=r"Words\(\)"):
            build()


# ---------------------------------------------------------------- the two of a corpus


@given(sentence_pairs, st.integers(1, 3))
def test_both_vocabularies_come_from_the_sides_of_the_training_part(pairs, min_count):
    src = Vocab.build([pair.src for pair in pairs], min_count)
    trg = Vocab.build([pair.trg for pair in pairs], min_count)
    other = [SentencePair(("only",), ("here",))]
    assert Vocabs.of(ParallelCorpus(pairs, other, other), min_count) == Vocabs(src, trg)
    assert Vocabs.of(pairs, min_count) == Vocabs.of(iter(pairs), min_count) == (src, trg)


def test_they_unpack_wherever_both_are_wanted():
    src, trg = vocabs = Vocabs.of(PAIRS)
    assert (vocabs.src, vocabs.trg) == (src, trg)
    assert build_model(*map(len, vocabs), embedding_dim=4, hidden_size=4, num_layers=1)
    assert vocabs.encode(PAIRS[0]) == (src.encode(["le", "chat"]), trg.encode(["the", "cat"]))


def test_they_take_the_tokenizers_of_the_corpus_unless_told_others():
    corpus = corpora.korean(train=20, valid=0, test=0)
    assert [vocab.tokenizer for vocab in Vocabs.of(corpus)] == [Words("ko"), Words("en")]
    assert [vocab.tokenizer for vocab in Vocabs.of(corpus.train)] == [Words(), Words()]
    assert [vocab.tokenizer for vocab in Vocabs.of(corpus.train, tokenizers=corpus.tokenizers)] == [*corpus.tokenizers]
    assert [vocab.tokenizer for vocab in Vocabs.of(corpus, tokenizers=Characters())] == [Characters()] * 2
    own = Vocabs.of(corpus, tokenizers=(Words("fr"), Characters("it")))
    assert [vocab.tokenizer for vocab in own] == [Words("fr"), Characters("it")]


@pytest.mark.parametrize("pairs", ["le chat", None, 3, PAIRS[0], [("le",)], ["le chat"], [[["le"], ["the"]]], (PAIRS,)])
def test_what_are_no_pairs_is_refused(pairs):
    with pytest.raises(TypeError, match=r"Vocabs\.of"):
        Vocabs.of(pairs)


@pytest.mark.parametrize("pair", [SentencePair("le chat", ("the",)), SentencePair(("le",), "the cat")])
def test_a_side_that_is_a_string_is_refused(pair):
    with pytest.raises(TypeError, match="one string"):
        Vocabs.of([pair])
    with pytest.raises(TypeError, match="one string"):
        Vocabs.of(PAIRS).encode(pair)


# ---------------------------------------------------------------- a corpus


def test_a_corpus_unpacks_into_its_parts_and_knows_its_tokenizers():
    corpus = ParallelCorpus(PAIRS[:1], PAIRS[1:], [], (Words("fr"), Words("en")))
    train, valid, test = corpus
    assert (train, valid, test) == (corpus.train, corpus.valid, corpus.test) == (PAIRS[:1], PAIRS[1:], [])
    assert corpus.tokenizers == Tokenizers(Words("fr"), Words("en"))
    again = ParallelCorpus(*(list(part) for part in corpus))
    assert again == corpus
    assert again.tokenizers == (Words(), Words())
    assert ParallelCorpus([], [], [], Characters()).tokenizers == (Characters(), Characters())
    changed = corpus._replace(test=PAIRS)
    assert (changed.test, changed.train, changed.tokenizers) == (PAIRS, corpus.train, corpus.tokenizers)


@pytest.mark.parametrize("tokenizers", ["words", None, (Words(),), (Words(), "words"), Words, (Words(), Words)])
def test_a_corpus_takes_tokenizers_only(tokenizers):
    with pytest.raises(TypeError, match="tokenizer"):
        ParallelCorpus([], [], [], tokenizers)


@pytest.mark.parametrize(
    ("corpus", "tokenizers"),
    [
        (corpora.french(train=5, valid=0, test=0), (Words("fr"), Words("en"))),
        (corpora.french(size="small", train=5, valid=0, test=0), (Words("fr"), Words("en"))),
        (corpora.korean(train=5, valid=0, test=0), (Words("ko"), Words("en"))),
        (corpora.dates(train=300, valid=0, test=0), (Characters(), Characters())),
    ],
)
def test_the_tokenizers_of_a_corpus_split_its_sentences_as_they_are(corpus, tokenizers):
    assert corpus.tokenizers == tokenizers
    for pair in corpus.train:
        for tokenizer, tokens in zip(corpus.tokenizers, pair[:2], strict=True):
            assert tokenizer.tokens(tokenizer.join(tokens)) == tokens


@pytest.mark.parametrize("draw", [corpora.french, corpora.korean, corpora.dates])
@pytest.mark.parametrize("part", ["train", "valid", "test"])
def test_a_part_of_less_than_nothing_is_refused(draw, part):
    with pytest.raises(ValueError, match="must be 0 or more"):
        draw(**{"train": 2, "valid": 2, "test": 2, part: -1})
