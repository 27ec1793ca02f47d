"""How languages are written: what is one token, and where no blank stands between two.

Characters are told apart by what Unicode says of them: \\p{N} is any digit, \\w any letter with its marks. No rule
looks beyond a blank.
"""

import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache, partial
from itertools import pairwise

import regex  # the standard `re` takes a combining mark for a sign

_re = partial(regex.compile, flags=regex.V1 | regex.VERBOSE)
_NONE = "(?!)"  # matches nothing

# Words that lose their last vowel before another vowel keep the apostrophe: l' homme, qu' il, dell' acqua.
_FRENCH = "[cdjlmnst]|(?:jus|lors|puis|quoi)?qu"
_ITALIAN = "[cdlmnstv]|un|gl|anch|bell|com|cos|dov|mezz|quand|quell|quest|sant|senz|tutt|(?:co|a|da|de|ne|su)ll"
_ELIDED = {"": _FRENCH, "fr": _FRENCH, "it": _ITALIAN, "ca": "[dlmnst]"}
# In English, and with names in Turkish, an apostrophe opens an ending: man 's, don 't, ankara 'da.
_ENGLISH = "s|t|m|d|re|ve|ll"
_TURKISH = r"[dt][ae]n?(?:ki)?|n?[ıiuü]n|[ıiuü]?nc[ıiuü]|[yn]?[aeıiuü]|yl[ae]|l[aeıiuü]\w*"
_ENDINGS = {"": _ENGLISH, "en": _ENGLISH, "fr": "s", "tr": _TURKISH, "az": _TURKISH}
_SHORT = r"'(?:tis|twas|em|til|cause|course|bout|n'|\d\ds?)"  # words that begin with an apostrophe
# What French hangs on a verb, mange -t-elle, donne -le -moi, va -t'en; and nouns that look alike.
_CLITIC = "(?:-t)?-(?:ils?|elles?|on)|-(?:je|tu|nous|vous|ce|moi|toi|les?|la|lui|leur|y|en)|-[lmt]'(?:en|y)"
_NOUNS = r"rendez-vous|chez-\w+"
_ABBREVIATED = r"mrs?|ms|drs?|prof|st|mmes?|mlles?|cf|vs|etc|ph\.d|c\.-à-d"
_SINGLE = r"\p{Han}\p{Hiragana}"  # written without blanks: each sign is a token
_LETTER = rf"[[\w\p{{No}}]--[{_SINGLE}]]"  # of a word: a letter with its marks, a digit, _, a joiner
_END = rf"(?!{_LETTER})"
_RUNS = "|".join(rf"\{sign}{{2,}}" for sign in ".-=*~^+<>#|")
# Names in capitals stand for what a language brings.
_TOKEN = rf"""(?:
    (?:https?://|www\.|(?<!\S)(?:~|\.\.?)?/(?=\w))[^\s<>"]*[\w/]  # https://example.org/a  /usr/bin
  | [\w.+-]++@[\w-]+(?:\.[\w-]+)+                       # jean@example.org
  | (?<!\S)(?:[:;=]-?[()dDpPoO|]+|<3){_END}              # :-)
  | [\#@](?!\p{{N}}){_LETTER}+                           # #hashtag  @handle
  | (?i:n[°º] | °(?:[cf]{_END})?)                        # n°  °C
  | (?i:c'est-à-dire|aujourd'hui){_END}
  | (?i:ELIDED)'                                      # l'  qu'
  | (?i:{_SHORT}){_END}                                  # 'tis  'n'  '90s
  | '(?i:ENDINGS){_END}                                # 's  're  't
  | (?i:{_ABBREVIATED}TITLE)\.(?!\.)                  # Dr.
  | \p{{L}}\p{{M}}*(?:\.-?\p{{L}}\p{{M}}*)+{_END}(?:\.(?!\.))?(?:-{_LETTER}+)*  # U.S.A.  i.e.  U.S.-based
  | [a-zA-Z](?:\+\+|\#){_END} | [a-zA-Z]{{1,3}}\$   # C++  C#  US$
  | (?!(?i:{_NOUNS}){_END})[\p{{L}}\p{{M}}]+(?=(?i:CLITIC)+(?!-?{_LETTER}))  # mange, before -t-elle
  | (?i:CLITIC)(?=(?i:CLITIC)*(?!-?{_LETTER}))      # -t-elle  -moi
  | (?:(?<!{_LETTER})[-+−.])?[\p{{N}}--\p{{Han}}]+(?:[.,:/'–~٫٬+=×÷*^]\p{{N}}+)*  # -5  1,000  14/07/1789  2+2=4
    [{_LETTER}--\p{{Hangul}}]*(?:[-‑COLON]{_LETTER}+)*  # 2nd  10h30  3-year-old, but 1,500 and 원
  | {_LETTER}+(?:(?:                                    # chat
      [-‑–־·&٫٬՛-՞COLON] | '(?!(?i:ENDINGS){_END} | [\p{{Hangul}}\p{{Katakana}}])  # t-shirt  A&B  o'clock
    | (?<=\p{{Hebrew}})["״׳](?=\p{{Hebrew}})
    | \.(?=[a-z\d]{{1,5}}{_END})                         # example.com  text.py
    ){_LETTER}+ | \(\p{{Latin}}{{1,3}}\){_LETTER}*)*(?:-(?!\S))?  # word(s)  Vor- und Nachteil
  | [{_SINGLE}]ー*                                      # 猫  が
  | {_RUNS}                                              # ...  --  ^^
  | \X                                                  # a sign, with all that belongs to it: ❤️
  )\p{{M}}*"""


