"""Every measure against a loop, a hand example or the reference implementation."""

import math

import pytest
import tiny
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from s2s_lib.corpora.text import PAD
from s2s_lib.learning.training import evaluate
from s2s_lib.model.decoder import most_likely
from s2s_lib.model.metrics import entropy, token_accuracy, token_loss


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


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=8))
def test_entropy_lies_between_one_word_and_all_alike(scores):
    weights = torch.tensor(scores).softmax(0)
    value = entropy(weights).item()
    assert value == pytest.approx(-sum(w * math.log(w) for w in weights.tolist() if w), abs=1e-4)
    assert -1e-6 <= value <= math.log(len(scores)) + 1e-5


def test_entropy_of_certainty_is_zero_and_of_ignorance_the_logarithm():
    assert entropy(torch.tensor([[0.0, 1.0, 0.0], [0.5, 0.5, 0.0]])).tolist() == pytest.approx([0, math.log(2)])
