"""The run: what a step learns, bounds, refuses and leaves alone; epochs; the learning rate; files to go on from."""

import itertools
import math
import random

import pytest
import tiny
import torch
import torch.nn.functional as F
from torch.optim.lr_scheduler import OneCycleLR

from s2s_lib.corpora.text import EOS, PAD
from s2s_lib.learning.checkpoints import CheckpointError
from s2s_lib.learning.fitting import fit
from s2s_lib.learning.run import Run, one_cycle, subnormals_flushed
from s2s_lib.learning.settings import Settings
from s2s_lib.learning.training import Epoch, Step, TrainingDiverged, evaluate
from s2s_lib.measuring.scores import exact_match
from s2s_lib.model.metrics import token_loss
from s2s_lib.model.seq2seq import build_model
from s2s_lib.model.teacher_forcing import linear
from s2s_lib.translating.decoding import greedy
from s2s_lib.translating.translator import Translator

PAIRS = tiny.copy_task(24)


USUAL = Settings(2, 0.01, 0.3, 1.0, "step", 1.0, 0.0, None, 0)


def begin(model=None, *, pairs=PAIRS, **changes):
    """Begin a run of six pairs a batch; every setting has a default."""
    model = tiny.model(src_vocab=10, trg_vocab=10, dropout=0.2) if model is None else model
    return Run(model, tiny.corpus(pairs, batch_size=6, shuffle=1), USUAL._replace(**changes))


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
    run = Run(model, train, USUAL._replace(epochs=12, lr=0.03, teacher_forcing=p))
    *_, last = run.epochs(valid)
    assert before > 1.5
    assert last.valid_loss < 0.4
    said = [row for batch in valid for row in greedy(model, batch.src, batch.src_mask, max_len=6)[0].tolist()]
    true = [row for batch in valid for row in batch.trg_out.tolist()]
    clean = [[[str(token) for token in row if token not in (PAD, EOS)] for row in side] for side in (said, true)]
    assert exact_match(*clean) > 0.8


