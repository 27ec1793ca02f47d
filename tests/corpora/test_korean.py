import random
import re
from functools import cache

import pytest
from korean_forms import WORDS, inflected
from test_grammar import derivations, flawed, readings, unspelled

from s2s_lib.corpora.grammar import Grammar, _grammar, korean
from s2s_lib.corpora.parallel import SentencePair
from s2s_lib.corpora.tokenizers import Morphemes, restored


@cache
def grammar() -> Grammar:
    return _grammar("korean.scfg", "full")  # the one that korean() keeps


@cache
def sample(units: str = "words") -> list[SentencePair]:
    return [pair for part in korean(units=units) for pair in part]


def final(syllable: str) -> int:
    """Number of the final consonant of a Hangul syllable, 0 without one (Unicode, section 3.12)."""
    return (ord(syllable) - 0xAC00) % 28


# ---------------------------------------------------------------- what must be in it


@pytest.mark.parametrize(
    ("in_rules", "src", "trg"),
    [
        ("나 +는 학교 +에 가 -는다", "나는 학교에 간다", "i go to school"),
        ("나 +는 학교 +에 가 -는다 .", "나는 학교에 간다 .", "i go to school ."),
        ("저 +는 학교 +에 가 -요", "저는 학교에 가요", "i go to school"),
        ("저 +는 학교 +에 가 -습니다", "저는 학교에 갑니다", "i go to school"),
        ("나 +는 학교 +에 가 -∅", "나는 학교에 가", "i go to school"),
        ("저 +는 학교 +에 가 -ㅆ습니다", "저는 학교에 갔습니다", "i went to school"),
        ("나 +는 내일 학교 +에 가 -ㄹ 것이다", "나는 내일 학교에 갈 것이다", "i will go to school tomorrow"),
        ("나 +는 집 +에 가 -고 있 -다", "나는 집에 가고 있다", "i am going home"),
        ("나 +는 집 +에 가 -는다", None, None),
        ("나 +는 학교 +에 가 -요", None, None),
        ("저 +는 학교 +에 가 -는다", None, None),
        ("학교 +에 가 -요", "학교에 가요", "i go to school"),
        ("집 +에 가 -ㅆ어 ?", "집에 갔어 ?", "did you go home ?"),
        ("집 +에 가 -셔 -ㅆ습니까 ?", "집에 가셨습니까 ?", "did you go home ?"),
        ("집 +에 가 -ㅆ습니까 ?", None, None),
        ("학생 +들 +는 사과 +를 먹 -고 있 -다", "학생들은 사과를 먹고 있다", "the students are eating apples"),
        ("친구 +들 +는 사과 +를 먹 -고 있 -다", None, None),
        ("저 +는 학생 +이에요", "저는 학생이에요", "i am a student"),
        ("민수 +는 의사 +이다", "민수는 의사다", "minsu is a doctor"),
        ("할머니 +께서 +는 빵 +를 드 -시 -고 계 -셔 -요",
         "할머니께서는 빵을 드시고 계세요", "grandmother is eating bread"),
        ("할머니 +는 빵 +를 먹 -고 있 -어요", None, None),
        ("할머니 +께서 +는 라디오 +를 듣 -고 계 -셔 -요",
         "할머니께서는 라디오를 듣고 계세요", "grandmother is listening to the radio"),
        ("나 +는 파티 +에 오 -ㄹ 것이다", None, None),
        ("민수 +는 내일 파티 +에 오 -ㄹ 것이다",
         "민수는 내일 파티에 올 것이다", "minsu will come to the party tomorrow"),
        ("나 +는 바빠 -ㅆ지만 공부 -해 -ㅆ다", "나는 바빴지만 공부했다", "i was busy but i studied"),
        ("노래 못 해 -요", "노래 못 해요", "i cannot sing"),
        ("밥 +를 안 먹어 -ㅆ어", "밥을 안 먹었어", "i did not have a meal"),
        ("준호 +의 지갑 +를 찾아 -ㅆ다", "준호의 지갑을 찾았다", "i found junho 's wallet"),
        ("준호 +의 지갑 +를 찾 -고 있 -다", "준호의 지갑을 찾고 있다", "i am looking for junho 's wallet"),
        ("민수 +가 오 -지 않아 -ㅆ기 때문에 나 +는 자 -ㅆ다",
         "민수가 오지 않았기 때문에 나는 잤다", "i slept because minsu did not come"),
        ("공원 +에 고양이 +가 있 -다", "공원에 고양이가 있다", "there is a cat in the park"),
        ("비 +가 오면 나 +는 집 +에서 쉬 -ㄹ 것이다",
         "비가 오면 나는 집에서 쉴 것이다", "i will rest at home if it rains"),
        ("도서관 +에 가 -서 책 +를 읽어 -ㅆ다", "도서관에 가서 책을 읽었다", "i went to the library and read a book"),
    ],
)  # fmt: skip
def test_what_is_in_the_language(in_rules, src, trg):
    assert readings(grammar(), in_rules) == ({(src, trg)} if src else set())


