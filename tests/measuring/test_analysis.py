"""What analysis measures, against slow and obvious ways to measure the same."""

import pytest
import tiny
import torch

from s2s_lib.corpora.parallel import SentencePair
from s2s_lib.corpora.text import EOS, SOS
from s2s_lib.measuring.analysis import accuracy_by_length, alignment_error, free_running_gap, gradient_flow, occlusion
from s2s_lib.model.batching import collate
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
            found.append(decoded.logits[0, 0].log_softmax(0)[token])
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