def test_events_come_step_by_step_and_epoch_by_epoch():
    run = begin(epochs=3)
    seen = list(run.epochs(tiny.corpus(PAIRS)))
    assert [type(event) for event in seen] == [*[Step] * 4, Epoch] * 3
    steps = [event for event in seen if isinstance(event, Step)]
    assert [(step.epoch, step.step, step.steps) for step in steps] == [(1 + i // 4, 1 + i, 12) for i in range(12)]
    assert steps == run.history.steps
    epochs = [event for event in seen if isinstance(event, Epoch)]
    assert epochs == run.history.epochs
    for number, epoch in enumerate(epochs):
        losses = [step.loss for step in steps[4 * number : 4 * number + 4]]
        assert epoch.train_loss == pytest.approx(sum(losses) / 4)


def test_training_goes_no_further_than_it_is_asked():
    run = begin()
    stream = run.epochs()
    next(stream)
    after_one = weights(run.model)
    assert len(run.history.steps) == 1
    assert torch.equal(weights(run.model), after_one)
    next(stream)
    assert not torch.equal(weights(run.model), after_one)


def test_the_reported_loss_is_that_before_the_update():
    run = begin(tiny.model(src_vocab=10, trg_vocab=10))
    batch = one_batch()
    expected = token_loss(run.model(batch), batch.trg_out).item()
    assert run.step(batch).loss == pytest.approx(expected, rel=1e-5)


def test_a_step_lowers_the_loss_of_its_batch():
    run, batch = begin(tiny.model(src_vocab=10, trg_vocab=10), lr=0.05), one_batch()
    first = run.step(batch).loss
    assert token_loss(run.model(batch), batch.trg_out).item() < first


@pytest.mark.parametrize("clip", [1e-3, 0.1])
def test_clipping_bounds_the_gradient(clip):
    run = begin(clip=clip)
    norm = run.step(one_batch()).gradient_norm
    left = torch.stack([w.grad.norm() for w in run.model.parameters()]).norm().item()
    assert norm > clip  # as it was
    assert left == pytest.approx(clip, rel=1e-2)  # as it was used


def test_clipping_leaves_a_small_gradient_as_it_is():
    run, batch = begin(tiny.model(src_vocab=10, trg_vocab=10), clip=1e6), one_batch()
    expected = torch.autograd.grad(token_loss(run.model(batch), batch.trg_out), list(run.model.parameters()))
    run.step(batch)
    for weight, gradient in zip(run.model.parameters(), expected, strict=True):
        torch.testing.assert_close(weight.grad, gradient)


def test_the_learning_rate_rises_to_its_peak_and_falls_to_nothing():
    run = begin(epochs=10, lr=0.02)
    rates = [event.learning_rate for event in run.epochs() if isinstance(event, Step)]
    peak = rates.index(max(rates))
    assert max(rates) == pytest.approx(0.02, rel=0.05)
    assert 0 < peak < 20
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[-1] < 1e-4


def cycle(peak, warmup, steps):
    """The rates as a formula: a rise over warmup * steps - 1 updates, then a fall, both half a cosine."""
    top, rates = warmup * steps - 1, []
    for step in range(steps):
        if steps == 1 or (top == 0 and step == 0):
            rates.append(peak)
            continue
        low, begin, end = (peak / 25, 0, top) if step <= top else (peak / 25 / 1e4, top, steps - 1)
        way = (step - begin) / (end - begin) if step > top else 1 - (step - begin) / (end - begin)
        rates.append(low + (peak - low) * (1 + math.cos(math.pi * way)) / 2)
    return rates


LENGTHS = [(1, 1), (1, 2), (2, 1), (1, 10), (10, 1), (5, 2), (2, 5), (5, 4), (1, 5), (3, 1), (4, 1), (7, 3)]
WARMUPS = [0, 0.05, 0.1, 0.2, 0.25, 0.3, 1 / 3, 0.5, 0.9, 0.99, 1.0, 1]


@pytest.mark.parametrize("warmup", WARMUPS)
@pytest.mark.parametrize(("count", "epochs"), LENGTHS)
def test_the_learning_rate_follows_its_formula_at_every_length(count, epochs, warmup):
    model, pairs = build_model(10, 10, attention=None, embedding_dim=1, hidden_size=1, num_layers=1), PAIRS[:count]
    run = Run(model, tiny.corpus(pairs, batch_size=1), USUAL._replace(epochs=epochs, lr=0.02, warmup=warmup))
    rates = [event.learning_rate for event in run.epochs() if isinstance(event, Step)]
    assert rates == pytest.approx(cycle(0.02, warmup, count * epochs), rel=1e-9)


def torchs_own(optimizer, peak, warmup, steps):
    return OneCycleLR(optimizer, peak, steps, pct_start=warmup, cycle_momentum=False)


def test_the_rates_are_those_of_torch_wherever_torch_has_some():
    parted = []
    for steps, warmup in itertools.product((2, 3, 4, 5, 10, 20, 49, 100), WARMUPS):
        found = []
        for make in (
            one_cycle,
            lambda o, peak, share, n: OneCycleLR(o, peak, n, pct_start=share, cycle_momentum=False),
        ):
            optimizer = torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))])
            try:
                schedule, rates = make(optimizer, 0.02, float(warmup), steps), []
            except ZeroDivisionError:
                continue
            for _ in range(steps - 1):
                rates.append(schedule.get_last_lr())
                optimizer.step()
                schedule.step()
            found.append([*rates, schedule.get_last_lr()])
        parted += [] if len(found) == 1 else [(steps, warmup)] * (found[0] != found[1])
    assert parted == []


def test_a_warm_up_of_all_steps_ends_at_the_peak_and_one_of_one_step_begins_there():
    for warmup, where in ((1.0, -1), (0.125, 0)):
        rates = [event.learning_rate for event in begin(lr=0.02, warmup=warmup).epochs() if isinstance(event, Step)]
        assert rates[where] == pytest.approx(0.02) == max(rates)
        assert len(set(rates)) == len(rates) == 8


def test_teacher_forcing_follows_its_schedule_from_the_first_step_to_the_last():
    run = begin(epochs=2, teacher_forcing=linear(1.0, 0.2))
    forced = [event.teacher_forcing for event in run.epochs() if isinstance(event, Step)]
    assert forced == pytest.approx([1 - 0.8 * i / 7 for i in range(8)])


def test_training_follows_from_the_seed_alone():
    outcomes = []
    for seed, disturbance in ((3, 0), (3, 1), (4, 0)):
        torch.manual_seed(disturbance)
        run = begin(teacher_forcing=0.5, coin="token", seed=seed)
        list(run.epochs())
        outcomes.append(weights(run.model))
    assert torch.equal(outcomes[0], outcomes[1])
    assert not torch.equal(outcomes[0], outcomes[2])


def test_a_run_draws_its_own_dropout_at_every_step():
    run = begin(tiny.model(src_vocab=10, trg_vocab=10, dropout=0.5), lr=1e-30)
    batch = one_batch()
    assert run.step(batch).loss != run.step(batch).loss


