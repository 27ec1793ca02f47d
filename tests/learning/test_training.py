"""The training step and its events: what is learned, bounded, refused and left alone."""

import math

import pytest
import tiny
import torch

from s2s_lib.corpora.text import EOS, PAD
from s2s_lib.learning.training import (
    Epoch,
    Settings,
    Step,
    TrainingDiverged,
    evaluate,
    events,
    start,
    subnormals_flushed,
    train_step,
)
from s2s_lib.model.decoder import most_likely
from s2s_lib.model.metrics import exact_match, token_loss
from s2s_lib.model.seq2seq import build_model
from s2s_lib.model.teacher_forcing import as_schedule, linear
from s2s_lib.translating.decoding import greedy

PAIRS = tiny.copy_task(24)


def begin(model=None, *, epochs=2, lr=0.01, p=1.0, coin="step", clip=1.0, patience=None, seed=0, pairs=PAIRS):
    """Begin a run of four words a batch; every setting has a default."""
    model = tiny.model(src_vocab=10, trg_vocab=10, dropout=0.2) if model is None else model
    settings = Settings(epochs, lr, 0.3, as_schedule(p), coin, clip, 0.0, patience, seed)
    return start(model, tiny.corpus(pairs, batch_size=6, shuffle=1), settings)


def one_batch():
    return next(iter(tiny.corpus(PAIRS)))


def weights(model):
    return torch.cat([w.detach().flatten() for w in model.parameters()])


@pytest.mark.parametrize(("p", "reverse"), [(1.0, False), (0.5, True)])
def test_a_small_task_is_learned_and_holds_when_running_free(p, reverse):
    model = build_model(8, 8, attention="dot", embedding_dim=16, hidden_size=16, num_layers=1, dropout=0.0)
    task = {"words": 4, "longest": 3, "reverse": reverse}
    train = tiny.corpus(tiny.copy_task(300, **task), batch_size=16, shuffle=1, words=4)
    valid = tiny.corpus(tiny.copy_task(100, seed=1, **task), batch_size=50, words=4)
    before, _ = evaluate(model, valid)
    run = start(model, train, Settings(12, 0.03, 0.3, as_schedule(p), "step", 1.0, 0.0, None, 0))
    *_, last = events(run, valid)
    assert before > 1.5
    assert last.valid_loss < 0.4
    said = [row for batch in valid for row in greedy(model, batch.src, batch.src_mask, max_len=6)[0].tolist()]
    true = [row for batch in valid for row in batch.trg_out.tolist()]
    clean = [[[str(token) for token in row if token not in (PAD, EOS)] for row in side] for side in (said, true)]
    assert exact_match(*clean) > 0.8


