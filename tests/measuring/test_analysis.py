"""What analysis measures, against slow and obvious ways to measure the same."""

import inspect

import pytest
import tiny
import torch

from s2s_lib.corpora.parallel import ParallelCorpus, SentencePair
from s2s_lib.corpora.text import EOS, SOS
from s2s_lib.measuring.analysis import (
    BINS,
    accuracy_by_length,
    alignment_error,
    free_running_gap,
    gradient_flow,
    occlusion,
    words,
)
from s2s_lib.model.batching import collate
from s2s_lib.model.decoder import writable
from s2s_lib.model.metrics import token_loss

SRC, TRG = ["a", "b", "c", "a"], ["x", "y", "z"]


def trace_of(translator, words):
    """Make a trace whose output is `words`."""
    return translator.translate(SRC, forced=words)


def test_groups_by_length_count_every_sentence_once_and_weigh_up_to_the_whole():
    translator = tiny.translator()
    pairs = [SentencePair(tuple("a" * n), ("x",)) for n in (1, 2, 5, 6, 7, 30)]
    traces = [trace_of(translator, word) for word in (["x"], ["y"], ["x"], ["x"], ["x"], ["z"])]
    groups = accuracy_by_length(traces, pairs, bins=(3, 6, 10))
    assert [tuple(group) for group in groups] == [(1, 2, 2, 0.5), (5, 5, 1, 1.0), (6, 7, 2, 1.0), (30, 30, 1, 0.0)]
    assert sum(group.sentences * group.accuracy for group in groups) == 4


def test_groups_begin_where_bins_say_in_whatever_order_and_traces_may_come_one_by_one():
    translator = tiny.translator()
    pairs = [SentencePair(tuple("a" * n), ("x",)) for n in range(1, 31)]
    traces = [trace_of(translator, ["x"])] * 30
    for bins in ((), (6,), (6, 11), BINS):
        starts = [group.shortest for group in accuracy_by_length(traces, pairs, bins)]
        assert starts == [1, *bins]
        assert accuracy_by_length(iter(traces), iter(pairs), reversed([1, *bins, *bins])) == accuracy_by_length(
            traces, pairs, bins
        )


def test_groups_are_five_words_wide_where_nothing_is_said():
    pairs = [SentencePair(tuple("a" * n), ("x",)) for n in range(1, 31)]
    traces = [trace_of(tiny.translator(), ["x"])] * 30
    assert {group.longest - group.shortest + 1 for group in accuracy_by_length(traces, pairs)} == {5}


@pytest.mark.parametrize("attention", [None, "general", "concat"])
@pytest.mark.parametrize("cell", tiny.CELLS)
def test_gradient_flow_equals_a_finite_difference(attention, cell):
    model, batch = tiny.model(attention, cell=cell).double(), tiny.batch(((3, 4),))
    norms = gradient_flow(model, batch)
    word, numeric = int(batch.src[0, 1]), []
    assert (batch.src[0] == word).sum() == 1  # so that moving its embedding moves this position alone
    for axis in range(model.encoder.embedding.embedding_dim):
        losses = []
        for sign in (1, -1):
            with torch.no_grad():
                model.encoder.embedding.weight[word, axis] += sign * 1e-5
                losses.append(token_loss(model(batch), batch.trg_out))
                model.encoder.embedding.weight[word, axis] -= sign * 1e-5
        numeric.append((losses[0] - losses[1]) / 2e-5)
    torch.testing.assert_close(norms[0, 1], torch.stack(numeric).norm(), rtol=1e-4, atol=1e-9)


def test_no_gradient_flows_into_pads():
    model, batch = tiny.model("dot"), tiny.batch()
    norms = gradient_flow(model, batch)
    assert (norms[~batch.src_mask] == 0).all()
    assert (norms[batch.src_mask] > 0).all()


