"""Tokens, and the way back to readable text."""

import unicodedata

import pytest
import regex
from hypothesis import example, given
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
    "lʼhomme l´homme l`homme l＇homme l‘homme": ["l'", "homme"] * 5,
    "‘hi’ dogs’": ["‘", "hi", "’", "dogs", "'"],
    "the neighbors' cheese": ["the", "neighbors", "'", "cheese"],
    "cannot o'clock prud'homme": ["cannot", "o'clock", "prud'homme"],
    "'tis rock 'n' roll": ["'tis", "rock", "'n'", "roll"],
    "1,500원이다 3월에 제2": ["1,500", "원이다", "3", "월에", "제2"],
    "-5 °C n° 5 14/07/1789 ½": ["-5", "°c", "n°", "5", "14/07/1789", "½"],
    "$3.50 5% 10h30 2nd": ["$", "3.50", "5", "%", "10h30", "2nd"],
    "U.S.A., i.e. Dr. X etc...": ["u.s.a.", ",", "i.e.", "dr.", "x", "etc", "..."],
    "C++ C# A&B he/she": ["c++", "c#", "a&b", "he", "/", "she"],
    "www.a.fr/b. jean@exemple.fr #a @b x.py": ["www.a.fr/b", ".", "jean@exemple.fr", "#a", "@b", "x.py"],
    "👨‍👩‍👧🏽👍🏽🇫🇷🇩🇪1️⃣❤️": ["👨‍👩‍👧🏽", "👍🏽", "🇫🇷", "🇩🇪", "1️⃣", "❤️"],
    "a\u00adb\u200bc\ufeff\u202a\x00d \u200d \ufe0f": ["abcd"],
    "a \u0301b": ["áb"],
    "\u0301a b": ["\u0301a", "b"],
    "我爱你 コード": ["我", "爱", "你", "コード"],
    "«non»": ["«", "non", "»"],
    "": [],
    " \n\t ": [],
}
LANGUAGES = ["", "fr", "en-GB", "ko", "tr", "it", "de", "fi", "he", "hi", "zh", "ja", "ar"]
# Signs that meet in odd ways: apostrophes, quotation marks, joiners, lone marks, letters that change their length.
SIGNS = (
    "aiIsStnlce\u00eaİıßǰÉ \u00a0'’‘`´ʼ\"“”„«»-–.,:;!?…()[]/&@#$€%°+*=~_0123½²한에서라원월、。「」漢字か"
    "\u200b\u200c\u200d\ufeff\u00ad\ufe0f\u20e3\u0301\u0323\u034f👩🏽🚀🇫🇷नमि्كم\u064e\u0600<>DpÅw\\"
)
PIECES = (
    "mange -t -elle l' qu' 's 't rendez-vous va-t'en U.S.A. etc. M. Dr. www.x.fr jean@x.fr C++ C# A&B 'n' 'tis boys ' "
    "\" “ ” ‘ ’ « » ( ) 1,500 원 에서 $ 3.50 % -5 ° C n° … ... -- :) x.py aujourd'hui c'est-à-dire İ.A. R$"
)
UNSEEN = regex.compile(r"[\s\p{Cc}\p{Cs}\p{NChar}\p{DI}\uFFF9-\uFFFB]", regex.V1)  # takes out what is not
pieces = st.lists(st.sampled_from([*PIECES.split(), " ", " "]), max_size=10).map("".join)
texts = st.one_of(st.text(), st.text(alphabet=SIGNS), pieces)
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


@example("J\u030c etc . \U0001f1eb \U0001f1f7", "")
@example("\u0131\u0323", "tr")
@example("A-T'EN-: L ' l M .", "fr")
@example("\u02e5\u093a\u200cA İ.A. İ$ \u0600 0 \u0620\u200cぁ", "")
@given(texts, st.sampled_from(LANGUAGES))
def test_text_made_of_tokens_has_these_tokens(text, language):
    tokens = tokenize(text, language=language)
    assert tokenize(" ".join(tokens), language=language) == tokens
    assert tokenize(detokenize(tokens, language), language=language) == tokens
    typed = tokenize(text, lowercase=False, language=language)
    assert tokenize(glue(typed, language), lowercase=False, language=language) == typed


