"""What a translator's file says besides its weights: the two languages, how to decode, where it is from."""

import json
from collections.abc import Mapping

from ..corpora.tokenizers import Characters, Tokenizer, Tokenizers, Words, restored
from ..corpora.vocab import Vocab, Vocabs
from .decoding import Rules

FORMER = {"words": (Words(), Words("en")), "characters": (Characters(), Characters())}


def header(vocabs: Vocabs, rules: Rules, about: str) -> dict:
    """Put it all into what JSON can hold."""
    return {
        "src": described(vocabs.src),
        "trg": described(vocabs.trg),
        "rules": rules._asdict(),
        "about": about,
    }


def described(vocab: Vocab) -> dict:
    """Give a vocabulary and how its tokens are made."""
    tokenizer = vocab.tokenizer
    return {"tokens": vocab.tokens, "tokenizer": tokenizer.name, "state": tokenizer.state()}


def read_header(
    extra: Mapping, tokenizer: Tokenizer | tuple[Tokenizer, Tokenizer] | None = None
) -> tuple[Vocabs, Rules, str]:
    """Read it back; a tokenizer of one's own must be given. Raises ValueError for what is not understood."""
    if "src_vocab" in extra:
        extra = of_today(extra)
    check_names(extra, {"src", "trg", "rules", "about"})
    given = (None, None)
    if tokenizer is not None:
        given = Tokenizers.of(tokenizer)
    src = language(extra["src"], given[0])
    trg = language(extra["trg"], given[1])
    return Vocabs(src, trg), Rules(**extra["rules"]), extra["about"]


def check_names(extra: Mapping, known: set[str]) -> None:
    """Raise ValueError for a part of a header that nobody knows."""
    strange = extra.keys() - known
    if strange:
        raise ValueError(f"{min(strange)!r} is not understood: the file may be of a newer version")


def language(side: Mapping, given: Tokenizer | None) -> Vocab:
    """Build one side's vocabulary again. Raises ValueError where its tokenizer is missing, or is another."""
    name, state = side["tokenizer"], side["state"]
    if given is None:
        return Vocab(side["tokens"], restored(name, state))
    as_stored = json.loads(json.dumps(given.state()))
    if given.name != name or as_stored != state:
        raise ValueError(f"its tokenizer is {name} with {state}, and the one given is {given!r}")
    return Vocab(side["tokens"], given)


def of_today(extra: Mapping) -> dict:
    """Translate the former format, which knew one tokenizer by its name, and only English as the target language."""
    check_names(extra, {"src_vocab", "trg_vocab", "tokenizer", "about"})
    name = extra["tokenizer"]
    if name not in FORMER:
        raise ValueError(f"its tokenizer is {name!r}")
    src, trg = FORMER[name]
    vocabs = Vocabs(Vocab(extra["src_vocab"], src), Vocab(extra["trg_vocab"], trg))
    return header(vocabs, Rules(), extra["about"])
