"""An independent table of Korean verb forms, by arithmetic on syllables; the grammar works on decomposed text."""

from itertools import product

ONSETS, VOWELS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ", "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
CODAS = ["", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"]
# ! stands where ㄷ, ㅂ or 르 changes before a vowel
VERBS_TEXT = """
    가 오 걸어가 쉬 읽 보 듣! 배우 사 만들 좋아하 만나 도와주 찾 살 주 드리 자 먹 마시
    일하 도착하 공부하 산책하 전화하 부르! 하 못하 않 있
"""
VERBS = VERBS_TEXT.split()
ADJECTIVES_TEXT = """
    피곤하 바쁘 행복하 배고프 재미있 어렵! 길 슬프 비싸 예쁘 작 크 조용하 아름답! 맛있 춥!
    덥! 좋 있 없 않
"""
ADJECTIVES = ADJECTIVES_TEXT.split()
OTHER_HONORIFIC = ["드시", "주무시", "계시"]  # of 먹다 and 마시다, 자다, 있다
WORDS_TEXT = """
    한국 함께 때 때문에 안 못 매일 어제 내일 지금 자주 항상 가끔 오늘 아침에 저녁에 주말에
    지난주에 지난 다음 주에 이번 어젯밤에 아침마다 저녁마다 주말마다 이 그 내 제 네 우리 새
    두 세 키가 큰 친절한 젊은 유명한 예쁜 비싼 작은 검은 재미있는 어려운 슬픈 맛있는 따뜻한
    차가운 것이다 거야 거예요 것입니다 거니 것입니까 . ? 아니다 아니야 아니에요 아닙니다 던
    있던 민수 지수 유나 준호 수미 태호 영희 철수 은지 현우 민지 동우 영수 진수 세나 건우 미나 보라 같이 낮잠
    아무것도 책 권 찬물 소설 잡지 커피 차 가방 모자 우산 시계 지갑
    카메라 고양이 강아지 토끼 개
"""
WORDS = set(WORDS_TEXT.split())


def parts(syllable: str) -> tuple[str, str, str]:
    code = ord(syllable) - 0xAC00
    return ONSETS[code // 588], VOWELS[code % 588 // 28], CODAS[code % 28]


def syllable(onset: str, vowel: str, coda: str = "") -> str:
    return chr(0xAC00 + ONSETS.index(onset) * 588 + VOWELS.index(vowel) * 28 + CODAS.index(coda))


def close(stem: str, coda: str) -> str:
    """Put a consonant under the last syllable, which is open or ends in ㄹ, which then falls."""
    onset, vowel, _ = parts(stem[-1])
    return stem[:-1] + syllable(onset, vowel, coda)


def bases(verb: str) -> tuple[str, str, str]:
    """The forms before a consonant, before 으 and before 아 or 어."""
    stem = verb.rstrip("!")
    onset, vowel, coda = parts(stem[-1])
    bright = vowel in "ㅏㅗ"
    if verb.endswith("!"):
        if coda == "ㄷ":
            second = close(stem, "ㄹ")
            return stem, second + "으", second + ("아" if bright else "어")
        if coda == "ㅂ":
            second = stem[:-1] + syllable(onset, vowel)
            return stem, second + "우", second + "워"
        return stem, stem, close(stem[:-1], "ㄹ") + "러"
    if stem[-1] == "하":
        return stem, stem, stem[:-1] + "해"
    if coda:
        return stem, stem if coda == "ㄹ" else stem + "으", stem + ("아" if bright else "어")
    if vowel == "ㅡ":
        bright = len(stem) > 1 and parts(stem[-2])[1] in "ㅏㅗ"
        return stem, stem, stem[:-1] + syllable(onset, "ㅏ" if bright else "ㅓ")
    joined = {"ㅏ": "ㅏ", "ㅗ": "ㅘ", "ㅜ": "ㅝ", "ㅣ": "ㅕ"}.get(vowel)
    return stem, stem, stem[:-1] + syllable(onset, joined) if joined else stem + "어"


def conjugated(verb: str, adjective: bool) -> set[str]:
    first, second, third = bases(verb)
    falls = close(first, "") if parts(first[-1])[2] == "ㄹ" else first  # ㄹ falls before ㄴ, ㅂ and ㅅ
    is_open = parts(falls[-1])[2] == ""
    past = close(third, "ㅆ")
    low = first + "다" if adjective else close(falls, "ㄴ") + "다" if is_open else first + "는다"
    formal = close(falls, "ㅂ") if is_open else first + "습"
    found = {low, third, third + "요", formal + "니다", formal + "니까", falls + "니", third + "서"}
    found |= {first + end for end in ("지만", "기", "고", "지")} | {second + "면"}
    found |= {close(second, "ㄹ"), (falls if first != falls else second) + "니까"}
    found |= {past + end for end in ["다", "어", "어요", "습니다", "습니까", "니", "지만", "고", "을", "기"]}
    return found if adjective else found | {falls + "는", close(second, "ㄴ")}


def inflected() -> set[str]:
    """All forms of all verbs and adjectives of the language."""
    found = set()
    for verb, adjective in [*product(VERBS, [False]), *product(ADJECTIVES, [True])]:
        found |= conjugated(verb, adjective)
    regular = [bases(verb)[1] for verb in (*VERBS, *ADJECTIVES)]
    open_stems = [close(stem, "") if parts(stem[-1])[2] == "ㄹ" else stem for stem in regular]
    for verb, adjective in product([*OTHER_HONORIFIC, *(stem + "시" for stem in open_stems)], [False, True]):
        forms = conjugated(verb, adjective)
        found |= (forms - {verb[:-1] + "셔요"}) | {verb[:-1] + "세요"}
    return found | {"일", "공부", "산책", "요리", "노래", "전화"}