def test_training_and_validation_leave_the_global_random_state_alone():
    before = torch.get_rng_state()
    list(begin(teacher_forcing=0.5).epochs())
    assert torch.equal(before, torch.get_rng_state())
    list(begin(teacher_forcing=0.5).epochs(tiny.corpus(PAIRS)))
    assert torch.equal(before, torch.get_rng_state())


def test_validation_reads_gold_inputs_whatever_training_reads():
    run, valid = begin(teacher_forcing=0.0, epochs=1), tiny.corpus(PAIRS)
    *_, epoch = run.epochs(valid)
    assert (epoch.valid_loss, epoch.valid_accuracy) == evaluate(run.model, valid, 1.0)


@pytest.mark.parametrize("poison", [math.nan, math.inf])
def test_a_loss_that_is_no_number_stops_with_the_weights_untouched(poison):
    run = begin()
    run.step(one_batch())
    with torch.no_grad():
        run.model.decoder.output.bias[5] = poison
    before = weights(run.model)
    with pytest.raises(TrainingDiverged, match=r"step 2|step 1"):
        run.step(one_batch())
    torch.testing.assert_close(weights(run.model), before, rtol=0, atol=0, equal_nan=True)


def test_a_learning_rate_out_of_this_world_is_noticed():
    with pytest.raises(TrainingDiverged, match="Try a smaller lr"):
        list(begin(lr=1e38, epochs=4).epochs())


def test_the_best_weights_are_those_of_the_lowest_validation_loss():
    other = [pair._replace(trg=pair.trg[::-1]) for pair in tiny.copy_task(24, seed=5)]
    run, valid = begin(epochs=25, lr=0.05, pairs=tiny.copy_task(24, longest=3)), tiny.corpus(other)
    snapshots = [weights(run.model) for event in run.epochs(valid) if isinstance(event, Epoch)]
    losses = [epoch.valid_loss for epoch in run.history.epochs]
    best = losses.index(min(losses))
    assert best < 24  # learning one task by heart unlearns the other
    assert [epoch.best for epoch in run.history.epochs] == [
        loss < min([math.inf, *losses[:i]]) for i, loss in enumerate(losses)
    ]
    run.model.load_state_dict(run.best_weights)
    assert torch.equal(weights(run.model), snapshots[best])


def test_without_validation_the_last_weights_are_the_best():
    run = begin()
    *_, epoch = run.epochs()
    assert epoch.best
    assert math.isnan(epoch.valid_loss)
    assert all(torch.equal(w, run.model.state_dict()[name]) for name, w in run.best_weights.items())


@pytest.mark.parametrize("patience", [1, 3])
def test_patience_ends_training_after_so_many_epochs_without_progress(patience):
    other = [pair._replace(trg=pair.trg[::-1]) for pair in tiny.copy_task(24, seed=5)]
    run = begin(epochs=40, lr=0.05, patience=patience, pairs=tiny.copy_task(24, longest=3))
    list(run.epochs(tiny.corpus(other)))
    assert patience < len(run.history.epochs) < 40
    assert not any(epoch.best for epoch in run.history.epochs[-patience:])
    assert run.history.epochs[-patience - 1].best


def test_a_step_flushes_subnormals_and_leaves_the_setting_as_it_was():
    small = torch.tensor([1e-40])
    for before in (False, True):
        torch.set_flush_denormal(before)
        with subnormals_flushed():
            assert small.mul(1.0).item() == 0
        assert (small.mul(1.0).item() == 0) is before
    torch.set_flush_denormal(False)


def test_a_run_takes_its_steps_and_no_more():
    run = begin()
    list(run.epochs())
    before = weights(run.model)
    with pytest.raises(ValueError, match="all 8 steps"):
        run.step(one_batch())
    assert torch.equal(weights(run.model), before)
    assert list(run.epochs()) == []


@pytest.mark.parametrize("label_smoothing", [0.0, 0.3])
def test_label_smoothing_is_learned_from_and_reported(label_smoothing):
    run, batch = begin(tiny.model(src_vocab=10, trg_vocab=10), label_smoothing=label_smoothing), one_batch()
    log_probs = F.log_softmax(run.model(batch), dim=-1)
    real = batch.trg_out != PAD
    true = log_probs.gather(2, batch.trg_out.unsqueeze(2)).squeeze(2)[real]
    expected = -((1 - label_smoothing) * true + label_smoothing * log_probs.mean(2)[real]).mean().item()
    assert run.step(batch).loss == pytest.approx(expected, rel=1e-5)