def test_events_come_step_by_step_and_epoch_by_epoch():
    run = begin(epochs=3)
    seen = list(events(run, tiny.corpus(PAIRS)))
    assert [type(event) for event in seen] == [*[Step] * 4, Epoch] * 3
    steps = [event for event in seen if isinstance(event, Step)]
    assert [(step.epoch, step.step, step.steps) for step in steps] == [(1 + i // 4, 1 + i, 12) for i in range(12)]
    assert steps == run.steps
    epochs = [event for event in seen if isinstance(event, Epoch)]
    assert epochs == run.epochs
    for number, epoch in enumerate(epochs):
        losses = [step.loss for step in steps[4 * number : 4 * number + 4]]
        assert epoch.train_loss == pytest.approx(sum(losses) / 4)


def test_training_goes_no_further_than_it_is_asked():
    run = begin()
    stream = events(run, None)
    next(stream)
    after_one = weights(run.model)
    assert len(run.steps) == 1
    assert torch.equal(weights(run.model), after_one)
    next(stream)
    assert not torch.equal(weights(run.model), after_one)


def test_the_reported_loss_is_that_before_the_update():
    run = begin(tiny.model(src_vocab=10, trg_vocab=10))
    batch = one_batch()
    expected = token_loss(run.model(batch), batch.trg_out).item()
    assert train_step(run, batch).loss == pytest.approx(expected, rel=1e-5)


def test_a_step_lowers_the_loss_of_its_batch():
    run, batch = begin(tiny.model(src_vocab=10, trg_vocab=10), lr=0.05), one_batch()
    first = train_step(run, batch).loss
    assert token_loss(run.model(batch), batch.trg_out).item() < first


@pytest.mark.parametrize("clip", [1e-3, 0.1])
def test_clipping_bounds_the_gradient(clip):
    run = begin(clip=clip)
    norm = train_step(run, one_batch()).gradient_norm
    left = torch.stack([w.grad.norm() for w in run.model.parameters()]).norm().item()
    assert norm > clip  # as it was
    assert left == pytest.approx(clip, rel=1e-2)  # as it was used


def test_clipping_leaves_a_small_gradient_as_it_is():
    run, batch = begin(tiny.model(src_vocab=10, trg_vocab=10), clip=1e6), one_batch()
    expected = torch.autograd.grad(token_loss(run.model(batch), batch.trg_out), list(run.model.parameters()))
    train_step(run, batch)
    for weight, gradient in zip(run.model.parameters(), expected, strict=True):
        torch.testing.assert_close(weight.grad, gradient)


def test_the_learning_rate_rises_to_its_peak_and_falls_to_nothing():
    run = begin(epochs=10, lr=0.02)
    rates = [event.learning_rate for event in events(run, None) if isinstance(event, Step)]
    peak = rates.index(max(rates))
    assert max(rates) == pytest.approx(0.02, rel=0.05)
    assert 0 < peak < 20
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[-1] < 1e-4


def test_teacher_forcing_follows_its_schedule_from_the_first_step_to_the_last():
    run = begin(epochs=2, p=linear(1.0, 0.2))
    forced = [event.teacher_forcing for event in events(run, None) if isinstance(event, Step)]
    assert forced == pytest.approx([1 - 0.8 * i / 7 for i in range(8)])


def test_training_follows_from_the_seed_alone():
    outcomes = []
    for seed, disturbance in ((3, 0), (3, 1), (4, 0)):
        torch.manual_seed(disturbance)
        run = begin(p=0.5, coin="token", seed=seed)
        list(events(run, None))
        outcomes.append(weights(run.model))
    assert torch.equal(outcomes[0], outcomes[1])
    assert not torch.equal(outcomes[0], outcomes[2])


def test_a_run_draws_its_own_dropout_at_every_step():
    run = begin(tiny.model(src_vocab=10, trg_vocab=10, dropout=0.5), lr=1e-30)
    batch = one_batch()
    assert train_step(run, batch).loss != train_step(run, batch).loss


def test_training_and_validation_leave_the_global_random_state_alone():
    before = torch.get_rng_state()
    list(events(begin(p=0.5), None))
    assert torch.equal(before, torch.get_rng_state())
    list(events(begin(p=0.5), tiny.corpus(PAIRS)))
    assert torch.equal(before, torch.get_rng_state())


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


def test_validation_reads_gold_inputs_whatever_training_reads():
    run, valid = begin(p=0.0, epochs=1), tiny.corpus(PAIRS)
    *_, epoch = events(run, valid)
    assert (epoch.valid_loss, epoch.valid_accuracy) == evaluate(run.model, valid, 1.0)


@pytest.mark.parametrize("poison", [math.nan, math.inf])
def test_a_loss_that_is_no_number_stops_with_the_weights_untouched(poison):
    run = begin()
    train_step(run, one_batch())
    with torch.no_grad():
        run.model.decoder.output.bias[5] = poison
    before = weights(run.model)
    with pytest.raises(TrainingDiverged, match=r"step 2|step 1"):
        train_step(run, one_batch())
    torch.testing.assert_close(weights(run.model), before, rtol=0, atol=0, equal_nan=True)


def test_a_learning_rate_out_of_this_world_is_noticed():
    with pytest.raises(TrainingDiverged, match="Try a smaller lr"):
        list(events(begin(lr=1e38, epochs=4), None))


def test_the_best_weights_are_those_of_the_lowest_validation_loss():
    other = [pair._replace(trg=pair.trg[::-1]) for pair in tiny.copy_task(24, seed=5)]
    run, valid = begin(epochs=25, lr=0.05, pairs=tiny.copy_task(24, longest=3)), tiny.corpus(other)
    snapshots = [weights(run.model) for event in events(run, valid) if isinstance(event, Epoch)]
    losses = [epoch.valid_loss for epoch in run.epochs]
    best = losses.index(min(losses))
    assert best < 24  # learning one task by heart unlearns the other
    assert [epoch.best for epoch in run.epochs] == [
        loss < min([math.inf, *losses[:i]]) for i, loss in enumerate(losses)
    ]
    run.model.load_state_dict(run.best_weights)
    assert torch.equal(weights(run.model), snapshots[best])


def test_without_validation_the_last_weights_are_the_best():
    run = begin()
    *_, epoch = events(run, None)
    assert epoch.best
    assert math.isnan(epoch.valid_loss)
    assert all(torch.equal(w, run.model.state_dict()[name]) for name, w in run.best_weights.items())


@pytest.mark.parametrize("patience", [1, 3])
def test_patience_ends_training_after_so_many_epochs_without_progress(patience):
    other = [pair._replace(trg=pair.trg[::-1]) for pair in tiny.copy_task(24, seed=5)]
    run = begin(epochs=40, lr=0.05, patience=patience, pairs=tiny.copy_task(24, longest=3))
    list(events(run, tiny.corpus(other)))
    assert patience < len(run.epochs) < 40
    assert not any(epoch.best for epoch in run.epochs[-patience:])
    assert run.epochs[-patience - 1].best


def test_validation_without_sentences_is_refused_by_name():
    with pytest.raises(ValueError, match="no batch"):
        evaluate(tiny.model(), [])


def test_a_step_flushes_subnormals_and_leaves_the_setting_as_it_was():
    small = torch.tensor([1e-40])
    for before in (False, True):
        torch.set_flush_denormal(before)
        with subnormals_flushed():
            assert small.mul(1.0).item() == 0
        assert (small.mul(1.0).item() == 0) is before
    torch.set_flush_denormal(False)
