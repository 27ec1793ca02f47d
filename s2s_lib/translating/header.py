"""What a translator's file says besides its weights: the two languages, how to decode, where it is from."""

import json
from collections.abc import Mapping

from ..corpora.tokenizers import Characters, Tokenizer, Tokenizers, Words, restored
from ..corpora.vocab import Vocab, Vocabs
from .decoding import Rules

FORMER = {"words": (Words(), Words("en")), "characters": (Characters(), Characters())}


def header(vocabs: Vocabs, rules: Rules, about: str) -> dict:
    """Put it all into what JSON can hold."""
    languages = {
        side: {"tokens": vocab.tokens, "tokenizer": vocab.tokenizer.name, "state": vocab.tokenizer.state()}
        for side, vocab in vocabs._asdict().items()
    }
    return {**languages, "rules": rules._asdict(), "about": about}


def read_header(
    extra: Mapping, tokenizer: Tokenizer | tuple[Tokenizer, Tokenizer] | None = None
) -> tuple[Vocabs, Rules, str]:
    """Read it back; a tokenizer of one's own must be given. Raises ValueError for what is not understood."""
    if "src_vocab" in extra:
        extra = of_today(extra)
    if strange := extra.keys() - {"src", "trg", "rules", "about"}:
        raise ValueError(f"{min(strange)!r} is not understood: the file may be of a newer version")
    given = (None, None) if tokenizer is None else Tokenizers.of(tokenizer)
    vocabs = Vocabs(language(extra["src"], given[0]), language(extra["trg"], given[1]))
    return vocabs, Rules(**extra["rules"]), extra["about"]


def language(side: Mapping, given: Tokenizer | None) -> Vocab:
    """Build one side's vocabulary again. Raises ValueError where its tokenizer is missing, or is another."""
    name, state = side["tokenizer"], side["state"]
    if given is None:
        return Vocab(side["tokens"], restored(name, state))
    if given.name != name or json.loads(json.dumps(given.state())) != state:
        raise ValueError(f"its tokenizer is {name} with {state}, and the one given is {given!r}")
    return Vocab(side["tokens"], given)


def of_today(extra: Mapping) -> dict:
    """Translate the former format, which knew one tokenizer by its name, and only English as the target language."""
    if strange := extra.keys() - {"src_vocab", "trg_vocab", "tokenizer", "about"}:
        raise ValueError(f"{min(strange)!r} is not understood")
    if extra["tokenizer"] not in FORMER:
        raise ValueError(f"its tokenizer is {extra['tokenizer']!r}")
    src, trg = FORMER[extra["tokenizer"]]
    vocabs = Vocabs(Vocab(extra["src_vocab"], src), Vocab(extra["trg_vocab"], trg))
    return header(vocabs, Rules(), extra["about"])
