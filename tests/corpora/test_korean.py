import random
import re
from functools import cache

import pytest
from test_grammar import derivations, flawed, readings, sentences, unspelled

from s2s_lib.corpora.grammar import Grammar, _grammar, korean
from s2s_lib.corpora.parallel import SentencePair

# Nouns and pronouns, written down without the grammar.
NOUNS = """나 너 저 그 그녀 우리 그들 여러분 집 친구 학생 의사 아이 가수 이웃 배우 경찰관 고양이 개 토끼 곰 코끼리 책
    소설 잡지 사과 케이크 달걀 만두 가방 모자 우산 시계 학교 공원 시장 병원 교실 호텔 물 커피 우유 명 마리 권 곳"""
AFTER = {  # particle: must a consonant come before it? None: it does not matter
    "은": True, "는": False, "이": True, "가": False, "을": True, "를": False, "과": True, "와": False,
    "이에요": True, "예요": False, "이었다": True, "였다": False, "이었어요": True, "였어요": False,
    "이었습니다": True, "였습니다": False,
    "": None, "의": None, "에": None, "에서": None, "에게": None, "이다": None, "입니다": None,
}  # fmt: skip


@cache
def grammar() -> Grammar:
    return _grammar("korean.scfg", "full")  # the one that korean() keeps


@cache
def sample() -> list[SentencePair]:
    return sentences(grammar(), range(4, 28), 1000)


def final(syllable: str) -> int:
    """Number of the final consonant of a Hangul syllable, 0 without one (Unicode, section 3.12); ㄹ is 8."""
    return (ord(syllable) - 0xAC00) % 28


# ---------------------------------------------------------------- what must be in it


@pytest.mark.parametrize(
    ("in_rules", "src", "trg"),
    [
        ("나 +는 집 +에 간다", "나는 집에 간다", "i go home"),
        ("나 +는 집 +에 가요", "나는 집에 가요", "i go home"),
        ("저 +는 집 +에 갑니다", "저는 집에 갑니다", "i go home"),
        ("나 +는 집 +에 갔다", "나는 집에 갔다", "i went home"),
        ("저 +는 집 +에 갔습니다", "저는 집에 갔습니다", "i went home"),
        ("나 +는 내일 집 +에 갈 것이다", "나는 내일 집에 갈 것이다", "i will go home tomorrow"),
        ("그 +는 공원 +에서 책 +를 읽었다", "그는 공원에서 책을 읽었다", "he read the book at the park"),
        ("어제 그 +는 쉬었다", None, None),
        ("그 +는 어제 쉬었다", "그는 어제 쉬었다", "he rested yesterday"),
        ("나 +가 본 고양이 +는 쉰다", "내가 본 고양이는 쉰다", "the cat that i saw rests"),
        ("나 +를 본 고양이 +는 쉰다", "나를 본 고양이는 쉰다", "the cat that saw me rests"),
        ("너 +는 사과 +를 먹지 않는다", "너는 사과를 먹지 않는다", "you do not eat the apple"),
        ("친구 +들 +는 사과 +를 먹고 있다", "친구들은 사과를 먹고 있다", "the friends are eating the apple"),
        ("고양이 두 마리 +가 웃었다", "고양이 두 마리가 웃었다", "two cats laughed"),
        ("저 +는 학생 +예요", "저는 학생이에요", "i am a student"),
        ("그녀 +는 배우 +예요", "그녀는 배우예요", "she is an actor"),
        ("나 +는 의사 +가 아니다", "나는 의사가 아니다", "i am not a doctor"),
        ("나 +가 배고프기 때문에 나 +는 학교 +로 가지 못했어요", "내가 배고프기 때문에 나는 학교로 가지 못했어요",
         "i could not go to the school because i am hungry"),
        ("너 +가 올 때 나 +는 쉬었다", None, None),
        ("여러분 +가 집 +에 올 때 나 +는 쉬었다", "여러분이 집에 올 때 나는 쉬었다", "i rested when you come home"),
    ],
)  # fmt: skip
def test_what_is_in_the_language(in_rules, src, trg):
    assert readings(grammar(), in_rules) == ({(src, trg)} if src else set())


def test_the_verb_comes_last_and_ends_as_its_level_of_politeness_asks():
    levels = {re.search("(니다|요|다)$", pair.src[-1])[0] for pair in sample()}
    assert levels == {"니다", "요", "다"}


