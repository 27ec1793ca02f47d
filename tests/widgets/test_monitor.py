import signal
import time

import numpy as np
import pytest
import tiny
import torch

from s2s_lib import Translator, Vocab, fit
from s2s_lib.corpora.text import SPECIALS
from s2s_lib.learning.training import Step
from s2s_lib.widgets import TrainingMonitor, monitor

PAIRS = tiny.copy_task(40)


def learner(attention="dot", seed=0):
    vocab = Vocab([*SPECIALS, *(f"w{i}" for i in range(6))])
    return Translator(tiny.model(attention, seed=seed, src_vocab=len(vocab), trg_vocab=len(vocab)), vocab, vocab)


def train(translator, on_event=None, epochs=3, **options):
    corpus = tiny.corpus(PAIRS, shuffle=0)
    return fit(translator.model, corpus, corpus, epochs=epochs, progress=False, on_event=on_event, **options)


def test_the_weights_come_out_as_without_it(monkeypatch):
    monkeypatch.setattr(monitor, "PER_SECOND", 1e9)  # a probe at every step
    monkeypatch.setattr(monitor, "SHARE", 1e9)
    watched, alone = learner(), learner()
    shown = TrainingMonitor(watched, PAIRS[0].src)
    history = train(watched, shown)
    assert train(alone).steps == history.steps
    assert all(map(torch.equal, watched.model.parameters(), alone.model.parameters()))
    assert len(shown.kept) > len(history.steps)  # it did look


def test_it_shows_each_step_and_how_it_ended():
    translator = learner()
    shown, frames = TrainingMonitor(translator, PAIRS[0].src, forced=PAIRS[0].trg), []
    assert shown.frame["state"] == "waiting"
    shown.observe(lambda change: frames.append(change["new"]), "frame")
    history = train(translator, shown)
    assert [frame["state"] for frame in (frames[0], frames[-1])] == ["training", "finished"]
    last = frames[-1]
    losses = np.frombuffer(last["losses"], "<f4").reshape(-1, 2)
    assert losses[:, 0].tolist() == [step.step for step in history.steps]
    np.testing.assert_allclose(losses[:, 1], [step.loss for step in history.steps], rtol=1e-6)
    assert last["valid"] == [(15 // 3 * epoch.epoch, epoch.valid_loss) for epoch in history.epochs]
    assert last["trace"]["trg"] == [*PAIRS[0].trg, "<eos>"]


def test_the_last_picture_is_of_the_model_as_it_was_left():
    translator = learner()
    shown = TrainingMonitor(translator, PAIRS[0].src)
    train(translator, shown)
    expected = translator.translate(PAIRS[0].src)
    assert shown.shown.trg == expected.trg
    assert torch.equal(shown.shown.weights, expected.weights)
    assert shown.snapshots[-1]["trace"]["weights"] == expected.weights.numpy().tobytes()


def test_an_interrupt_ends_the_training_after_the_step_and_is_shown():
    translator, states = learner(), []
    shown = TrainingMonitor(translator, PAIRS[0].src)
    shown.observe(lambda change: states.append(change["new"]["state"]), "frame")

    def both(event):
        shown(event)
        if isinstance(event, Step) and event.step == 4:
            signal.raise_signal(signal.SIGINT)

    history = train(translator, both)
    assert len(history.steps) == 4
    assert states[-1] == "interrupted"


def test_a_failed_training_is_shown_as_failed():
    translator = learner()
    shown = TrainingMonitor(translator, PAIRS[0].src)

    def fails(event):
        shown(event)
        if isinstance(event, Step):
            raise KeyError("mine")

    with pytest.raises(KeyError):
        train(translator, fails)
    assert shown.frame["state"] == "failed"


def test_what_goes_wrong_in_it_does_not_stop_the_training(monkeypatch):
    translator = learner()
    shown = TrainingMonitor(translator, PAIRS[0].src)
    monkeypatch.setattr(shown, "probe", lambda: 1 / 0)
    assert train(translator, shown).stopped == "finished"
    assert "ZeroDivisionError" in shown.error


def test_snapshots_stay_few_and_cover_the_run(monkeypatch):
    monkeypatch.setattr(monitor, "PER_SECOND", 1e9)
    monkeypatch.setattr(monitor, "SHARE", 1e9)
    translator = learner()
    shown = TrainingMonitor(translator, PAIRS[0].src)
    history = train(translator, shown, epochs=40)
    steps = [snapshot["step"] for snapshot in shown.snapshots]
    assert len(history.steps) == 200
    assert monitor.SNAPSHOTS / 2 <= len(steps) <= monitor.SNAPSHOTS + 1
    assert steps[0] == 0
    assert steps[-1] == 200
    assert steps == sorted(steps)
    assert max(np.diff(steps)) <= 8


def test_a_long_run_sends_a_short_curve(monkeypatch):
    shown = TrainingMonitor(learner(), PAIRS[0].src)
    for step in range(1, 5001):
        shown(Step(1, step, 5000, 1.0, 0.01, 1.0, 1.0))
    shown.show("training")
    points = np.frombuffer(shown.frame["losses"], "<f4").reshape(-1, 2)
    assert len(points) <= monitor.POINTS
    assert points[0, 0] <= 5000 / monitor.POINTS + 1
    assert points[-1, 0] == 5000


def test_at_most_fifteen_updates_a_second():
    shown, frames = TrainingMonitor(learner(), PAIRS[0].src), []
    shown.observe(lambda change: frames.append(1), "frame")
    began, step = time.perf_counter(), 0
    while time.perf_counter() - began < 0.5:
        step += 1
        shown(Step(1, step, 10**6, 1.0, 0.01, 1.0, 1.0))
    assert 1 < len(frames) <= 0.5 * monitor.PER_SECOND + 2


def test_a_second_training_begins_anew():
    translator = learner()
    shown = TrainingMonitor(translator, PAIRS[0].src)
    train(translator, shown)
    train(translator, shown, epochs=1)
    assert [step.step for step in shown.steps] == [1, 2, 3, 4, 5]
    assert len(shown.epochs) == 1
    assert shown.snapshots[0]["step"] == 0


def test_a_resumed_training_goes_on_from_its_step(tmp_path):
    translator = learner()
    train(translator, epochs=3, resume=tmp_path / "run.pt")
    shown = TrainingMonitor(translator, PAIRS[0].src)
    train(translator, shown, epochs=3, resume=tmp_path / "run.pt")
    assert (shown.frame["state"], shown.frame["step"]) == ("finished", 0)  # nothing was left to do


def test_the_alignment_error_is_shown_where_gold_is_known():
    shown = TrainingMonitor(learner(), ("w1", "w2"), forced=("w1", "w2"), gold={(0, 0), (1, 1)})
    assert 0 <= shown.frame["trace"]["error_rate"] <= 1


@pytest.mark.parametrize("words", [(), ("w1",) * 61])
def test_a_probe_has_words_and_not_too_many(words):
    with pytest.raises(ValueError, match="1 to 60 words"):
        TrainingMonitor(learner(), words)


def test_an_update_of_sixty_words_takes_two_milliseconds():
    translator = learner()
    words = ("w1",) * 60
    shown = TrainingMonitor(translator, words, forced=words[:59])
    for step in range(1, 500):
        shown.steps.append(Step(1, step, 500, 1.0, 0.01, 1.0, 1.0))
    assert len(shown.shown.weights) == 60
    times = []
    for _ in range(200):
        began = time.process_time()
        shown.show("training")
        times.append(time.process_time() - began)
    assert sorted(times)[len(times) // 2] < 0.002
