"""Sentences, alignments and heatmaps, looked at before they are compared: nonsense would get a score as well."""

from collections.abc import Iterable
from numbers import Integral

from ..corpora.checks import all_of, check_numbers, check_tokens, kind, numbered
from ..model.tensors import check_numeric, shape

END = "<eos>"
READABLE = "one readable text for each sentence: detokenize(tokens), or a trace's .text"

Sentence = tuple[str, ...]  # its tokens
Link = tuple[int, int]  # (source position, target position), both counted from 0


def check_sentences(name: str, said: list, wanted: list) -> None:
    """Raise ValueError for different numbers of hypotheses and references, or none."""
    check_numbers(said, wanted, f"{name} and references")
    if not said:
        raise ValueError("there is no sentence to compare")


def texts(hypotheses: object, references: object, name: str = "hypotheses") -> tuple[list[str], list[str]]:
    """List sentences of readable text; `name` is what an error calls the hypotheses.

    Raises TypeError for anything else in the lists, and ValueError for different numbers of sentences, for none,
    and where no reference has a word.
    """
    said = all_of(str, name, hypotheses, READABLE)
    wanted = all_of(str, "references", references, READABLE)
    check_sentences(name, said, wanted)
    if not any(text.strip() for text in wanted):
        raise ValueError("no reference has a word: there is nothing to compare with")
    return said, wanted


def token_lists(hypotheses: object, references: object) -> tuple[list[Sentence], list[Sentence]]:
    """List sentences of tokens.

    Raises TypeError for readable text or token ids in the lists, and ValueError for different numbers of
    sentences, for none, and where only one side has `<eos>` at the ends of its sentences.
    """
    said = numbered("hypotheses", hypotheses)
    wanted = numbered("references", references)
    check_sentences("hypotheses", said, wanted)
    said = [check_tokens(name, sentence) for name, sentence in said]
    wanted = [check_tokens(name, sentence) for name, sentence in wanted]
    if holds_end(said) != holds_end(wanted):
        raise ValueError(f"only one side holds {END}: leave it out on both, as analysis.words(trace) does")
    return said, wanted


def holds_end(sentences: list[Sentence]) -> bool:
    """Tell whether `<eos>` is left in any of these sentences."""
    return any(END in sentence for sentence in sentences)


def link_sets(name: str, given: object) -> list[set[Link]]:
    """Take the alignments of a corpus, one for each sentence. Raises TypeError or ValueError for what is none."""
    return [links(entry, alignment) for entry, alignment in numbered(name, given)]


def links(name: str, given: object) -> set[Link]:
    """Take one alignment as a set of links. Raises TypeError or ValueError for what is no pair of positions."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise TypeError(f"{name} is {kind(given)}: a set of (source, target) positions is meant")
    found = set()
    for link in given:
        if not is_pair(link):
            raise TypeError(f"{name} holds {link!r}: a link is a pair (source position, target position)")
        if min(link) < 0:
            raise ValueError(f"{name} holds {link!r}: positions are counted from 0")
        found.add(tuple(link))
    return found


def is_pair(link: object) -> bool:
    """Tell whether this is two whole numbers."""
    if not isinstance(link, tuple | list) or len(link) != 2:
        return False
    return all(isinstance(position, Integral) for position in link)


def check_heatmap(weights: object) -> None:
    """Raise TypeError or ValueError unless this is a matrix (T, S) in which each row has a largest number."""
    check_numeric("weights", weights)
    if weights.dim() != 2 or weights.shape[1] == 0:
        raise ValueError(f"weights {shape(weights)}: one sentence is meant, (T, S) with S of 1 or more")
    if weights.isnan().any():
        raise ValueError("weights hold NaN: no source token can be told from the others")
