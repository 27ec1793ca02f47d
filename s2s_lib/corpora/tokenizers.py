"""Tokenizers: objects that split text into tokens and join tokens into text, in a language that they know."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .checks import check_language, check_text, check_tokens
from .text import detokenize, glue, lower, tokenize


class Tokenizer:
    """How the text of one language becomes tokens and comes back; one of your own writes `split` and `join`.

    `language` is a BCP 47 code ("fr", "pt-BR"), "" where nobody knows it. What `__init__` keeps on `self` must be
    JSON, since it is saved beside a model; what begins with an underscore is not saved. Two tokenizers are equal
    when they are of one class and keep the same.
    """

    language: str = ""

    def __init__(self, language: str = ""):
        """Raises ValueError for a language that is no code."""
        self.language = check_language(language)

    def __init_subclass__(cls, **keywords):
        """Refuse the names under which files know the tokenizers of the library."""
        super().__init_subclass__(**keywords)
        if cls.__name__ in ("words", "morphemes", "characters"):
            raise TypeError(f"files know a tokenizer of the library by the name {cls.__name__!r}; choose another")

    def split(self, text: str) -> list[str]:
        """Split text into tokens as they are typed."""
        raise NotImplementedError(f"{type(self).__name__} must say how it splits: write split(self, text)")

    def join(self, tokens: Iterable[str]) -> str:
        """Join tokens into readable text."""
        raise NotImplementedError(f"{type(self).__name__} must say how it joins: write join(self, tokens)")

    def fold(self, token: str) -> str:
        """Bring a token as typed into the form under which a vocabulary knows it; here they are the same."""
        return token

    def tokens(self, text: str) -> tuple[str, ...]:
        """Split text into tokens in the vocabulary's form; raises TypeError where text or tokens are no strings."""
        name = type(self).__name__
        check_text(name, text)
        typed = check_tokens(f"{name}.split", self.split(text))
        folded = [self.fold(token) for token in typed]
        return check_tokens(f"{name}.fold", folded)

    @property
    def name(self) -> str:
        """The name in files: words, characters, or the class's own."""
        for name, built_in in BUILT_IN.items():
            if type(self) is built_in:
                return name
        return type(self).__name__

    def state(self) -> dict[str, object]:
        """Return the arguments that build this tokenizer again."""
        kept = {"language": self.language, **vars(self)}
        return {name: value for name, value in kept.items() if not name.startswith("_")}

    def __repr__(self) -> str:
        """Return the call that builds this tokenizer again."""
        arguments = [f"{name}={value!r}" for name, value in self.state().items()]
        return f"{type(self).__name__}({', '.join(arguments)})"

    def __eq__(self, other: object) -> bool:
        """Two tokenizers are equal when they are of one class and keep the same."""
        if type(self) is not type(other):
            return False
        return self.state() == other.state()

    def __hash__(self) -> int:
        """Equal tokenizers are of one class."""
        return hash(type(self))


class Words(Tokenizer):
    """Words and punctuation, by the rules of `tokenize` and `detokenize`; a vocabulary knows them in lower case.

    With `lowercase=False` it knows them as they are typed, and `join` changes no letter.
    """

    def __init__(self, language: str = "", lowercase: bool = True):
        """Raises ValueError for a language that is no code, TypeError for a `lowercase` that is no bool."""
        super().__init__(language)
        if not isinstance(lowercase, bool):
            raise TypeError(f"lowercase is True or False, not {lowercase!r}")
        self.lowercase = lowercase

    def split(self, text: str) -> list[str]:
        """Split text into words and punctuation, in the case in which they are typed."""
        return tokenize(text, lowercase=False, language=self.language)

    def join(self, tokens: Iterable[str]) -> str:
        """Join words and punctuation; lower-cased ones get the capitals that their language asks for."""
        if not self.lowercase:
            return glue(tokens, self.language)
        return detokenize(tokens, self.language)

    def fold(self, token: str) -> str:
        """Write a word in lower case, as its language does."""
        return lower(token, self.language) if self.lowercase else token


