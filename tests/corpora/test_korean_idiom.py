"""What a native speaker would not write: each kind is looked for in all pairs of korean(), and found in a wrong one."""

import random
import re
from functools import cache
from pathlib import Path

import pytest

from s2s_lib.corpora.grammar import korean
from s2s_lib.corpora.parallel import SentencePair

JUDGED = Path(__file__).with_name("judged")
# kind: (pattern of "source ||| target", a wrong pair that it must find)
KINDS = {
    "looked for is no 찾았다": (
        r"찾(았|지 (않|못)).*\|\|\|(?!.*(found|find)).*look", "모자를 찾았다 ||| i looked for the hat"),
    "-았을 때 only before a past": (
        r"[왔갔았었였했]을 때.*\|\|\|.*\b(will|am|is|are)\b", "갔을 때 쉰다 ||| i am resting"),
    "when has the tense of the main clause": (
        r"\|\|\| (i|we|minsu|jisu|yuna) (\w+ed|was|were) .*when \w+ (is|are|am)\b",
        "바쁠 때 쉬었다 ||| i rested when i am busy"),
    "time and frequency": (r"(매일|어제|지금|내일).*(자주|항상|가끔)", "나는 매일 자주 쉰다 ||| i often rest"),
    "나 with 요 or 니다": (
        r"(^| )(나|내|네|너)(는|도|를|만|가)? .*(요|(?<!아)니다)( [.?])? \|\|\|", "나는 내 책을 읽어요 ||| i read"),
    "저 with a low ending": (
        r"(^| )(저|제|저희)(는|도|를|만|가)? .*([^니]다|어|야)( [.?])? \|\|\|", "저는 집에 갔다 ||| i went"),
    "너 as the subject of a statement": (r"^너는 [^?|]*\|\|\|", "너는 웃는다 ||| you laugh"),
    "things with 들": (r"(책|시계|가방|모자|우산|소설|잡지|영화|사과|빵)들", "시계들을 샀다 ||| i bought clocks"),
    "of for possession": (r"의 .*\|\|\|.*\bof the (doctor|friend|student)", "의사의 책 ||| the book of the doctor"),
    "one 의 in another": (r"\S의 \S+의 ", "친구의 친구의 책 ||| a book"),
    "young children": (r"젊은 (아이|학생)", "젊은 아이는 ||| the young child"),
    "small or big persons": (
        r"(^|[^가] )(작은|큰) (아이|의사|가수|친구|학생|작가)", "작은 의사는 ||| the small doctor"),
    "now with a simple present": (r"지금.*\|\|\|(?!.*ing\b).*now", "지금 일해요 ||| i work now"),
    "the water": (r"\|\|\|.*\b(drink|drinks|drank|drinking) the\b", "물을 마신다 ||| i drink the water"),
    "at the classroom": (
        r"\|\|\|.*(?<!arrived )\bat the (classroom|kitchen|room|park)\b", "교실에서 ||| at the classroom"),
    "그녀 and 그는": (r"(^| )(그녀|그들|그는|그가)", "그녀는 간다 ||| she goes"),
    "-아서 with a past of its own": (r"[았었였했갔왔]어서", "갔어서 쉬었다 ||| i went so i rested"),
    "respected subject without -시-": (
        r"께서는 (?![^|]*[시셔셨세신실십])[^|]*\|\|\|", "할머니께서는 빵을 먹었다 ||| grandmother ate bread"),
    "-시- of oneself": (
        r"(^| )(나|저|우리|저희)는 (\S+ )?\S*[가오보하으드무][셨십]", "저는 가셨습니다 ||| i went"),
    "a respected one who eats and sleeps as others do": (
        r"(할머니|할아버지|어머니|아버지|선생님|교수님)(께서)?는 (\S+ )?(먹|자고|잤|마시고)",
        "할머니는 잤다 ||| she slept"),
    "two who read one newspaper": (
        r"(함께|같이) 신문을", "태호와 함께 신문을 읽고 있었다 ||| he was reading with taeho"),
    "a goal of a dropped subject's coming": (r"^(\S+에 )?[왔온]\S* [.|]", "파티에 왔다 . ||| i came to the party"),
    "cold drinks against the cold": (
        r"날씨가 추[^|]*(차가운|찬물)", "날씨가 추워서 차가운 물을 마셨다 ||| i drank cold water"),
    "this, which is here, is not found": (
        r"이 \S+( \S+)?[을를] (못 )?찾", "이 모자를 못 찾아 ||| i cannot find this hat"),
    "animals that laugh or read": (
        r"(고양이|강아지|토끼)들?(는|은|이|가| \S+ 마리가) (웃|일하|읽)",
        "고양이 두 마리가 웃었다 ||| two cats laughed"),
    "one comes where oneself is not": (
        r"^(내|제|우리|저희)(가|는) ([^|]*에 )?(왔|온|오지|못 [오와왔온])|"
        r"\b(i|we) (will |did not |cannot )?(come|came)\b",
        "제가 파티에 왔을 때 ||| when i came to the party"),
    "a cannot of coming": (r"못 [오와왔온]|오지 못", "학교에 못 온다 ||| he cannot come to school"),
    "-시- twice": (r"(?<![드무마])시고 (계|있)", "라디오를 들으시고 계셨습니다 ||| the teacher was listening"),
    "formal questions to you without -시-": (
        r"^[^|]*(?<!셨습)(?<!십)(?<!것입)니까 [?] \|\|\| (do|did|are|will) you\b",
        "요리했습니까 ? ||| did you cook ?"),
    "one after the other in questions": (
        r"고 \S+ [?] \|\|\| (did|do|will) .* and ", "요리하고 쉬었니 ? ||| did you cook and rest ?"),
    "friends of nobody": (
        r"(^|[이그큰한은] )친구들?(은|는|이|가|도|만)?( |$)|(^|[^의내제네] )친구들",
        "이 친구들은 쉬었다 ||| these friends rested"),
    "friends of nobody in English": (
        r"\|\|\|.*\b(the|that|this|those|these|tall|kind|calling|called|call|met|meet|like|liked) friends?\b",
        "친구들한테 전화했다 ||| i called friends"),
    "that before tall": (r"(^| )[이그] (키가|\S+[에를을] \S+[는은] )", "그 키가 큰 가수는 ||| that tall singer"),
    "but without its pronoun": (
        r"\|\|\|.*\b(was|were|am|are|is) (tired|busy) but (cooked|studied|worked|am|are|is)\b",
        "나는 피곤했지만 요리했다 ||| i was tired but cooked"),
    "often far from its verb": (
        r"(자주|항상) (\S+에서|\S+ 함께|\S+ 같이|\S+와|\S+랑) ",
        "자주 집에서 차를 마신다 ||| i often drink tea at home"),
    "one place twice": (r"(\S\S)에서? .*\1에서? .*\|\|\|", "카페에 왔을 때 나는 카페에서 쉬었다 ||| when i came"),
    "a place that another excludes": (
        r"(에|에서) \S*(왔|오셨|도착했|도착하셨)을 때.*에서 .*\|\|\|",
        "학교에 오셨을 때 저는 집에서 쉬고 있었어요 ||| i was resting at home when"),
    "one noun twice": (
        r"(^| )(의사|학생|가수|남자|친구|여동생|남동생|작가|할머니|어머니|아버지|선생님|영화|소설|책|커피|김치)[^ |]* "
        r"([^|]* )?\2(들|은|는|이|가|을|를|의|에게|한테|께)",
        "의사들은 의사들에게 전화했다 ||| the doctors called the doctors"),
    "who did not": (r"\bwho (did|do|does) not\b", "영화를 보지 않은 의사 ||| the doctor who did not watch a movie"),
    "asleep and saying so": (
        r"\|\|\|.*\b(i am|we are|are you) sleeping", "우리는 자고 있다 ||| we are sleeping"),
    "rice against hunger": (
        r"배고[프파플픈].* 밥을|맛있는 밥|(^| )밥을 사", "배고프면 밥을 먹는다 ||| i eat rice if i am hungry"),
    "unlike things liked": (
        r"(고양이|개)를 좋아하.* (?!고양이|개)\S+를? 좋아[하해했합].*(like|likes) (?!cats|dogs)\w+( \.)?$",
        "개를 좋아하고 나는 차를 좋아해 ||| he likes dogs and i like tea"),
}  # fmt: skip