@cache
def token_pattern(language: str) -> regex.Pattern:
    """Say what a token is, in a language that may have elisions, endings and clitics of its own."""
    french = language == "fr"
    own = {
        "ELIDED": _ELIDED.get(language, _NONE),
        "ENDINGS": _ENDINGS.get(language, _NONE),
        "CLITIC": _CLITIC if french else _NONE,
        "TITLE": "|m" if french else "",
        "COLON": ":" if language in ("", "fi", "sv") else "",
    }
    pattern = _TOKEN
    for name, rule in own.items():
        pattern = pattern.replace(name, rule)
    return _re(pattern)


# ---------------------------------------------------------------- before words are looked for

_PLAIN = _re(r"[\ -_a-~\u00C0-\u017F]*")  # the letters of Europe: nothing to do, and quick to see
# Joiners mean something between letters of scripts that need them, and in emoji; selectors after what can be an emoji.
_MEANT = r"""
    (?<=[\p{Arabic}&&\p{L}][\u064B-\u065F]* | \p{L}[\p{M}--[\p{Inherited}\p{DI}]]+)
    [\u200c\u200d](?=[[\p{L}\p{M}]--[\p{Han}\p{Hiragana}]])
  | (?<=\p{L}\p{M}*\p{CCC=Virama})\u200d | (?<=\p{L})\u200d(?=\p{CCC=Virama})
  | (?<=\p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}]?)\u200d(?=\p{Extended_Pictographic})
  | (?<=[\p{Emoji}\p{Han}\p{Mongolian}])\p{Variation_Selector} | (?<=🏴[\U000E0020-\U000E007E]*)[\U000E0020-\U000E007F]
"""
_INVISIBLE = _re(rf"(?!{_MEANT})[[\p{{Cc}}\p{{Cs}}\p{{NChar}}\p{{DI}}\uFFF9-\uFFFB]--\s]")
_BLANK_BEFORE_MARK = _re(r"(?<=.)\s+(?=\p{M})")
_INSIDE = r"[\p{L}\p{M}--[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]]"
_APOSTROPHE = _re(rf"(?<={_INSIDE})[’ʼ´`＇‘′](?={_INSIDE})")
_QUOTED = _re(r"(‘[^‘’]*’) | [’ʼ´`＇]")  # a pair stays


