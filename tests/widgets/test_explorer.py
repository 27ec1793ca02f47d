import gc
import threading
import time
import weakref

import matplotlib.pyplot as plt
import pytest
import tiny
import torch
from torch import nn

from s2s_lib.corpora.parallel import SentencePair
from s2s_lib.corpora.text import SPECIALS
from s2s_lib.corpora.vocab import Vocab
from s2s_lib.learning.fitting import fit
from s2s_lib.translating.translator import Translator
from s2s_lib.widgets import AttentionExplorer
from s2s_lib.widgets.payload import LARGEST


@pytest.fixture
def explorer():
    return AttentionExplorer({"dot": tiny.translator("dot"), "none": tiny.translator(None)}, "a b c")


def ask(explorer, text="a b c", model="dot", edits=None):
    """Do what the browser does."""
    explorer.asked = {"n": explorer.asked["n"] + 1, "text": text, "model": model, "edits": edits or {}}
    return explorer.answer


def test_each_request_is_answered_under_its_number(explorer):
    for text in ("a", "b c", "c a b", "b c"):
        answer = ask(explorer, text)
        assert (answer["n"], answer["text"], answer["model"]) == (explorer.asked["n"], text, "dot")
        assert answer["trace"]["trg"] == list(explorer.translators["dot"].translate(text).trg)


def test_another_model_answers_when_it_is_asked(explorer):
    trace = ask(explorer, model="none")["trace"]
    assert trace["kind"] is None
    assert "weights" not in trace
    assert ask(explorer)["trace"]["kind"] == "dot"


def test_an_edited_row_reaches_the_decoder(explorer):
    translator = explorer.translators["dot"]
    asked = {"0": [0.0, 0.0, 1.0]}  # JSON has no integer keys
    trace = ask(explorer, edits=asked)["trace"]
    expected = translator.translate("a b c", edits={0: [0.0, 0.0, 1.0]})
    assert (trace["edited"], trace["trg"]) == ([0], list(expected.trg))
    assert torch.equal(explorer.answered.weights, expected.weights)
    assert ask(explorer)["trace"]["edited"] == []


def test_editing_a_row_to_its_own_weights_changes_nothing(explorer):
    before = explorer.answered
    ask(explorer, edits={"1": before.weights[1].tolist()})
    assert explorer.answered.trg == before.trg
    torch.testing.assert_close(explorer.answered.weights, before.weights)


def test_a_row_that_the_output_no_longer_comes_to_is_let_go(explorer):
    """A reader changes step 7, then step 0, and the output becomes shorter: that is no error."""
    near, far = [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]
    trace = ask(explorer, edits={"0": near, "40": far, "41": far})["trace"]
    assert explorer.error == ""
    assert (trace["edited"], trace["trg"]) == ([0], ask(explorer, edits={"0": near})["trace"]["trg"])


def test_a_model_with_a_score_of_ones_own_is_explored_like_any(explorer):
    class Own(nn.Module):
        def forward(self, query, keys):
            return query @ keys.mT

    own = ask(AttentionExplorer(tiny.translator(Own()), "a b c"), model="")["trace"]
    dot = ask(AttentionExplorer(tiny.translator("dot"), "a b c"), model="")["trace"]
    assert own.pop("kind") == "Own"
    assert dot.pop("kind") == "dot"
    assert own == dot


@pytest.mark.parametrize(
    "request_", [{"model": "?"}, {"edits": {"0": [1.0]}}, {"edits": {"0": [0.0, 0.0, 0.0]}}, {"edits": {"x": [1.0]}}]
)
def test_what_goes_wrong_is_said_and_the_next_request_is_answered(explorer, request_):
    answer = ask(explorer, **request_)
    assert explorer.error
    assert "trace" not in answer
    assert answer["n"] == explorer.asked["n"]  # the browser knows that it need not wait
    assert "trace" in ask(explorer)
    assert explorer.error == ""


def test_no_text_gives_an_empty_trace(explorer):
    answer = ask(explorer, "   ")
    assert (answer["trace"]["src"], answer["trace"]["trg"], explorer.error) == ([], [], "")
    assert explorer.to_png().startswith(b"\x89PNG")