@pytest.mark.parametrize("attention", [None, "dot", "concat"])
def test_occlusion_equals_replacing_each_word_by_hand(attention):
    translator = tiny.translator(attention)
    drops = occlusion(translator, SRC, TRG)
    src, trg = translator.encode(SRC, TRG)
    target = [*trg, EOS]

    def log_probs(ids):
        memory = translator.model.encoder(torch.tensor([ids]), torch.ones(1, len(ids), dtype=torch.bool))
        state, found = memory.initial, []
        for before, token in zip([SOS, *trg], target, strict=True):
            decoded = translator.model.decoder(torch.tensor([[before]]), state, memory)
            state = decoded.state
            found.append(writable(decoded.logits[0, 0]).log_softmax(0)[token])
        return torch.stack(found)

    with torch.no_grad():
        for s in range(len(src)):
            by_hand = log_probs(src) - log_probs([*src[:s], 1, *src[s + 1 :]])
            torch.testing.assert_close(drops[:, s], by_hand, atol=1e-5, rtol=0)


def test_alignment_error_of_heatmaps_that_are_the_gold_alignment_is_zero():
    translator = tiny.translator("dot")
    trace = translator.translate(SRC, forced=TRG)
    read_off = frozenset((s, t) for t, s in enumerate(trace.weights.argmax(1)[:-1].tolist()))
    assert alignment_error(translator, [SentencePair(tuple(SRC), tuple(TRG), read_off)]) == 0
    wrong = frozenset(((s + 1) % len(SRC), t) for s, t in read_off)
    assert alignment_error(translator, [SentencePair(tuple(SRC), tuple(TRG), wrong)]) == 1


@pytest.mark.parametrize(("attention", "gold"), [(None, frozenset({(0, 0)})), ("dot", None)])
def test_alignment_error_needs_attention_and_gold(attention, gold):
    with pytest.raises(ValueError, match="attention, and pairs with a gold alignment"):
        alignment_error(tiny.translator(attention), [SentencePair(("a",), ("x",), gold)])


def test_the_gap_is_nil_for_one_word_and_not_in_general():
    model = tiny.model("general")
    one_word = collate([([4], [5]), ([6], [7])])
    first_only = one_word._replace(trg_in=one_word.trg_in[:, :1], trg_out=one_word.trg_out[:, :1])
    forced, free = free_running_gap(model, [first_only])
    assert forced == free
    gaps = {free_running_gap(tiny.model("general", seed=seed), [tiny.batch(seed=seed)]) for seed in range(8)}
    assert any(forced != free for forced, free in gaps)


PAIR = SentencePair(tuple(SRC), tuple(TRG), frozenset({(0, 0)}))
CORPUS = ParallelCorpus([PAIR], [PAIR], [PAIR])


def bare(function):
    """Take a function without the check of types that the tests put around it: its own error is asked for."""
    return inspect.unwrap(function)


def wrong_calls():
    """Give each measure what it can't measure, and a word of what it answers."""
    looking, blind = tiny.translator("dot"), tiny.translator(None)
    trace, model, batch = trace_of(looking, TRG), looking.model, collate([([4], [5])])
    pads = batch._replace(trg_out=torch.zeros_like(batch.trg_out))
    return {
        "traces for pairs": (accuracy_by_length, ([trace], [PAIR, PAIR]), "1 and 2"),
        "no trace": (accuracy_by_length, ([], []), "no sentence pair"),
        "a corpus for its part": (accuracy_by_length, ([trace] * 3, CORPUS), "corpus.test"),
        "texts for traces": (accuracy_by_length, (["x y"], [PAIR]), "translate_many"),
        "one trace": (accuracy_by_length, (trace, [PAIR]), "a list is meant"),
        "a group from 0": (accuracy_by_length, ([trace], [PAIR], (0, 5)), "bins hold 0"),
        "a source without a word": (accuracy_by_length, ([trace], [PAIR._replace(src=())]), "without a word"),
        "a translator for its model": (gradient_flow, (looking, batch), "translator.model"),
        "pairs for a batch": (gradient_flow, (model, [PAIR]), "a Batch is meant"),
        "batches for a batch": (gradient_flow, (model, [batch]), "a Batch is meant"),
        "pads only": (gradient_flow, (model, pads), "no real token"),
        "no source word": (occlusion, (looking, [], TRG), "src has no word"),
        "no output word": (occlusion, (looking, SRC, ""), "trg has no word"),
        "the end among the words": (occlusion, (looking, SRC, trace.trg), "trg holds <eos>"),
        "a pad among the words": (occlusion, (looking, ["<pad>", "a"], TRG), "src holds <pad>"),
        "a hole for a word": (occlusion, (looking, SRC, TRG, 0), "replacement=0"),
        "an end for a word": (occlusion, (looking, SRC, TRG, EOS), "replacement=3"),
        "a word that is not there": (occlusion, (looking, SRC, TRG, 99), "replacement=99"),
        "a word below": (occlusion, (looking, SRC, TRG, -1), "replacement=-1"),
        "a model for a translator": (occlusion, (model, SRC, TRG), "Translator.load"),
        "no pair": (alignment_error, (looking, []), "no sentence pair"),
        "a corpus": (alignment_error, (looking, CORPUS), "corpus.test"),
        "one pair": (alignment_error, (looking, PAIR), "pairs is one SentencePair"),
        "no attention": (alignment_error, (blind, [PAIR]), "needs a translator with attention"),
        "no gold": (alignment_error, (looking, [PAIR, PAIR._replace(alignment=None)]), "pairs with a gold alignment"),
        "gold elsewhere": (alignment_error, (looking, [PAIR._replace(alignment=frozenset({(9, 9)}))]), "inside"),
        "a model for its translator": (alignment_error, (model, [PAIR]), "Translator.load"),
        "one batch": (free_running_gap, (model, batch), r"\[batch\]"),
        "no batch": (free_running_gap, (model, []), "no batch"),
        "pairs for batches": (free_running_gap, (model, [PAIR]), r"data\[0\] is a SentencePair"),
        "a translator": (free_running_gap, (looking, [batch]), "translator.model"),
    }


