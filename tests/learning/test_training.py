"""Validation: what it measures, and what it leaves alone."""

import pytest
import tiny
import torch

from s2s_lib.corpora.text import PAD
from s2s_lib.learning.training import evaluate
from s2s_lib.model.decoder import most_likely
from s2s_lib.translating.decoding import greedy

PAIRS = tiny.copy_task(24)


def weights(model):
    return torch.cat([w.detach().flatten() for w in model.parameters()])


@pytest.mark.parametrize("p", [1.0, 0.0])
def test_evaluation_leaves_everything_as_it_was(p):
    model, data = tiny.model(src_vocab=10, trg_vocab=10, dropout=0.5).train(), tiny.corpus(PAIRS)
    before, state = weights(model), torch.get_rng_state()
    assert evaluate(model, data, p) == evaluate(model, data, p)
    assert torch.equal(weights(model), before)
    assert torch.equal(torch.get_rng_state(), state)
    assert not any(w.grad is not None for w in model.parameters())


@torch.no_grad()
def test_free_running_evaluation_scores_what_greedy_says():
    model, data = tiny.model(src_vocab=10, trg_vocab=10), tiny.corpus(PAIRS)
    right = total = 0
    for batch in data:
        steps = batch.trg_out.shape[1]
        said = most_likely(model(batch, 0.0))
        tokens, _ = greedy(model, batch.src, batch.src_mask, max_len=steps)
        before_end = tokens != PAD
        assert torch.equal(said[:, : tokens.shape[1]][before_end], tokens[before_end])
        real = batch.trg_out != PAD
        right, total = right + int((said == batch.trg_out)[real].sum()), total + int(real.sum())
    assert evaluate(model, data, 0.0)[1] == pytest.approx(right / total)
    assert evaluate(model, data, 0.0) != evaluate(model, data, 1.0)


def test_validation_without_sentences_is_refused_by_name():
    with pytest.raises(ValueError, match="no batch"):
        evaluate(tiny.model(), [])


def test_evaluation_restores_the_mode_of_every_part_even_when_it_fails():
    model = tiny.model(src_vocab=10, trg_vocab=10, dropout=0.5).train()
    model.encoder.eval()
    before = [part.training for part in model.modules()]
    evaluate(model, tiny.corpus(PAIRS))
    assert [part.training for part in model.modules()] == before
    with pytest.raises(ValueError, match="no batch"):
        evaluate(model, [])
    assert [part.training for part in model.modules()] == before


def test_a_generator_of_batches_is_enough_for_one_evaluation():
    model, data = tiny.model(src_vocab=10, trg_vocab=10), tiny.corpus(PAIRS)
    assert evaluate(model, (batch for batch in data)) == evaluate(model, data)


@pytest.mark.parametrize(
    ("data", "error", "said"),
    [
        (PAIRS, TypeError, "data: give batches.*there is a SentencePair in it"),
        ([1], TypeError, "there is an int in it"),
        (tiny.corpus(PAIRS, words=5), ValueError, "9 source and 9 target words, the model knows 10 and 10"),
        ([tiny.batch(src_vocab=9, trg_vocab=90)], ValueError, "data: target word number .*the model knows 10"),
    ],
)
def test_what_cannot_be_evaluated_on_is_named(data, error, said):
    with pytest.raises(error, match=said):
        evaluate(tiny.model(src_vocab=10, trg_vocab=10), data)


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_teacher_forcing_is_a_probability(p):
    with pytest.raises(ValueError, match=r"teacher_forcing=.*between 0 and 1"):
        evaluate(tiny.model(src_vocab=10, trg_vocab=10), tiny.corpus(PAIRS), p)
