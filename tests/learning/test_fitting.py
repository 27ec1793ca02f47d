"""`fit`: interrupted, resumed, on a thread, out of luck; and the same weights, bit for bit."""

import math
import signal
import threading
from contextlib import nullcontext

import pytest
import tiny
import torch

from s2s_lib.learning.checkpoints import CheckpointError
from s2s_lib.learning.fitting import fit
from s2s_lib.learning.training import Epoch, History, Step, TrainingDiverged, evaluate
from s2s_lib.model.teacher_forcing import linear

PAIRS = tiny.copy_task(22)
EPOCHS, STEPS = 3, 4  # steps in an epoch


class StoppedError(Exception):
    """What a callback or a full disk may raise."""


def trained(
    resume=None, on_event=None, *, attention="general", cell="gru", shuffle=1, bucket=True, batch_size=6, **kind
):
    """Train a fresh model with everything random at play: dropout, shuffling, a coin for each token."""
    kind = {"dropout": 0.3, "weights": 0, "pairs": PAIRS, "unseen": tiny.copy_task(9, seed=2)} | kind
    dropout, weights, pairs, unseen = (kind.pop(name) for name in ("dropout", "weights", "pairs", "unseen"))
    model = tiny.model(attention, src_vocab=10, trg_vocab=10, cell=cell, num_layers=2, dropout=dropout, seed=weights)
    train = tiny.corpus(pairs, batch_size=batch_size, shuffle=shuffle, bucket=bucket)
    settings = {"epochs": EPOCHS, "lr": 0.01, "teacher_forcing": linear(0.9, 0.3), "coin": "token", "seed": 5}
    valid = tiny.corpus(unseen)
    history = fit(model, train, valid, resume=resume, on_event=on_event, progress=False, **settings | kind)
    return model, history


def interrupt(where):
    """Send one SIGINT at the `where`-th event (steps and epochs counted together, from 1)."""
    seen = []

    def on_event(event):
        seen.append(event)
        if len(seen) == where:
            signal.raise_signal(signal.SIGINT)

    return on_event


def timeless(epochs):
    return [epoch._replace(seconds=0.0) for epoch in epochs]


def assert_same(first, second):
    (model, history), (other, other_history) = first, second
    for (name, weight), twin in zip(model.state_dict().items(), other.state_dict().values(), strict=True):
        assert torch.equal(weight, twin), name
    assert history.steps == other_history.steps
    assert timeless(history.epochs) == timeless(other_history.epochs)
    assert history.stopped == other_history.stopped


@pytest.fixture(scope="module")
def whole():
    return trained()


# 1-4 are steps, 5 the first epoch: within an epoch, at its last step, after it, at the last step of all.
@pytest.mark.parametrize("where", [1, 2, 4, 5, 8, 14])
def test_a_resumed_run_gives_the_same_weights_bit_for_bit(where, whole, tmp_path):
    path = tmp_path / "run.pt"
    _, history = trained(path, interrupt(where))
    assert history.stopped == "interrupted"
    assert len(history.steps) + len(history.epochs) == where
    torch.manual_seed(where)
    assert_same(trained(path), whole)


def test_a_run_interrupted_again_and_again_gives_the_same_weights(whole, tmp_path):
    path = tmp_path / "run.pt"
    for where in (2, 1, 3, 4):
        assert trained(path, interrupt(where))[1].stopped == "interrupted"
    assert_same(trained(path), whole)


@pytest.mark.parametrize(("attention", "cell", "shuffle"), [("concat", "lstm", 1), (None, "gru", None)])
def test_resuming_works_for_every_kind(attention, cell, shuffle, tmp_path):
    kind = {"attention": attention, "cell": cell, "shuffle": shuffle}
    trained(tmp_path / "run.pt", interrupt(7), **kind)
    assert_same(trained(tmp_path / "run.pt", **kind), trained(**kind))


def test_a_run_that_failed_goes_on_from_its_last_epoch(whole, tmp_path):
    def fail(event):
        if isinstance(event, Step) and event.step == 7:
            raise StoppedError

    with pytest.raises(StoppedError):
        trained(tmp_path / "run.pt", fail)
    seen = []
    assert_same(trained(tmp_path / "run.pt", seen.append), whole)
    assert seen[0].step == STEPS + 1


def test_a_finished_run_is_not_trained_again(whole, tmp_path):
    trained(tmp_path / "run.pt")
    seen = []
    again = trained(tmp_path / "run.pt", seen.append)
    assert_same(again, whole)
    assert seen == [again[1]]  # the history alone: no step, no epoch


