"""The training command, on a recipe that takes a second."""

import pytest
import tiny
import torch

from s2s_lib.corpora.parallel import ParallelCorpus
from s2s_lib.course.research import recipes as train
from s2s_lib.learning.training import Epoch
from s2s_lib.translating.translator import Translator

MODEL = {"attention": "dot", "embedding_dim": 16, "hidden_size": 32, "num_layers": 1, "dropout": 0.0}


def corpus():
    parts = (tiny.copy_task(count, seed=count, words=4, longest=3) for count in (400, 20, 21))
    return ParallelCorpus(*parts)


@pytest.fixture(autouse=True)
def recipe(monkeypatch):
    small = train.Recipe(corpus, "a copy task", model=MODEL, batch_size=16, fit={"epochs": 8, "lr": 2e-2})
    monkeypatch.setitem(train.RECIPES, "copy", small)


def run(*arguments):
    train.main(["copy", "--quiet", *map(str, arguments)])


def test_it_learns_saves_and_says_how_good_it_is(tmp_path, capsys):
    run("--out", tmp_path / "copy.safetensors")
    said = capsys.readouterr().out
    assert "21 test sentences: exact match" in said
    assert "BLEU" in said
    translator = Translator.load(tmp_path / "copy.safetensors")
    assert translator.about == "a copy task"
    right = sum(translator.translate(pair.src).trg[:-1] == pair.trg for pair in corpus().test)
    assert right > 15
    assert [path.name for path in tmp_path.iterdir()] == ["copy.safetensors"]


def test_an_interrupted_run_goes_on_and_ends_with_the_same_weights(tmp_path, capsys, monkeypatch):
    run("--out", tmp_path / "whole.safetensors")
    whole = Translator.load(tmp_path / "whole.safetensors").model.state_dict()

    def interrupt(event):
        if isinstance(event, Epoch) and event.epoch == 2:
            import signal

            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patched:
        patched.setattr(train, "print_epoch", interrupt)
        with pytest.raises(SystemExit, match="go on"):
            train.main(["copy", "--out", str(tmp_path / "twice.safetensors")])
    assert not (tmp_path / "twice.safetensors").exists()
    run("--out", tmp_path / "twice.safetensors")
    twice = Translator.load(tmp_path / "twice.safetensors").model.state_dict()
    assert all(torch.equal(whole[name], twice[name]) for name in whole)


def test_float16_is_chosen_only_where_no_translation_changes(monkeypatch):
    translator, _ = train.train(train.RECIPES["copy"], seed=0, resume=None, progress=False)
    before = {name: weight.clone() for name, weight in translator.model.state_dict().items()}
    assert train.halved(translator, corpus().test) == (torch.float16, 0)
    assert all(torch.equal(before[name], weight) for name, weight in translator.model.state_dict().items())
    with torch.no_grad():  # so large that float16 makes it infinite
        translator.model.decoder.output.bias[5] = 1e6
        translator.model.decoder.output.bias[6] = 1e6 + 1
    dtype, changed = train.halved(translator, corpus().test)
    assert dtype == torch.float32
    assert changed > 10


def test_help_names_every_recipe(capsys):
    with pytest.raises(SystemExit):
        train.main(["--help"])
    said = capsys.readouterr().out
    assert all(name in said for name in train.RECIPES)
