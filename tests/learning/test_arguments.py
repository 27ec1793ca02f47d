"""The door of `fit`: what can't be meant is refused in words, before anything is built, written or changed."""

import pytest
import tiny
import torch

from s2s_lib.corpora.text import SPECIALS
from s2s_lib.corpora.vocab import Vocab
from s2s_lib.learning.fitting import fit
from s2s_lib.model.batching import batches

PAIRS = tiny.copy_task(12)
SIX, SEVEN = (Vocab([*SPECIALS, *(f"w{i}" for i in range(size))]) for size in (6, 7))
TURNED = Vocab([*SPECIALS, *(f"w{i}" for i in reversed(range(6)))])  # as large, in another order


def corpus(src=SIX, trg=SIX, pairs=PAIRS):
    return batches(pairs, src, trg, batch_size=4)


class Again:
    """Anything that can be read again and again."""

    def __init__(self, batches):
        self.batches = list(batches)

    def __iter__(self):
        return iter(self.batches)


def refused(error, said, tmp_path, *, model=None, train=None, **arguments):
    """Check that `fit` says it, and that it did nothing: no weight, no mode, no random state, no file."""
    model = tiny.model(src_vocab=10, trg_vocab=10).train() if model is None else model
    train = corpus() if train is None else train
    before, state = {name: w.clone() for name, w in model.state_dict().items()}, torch.get_rng_state()
    arguments = {"epochs": 1, "resume": tmp_path / "run.pt", "progress": False} | arguments
    events = arguments.setdefault("on_event", [].append)
    with pytest.raises(error, match=said) as caught:
        fit(model, train, arguments.pop("valid", None), **arguments)
    assert type(caught.value) is error
    assert all(torch.equal(w, before[name]) for name, w in model.state_dict().items())
    assert model.training
    assert torch.equal(torch.get_rng_state(), state)
    assert not (tmp_path / "run.pt").exists()
    assert getattr(events, "__self__", []) == []


@pytest.mark.parametrize(
    ("train", "said"),
    [
        (PAIRS, "not a list of SentencePair"),
        (list(corpus()), "not a list of Batch"),
        (next(iter(corpus())), "not a Batch"),
        (torch.utils.data.DataLoader([1, 2]), "not a DataLoader"),
        ((batch for batch in corpus()), "not a generator"),
        ([], "not a list"),
        ("pairs", "not a str"),
    ],
)
def test_what_is_no_batches_is_told_what_to_give(train, said, tmp_path):
    refused(TypeError, rf"train: give batches\(pairs, src_vocab, trg_vocab, .*, {said}$", tmp_path, train=train)


def test_what_is_no_model_is_told_what_to_give():
    with pytest.raises(TypeError, match=r"model is a Translator: .* build_model returns .* its \.model"):
        fit(tiny.translator(), corpus(), epochs=1)


@pytest.mark.parametrize("name", ["train", "valid"])
def test_vocabularies_of_another_model_are_refused_and_exchanged_ones_are_recognised(name, tmp_path):
    def given(data):
        fits = {"train": corpus(SIX, SEVEN), "valid": corpus(SIX, SEVEN)}
        return {"model": tiny.model(src_vocab=10, trg_vocab=11).train(), **fits, name: data}

    said = f"{name}: 10 source and 10 target words, the model knows 10 and 11"
    refused(ValueError, said, tmp_path, **given(corpus(SIX, SIX)))
    refused(ValueError, rf"{name}: source and target are exchanged", tmp_path, **given(corpus(SEVEN, SIX)))


def test_validation_words_are_numbered_as_the_training_words(tmp_path):
    for src, trg in ((TURNED, SIX), (SIX, TURNED)):
        refused(ValueError, "valid: its vocabularies are not those of train", tmp_path, valid=corpus(src, trg))
    again = Vocab(SIX.tokens)
    fit(tiny.model(src_vocab=10, trg_vocab=10), corpus(), corpus(again, again), epochs=1, progress=False)


@pytest.mark.parametrize(
    ("valid", "error", "said"),
    [
        (PAIRS, TypeError, "there is a SentencePair in it"),
        (tuple(PAIRS), TypeError, "there is a SentencePair in it"),
        ([*corpus(), PAIRS[0]], TypeError, "there is a SentencePair in it"),
        (Again(PAIRS), TypeError, "there is a SentencePair in it"),
        (next(iter(corpus())), TypeError, "give batches.* a list of Batch, not a Batch"),
        (3, TypeError, "give batches.*, not an int"),
        ([], ValueError, "there is no batch in it"),
        (Again([]), ValueError, "there is no batch in it"),
        ([tiny.batch(src_vocab=90, trg_vocab=9)], ValueError, "source word number [0-9]+, the model knows 10"),
        ([tiny.batch(src_vocab=9, trg_vocab=90)], ValueError, "target word number [0-9]+, the model knows 10"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_validation_data_is_batches(valid, error, said, tmp_path):
    refused(error, f"valid: .*{said}", tmp_path, valid=valid)


def test_validation_data_can_be_read_after_every_epoch(tmp_path):
    for once in ((batch for batch in corpus()), iter(corpus()), iter(list(corpus())), map(tuple, [])):
        refused(TypeError, "valid: .*can be read once", tmp_path, valid=once)
    losses = []
    for data in (corpus(), list(corpus()), tuple(corpus()), Again(corpus())):
        history = fit(tiny.model(src_vocab=10, trg_vocab=10), corpus(), data, epochs=2, progress=False)
        losses.append([epoch.valid_loss for epoch in history.epochs])
    assert losses[0] == losses[1] == losses[2] == losses[3]


def test_every_setting_is_checked(tmp_path):
    for name, value in {"epochs": 0, "lr": -1, "warmup": 2, "clip": 0, "label_smoothing": 1, "seed": 2**64}.items():
        refused(ValueError, f"^{name}=", tmp_path, **{name: value})
    for name, value in {"epochs": True, "clip": None, "teacher_forcing": "1", "patience": 1.5}.items():
        refused(TypeError, f"^{name}=", tmp_path, **{"valid": corpus(), name: value})
    refused(ValueError, "coin='both'", tmp_path, coin="both")


def test_patience_needs_something_to_wait_for(tmp_path):
    refused(ValueError, "patience=2 .*give `valid`", tmp_path, patience=2)


def test_what_is_told_must_be_able_to_listen(tmp_path):
    refused(TypeError, "on_event: give a function .*, not a list", tmp_path, on_event=[])


def test_a_run_is_saved_in_a_file(tmp_path):
    (tmp_path / "file").touch()
    for folder in (tmp_path, str(tmp_path), "", "."):
        refused(ValueError, r"resume: .* is a folder; name a file in it, such as .*run\.pt", tmp_path, resume=folder)
    refused(ValueError, "resume: .*is a file and no folder", tmp_path, resume=tmp_path / "file" / "run.pt")
    for thing in (3, True, b"run.pt"):
        refused(TypeError, "resume: give the path of a file, not a", tmp_path, resume=thing)