def normalize(text: str) -> str:
    """Bring text into one form: composed accents (NFC), straight apostrophes, single blanks, nothing invisible.

    Quotation marks ‘ and ’ stay, in pairs.
    """
    if not _PLAIN.fullmatch(text):
        visible = _INVISIBLE.sub("", unicodedata.normalize("NFC", text)).strip()
        text = unicodedata.normalize("NFC", _BLANK_BEFORE_MARK.sub("", visible))
        text = _QUOTED.sub(lambda found: found[1] or "'", _APOSTROPHE.sub("'", text))
    return " ".join(text.split())


# ---------------------------------------------------------------- how words are joined again

DOTTED = {"tr", "az"}  # these write i with a dot and ı without, and keep that in capitals: İ and I
FIRST_LETTER = _re(r"""[\p{Ps}\p{Pi}\p{Pf}"'¿¡\s]*(?!\S*(?:://|@)|www\.)(\p{Ll}\p{M}*)""")
# Quotation marks, each with what closes it: „deutsch“, »dansk«, ”suomi”.
CLOSED_BY = {
    mark: closers for mark, *closers in ('""', "''", "“”", "””", "„“”", "‘’", "’’", "‚‘’", "«»", "»«»", "‹›", "›‹›")
}
_THIN, _FIRM = "\u202f", "\u00a0"  # no line breaks at these blanks
_DEGREES = ("°C", "°F", "°c", "°f")
_UNITS = dict.fromkeys(("%", *_DEGREES), _FIRM)
# By language: what stands before some signs, and after some.
TYPOGRAPHY = {
    "en": ({"—": ""}, {"—": ""}),
    "fr": ({**_UNITS, **dict.fromkeys(":»€", _FIRM), **dict.fromkeys(";!?%", _THIN)}, {"«": _FIRM}),
    "el": ({"·": ""}, {}),
    "tr": ({"%": " "}, {"%": ""}),
    **dict.fromkeys(("cs", "da", "de", "es", "fi", "nb", "ru", "sk", "sv"), (_UNITS, {})),
}
OPENING = _re(r"[\p{Ps}\p{Pi}¿¡]\p{M}*$")
_PARTICLE = r"""(?:이?라(?:고|는|며|면|서|도)? | 이?란 | 이?[나며] | 이?든지 | 이?랑 | [이가은는을를의도만와과께인]
    | 에(?:서|게|게서)? | 으?로(?:서|써)? | 까지 | 부터 | 처럼 | 보다 | 한테 | 마다 | 조차 | 밖에 | 뿐
    )[은는도만]?(?:이?다|입니다)? | 입니다 | 이?었다 | 였다 | 이?에요 | 예요 | 인데 | 이고 | 이지만"""
_ASIAN = r"[\p{Han}\p{Hiragana}\p{Katakana}ー\u3001-\u3003\u3008-\u301F\uFF01-\uFF65]"
MIXED = _re(rf"{_ASIAN}\s\w | \w\s{_ASIAN}")  # 用 | Python
# Two neighbours, with a blank between them that is left out.
TOUCHING = _re(
    rf"""\s(?:[[\p{{Po}}\p{{Pe}}\p{{Pf}}]--["'\#&*@\\§¶†‡•※·¿¡]]\p{{M}}* | \.\.+ | °[cCfF]?)$  # before . , ) ” ...
    | [\p{{Ps}}\p{{Pi}}¿¡/་]\p{{M}}*\s                  # after ( “ /
    | [、。，．！？：；]\s                                # full width: the blank is in the sign
    | \s(?!{_SHORT}$)'\w | \s-\p{{L}}                   # man | 's,  mange | -t-elle
    | ^[^'\s]+'\s[\w\p{{Pi}}\p{{Ps}}]                    # l' | homme
    | ^[\p{{Sc}}\#±~≈]\s\p{{N}}                          # $ | 3.50
    | {_ASIAN}\s(?:{_ASIAN}|[\p{{N}}\p{{Ps}}\p{{Pi}}]) | [\p{{N}}\p{{Pe}}\p{{Pf}}]\s{_ASIAN}  # 猫 | が,  3 | 月
    | ^[\p{{N}}.,]*\p{{N}}\s\p{{Hangul}}                 # 1,500 | 원
    | [\p{{Hangul}}--[은는을를의에서고며면도]]\s\($          # 서울 | (
    | [\p{{N}}\p{{Pe}}\p{{Pf}}%]\s(?:{_PARTICLE})$        # ” | 이라고
    | [\p{{Extended_Pictographic}}\p{{Emoji_Modifier}}\uFE0F]\s\p{{Extended_Pictographic}} | \p{{RI}}\s\p{{RI}}
    """
)