def test_between_two_steps_the_model_is_ready_to_translate_even_after_a_bad_one():
    run, batch = begin(tiny.model(src_vocab=10, trg_vocab=10, dropout=0.5).train()), one_batch()
    run.step(batch)
    assert not any(part.training for part in run.model.modules())
    with torch.no_grad():
        run.model.decoder.output.bias[5] = math.nan
    with pytest.raises(TrainingDiverged):
        run.step(batch)
    assert not any(part.training for part in run.model.modules())


def test_a_schedule_is_held_to_probabilities_when_it_is_used():
    run = begin(teacher_forcing=lambda progress: 1.5 if 0.1 < progress < 0.4 else 1.0)  # asked at 0, 1/2 and 1 before
    run.step(one_batch())
    before = weights(run.model)
    with pytest.raises(ValueError, match=r"teacher_forcing\(0\.143\)=1\.5: give a number between 0 and 1"):
        run.step(one_batch())
    assert torch.equal(weights(run.model), before)


@pytest.mark.parametrize("steps", [0, 1, 4, 6])
def test_the_state_of_a_run_brings_another_to_where_it_stood(steps, tmp_path):
    first, second, whole = (begin(teacher_forcing=0.5, coin="token") for _ in range(3))
    for _ in zip(range(steps + steps // 5), first.epochs(tiny.corpus(PAIRS)), strict=False):
        pass
    torch.save(first.state_dict(), tmp_path / "state")
    second.load_state_dict(torch.load(tmp_path / "state", weights_only=True))
    assert second.history == first.history
    for run in (second, whole):
        list(run.epochs(tiny.corpus(PAIRS)))
    assert torch.equal(weights(second.model), weights(whole.model))
    assert second.history.steps == whole.history.steps


def refused(path, load=lambda path: saved_run(path)):
    """Check that loading ends in one error, of one kind, that names the file."""
    with pytest.raises(CheckpointError) as error:
        load(path)
    assert str(path) in str(error.value)
    return True


def saved_run(path, **kind):
    """Train a little, with a file to go on from."""
    model, train = tiny.model(src_vocab=10, trg_vocab=10), tiny.corpus(tiny.copy_task(12), batch_size=6, shuffle=1)
    return fit(model, train, epochs=2, resume=path, progress=False, **kind)


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_run_that_cannot_be_saved_leaves_the_file_of_the_epoch_before(error, tmp_path, monkeypatch):
    path, saves = tmp_path / "run.pt", []
    whole = torch.save

    def half_the_second_time(state, target):
        whole(state, target)
        saves.append(path.read_bytes() if path.exists() else None)
        if len(saves) == 2:
            target.write_bytes(target.read_bytes()[:100])
            raise error

    monkeypatch.setattr(torch, "save", half_the_second_time)
    with pytest.raises(type(error)):
        saved_run(path)
    assert path.read_bytes() == saves[1]
    assert list(tmp_path.iterdir()) == [path]
    monkeypatch.undo()
    assert len(saved_run(path).epochs) == 2


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_a_damaged_run_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "run.pt"
    saved_run(path)
    data, rng = path.read_bytes(), random.Random(0)
    cut = [data[:end] for end in (0, 1, 10, len(data) // 2, len(data) - 1)]
    noise = [rng.randbytes(size) for size in (1, 2, 50, 3000)] + [
        bytes([first]) + rng.randbytes(40) for first in range(256)
    ]
    for damaged in cut + noise:
        path.write_bytes(damaged)
        assert refused(path)
        assert path.read_bytes() == damaged


@pytest.mark.filterwarnings("ignore:Using a non-tuple sequence")
@pytest.mark.parametrize("content", [{}, [], 3, {"identity": "other"}, torch.zeros(3), "text", None], ids=repr)
def test_a_file_that_is_no_run_is_refused(content, tmp_path):
    torch.save(content, tmp_path / "run.pt")
    assert refused(tmp_path / "run.pt")


def test_a_run_with_a_part_missing_is_refused_and_changes_nothing(tmp_path):
    path = tmp_path / "run.pt"
    saved_run(path)
    state = torch.load(path, weights_only=True)
    parts = state["run"]
    for missing in ("identity", "run"):
        torch.save({name: value for name, value in state.items() if name != missing}, path)
        assert refused(path)
    for missing in parts:
        torch.save(state | {"run": {name: value for name, value in parts.items() if name != missing}}, path)
        assert refused(path)


class Bomb:
    """Unpickling this writes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_nothing_in_a_file_is_ever_executed(tmp_path):
    torch.save({"identity": Bomb(tmp_path / "gone off")}, tmp_path / "run.pt")
    assert refused(tmp_path / "run.pt")
    assert refused(tmp_path / "run.pt", Translator.load)
    assert not (tmp_path / "gone off").exists()