@example("l ' homme, eu : n")
@given(texts)
def test_so_it_has_where_nobody_names_a_language(text):
    assert tokenize(detokenize(tokenize(text))) == tokenize(text)


@given(texts, st.sampled_from(LANGUAGES))
def test_tokenizing_loses_nothing_but_blanks(text, language):
    assert "".join(tokenize(text, lowercase=False, language=language)) == normalize(text).replace(" ", "")


@given(texts)
def test_the_one_form_of_a_text_lacks_nothing_that_is_seen(text):
    same_form = regex.sub(r"[’‘ʼ´`＇′]", "'", unicodedata.normalize("NFC", text))
    seen, kept = (UNSEEN.sub("", one) for one in (same_form, normalize(text).replace("‘", "'").replace("’", "'")))
    assert unicodedata.normalize("NFC", seen) == unicodedata.normalize("NFC", kept)


@example("l'\u0323 C++\u0301 1\u20e3 :)\u0301 Dr.\u0301", "")
@given(texts, st.sampled_from(LANGUAGES))
def test_no_token_is_invisible_or_starts_with_a_mark_unless_the_text_does(text, language):
    tokens = tokenize(text, language=language)
    assert all(UNSEEN.sub("", token) for token in tokens)
    assert not any(regex.match(r"\p{M}", token) for token in tokens[1:])


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


HUNG_ON = {
    "Mange-t-elle": "mange -t-elle",
    "Est-ce que": "est -ce que",
    "a-t-il": "a -t-il",
    "donne-le-moi": "donne -le -moi",
    "vas-y": "vas -y",
    "allez-vous-en": "allez -vous -en",
    "donne-m’en": "donne -m'en",
    **{word: word for word in ["rendez-vous", "peut-être", "arc-en-ciel", "vis-à-vis", "grand-père", "t-shirt"]},
    **{word: word for word in ["celui-ci", "c'est-à-dire", "chez-nous", "garde-à-vous", "moi-même", "quelqu'un"]},
}


@pytest.mark.parametrize(("text", "tokens"), HUNG_ON.items())
def test_french_hangs_pronouns_on_verbs_in_french_only(text, tokens):
    assert tokenize(text, language="fr") == tokenize(text, language="fr-CA") == tokens.split()
    assert tokenize(text, language="de") == text.replace("’", "'").lower().split()


TYPOGRAPHY = [
    ("fr", "« oui ! » : quoi ? ! 5 % ; 3 €", "«\u00a0Oui\u202f!\u00a0»\u00a0: quoi\u202f?! 5\u202f%\u202f; 3\u00a0€"),
    ("en", "« oui ! » : quoi ? ! 5 % ; 3 €", "«Oui!»: quoi?! 5%; 3 €"),
    ("de", "„ ja “ , 5 %", "„Ja“, 5\u00a0%"),
    ("es", "¿ qué ? ¡ hola !", "¿Qué? ¡hola!"),
    ("ko", '" 안녕 " 이라고 서울 ( 대한민국 ) 에서 1,500 원', '"안녕"이라고 서울(대한민국)에서 1,500원'),
    ("zh", "我 用 Python ， 好 。", "我用Python，好。"),
    ("en", "i , i.e. i 'm", "I, i.e. I'm"),
    ("fr", "la vitamine i", "La vitamine i"),
    ("en", "the neighbor 's and the neighbors ' cheese", "The neighbor's and the neighbors' cheese"),
    ("en", "he said ' hi ' and ' yes ' to the boys ' toys", "He said 'hi' and 'yes' to the boys' toys"),
    ("en", "jean@x.fr", "jean@x.fr"),
    ("de", "ßx", "ßx"),
]


@pytest.mark.parametrize(("language", "tokens", "text"), TYPOGRAPHY)
def test_each_language_has_its_typography(language, tokens, text):
    assert detokenize(tokens.split(), language) == text


def test_a_blank_stays_where_other_tokens_would_come_of_it():
    assert detokenize(["etc", "."], "en") == "Etc ."
    assert glue(["a", "...", "."]) == "a... ."
    assert glue(["🇫", "🇷"]) == "🇫 🇷"


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