def test_word_order_crosses_in_nearly_every_sentence():
    long = [one for one in sample() if len(one.src) >= 5]
    crossed = [any(i < k and j > m for i, j in one.alignment for k, m in one.alignment) for one in long]
    assert sum(crossed) / len(crossed) > 0.8


def test_a_question_ends_in_its_mark_and_about_half_of_the_statements_in_a_stop_on_both_sides():
    marks = [(pair.src[-1] in ".?" and pair.src[-1], pair.trg[-1] in ".?" and pair.trg[-1]) for pair in sample()]
    assert set(marks) == {(".", "."), ("?", "?"), (False, False)}
    assert 0.4 < marks.count((".", ".")) / (len(marks) - marks.count(("?", "?"))) < 0.6
    asked = {pair.trg[0] for pair in sample() if pair.trg[-1] == "?"}
    assert asked <= {"do", "does", "did", "is", "are", "will"}


# ---------------------------------------------------------------- particles and forms

AFTER = {"은": True, "는": False, "이": True, "가": False, "을": True, "를": False, "과": True, "와": False,
         "이에요": True, "예요": False, "이야": True, "야": False, "이다": True, "다": False, "이었다": True,
         "였다": False}  # particle: must a consonant come before it?  # fmt: skip


def test_every_particle_has_the_form_that_the_final_consonant_asks_for():
    seen = set()
    for pair in sample("morphemes"):
        for before, particle in zip(pair.src, pair.src[1:], strict=False):
            if particle.startswith("+") and particle[1:] in AFTER:
                seen.add(particle[1:])
                assert AFTER[particle[1:]] == (final(before[-1]) > 0), before + particle
    assert seen >= set(AFTER) - {"이었다", "였다", "과"}  # no companion ends in a consonant


def test_no_particle_stands_alone_and_pronouns_take_their_own_subject_form():
    words = {word for pair in sample() for word in pair.src}
    assert not any("+" in word or "-" in word for word in words)
    assert not words & {"나가", "너가", "저가"}
    assert words >= {"내가", "제가", "네가"}


def test_every_form_of_every_verb_and_adjective_is_that_of_an_independent_table():
    known = inflected() | WORDS
    for pair in sample("morphemes"):
        for word, following in zip(pair.src, (*pair.src[1:], ""), strict=True):
            assert word.startswith("+") or following.startswith("+") or word in known, (word, " ".join(pair.src))


@pytest.mark.parametrize(
    "wrong", ["가았다", "먹는다요", "듣었다", "만들습니다", "바쁘아요", "살는", "마시어요", "않다가"]
)
def test_the_table_has_no_wrong_form(wrong):
    assert wrong not in inflected() | WORDS


# ---------------------------------------------------------------- English and the translation