def written(tokens: Sequence[str], language: str) -> str:
    """Write tokens with blanks where they belong: none is left out without which `split` would find other tokens."""
    looks = _looks(tokens)
    text = chunk = ""  # chunk: what stands since the last blank
    for at, token in enumerate(tokens):
        blank = _blank(looks[at - 1], looks[at], language) if at else ""
        if not blank and not _stay(chunk, tokens[at - 1], token, language):
            blank = " "
        chunk = token if blank else chunk + token
        text += blank + token
    return text


def _looks(tokens: Sequence[str]) -> list[str]:
    """Say what tokens look like to their neighbours: a quotation mark is an opening one or a closing one."""
    opened, looks = [], []
    for at, token in enumerate(tokens):
        look = token
        partners = [n for n, mark in enumerate(opened) if token in CLOSED_BY[mark]]
        if partners:
            del opened[partners[-1] :]
            look = "»" if token == "»" else "”"
        elif token in CLOSED_BY and _is_closed(tokens, at):
            opened.append(token)
            look = "«" if token == "«" else "“"
        elif token in ("'", '"'):  # 5 " or the boys ' toys
            look = "”"
        looks.append(look)
    return looks


def _is_closed(tokens: Sequence[str], at: int) -> bool:
    """Tell whether a quotation mark has a partner further on. The sign in boys ' toys has none and is none."""
    closers = CLOSED_BY[tokens[at]]
    words = [word for word, sign in pairwise(tokens[at:]) if sign in closers]  # what stands before the partners
    if tokens[at] == "'" and _is_plural(tokens[max(0, at - 1)]):
        quoted = [word for word in words if not _is_plural(word)]
        return len(quoted) % 2 == 1  # one is left over
    return bool(words)


def _is_plural(word: str) -> bool:
    return word.lower().endswith("s")


@lru_cache(2**16)
def _blank(left: str, right: str, language: str) -> str:
    """Give what stands between two tokens: a blank, one that holds a line together, or nothing."""
    before, after = TYPOGRAPHY.get(language, ({}, {}))
    if left in after:
        return after[left]
    if right in before and not OPENING.search(left) and not {left, right} <= {"!", "?"}:
        return before[right]
    neighbours = f"{left} {right}"
    if language in ("zh", "ja") and MIXED.search(neighbours):
        return ""
    return "" if TOUCHING.search(neighbours) else " "


@lru_cache(2**16)
def _stay(chunk: str, left: str, right: str, language: str) -> bool:
    """Tell whether one finds the same in a chunk and a token when they are written together.

    It may be asked without a language, too. Rules by which `left`, the chunk's end, or `right` is no token don't count.
    """
    chunk, left, right = [text.replace("’", "'") for text in (chunk, left, right)]  # it may lack its partner here
    for rules in {language, ""}:
        last, after = split(left, rules), split(right, rules)
        apart = split(chunk, rules) + after
        if len(last) == len(after) == 1 and split(chunk + right, rules) != apart:
            return False
    return True


def split(text: str, language: str) -> list[str]:
    """Split text into tokens."""
    return [token for chunk in normalize(text).split(" ") for token in _tokens(chunk, language)]


@lru_cache(2**16)  # most of a text are words that were seen before
def _tokens(chunk: str, language: str) -> list[str]:
    return token_pattern(language).findall(chunk)