def test_saving_changes_nothing_of_the_run(whole, tmp_path):
    assert_same(trained(tmp_path / "deep" / "run.pt"), whole)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["run.pt"]


def test_an_interrupt_keeps_the_weights_of_the_last_step():
    seen, weights = [], []

    def on_event(event):
        seen.append(event)
        if len(seen) == 7:
            weights.extend(w.clone() for w in model.parameters())
            signal.raise_signal(signal.SIGINT)

    model = tiny.model(src_vocab=10, trg_vocab=10)
    history = fit(model, tiny.corpus(PAIRS, batch_size=6), epochs=9, on_event=on_event, progress=False)
    assert history.stopped == "interrupted"
    assert len(history.steps) == 6
    assert all(map(torch.equal, weights, model.parameters()))
    assert not model.training


def test_the_second_interrupt_stops_at_once():
    def twice(event):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        trained(on_event=twice)


@pytest.mark.parametrize("ending", ["well", "interrupted", "failed"])
def test_the_handler_of_before_is_back_afterwards(ending):
    def mine(signum, frame):
        raise AssertionError("not while training")

    def fail(event):
        raise StoppedError

    before = signal.signal(signal.SIGINT, mine)
    try:
        if ending == "failed":
            with pytest.raises(StoppedError):
                trained(on_event=fail)
        else:
            trained(on_event=interrupt(2) if ending == "interrupted" else None)
        assert signal.getsignal(signal.SIGINT) is mine
    finally:
        signal.signal(signal.SIGINT, before)


def test_training_on_a_thread_gives_the_same_weights(whole):
    results = []
    thread = threading.Thread(target=lambda: results.append(trained()))
    thread.start()
    thread.join()
    assert_same(results[0], whole)


def test_training_leaves_the_global_random_state_alone(whole):
    before = torch.get_rng_state()
    trained()
    assert torch.equal(before, torch.get_rng_state())


def test_events_are_those_of_the_history(whole):
    seen = []
    _, history = trained(on_event=seen.append)
    assert [event for event in seen if isinstance(event, Step)] == history.steps
    assert [event for event in seen if isinstance(event, Epoch)] == history.epochs
    assert (len(history.steps), len(history.epochs)) == (EPOCHS * STEPS, EPOCHS)
    assert history.stopped == "finished"
    assert seen[-1] == history


def test_the_history_is_told_when_all_is_done():
    def on_event(event):
        if isinstance(event, History):
            told.append((event.stopped, model.training, [w.clone() for w in model.parameters()]))

    told, model = [], tiny.model(src_vocab=10, trg_vocab=10)
    fit(model, tiny.corpus(PAIRS, batch_size=6), epochs=1, on_event=on_event, progress=False)
    ((stopped, training, weights),) = told
    assert (stopped, training) == ("finished", False)
    assert all(map(torch.equal, weights, model.parameters()))


def test_a_training_that_fails_says_so_and_raises_what_went_wrong():
    def on_event(event):
        seen.append(event)
        if len(seen) == 3:
            raise StoppedError
        if isinstance(event, History):
            raise OSError("this one is not the cause")

    seen = []
    with pytest.raises(StoppedError):
        trained(on_event=on_event)
    assert [type(event) for event in seen] == [Step, Step, Step, History]
    assert seen[-1].stopped == "failed"


def test_the_model_ends_with_its_best_weights_and_ready_to_translate():
    model, valid = tiny.model(src_vocab=10, trg_vocab=10), tiny.corpus(tiny.copy_task(24, seed=5, reverse=True))
    train = tiny.corpus(tiny.copy_task(24, longest=3), batch_size=6)
    history = fit(model, train, valid, epochs=25, lr=0.05, progress=False)
    losses = [epoch.valid_loss for epoch in history.epochs]
    assert min(losses) < losses[-1]
    assert evaluate(model, valid)[0] == pytest.approx(min(losses))
    assert not model.training


def test_patience_stops_early_and_says_so(tmp_path):
    def run(epochs=40):
        model, valid = tiny.model(src_vocab=10, trg_vocab=10), tiny.corpus(tiny.copy_task(24, seed=5, reverse=True))
        train = tiny.corpus(tiny.copy_task(24, longest=3), batch_size=6)
        path = tmp_path / "run.pt"
        return fit(model, train, valid, epochs=epochs, lr=0.05, patience=2, resume=path, progress=False)

    history = run()
    assert history.stopped == "early"
    assert len(history.epochs) < 40
    assert run() == history  # resumed, it has nothing left to do