def test_a_sentence_too_long_for_a_live_map_comes_as_a_picture(explorer):
    answer = ask(explorer, "a " * (LARGEST + 1))
    assert answer["picture"].startswith(b"\x89PNG")
    assert "weights" not in answer["trace"]
    assert "picture" not in ask(explorer, "a b")


def test_a_known_sentence_shows_its_alignment_only_for_its_own_translation():
    translator = tiny.translator()
    right = translator.translate("a b c").trg[:-1]
    gold = frozenset({(0, 0)})
    for target, expected in ((right, [[0, 0]]), ((*right, "x"), None)):
        pairs = [SentencePair(("A", "b", "c"), target, gold)]  # however it is typed
        assert AttentionExplorer(translator, "a b c", pairs=pairs).answer["trace"]["gold"] == expected


def test_tokens_of_a_corpus_are_typed_into_the_field():
    explorer = AttentionExplorer(tiny.translator(), ("a", "b"))
    assert (explorer.asked["text"], explorer.answer["trace"]["src"]) == ("a b", ["a", "b"])
    assert explorer.models == [""]


def test_there_must_be_a_translator():
    with pytest.raises(ValueError, match="no translator"):
        AttentionExplorer({}, "a")


def test_a_model_in_training_is_left_alone(explorer):
    explorer.translators["dot"].model.train()
    assert "trace" not in ask(explorer)
    assert "in training" in explorer.error
    explorer.translators["dot"].model.eval()
    assert "trace" in ask(explorer)


def test_a_model_is_left_alone_between_two_steps_of_its_training_too():
    """There it is in eval mode; a callback on another thread must not come between it and the next step."""
    vocab = Vocab([*SPECIALS, *(f"w{i}" for i in range(6))])
    built = Translator(tiny.model("dot", src_vocab=10, trg_vocab=10), vocab, vocab)
    explorer, said = AttentionExplorer(built, "w1 w2"), []

    def on_event(event):
        assert not built.model.training
        answer = ask(explorer, "w2 w1", model="")
        said.append(("trace" in answer, "in training" in explorer.error))

    fit(built.model, tiny.corpus(tiny.copy_task(12)), epochs=1, progress=False, on_event=on_event)
    assert said[:-1] == [(False, True)] * (len(said) - 1)
    assert said[-1] == (True, False)  # the history: all is over
    assert len(said) > 2


def test_two_threads_never_use_a_model_at_once():
    translator, inside, most = tiny.translator(), [], []
    translate = translator.translate

    def slow(*arguments, **options):
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.002)
        inside.pop()
        return translate(*arguments, **options)

    translator.translate = slow
    explorers = [AttentionExplorer(translator, "a b") for _ in range(4)]
    threads = [threading.Thread(target=lambda e=e: [ask(e, "a b", "") for _ in range(10)]) for e in explorers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
    assert [e.error for e in explorers] == [""] * 4


def test_a_thousand_updates_leave_no_figure_thread_or_observer(explorer):
    def left():
        return plt.get_fignums(), threading.active_count(), sum(map(len, observers.values()))

    observers = {name: kinds.get("change", []) for name, kinds in explorer._trait_notifiers.items()}
    before = left()
    for i in range(1000):
        ask(explorer, "a b c"[: 1 + 2 * (i % 3)])
    assert left() == before
    assert before[0] == []


def test_a_closed_widget_is_freed_with_its_models():
    translator = tiny.translator()
    shown = AttentionExplorer(translator, "a b")
    left = weakref.ref(shown), weakref.ref(translator)
    shown.close()
    del shown, translator
    gc.collect()
    assert [reference() for reference in left] == [None, None]


def test_a_pasted_book_is_refused_at_once(explorer):
    began = time.perf_counter()
    answer = ask(explorer, "a b " * 5000)
    assert "10000 words are too many" in explorer.error
    assert "trace" not in answer
    assert time.perf_counter() - began < 1


def test_a_stop_that_no_vocabulary_has_is_told_and_not_read():
    widget = AttentionExplorer(tiny.translator(), "a b?!")
    trace = widget.answer["trace"]
    assert (trace["src"], trace["dropped"], trace["unknown"]) == (["a", "b"], ["?", "!"], [False, False])