def test_word_order_crosses_in_nearly_every_sentence():
    crossed = [any(i < k and j > m for i, j in one.alignment for k, m in one.alignment) for one in sample()]
    assert sum(crossed) / len(crossed) > 0.8


# ---------------------------------------------------------------- particles


def nominal(word: str) -> tuple[str, str] | None:
    """Split a noun from its particle; None for other words."""
    for noun in sorted(NOUNS.split(), key=len, reverse=True):
        for stem in (noun + "들", noun):
            if word.startswith(stem) and (word[len(stem) :] in AFTER or word[len(stem) :] in ("로", "으로")):
                return stem, word[len(stem) :]
    return None


def test_every_particle_has_the_form_that_the_final_consonant_asks_for():
    seen = set()
    for word in {word for pair in sample() for word in pair.src} - {"이", "그", "저", "내", "네"}:
        if found := nominal(word):
            stem, particle = found
            seen.add(particle)
            if particle in ("로", "으로"):
                assert (particle == "으로") == (final(stem[-1]) not in (0, 8)), word
            elif AFTER[particle] is not None:
                assert AFTER[particle] == (final(stem[-1]) > 0), word
    assert seen >= {"은", "는", "이", "가", "을", "를", "과", "와", "로", "으로", "이에요", "예요"}


def test_no_particle_stands_alone_and_pronouns_take_their_own_subject_form():
    words = {word for pair in sample() for word in pair.src}
    assert not any("+" in word for word in words)
    assert not words & {"나가", "너가", "저가"}
    assert words >= {"내가", "제가", "네가"}


@pytest.mark.parametrize("noun", ["학교", "교실", "공원"])
def test_euro_follows_consonants_other_than_rieul(noun):
    ((src, _),) = readings(grammar(), f"나 +는 {noun} +로 갔다")
    assert src.split()[1] == noun + ("으로" if noun == "공원" else "로")


# ---------------------------------------------------------------- English and the translation


def test_english_articles_and_verbs_agree():
    for pair in sample():
        english = " ".join(pair.trg)
        assert re.fullmatch(r"[a-z]+( [a-z]+)*", english)
        assert not re.search(r"\ba [aeiou]|\ban [^aeiou]|\b(the|a|this|my) (the|a|this|my)\b", english), english
        assert not re.search(
            r"\b(he|she) (am|are|do|were)\b|\b(they|we) (am|is|does|was)\b|\bi (is|are|does)\b", english
        )
        assert not re.search(r"\b(does|do|did|could) not \w+(es|ed)\b|\b(will|cannot) \w+(es|ed)\b", english), english


def test_every_word_is_aligned():
    assert [pair for pair in sample() if flawed(pair)] == []


def test_alignments_are_those_of_a_careful_reader():
    (tree,) = derivations(grammar(), ["나", "+는", "어제", "예쁜", "고양이", "+를", "보지", "않았다"])
    pair = grammar().spell(tree)
    assert " ".join(pair.trg) == "i did not see the pretty cat yesterday"
    assert {(pair.src[i], pair.trg[j]) for i, j in pair.alignment} == {
        ("나는", "i"), ("어제", "yesterday"), ("예쁜", "pretty"), ("고양이를", "the"), ("고양이를", "cat"),
        ("보지", "see"), ("않았다", "did"), ("않았다", "not"),
    }  # fmt: skip


def test_one_sentence_has_one_translation():
    translations = {}
    for pair in [*sample(), *sentences(grammar(), range(4, 8), 1000, seed=1)]:
        assert translations.setdefault(pair.src, pair.trg) == pair.trg, " ".join(pair.src)


def test_the_grammar_is_unambiguous():
    rng = random.Random(2)
    for _ in range(20):
        words = unspelled(grammar().draw(rng, rng.randint(4, 14)))
        assert len(derivations(grammar(), words)) == 1, " ".join(words)


# ---------------------------------------------------------------- size


def test_the_language_is_large():
    words = {word for rule in grammar().rules for word in rule.src if isinstance(word, str)}
    assert len(words) > 300
    assert grammar().count(14) > 10**9


def test_no_sentence_stands_twice_in_a_corpus():
    corpus = korean(train=200, valid=20, test=20, seed=1)
    assert [len(part) for part in corpus] == [200, 20, 20]
    assert len({pair.src for part in corpus for pair in part}) == 240