def test_a_loss_that_is_no_number_ends_in_one_clear_error():
    model = tiny.model(src_vocab=10, trg_vocab=10)
    with torch.no_grad():
        model.encoder.bridge.bias[0] = math.nan
    with pytest.raises(TrainingDiverged, match="smaller lr"):
        fit(model, tiny.corpus(PAIRS), epochs=1, progress=False)


def test_weights_ruined_by_the_very_last_step_end_in_the_same_error():
    model, train = tiny.model(src_vocab=10, trg_vocab=10), tiny.corpus(PAIRS, batch_size=100)
    with pytest.raises(TrainingDiverged):
        fit(model, train, train, epochs=1, lr=1e38, progress=False)


REVERSED = [pair._replace(trg=pair.trg[::-1]) for pair in PAIRS]
CHANGES = {
    "epochs was 3 and is 4": {"epochs": 4},
    "lr was 0.01 and is 0.02": {"lr": 0.02},
    "warmup was 0.3 and is 0.1": {"warmup": 0.1},
    "teacher_forcing was a schedule from 0.9 to 0.3 .* and is 0.9": {"teacher_forcing": 0.9},
    "coin was token and is step": {"coin": "step"},
    "seed was 5 and is 6": {"seed": 6},
    "clip was 1.0 and is 0.5": {"clip": 0.5},
    "label_smoothing was 0.0 and is 0.1": {"label_smoothing": 0.1},
    "patience was None and is 2": {"patience": 2},
    "the model's cell was gru and is lstm": {"cell": "lstm"},
    "the model's attention was general and is diagonal": {"attention": "diagonal"},
    "the model's dropout was 0.3 and is 0.1": {"dropout": 0.1},
    "batch_size was 6 and is 5": {"batch_size": 5},
    "bucket was True and is False": {"bucket": False},
    "the shuffling was by seed 1 and is off": {"shuffle": None},
    "the training sentences are others than those of the saved run": {"pairs": REVERSED},
    "valid is other data": {"unseen": tiny.copy_task(9, seed=2, reverse=True)},
    "the model's weights are neither those that it began with": {"weights": 1},
    "lr was 0.01 and is 0.02; the training sentences are others": {"lr": 0.02, "pairs": REVERSED},
}


@pytest.mark.parametrize("said", CHANGES)
def test_a_run_that_is_another_does_not_go_on_and_says_in_what(said, tmp_path):
    path = tmp_path / "run.pt"
    trained(path, interrupt(15 if "data" in said or "sentences" in said else 2))  # at its end, or in its middle
    before = path.read_bytes()
    with pytest.raises(CheckpointError, match=rf"run\.pt belongs to another run: {said}.*delete the file, or name"):
        trained(path, **CHANGES[said])
    assert path.read_bytes() == before


def test_a_model_goes_on_from_where_its_run_left_it(whole, tmp_path):
    path, unseen = tmp_path / "run.pt", tiny.corpus(tiny.copy_task(9, seed=2))
    model = tiny.model(src_vocab=10, trg_vocab=10, num_layers=2, dropout=0.3)
    train = tiny.corpus(PAIRS, batch_size=6, shuffle=1)
    settings = {"epochs": EPOCHS, "lr": 0.01, "teacher_forcing": linear(0.9, 0.3), "coin": "token", "seed": 5}

    def on(on_event=None):
        return model, fit(model, train, unseen, resume=path, on_event=on_event, progress=False, **settings)

    for where in (2, 4, 3):
        assert on(interrupt(where))[1].stopped == "interrupted"
    assert_same(on(), whole)
    assert_same(on(), whole)  # with its best weights, and nothing left to do


def test_a_run_with_another_attention_of_the_same_shapes_does_not_go_on(tmp_path):
    trained(tmp_path / "run.pt", interrupt(2), attention="dot")
    with pytest.raises(CheckpointError, match=r"run\.pt"):
        trained(tmp_path / "run.pt", attention="fixed")


@pytest.mark.parametrize("progress", [True, False])
def test_the_progress_bar_counts_to_the_end(progress, capsys):
    fit(tiny.model(src_vocab=10, trg_vocab=10), tiny.corpus(PAIRS, batch_size=6), epochs=2, progress=progress)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert ("8/8" in shown.err) == progress


def twice(event):
    signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGINT)


def fails(event):
    raise StoppedError


def spoils(model):
    def on_event(event):
        with torch.no_grad():
            model.decoder.output.bias[5] = math.nan

    return on_event


def unsettles(model):
    def on_event(event):
        model.train()
        raise StoppedError

    return on_event