@cache
def pairs() -> list[SentencePair]:
    return [pair for part in korean() for pair in part]


@cache
def lines() -> list[str]:
    return [f"{' '.join(pair.src)} ||| {' '.join(pair.trg)}" for pair in pairs()]


@pytest.mark.parametrize("kind", KINDS)
def test_no_pair_has_what_a_native_speaker_would_not_write(kind):
    pattern, wrong = KINDS[kind]
    assert re.search(pattern, wrong), "the pattern finds nothing"
    assert [line for line in lines() if re.search(pattern, line)][:3] == []


def table(name: str) -> list[list[str]]:
    text = (JUDGED / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]


def test_of_a_hundred_pairs_at_most_three_were_judged_flawed():
    drawn = random.Random(4).sample(pairs(), 100)
    judged = table("korean_pairs.tsv")
    assert [(" ".join(pair.src), " ".join(pair.trg)) for pair in drawn] == [(src, trg) for src, trg, _ in judged]
    assert sum(verdict.startswith("flawed") for *_, verdict in judged) <= 3
    assert {verdict.split(":")[0] for *_, verdict in judged} == {"ok", "flawed"}


def test_alignments_are_those_of_a_careful_reader():
    drawn = random.Random(3).sample([pair for pair in pairs() if 4 <= len(pair.src) <= 10], 40)
    for pair, (src, trg, links) in zip(drawn, table("korean_alignments.tsv"), strict=True):
        assert (" ".join(pair.src), " ".join(pair.trg)) == (src, trg)
        found = {f"{pair.src[i]}~{pair.trg[j]}" for i, j in pair.alignment}
        assert found == set(links.split())


def test_conjunctions_and_pronouns_link_to_the_word_that_bears_the_ending():
    bearing = {
        "but": "지만$",
        "so": "서$",
        "if": "면$",
        "since": "니까$",
        "and": "고$|서$",
        "when": "^때$",
        "because": "^때문에$",
    }
    for pair in pairs():
        for i, j in pair.alignment:
            if pair.trg[j] in bearing:
                assert re.search(bearing[pair.trg[j]], pair.src[i]), (pair.src, pair.trg)