@pytest.mark.parametrize("name", wrong_calls())
def test_what_can_not_be_measured_is_said(name):
    measure, given, said = wrong_calls()[name]
    with pytest.raises((ValueError, TypeError), match=said):
        bare(measure)(*given)


def modes(model):
    return [part.training for part in model.modules()]


@pytest.mark.parametrize("training", [True, False])
def test_measuring_is_without_dropout_and_leaves_every_part_in_its_mode(training):
    """Two calls give the same numbers, and a model that was being trained is still being trained."""
    translator = tiny.translator("dot")
    model, batch = translator.model, tiny.batch(src_vocab=7, trg_vocab=7)
    for part in model.modules():
        if hasattr(part, "p"):
            part.p = 0.5
    model.train(training)
    model.encoder.train(not training)  # a mode of its own
    before = modes(model)
    calls = [
        lambda: gradient_flow(model, batch).tolist(),
        lambda: occlusion(translator, SRC, TRG).tolist(),
        lambda: alignment_error(translator, [PAIR, PAIR]),
        lambda: free_running_gap(model, [batch]),
    ]
    for call in calls:
        assert call() == call()
        assert modes(model) == before


def test_gradient_flow_works_where_gradients_are_off():
    """Under no_grad, and for a model that is frozen; nothing is left in the model's own gradients."""
    model, batch = tiny.model("general"), tiny.batch()
    norms = gradient_flow(model, batch)
    with torch.no_grad():
        assert torch.equal(gradient_flow(model, batch), norms)
    assert all(weight.grad is None for weight in model.parameters())
    torch.testing.assert_close(gradient_flow(model.requires_grad_(False), batch), norms)


def test_another_replacement_asks_another_question():
    translator = tiny.translator("dot")
    unk, chosen = occlusion(translator, SRC, TRG), occlusion(translator, SRC, TRG, translator.src_vocab.ids["b"])
    assert not torch.allclose(unk, chosen)
    assert (chosen[:, SRC.index("b")] == 0).all()  # b in place of b


def test_drops_are_of_the_log_probabilities_that_a_trace_adds_up():
    translator = tiny.translator("general")
    for s in range(len(SRC)):
        others = [*SRC[:s], "unheard", *SRC[s + 1 :]]
        full, without = (translator.translate(src, forced=TRG).log_prob for src in (SRC, others))
        assert occlusion(translator, SRC, TRG)[:, s].sum().item() == pytest.approx(full - without, abs=1e-4)


def test_words_are_the_output_without_its_end():
    assert words(trace_of(tiny.translator(), TRG)) == tuple(TRG)
