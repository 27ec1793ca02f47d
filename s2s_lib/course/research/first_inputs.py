"""What people type first: ordinary French inputs, and how many of them a translator gets across.

`python -m s2s_lib.course.research.first_inputs` says it of `fr-en`, or of another translator, by its name or file.
"""

import argparse
import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from ...corpora.text import tokenize
from ...translating.translator import Translator

LIST = Path(__file__).with_name("first_inputs.tsv")
OUTSIDE = "question"  # captions ask nothing: these are translated, and not counted
NEGATION = r"not|no|never|nobody|none|nothing|without|cannot|\w+n't"


class FirstInput(NamedTuple):
    """One input, a right answer, and how to tell an output that gets it across."""

    kind: str
    french: str
    answer: str
    must: tuple[str, ...]  # patterns of whole words, each of which must be there
    must_not: str  # a pattern, or nothing


@cache
def first_inputs() -> tuple[FirstInput, ...]:
    """Read the list."""
    rows = []
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        kind, french, answer, must, must_not = (*line.split("\t"), "")[:5]
        patterns = [part.strip().replace("NOT", NEGATION) for part in must.split(";")]
        rows.append(FirstInput(kind, french, answer, tuple(patterns), must_not))
    return tuple(rows)


def faults(wanted: FirstInput, output: str) -> list[str]:
    """Say what keeps an output from getting its input across; nothing, where it does."""
    found = [f"lacks {part.replace(NEGATION, 'its negation')}" for part in wanted.must if not has(output, part)]
    if wanted.must_not and has(output, wanted.must_not):
        found.append(f"has {wanted.must_not}")
    words, source = tokenize(output), tokenize(wanted.french)
    doubled = {word for word, after in pairwise(words) if word == after and word.isalpha()}
    found += [f"says {word} twice" for word in sorted(doubled)]
    english = tokenize(" ".join([wanted.answer, *wanted.must]))  # words of both languages, such as costume
    copied = {word for word in words if word.isalpha()} & set(source) - set(english)
    return found + [f"copies {word}" for word in sorted(copied)]


def has(text: str, pattern: str) -> bool:
    """Tell whether whole words of a text fit a pattern, in whatever case."""
    return re.search(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE) is not None


def judged(translator: Translator) -> list[tuple[FirstInput, str, list[str]]]:
    """Translate every input greedily, as a widget would; give each its output and what is wrong with it."""
    traces = translator.translate_many(wanted.french for wanted in first_inputs())
    return [
        (wanted, trace.text, faults(wanted, trace.text)) for wanted, trace in zip(first_inputs(), traces, strict=True)
    ]


def share(rows: Sequence[tuple[FirstInput, str, list[str]]]) -> str:
    """Count the outputs without a fault."""
    good = sum(not wrong for *_, wrong in rows)
    return f"{good} of {len(rows)} adequate, {good / len(rows):.0%}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print each output with a fault, then the share of adequate ones, of all and of each kind."""
    parser = argparse.ArgumentParser("python -m s2s_lib.course.research.first_inputs", description=main.__doc__)
    parser.add_argument(
        "translator", nargs="?", default="fr-en", help="a shipped translator or a file (default: fr-en)"
    )
    rows = judged(Translator.load(parser.parse_args(arguments).translator))
    for wanted, output, wrong in rows:
        if wrong:
            print(f"{wanted.kind}: {wanted.french} -> {output} ({'; '.join(wrong)})")
    print()
    for kind in dict.fromkeys(wanted.kind for wanted, *_ in rows):
        outside = ", not counted" if kind == OUTSIDE else ""
        print(f"{kind}: {share([row for row in rows if row[0].kind == kind])}{outside}")
    print(f"\nall: {share([row for row in rows if row[0].kind != OUTSIDE])}")
    negated = [(output, part) for wanted, output, _ in rows for part in wanted.must if NEGATION in part]
    kept = sum(has(output, part) for output, part in negated)
    print(f"negation kept: {kept} of {len(negated)}")


if __name__ == "__main__":
    main()