ENDINGS = {  # what `fit` is given beside a model, and how it ends
    "finished": (lambda model: {}, "finished"),
    "early": (lambda model: {"patience": 1, "epochs": 40, "lr": 0.05}, "early"),
    "interrupted in an epoch": (lambda model: {"on_event": interrupt(2)}, "interrupted"),
    "interrupted after an epoch": (lambda model: {"on_event": interrupt(5)}, "interrupted"),
    "interrupted twice": (lambda model: {"on_event": twice}, KeyboardInterrupt),
    "diverged": (lambda model: {"on_event": spoils(model)}, TrainingDiverged),
    "a callback failed": (lambda model: {"on_event": fails}, StoppedError),
    "a callback failed and left another mode": (lambda model: {"on_event": unsettles(model)}, StoppedError),
    "a bad file": (lambda model: {"resume": __file__}, CheckpointError),
    "a schedule failed": (lambda model: {"teacher_forcing": lambda p: 1.5 if 0 < p < 0.5 else 1.0}, ValueError),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_however_training_ends_the_model_is_ready_to_translate(ending):
    options, stopped = ENDINGS[ending]
    model = tiny.model(src_vocab=10, trg_vocab=10, dropout=0.5).train()
    arguments = {"epochs": 2, "progress": False} | options(model)
    train = tiny.corpus(tiny.copy_task(24, longest=3), batch_size=6)
    valid = tiny.corpus(tiny.copy_task(24, seed=5, reverse=True)) if ending == "early" else None
    if isinstance(stopped, str):
        assert fit(model, train, valid, **arguments).stopped == stopped
    else:
        with pytest.raises(stopped):
            fit(model, train, valid, **arguments)
    assert not any(part.training for part in model.modules())


@pytest.mark.parametrize("validated", [True, False])
@pytest.mark.parametrize("fails", [True, False])
def test_whoever_looks_on_sees_no_dropout(validated, fails):
    def look(event):
        batch = next(iter(data))
        with torch.no_grad():
            seen.append((type(event), torch.equal(model(batch), model(batch))))
        assert evaluate(model, data) == evaluate(model, data)
        if fails and len(seen) == 7:
            raise StoppedError

    seen, model = [], tiny.model(src_vocab=10, trg_vocab=10, dropout=0.5).train()
    data, train = tiny.corpus(PAIRS), tiny.corpus(PAIRS, batch_size=6)
    with pytest.raises(StoppedError) if fails else nullcontext():
        fit(model, train, data if validated else None, epochs=2, progress=False, on_event=look)
    assert {kind for kind, _ in seen} == {Step, Epoch, History}
    assert all(same for _, same in seen)


def test_looking_on_changes_nothing(whole):
    models, build = [], tiny.model

    def look(event):
        evaluate(models[0], tiny.corpus(PAIRS), 0.5)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiny, "model", lambda *given, **kind: models.append(build(*given, **kind)) or models[0])
        assert_same(trained(on_event=look), whole)
    assert len(models) == 1


OPTIONS = {  # another value, and what must become another
    "epochs": (2, "steps"),
    "lr": (0.02, "rates"),
    "warmup": (0.6, "rates"),
    "teacher_forcing": (0.2, "forced"),
    "coin": ("step", "losses"),
    "clip": (0.1, "losses"),
    "label_smoothing": (0.2, "losses"),
    "patience": (1, "steps"),
    "seed": (6, "losses"),
}


def outcome(**changes):
    """Train with every option at play, and return what came of it."""
    usual = {"epochs": 8, "lr": 0.1, "unseen": REVERSED, "teacher_forcing": 0.6}
    model, history = trained(**usual | changes)
    return {
        "steps": len(history.steps),
        "rates": [step.learning_rate for step in history.steps],
        "forced": [step.teacher_forcing for step in history.steps],
        "losses": [step.loss for step in history.steps],
        "weights": torch.cat([w.flatten() for w in model.state_dict().values()]).tolist(),
    }


@pytest.fixture(scope="module")
def usual():
    return outcome()


@pytest.mark.parametrize("option", OPTIONS)
def test_another_value_of_each_option_is_another_training(option, usual):
    value, what = OPTIONS[option]
    other = outcome(**{option: value})
    assert usual[what] != other[what]
    if option != "patience":  # which ends with the best weights all the same
        assert usual["weights"] != other["weights"]


def test_a_single_step_trains():
    model = tiny.model(src_vocab=10, trg_vocab=10)
    data = tiny.corpus(PAIRS, batch_size=100)
    before, _ = evaluate(model, data)
    (step,) = fit(model, data, epochs=1, progress=False).steps
    assert step.learning_rate == pytest.approx(5e-3)
    assert evaluate(model, data)[0] < before - 0.01
