"""Every measure against a loop, a hand example or the reference implementation."""

import math
from itertools import combinations

import pytest
import sacrebleu
import tiny
import torch
import torch.nn.functional as F
from hypothesis import assume, given
from hypothesis import strategies as st

from s2s_lib.corpora.text import PAD, SPECIALS
from s2s_lib.corpora.vocab import Vocab
from s2s_lib.learning.training import evaluate
from s2s_lib.model.decoder import most_likely
from s2s_lib.model.metrics import (
    alignment_error_rate,
    bleu,
    chrf,
    entropy,
    exact_match,
    hard_alignment,
    lcs_recall,
    token_accuracy,
    token_loss,
)

SAID = ["the black cat eats .", "a dog ran ran ran", "He sees me"]
TRUE = ["the black cat is eating .", "a dog ran away", "he sees me today"]
links = st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=6)


def drawn(seed=0):
    batch = tiny.padded(tiny.batch())
    logits = torch.randn(*batch.trg_out.shape, tiny.TRG_VOCAB, generator=torch.Generator().manual_seed(seed))
    return logits, batch.trg_out


def test_loss_is_the_mean_surprise_at_real_tokens():
    logits, targets = drawn()
    losses = []
    for row, target in zip(logits, targets, strict=True):
        for scores, token in zip(row.tolist(), target.tolist(), strict=True):
            if token != PAD:
                losses.append(math.log(sum(map(math.exp, scores))) - scores[token])
    assert token_loss(logits, targets).item() == pytest.approx(sum(losses) / len(losses), rel=1e-5)


@pytest.mark.parametrize("label_smoothing", [0.0, 0.1])
def test_extra_pads_change_no_loss_and_get_no_gradient(label_smoothing):
    logits, targets = drawn()
    wide = F.pad(logits, (0, 0, 0, 4), value=7.0).requires_grad_()
    loss = token_loss(wide, F.pad(targets, (0, 4)), label_smoothing)
    torch.testing.assert_close(loss, token_loss(logits, targets, label_smoothing))
    loss.backward()
    assert (wide.grad[F.pad(targets, (0, 4)) == PAD] == 0).all()


def test_a_uniform_guess_has_a_perplexity_of_the_vocabulary():
    _, targets = drawn()
    uniform = torch.zeros(*targets.shape, tiny.TRG_VOCAB)
    assert token_loss(uniform, targets).exp().item() == pytest.approx(tiny.TRG_VOCAB)


def test_label_smoothing_makes_certainty_costly():
    _, targets = drawn()
    certain = 50.0 * F.one_hot(targets, tiny.TRG_VOCAB).float()
    assert token_loss(certain, targets).item() < 1e-6
    assert token_loss(certain, targets, label_smoothing=0.1).item() > 1


def test_accuracy_counts_real_tokens_only():
    targets = torch.tensor([[5, 6, 3, 0], [7, 3, 0, 0]])
    predicted = torch.tensor([[5, 9, 3, 0], [9, 3, 0, 9]])
    assert token_accuracy(predicted, targets) == 3 / 5
    assert token_accuracy(targets, targets) == 1
    assert token_accuracy(torch.zeros_like(targets), targets) == 0


@pytest.mark.parametrize("p", [1.0, 0.0])
def test_evaluation_weighs_every_token_alike(p):
    """Batches of unequal size and length: neither the mean of batch means nor a padded mean would do."""
    model = tiny.model(dropout=0.5)
    data = [tiny.batch(((2, 1),), seed=1), tiny.batch(((3, 7), (5, 9), (4, 2)), seed=2), tiny.padded(tiny.batch())]
    loss, accuracy = evaluate(model, data, p)
    losses, right = [], []
    for batch in data:
        logits = model(batch, p)
        real = batch.trg_out != PAD
        losses += F.cross_entropy(logits[real], batch.trg_out[real], reduction="none").tolist()
        right += (most_likely(logits)[real] == batch.trg_out[real]).tolist()
    assert loss == pytest.approx(sum(losses) / len(losses), rel=1e-5)
    assert accuracy == pytest.approx(sum(right) / len(right))


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


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=8))
def test_entropy_lies_between_one_word_and_all_alike(scores):
    weights = torch.tensor(scores).softmax(0)
    value = entropy(weights).item()
    assert value == pytest.approx(-sum(w * math.log(w) for w in weights.tolist() if w), abs=1e-4)
    assert -1e-6 <= value <= math.log(len(scores)) + 1e-5


def test_entropy_of_certainty_is_zero_and_of_ignorance_the_logarithm():
    assert entropy(torch.tensor([[0.0, 1.0, 0.0], [0.5, 0.5, 0.0]])).tolist() == pytest.approx([0, math.log(2)])


def test_nothing_to_compare_is_an_error():
    with pytest.raises(ValueError, match="no sentence"):
        exact_match([], [])
    for predicted, gold in (([], []), ([set()], [set()])):
        with pytest.raises(ValueError, match="no alignment"):
            alignment_error_rate(predicted, gold)
