import numpy as np
import pytest
import tiny
import torch
from torch import nn

from s2s_lib.corpora.parallel import SentencePair
from s2s_lib.measuring.analysis import alignment_error
from s2s_lib.model.attention import Operands
from s2s_lib.widgets.payload import arithmetic, described


def unpacked(raw, *shape):
    return torch.from_numpy(np.frombuffer(raw, "<f4").reshape(shape).copy())


@pytest.mark.parametrize("kind", [*tiny.LOOKING, None])
def test_the_browser_is_told_the_trace_number_by_number(kind):
    trace = tiny.translator(kind).translate("a b b c")
    told = arithmetic(trace)
    t, s, h = len(trace.trg), len(trace.src), told["size"]
    assert (told["src"], told["trg"], told["kind"]) == (list(trace.src), list(trace.trg), kind)
    assert torch.equal(unpacked(told["states"], s, h), trace.states)
    assert torch.equal(unpacked(told["queries"], t, h), trace.queries)
    assert torch.equal(unpacked(told["hidden"], t, h), trace.hidden)
    assert (told["formula"], told["query"]) == (trace.formula or "e_ts = score(h_t, h̄_s)", "h_t")
    if kind is None:
        assert told.keys().isdisjoint({"weights", "scores", "contexts", "left", "entropy"})
    else:
        assert torch.equal(unpacked(told["weights"], t, s), trace.weights)
        assert torch.equal(unpacked(told["scores"], t, s), trace.scores)
        assert torch.equal(unpacked(told["contexts"], t, h), trace.contexts)


@pytest.mark.parametrize("kind", ["dot", "general", "diagonal", "concat"])
def test_the_operands_add_up_to_the_scores(kind):
    trace = tiny.translator(kind).translate("a b b c")
    left, right, v = trace.operands
    pairs = left.unsqueeze(1), right.unsqueeze(0)  # (T, 1, H) (1, S, H)
    terms = pairs[0] * pairs[1] if v is None else v * (pairs[0] + pairs[1]).tanh()
    torch.testing.assert_close(terms.sum(-1), trace.scores)


@pytest.mark.parametrize("kind", ["fixed", None])
def test_what_is_no_sum_has_no_operands(kind):
    assert tiny.translator(kind).translate("a b").operands is None


def test_operands_in_a_batch_are_those_of_the_sentence_alone():
    translator = tiny.translator("concat")
    alone, batched = translator.translate("a b"), translator.translate_many(["a b", "c b a c"])[0]
    for one, other in zip(alone.operands, batched.operands, strict=True):
        torch.testing.assert_close(one, other)


def test_the_error_rate_is_that_of_the_library():
    translator = tiny.translator()
    pair = SentencePair(("a", "b", "c"), ("x", "y"), frozenset({(0, 0), (2, 1)}))
    trace = translator.translate(pair.src, forced=pair.trg, gold=pair.alignment)
    assert described(trace)["error_rate"] == pytest.approx(alignment_error(translator, [pair]))


def test_without_an_alignment_there_is_no_error_rate():
    assert described(tiny.translator().translate("a b"))["error_rate"] is None
    assert described(tiny.translator(None).translate("a b", forced="x y", gold={(0, 0)}))["error_rate"] is None
    assert described(tiny.translator().translate("", gold=set()))["error_rate"] is None


class Halved(nn.Module):
    """A score that names other terms than its own."""

    def forward(self, query, keys):
        return query @ keys.mT

    def operands(self, query, keys):
        return Operands(query / 2, keys)


def test_terms_that_do_not_add_up_to_the_score_are_an_error_that_says_where():
    trace = tiny.translator(Halved()).translate("a b b c")
    with pytest.raises(ValueError, match=r"the operands of Halved add up to .* for '[abc]' in step \d"):
        arithmetic(trace)
    assert described(trace)["kind"] == "Halved"


@pytest.mark.parametrize("order", ["luong", "bahdanau"])
def test_the_stages_come_in_the_order_in_which_the_decoder_works(order):
    told = arithmetic(tiny.translator("concat", order=order).translate("a b b c"))
    first = told["stages"].index("scores") < told["stages"].index("state")
    assert first == told["attends_first"] == (order == "bahdanau")
    assert sorted(told["stages"]) == sorted(["state", "scores", "softmax", "context", "next word"])
    assert (told["query"] in told["formula"]) or "h_{t−1" in told["formula"]


def test_a_score_without_a_formula_is_shown_as_what_it_is():
    told = arithmetic(tiny.translator(Plain()).translate("a b"))
    assert told["formula"] == "e_ts = score(h_t, h̄_s)"
    assert told["about"].startswith("Plain")
    assert (told["terms"], "left" in told) == (0, False)


class Plain(nn.Module):
    def forward(self, query, keys):
        return query @ keys.mT


def test_the_browser_is_told_which_signs_were_left_out():
    assert described(tiny.translator().translate("a b ?!"))["dropped"] == ["?", "!"]
    assert described(tiny.translator().translate("a b"))["dropped"] == []
