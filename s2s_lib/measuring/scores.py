"""How good is a translation, and how good an alignment?

Each score looks at what it is given first and raises ValueError or TypeError, saying what is meant, where a number of
sentences, a shape or a kind is wrong: a score that comes out anyway would be believed.
"""

from collections.abc import Iterable, Sequence

from jaxtyping import Float
from torch import Tensor

from ..corpora.checks import check_numbers
from .comparable import check_heatmap, link_sets, texts, token_lists

Sentences = Iterable[Sequence[str]]  # a list of tokens for each
Alignments = Iterable[Iterable[tuple[int, int]]]  # a set of (source, target) positions for each sentence


def exact_match(hypotheses: Sentences, references: Sentences) -> float:
    """Share of sentences that equal their reference, token by token.

    Raises ValueError for different numbers of sentences and for none, TypeError for texts in place of tokens.
    """
    said, wanted = token_lists(hypotheses, references)
    same = 0
    for one, other in zip(said, wanted, strict=True):
        same += one == other
    return same / len(wanted)


def lcs_recall(hypotheses: Sentences, references: Sentences) -> float:
    """Share of the reference's tokens that the hypothesis has in the same order, whatever stands between them.

    The length of the longest common subsequence over the reference's length, both summed over the corpus: the
    recall of ROUGE-L (Lin 2004, section 3.1). A word too many costs nothing, a word missing costs that word.
    Raises ValueError for different numbers of sentences, for none, and where no reference has a token, TypeError
    for texts in place of tokens.
    """
    said, wanted = token_lists(hypotheses, references)
    length = sum(map(len, wanted))
    if not length:
        raise ValueError("no reference has a token: there is nothing to recall")
    common = 0
    for one, other in zip(said, wanted, strict=True):
        common += common_length(one, other)
    return common / length


def common_length(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest sequence of tokens that both hold in this order, not necessarily side by side."""
    best = [0] * (len(other) + 1)  # best[j]: of the tokens of `one` so far and the first j tokens of `other`
    for token in one:
        before, best = best, [0]
        for j, candidate in enumerate(other):
            if token == candidate:
                best.append(before[j] + 1)
            else:
                best.append(max(before[j + 1], best[j]))
    return best[-1]


def bleu(hypotheses: Iterable[str], references: Iterable[str], *, lowercase: bool = True) -> float:
    """Corpus BLEU, 0..100, of readable text, one reference for each (Papineni et al. 2002; sacrebleu, Post 2018).

    Upper and lower case are the same, as in all the tables of this workbook; `lowercase=False` is sacrebleu's own
    default. Raises ValueError for different numbers of sentences and for none, TypeError for tokens in place of text.
    """
    from sacrebleu import BLEU  # here, since only evaluation needs it and importing it takes a while

    said, wanted = texts(hypotheses, references)
    return BLEU(lowercase=lowercase).corpus_score(said, [wanted]).score


def chrf(hypotheses: Iterable[str], references: Iterable[str], *, lowercase: bool = False) -> float:
    """Character F-score chrF2, 0..100, of readable text (Popović 2015; sacrebleu).

    Unlike `bleu`, and as in all the tables of this workbook, it minds upper and lower case; `lowercase=True` does
    not. Raises what `bleu` raises.
    """
    from sacrebleu import CHRF

    said, wanted = texts(hypotheses, references)
    return CHRF(lowercase=lowercase).corpus_score(said, [wanted]).score


def hard_alignment(weights: Float[Tensor, "T S"]) -> set[tuple[int, int]]:
    """Read an alignment off a heatmap: each output token with the source token it looks at most.

    Gives pairs (source, target). Raises ValueError for another shape, no source token, or a weight of NaN.
    """
    check_heatmap(weights)
    looked_at = weights.argmax(1).tolist()
    return {(source, target) for target, source in enumerate(looked_at)}


def alignment_error_rate(predicted: Alignments, gold: Alignments) -> float:
    """1 - 2 |A and G| / (|A| + |G|), summed over the corpus; 0 is perfect (Och and Ney 2003, all links sure).

    Both sides hold a set of (source, target) positions for each sentence. Raises ValueError for different numbers
    of sentences and where there is no link on either side, TypeError for what is no set of pairs.
    """
    said = link_sets("predicted", predicted)
    wanted = link_sets("gold", gold)
    check_numbers(said, wanted, "predicted and gold alignments")
    links = sum(map(len, [*said, *wanted]))
    if not links:
        raise ValueError("there is no alignment to compare")
    both = 0
    for one, other in zip(said, wanted, strict=True):
        both += len(one & other)
    return 1 - 2 * both / links