def test_english_articles_and_verbs_agree():
    for pair in sample():
        english = " ".join(pair.trg)
        assert re.fullmatch(r"[a-z']+( [a-z']+)*( [.?])?", english)
        assert not re.search(r"\ba [aeiou]|\ban [^aeiou]|\b(the|a|this|my) (the|a|this|my)\b", english), english
        assert not re.search(r"\b(he|she) (am|are|do|were)\b|\b(they|we) (am|is|does|was)\b|\bi (is|are)\b", english)
        assert not re.search(r"\b(does|do|did|could) not \w+ed\b|\b(will|cannot) \w+ed\b", english), english


def test_every_word_is_aligned():
    assert [pair for pair in [*sample(), *sample("morphemes")] if flawed(pair)] == []


def test_one_sentence_has_one_translation():
    translations = {}
    for seed in range(3):
        for part in korean(train=3000, valid=0, test=0, seed=seed):
            for pair in part:
                assert translations.setdefault(pair.src, pair.trg) == pair.trg, " ".join(pair.src)


def test_the_grammar_is_unambiguous():
    rng = random.Random(2)
    for _ in range(20):
        words = unspelled(grammar().draw(rng, rng.randint(4, 16)))
        assert len(derivations(grammar(), words)) == 1, " ".join(words)


# ---------------------------------------------------------------- units and sizes


def test_morphemes_are_the_same_sentences_with_particles_apart():
    for words, morphemes in zip(sample(), sample("morphemes"), strict=True):
        assert " ".join(morphemes.src).replace(" +", "") == " ".join(words.src)
        assert morphemes.trg == words.trg


def test_the_tokenizer_of_morphemes_splits_what_it_joins_and_joins_what_it_splits():
    tokenizer = korean(units="morphemes").tokenizers.src
    for pair in sample("morphemes")[:2000]:
        text = tokenizer.join(pair.src)
        assert tokenizer.tokens(text) == pair.src
        assert tokenizer.join(tokenizer.split(text)) == text
    assert restored(tokenizer.name, tokenizer.state()) == tokenizer


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("나는 떡을 먹는다.", "나 +는 떡 +을 먹는다 ."),
        ("가는 학생이 읽은 책을", "가는 학생 +이 읽은 책 +을"),
        ("할머니께서는 라면을 드세요?", "할머니 +께서 +는 라면 +을 드세요 ?"),
        ("친구들에게", "친구 +들 +에게"),
        ("대전에서 읽을 거예요", "대전 +에서 읽을 거예요"),
    ],
)
def test_typed_words_let_go_of_their_particles_and_verbs_stay_whole(text, units):
    assert " ".join(korean(units="morphemes").tokenizers.src.split(text)) == units


def test_morphemes_are_learned_from_sentences_and_refuse_text():
    tokenizer = Morphemes.of([("물", "+은", "맑다")])
    assert (tokenizer.nouns, tokenizer.particles, tokenizer.whole) == (["물"], ["+은"], ["맑다"])
    with pytest.raises(TypeError, match="nouns"):
        Morphemes(nouns="물")


def test_the_language_is_large():
    words = {word for rule in grammar().rules for word in rule.src if isinstance(word, str)}
    assert len(words) > 300
    assert grammar().count(20) > 10**9  # words before spelling, where particles and endings are apart


def test_the_small_language_is_small_and_plain():
    small = korean("small")
    words = {word for pair in small.train for word in pair.src}
    assert 60 <= len(words) <= 90
    assert words >= {"나는", "집에", "저는"}
    assert not words & {"?", "간다고", "드세요"}
    assert _grammar("korean.scfg", "small").count(32) >= 5 * 10**5


def test_no_sentence_stands_twice_in_a_corpus():
    corpus = korean(train=200, valid=20, test=20, seed=1)
    assert [len(part) for part in corpus] == [200, 20, 20]
    assert len({pair.src for part in corpus for pair in part}) == 240
