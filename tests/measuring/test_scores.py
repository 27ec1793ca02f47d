"""Every score against a search, a hand example or the reference implementation."""

from itertools import combinations

import pytest
import sacrebleu
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from s2s_lib.corpora.text import SPECIALS
from s2s_lib.corpora.vocab import Vocab
from s2s_lib.measuring.scores import (
    alignment_error_rate,
    bleu,
    chrf,
    exact_match,
    hard_alignment,
    lcs_recall,
)
from s2s_lib.model.metrics import token_accuracy

SAID = ["the black cat eats .", "a dog ran ran ran", "He sees me"]
TRUE = ["the black cat is eating .", "a dog ran away", "he sees me today"]
links = st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=6)


def test_exact_match_counts_whole_sentences():
    assert exact_match([["a", "b"], ["c"], [], ["a"]], [("a", "b"), ("c", "c"), (), ("b",)]) == 0.5


letters = st.lists(st.sampled_from("abc"), max_size=6)


def subsequences(tokens):
    """Give every sequence that is left when some of the tokens, or none, are struck out."""
    return {kept for length in range(len(tokens) + 1) for kept in combinations(tokens, length)}


@given(st.lists(st.tuples(letters, letters), min_size=1, max_size=3))
def test_lcs_recall_equals_a_search_through_all_subsequences(pairs):
    said, wanted = zip(*pairs, strict=True)
    assume(any(wanted))
    common = [max(map(len, subsequences(one) & subsequences(other))) for one, other in pairs]
    assert lcs_recall(said, wanted) == sum(common) / sum(map(len, wanted))


@given(st.lists(st.text("abcdefghijkl", min_size=9, max_size=9), min_size=1, max_size=5), st.integers(0, 8))
def test_a_word_too_many_costs_lcs_recall_nothing_and_one_missing_costs_one(sentences, place):
    wanted = [list(sentence) for sentence in sentences]
    longer = [[*sentence[:place], "new", *sentence[place:]] for sentence in wanted]
    shorter = [sentence[:place] + sentence[place + 1 :] for sentence in wanted]
    assert lcs_recall(longer, wanted) == 1
    assert lcs_recall(shorter, wanted) == pytest.approx(8 / 9)


def test_a_shift_ruins_token_accuracy_and_not_lcs_recall():
    vocab = Vocab([*SPECIALS, *"abcdefghij"])
    wanted = [list("abcdefghij"), list("jihgfedcba")]
    shifted = [["e", *sentence[:-1]] for sentence in wanted]  # as long as the reference, each word a place too late
    ids = [torch.tensor([vocab.encode(sentence) for sentence in side]) for side in (shifted, wanted)]
    assert token_accuracy(*ids) == 0
    assert lcs_recall(shifted, wanted) == 0.9


def test_bleu_and_chrf_are_those_of_sacrebleu():
    assert bleu(SAID, TRUE) == sacrebleu.BLEU(lowercase=True).corpus_score(SAID, [TRUE]).score
    assert chrf(SAID, TRUE) == sacrebleu.CHRF().corpus_score(SAID, [TRUE]).score
    assert bleu(TRUE, TRUE) == pytest.approx(100)
    assert bleu([text.upper() for text in TRUE], TRUE) == pytest.approx(100)
    assert chrf(TRUE, TRUE) == pytest.approx(100)


@pytest.mark.parametrize(("measure", "reference"), [(bleu, sacrebleu.BLEU), (chrf, sacrebleu.CHRF)])
@pytest.mark.parametrize("lowercase", [True, False])
def test_upper_case_counts_where_it_is_asked_to(measure, reference, lowercase):
    loud = [text.upper() for text in TRUE]
    assert measure(SAID, TRUE, lowercase=lowercase) == reference(lowercase=lowercase).corpus_score(SAID, [TRUE]).score
    assert (measure(loud, TRUE, lowercase=lowercase) > 99) == lowercase
    assert (bleu(loud, TRUE) > 99, chrf(loud, TRUE) > 99) == (
        True,
        False,
    )  # the defaults that the tables were made with


def test_an_alignment_is_read_off_row_by_row():
    weights = torch.tensor([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]])
    assert hard_alignment(weights) == {(2, 0), (0, 1)}  # (source, target)


def test_alignment_error_of_a_hand_example():
    gold, said = {(0, 0), (1, 2), (2, 1)}, {(0, 0), (1, 1), (2, 1), (3, 3)}
    assert alignment_error_rate([said], [gold]) == pytest.approx(1 - 2 * 2 / 7)


@given(st.lists(st.tuples(links, links), min_size=1, max_size=4))
def test_alignment_error_is_one_minus_f1_over_all_links(pairs):
    said, gold = zip(*pairs, strict=True)
    numbered = [{(n, *link) for n, sentence in enumerate(side) for link in sentence} for side in (said, gold)]
    precision, recall = (len(numbered[0] & numbered[1]) / len(side) for side in numbered)
    f1 = 2 * precision * recall / (precision + recall) if precision else 0.0
    assert alignment_error_rate(said, gold) == pytest.approx(1 - f1)
    assert alignment_error_rate(gold, gold) == 0


def test_nothing_to_compare_is_an_error():
    with pytest.raises(ValueError, match="no sentence"):
        exact_match([], [])
    for predicted, gold in (([], []), ([set()], [set()])):
        with pytest.raises(ValueError, match="no alignment"):
            alignment_error_rate(predicted, gold)
