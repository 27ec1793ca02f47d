"""Tokenizers: text comes back, state builds them again, and one of your own goes wherever theirs go."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parallel_text import write

from s2s_lib import batches
from s2s_lib.corpora.files import from_files, from_tsv, tokenize_pairs
from s2s_lib.corpora.text import normalize, tokenize
from s2s_lib.corpora.tokenizers import Characters, Tokenizer, Tokenizers, Words, restored
from s2s_lib.corpora.vocab import Vocabs


class Pieces(Tokenizer):
    """Letters two by two."""

    def split(self, text):
        return [text[at : at + 2] for at in range(0, len(text), 2)]

    def join(self, tokens):
        return "".join(tokens)


class Folded(Pieces):
    """Letters two by two, known by their first."""

    def __init__(self, size=1, language=""):
        super().__init__(language)
        self.size, self._cache = size, {}

    def fold(self, token):
        return token[: self.size]


BUILT_IN = [Words(), Words("fr"), Words("en-GB", lowercase=False), Characters(), Characters("ko")]
ALL = [*BUILT_IN, Pieces(), Pieces("it"), Folded(1), Folded(2), Folded(1, "fr")]


# ---------------------------------------------------------------- the two of the library


@given(st.text())
def test_words_are_those_of_tokenize(text):
    assert Words().split(text) == Words(lowercase=False).split(text) == tokenize(text, lowercase=False)
    assert Words().tokens(text) == tuple(tokenize(text))
    assert Words(lowercase=False).tokens(text) == tuple(tokenize(text, lowercase=False))


@pytest.mark.parametrize(
    "text", ["L'homme rit.", "Il dit «non» (deux fois).", "I think that I'm late.", "나는 집에 간다."]
)
def test_text_survives_the_way_through_words(text):
    assert Words("en").join(Words("en").tokens(text)) == text
    assert Words(lowercase=False).join(Words(lowercase=False).tokens(text)) == text


def test_each_option_of_words_makes_a_difference():
    tokens = ["here", "i", "am"]
    assert Words("en").join(tokens) == "Here I am"
    assert Words("it").join(tokens) == Words().join(tokens) == "Here i am"
    assert Words("en", lowercase=False).join(tokens) == "here i am"
    assert (Words().fold("IL"), Words("tr").fold("IL"), Words(lowercase=False).fold("IL")) == ("il", "ıl", "IL")


@given(st.text(alphabet="ab é\u0301\u00a0한\t."))
def test_characters_come_back_as_they_are_typed(text):
    typed = Characters().split(text)
    assert {len(token) for token in typed} <= {1}
    assert Characters().join(typed) == "".join(typed)
    assert normalize(Characters().join(typed)) == normalize(text)
    assert {token for token in Characters().tokens(text) if token.isspace()} <= {" "}


def test_both_spellings_of_an_accent_are_one_character():
    assert Characters().split(" e\u0301t ") == Characters().split("\u00e9t") == ["\u00e9", "t"]


@pytest.mark.parametrize("tokenizer", ALL, ids=repr)
@pytest.mark.parametrize("text", [None, 3, b"le chat", ["le", "chat"], ("le",)])
def test_only_a_text_is_split(tokenizer, text):
    with pytest.raises(TypeError, match="a text is one string"):
        tokenizer.tokens(text)
    if type(tokenizer) in (Words, Characters):
        with pytest.raises(TypeError, match="a text is one string"):
            tokenizer.split(text)


@pytest.mark.parametrize("tokenizer", [Words(), Words(lowercase=False), Characters()], ids=repr)
@pytest.mark.parametrize("tokens", ["le chat", None, 3, [3], [["le"]]])
def test_only_tokens_are_joined(tokenizer, tokens):
    with pytest.raises(TypeError, match="token"):
        tokenizer.join(tokens)


@pytest.mark.parametrize("kind", [Words, Characters, Pieces])
def test_a_language_is_a_code(kind):
    assert [kind(code).language for code in ("", "fr", "pt-BR", "zh-Hant-TW")] == ["", "fr", "pt-BR", "zh-Hant-TW"]
    with pytest.raises(ValueError, match="BCP 47"):
        kind("French")
    with pytest.raises(TypeError, match="code"):
        kind(None)


def test_lowercase_is_yes_or_no():
    with pytest.raises(TypeError, match="lowercase is True or False, not 'no'"):
        Words("fr", "no")


# ---------------------------------------------------------------- names and state


@pytest.mark.parametrize("tokenizer", BUILT_IN, ids=repr)
def test_name_and_state_build_a_tokenizer_again(tokenizer):
    name, state = json.loads(json.dumps([tokenizer.name, tokenizer.state()]))
    assert restored(name, state) == tokenizer
    assert eval(repr(tokenizer)) == tokenizer


@pytest.mark.parametrize("tokenizer", ALL, ids=repr)
def test_tokenizers_are_equal_by_class_and_state(tokenizer):
    same = type(tokenizer)(**tokenizer.state())
    assert same == tokenizer
    assert hash(same) == hash(tokenizer)
    assert [other for other in ALL if other == tokenizer] == [tokenizer]
    assert tokenizer != tokenizer.name


def test_names_are_those_of_the_library_or_of_the_class():
    class Stemmed(Words):
        """No longer those words."""

    names = [tokenizer.name for tokenizer in (Words("fr"), Characters(), Pieces(), Folded(), Stemmed())]
    assert names == ["words", "characters", "Pieces", "Folded", "Stemmed"]
    assert Stemmed() != Words()


@pytest.mark.parametrize("name", ["words", "characters"])
def test_an_own_class_cannot_take_a_name_of_the_library(name):
    with pytest.raises(TypeError, match="choose another"):
        type(name, (Tokenizer,), {})


def test_what_begins_with_an_underscore_is_not_kept():
    assert Folded(2, "fr").state() == {"size": 2, "language": "fr"}


@pytest.mark.parametrize("name", ["Pieces", "Words", "", None, ["words"]])
def test_another_name_is_refused_in_one_line(name):
    with pytest.raises(ValueError, match=r"no tokenizer of this library \(words, morphemes, characters\)") as caught:
        restored(name, {})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "state", [{"colour": 1}, {"language": "French"}, {"language": 3}, {"lowercase": 1}, None, [1], "fr", {1: 2}]
)
def test_a_state_that_is_none_is_refused_in_one_line(state):
    with pytest.raises(ValueError, match="no state of the tokenizer 'words'") as caught:
        restored("words", state)
    assert "\n" not in str(caught.value)


# ---------------------------------------------------------------- one of your own


def test_what_an_own_tokenizer_leaves_out_is_named():
    class Nothing(Tokenizer):
        """Neither splits nor joins."""

    with pytest.raises(NotImplementedError, match=r"Nothing must say how it splits"):
        Nothing().tokens("a")
    with pytest.raises(NotImplementedError, match=r"Nothing must say how it joins"):
        Nothing().join(["a"])


def test_an_own_tokenizer_need_not_know_its_language():
    class Careless(Pieces):
        """Never calls the class above."""

        def __init__(self):
            self.size = 2

    assert Careless().language == ""
    assert Careless().state() == {"language": "", "size": 2}


@pytest.mark.parametrize("wrong", ["le chat", None, [1], 5])
def test_what_an_own_tokenizer_splits_wrongly_is_named(wrong):
    class Wrong(Pieces):
        """Splits into something else."""

        def split(self, text):
            return wrong

    with pytest.raises(TypeError, match=r"Wrong\.split: "):
        Wrong().tokens("a")


def test_what_an_own_tokenizer_folds_wrongly_is_named():
    class Wrong(Pieces):
        """Folds into numbers."""

        def fold(self, token):
            return len(token)

    with pytest.raises(TypeError, match=r"Wrong\.fold: "):
        Wrong().tokens("a")


ROWS = [(f"src {n}", f"target {n}") for n in range(30)]


@pytest.mark.parametrize(
    "tokenizers", [Pieces(), Folded(), (Pieces("fr"), Folded(1)), Words("fr"), Characters()], ids=repr
)
def test_a_tokenizer_goes_from_the_file_into_the_batches(tmp_path, tokenizers):
    src, trg = pair = Tokenizers.of(tokenizers)
    whole = {"tokenizers": tokenizers, "valid": 0, "test": 0}
    table = from_tsv(write(tmp_path, "t.tsv", "\n".join(f"{t}\t{s}" for s, t in ROWS)), **whole)
    left = write(tmp_path, "a", "\n".join(s for s, _ in ROWS))
    files = from_files(left, write(tmp_path, "b", "\n".join(t for _, t in ROWS)), **whole)
    assert table == files
    assert table.tokenizers == files.tokenizers == pair
    found = {each[:2] for part in table for each in part}
    assert found == {(src.tokens(s), trg.tokens(t)) for s, t in ROWS}
    vocabs = Vocabs.of(table)
    assert [vocab.tokenizer for vocab in vocabs] == [src, trg]
    (batch,) = batches(table.train, *vocabs, batch_size=100, bucket=False)
    for row, each in zip(batch.src.tolist(), table.train, strict=True):
        assert vocabs.src.decode(row) == list(each.src)
        assert src.join(vocabs.src.decode(row)) == src.join(each.src)


def test_words_are_the_tokenizer_where_nobody_names_one(tmp_path):
    path = write(tmp_path, "t.tsv", "Go on.\tVa !\nI see.\tJe vois.\n")
    assert from_tsv(path, valid=0, test=0).tokenizers == (Words(), Words())
    asis = from_tsv(path, valid=0, test=0, tokenizers=Words(lowercase=False))
    assert {pair.src[0] for pair in asis.train} == {"Va", "Je"}


@pytest.mark.parametrize("tokenizers", ["words", None, Words, (Words(), "words"), (Words(),)])
def test_tokenizers_that_are_none_are_refused(tmp_path, tokenizers):
    path = write(tmp_path, "t", "a\tb\n")
    for read in (lambda: from_tsv(path, tokenizers=tokenizers), lambda: from_files(path, path, tokenizers=tokenizers)):
        with pytest.raises(TypeError, match="tokenizer"):
            read()


def test_a_line_in_which_a_tokenizer_finds_nothing_is_located():
    class Digits(Pieces):
        """Digits alone."""

        def split(self, text):
            return [sign for sign in text if sign.isdigit()]

    both, source = Tokenizers.of(Digits()), Tokenizers.of((Digits(), Words()))
    with pytest.raises(ValueError, match=r"line 2: Digits\(language=''\) finds no token in 'two'"):
        tokenize_pairs([("1", "2"), ("3", "two")], both)
    with pytest.raises(ValueError, match=r"line 1: Digits\(language=''\) finds no token in 'one'"):
        tokenize_pairs([("one", "2")], source)
    assert tokenize_pairs([("1", "two")], source)[0].trg == ("two",)