class Morphemes(Words):
    """Words of Korean with their particles apart: 학생은 becomes 학생 and +은; verbs stay whole.

    It knows the `nouns` and `particles` (+은) of a corpus, and its `whole` words, which end as if in a particle and
    have none: 읽을. Of a noun that it does not know it still takes off a particle that is hardly anything else.
    """

    _CLEAR = ("께서", "에게", "에서", "한테", "까지", "부터", "을", "를", "에", "의")  # longest first

    def __init__(
        self,
        language: str = "ko",
        nouns: Iterable[str] = (),
        particles: Iterable[str] = (),
        whole: Iterable[str] = (),
        lowercase: bool = True,
    ):
        """Raises TypeError where nouns, particles or whole words are no lists of strings."""
        super().__init__(language, lowercase)
        self.nouns = sorted(set(check_tokens("nouns", nouns)))
        self.particles = sorted(set(check_tokens("particles", particles)))
        self.whole = sorted(set(check_tokens("whole", whole)))
        self._nouns, self._whole = frozenset(self.nouns), frozenset(self.whole)
        after = sorted((particle.removeprefix("+") for particle in self.particles), key=len, reverse=True)
        self._after = re.compile("|".join(map(re.escape, after)) or r"(?!)")
        self._several = re.compile(f"(?:{self._after.pattern})+")

    @classmethod
    def of(cls, sentences: Iterable[tuple[str, ...]], language: str = "ko") -> "Morphemes":
        """Learn the nouns, particles and whole words from sentences that are split."""
        nouns, particles, whole = set(), set(), set()
        for sentence in sentences:
            for token, following in zip(sentence, (*sentence[1:], ""), strict=True):
                if token.startswith("+"):
                    particles.add(token)
                elif following.startswith("+"):
                    nouns.add(token)
                else:
                    whole.add(token)
        return cls(language, sorted(nouns), sorted(particles), sorted(whole))

    def split(self, text: str) -> list[str]:
        """Split text into words, punctuation and, marked with +, particles."""
        return [unit for word in super().split(text) for unit in self._units(word)]

    def join(self, tokens: Iterable[str]) -> str:
        """Join particles to the words before them, and words to a sentence."""
        words: list[str] = []
        for token in check_tokens("Morphemes", tokens):
            if token.startswith("+") and words:
                words[-1] += token.removeprefix("+")
            else:
                words.append(token)
        return super().join(words)

    def _units(self, word: str) -> list[str]:
        """Split a word into a noun and its particles; other words stay as they are."""
        if word in self._whole:
            return [word]
        for end in range(len(word) - 1, 0, -1):  # the longest noun first
            if word[:end] in self._nouns and self._several.fullmatch(word[end:]):
                return [word[:end], *(f"+{particle}" for particle in self._after.findall(word[end:]))]
        for particle in self._CLEAR:
            stem = word.removesuffix(particle)
            if "" != stem != word and self._fits(stem[-1], particle):
                return [stem, f"+{particle}"]
        return [word]

    @staticmethod
    def _fits(last: str, particle: str) -> bool:
        """Tell whether a Hangul syllable takes this form: 을 after a consonant, 를 after a vowel."""
        if not "가" <= last <= "힣":
            return False
        consonant = (ord(last) - ord("가")) % 28 > 0  # 28 syllables share an onset and a vowel; the first is open
        return {"을": consonant, "를": not consonant}.get(particle, True)


class Characters(Tokenizer):
    """Single characters, spaces included; accents are composed (NFC), so that each é is one character."""

    def split(self, text: str) -> list[str]:
        """Split text into its characters; spaces around it are left out."""
        check_text("Characters", text)
        composed = unicodedata.normalize("NFC", text)
        return list(composed.strip())

    def join(self, tokens: Iterable[str]) -> str:
        """Write the characters one after the other."""
        return "".join(check_tokens("Characters", tokens))

    def fold(self, token: str) -> str:
        """Bring all kinds of spaces into one."""
        return " " if token.isspace() else token


WORDS = Words()  # where nobody asks for another, of a language that nobody named
BUILT_IN: dict[str, type[Tokenizer]] = {"words": Words, "morphemes": Morphemes, "characters": Characters}


class Tokenizers(NamedTuple):
    """The tokenizers of the two languages."""

    src: Tokenizer = WORDS
    trg: Tokenizer = WORDS

    @classmethod
    def of(cls, tokenizers: "Tokenizer | tuple[Tokenizer, Tokenizer]") -> "Tokenizers":
        """Take one tokenizer for both languages, or a pair; raises TypeError for anything else."""
        if isinstance(tokenizers, Tokenizer):
            return cls(tokenizers, tokenizers)
        if not isinstance(tokenizers, tuple | list) or len(tokenizers) != 2:
            raise TypeError(f"tokenizers is one tokenizer, or a pair of source and target, not {tokenizers!r}")
        src, trg = tokenizers
        return cls(check_tokenizer(src), check_tokenizer(trg))


def check_tokenizer(tokenizer: Tokenizer) -> Tokenizer:
    """Return `tokenizer`; raises TypeError for anything else."""
    if isinstance(tokenizer, type) and issubclass(tokenizer, Tokenizer):
        raise TypeError(f"{tokenizer.__name__} is a class; make a tokenizer of it: {tokenizer.__name__}()")
    if not isinstance(tokenizer, Tokenizer):
        raise TypeError(f"a tokenizer is an object such as Words() or Characters(), not {tokenizer!r}")
    return tokenizer


def restored(name: str, state: Mapping[str, object]) -> Tokenizer:
    """Build a tokenizer of the library again from its name and state, as a file keeps them.

    Raises ValueError for another name, since an own class must be handed in, and for a state that is none.
    """
    if not isinstance(name, str) or name not in BUILT_IN:
        raise ValueError(f"{name!r} is no tokenizer of this library ({', '.join(BUILT_IN)}); hand in your own object")
    try:
        return BUILT_IN[name](**state)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{state!r} is no state of the tokenizer {name!r}: {error}") from error
