"""Attending before the state update: the formula, and what holds for every decoder."""

import pytest
import tiny
import torch

from s2s_lib.model.bahdanau import BahdanauDecoder
from s2s_lib.model.metrics import token_loss
from s2s_lib.model.seq2seq import build_model

SIZES = {"embedding_dim": 6, "hidden_size": 8, "dropout": 0.0}


KINDS = [("concat", 1, "gru"), ("dot", 1, "gru"), ("general", 2, "gru"), ("concat", 2, "lstm")]


@pytest.fixture(params=KINDS, ids=str)
def model(request):
    attention, num_layers, cell = request.param
    built = build_model(
        tiny.SRC_VOCAB, tiny.TRG_VOCAB, attention=attention, num_layers=num_layers, cell=cell, order="bahdanau", **SIZES
    )
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in built.parameters():
            weight.normal_(std=0.5, generator=generator)
    return built.eval()


@torch.no_grad()
def test_each_state_has_read_the_context_that_the_state_before_asked_for(model):
    batch = tiny.single(tiny.batch(), 2)
    memory, decoder = model.encoder(batch.src, batch.src_mask), model.decoder
    decoded = decoder(batch.trg_in, memory.initial, memory)
    before = memory.initial  # (L, 1, H) each
    for t, token in enumerate(batch.trg_in[0]):
        asked = decoder.attention.score(before[0][-1:].transpose(0, 1), memory.states)[0, 0]  # (S,)
        context = asked.softmax(0) @ memory.states[0]
        read = torch.cat([decoder.embedding.weight[token], context])
        _, after = decoder.rnn(read.view(1, 1, -1), before if len(before) > 1 else before[0])
        before = after if isinstance(after, tuple) else (after,)
        top = before[0][-1, 0]  # (H,)
        torch.testing.assert_close(decoded.attended.weights[0, t], asked.softmax(0), atol=1e-5, rtol=0)
        torch.testing.assert_close(decoded.hidden[0, t], top, atol=1e-5, rtol=0)
        attentional = torch.tanh(decoder.combine.weight @ torch.cat([context, top]))
        expected = decoder.output.weight @ attentional + decoder.output.bias
        torch.testing.assert_close(decoded.logits[0, t], expected, atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_pads_change_nothing(model):
    batch = tiny.batch()
    logits, steps = model(tiny.padded(batch)), batch.trg_in.shape[1]
    torch.testing.assert_close(logits[:, :steps], model(batch), atol=1e-5, rtol=0)


@torch.no_grad()
def test_a_batch_gives_what_its_sentences_give_alone(model):
    batch = tiny.batch()
    together = model(batch)
    for row in range(len(batch.src)):
        alone = model(tiny.single(batch, row))
        torch.testing.assert_close(together[row, : alone.shape[1]], alone[0], atol=1e-5, rtol=0)


@torch.no_grad()
def test_spans_equal_the_whole(model):
    batch = tiny.batch()
    memory = model.encoder(batch.src, batch.src_mask)
    whole, state, parts = model.decoder(batch.trg_in, memory.initial, memory), memory.initial, []
    for span in batch.trg_in.split(2, dim=1):
        parts.append(model.decoder(span, state, memory))
        state = parts[-1].state
    torch.testing.assert_close(torch.cat([p.logits for p in parts], 1), whole.logits, atol=1e-5, rtol=0)


def test_every_weight_learns(model):
    batch = tiny.batch()
    token_loss(model(batch), batch.trg_out).backward()
    assert {name for name, weight in model.named_parameters() if not weight.grad.any()} == set()


def test_the_seed_decides_the_weights():
    def build(seed):
        sizes = {**SIZES, "num_layers": 1}
        return build_model(tiny.SRC_VOCAB, tiny.TRG_VOCAB, **sizes, order="bahdanau", seed=seed).state_dict()

    assert all(torch.equal(one, other) for one, other in zip(build(1).values(), build(1).values(), strict=True))
    assert not torch.equal(build(1)["decoder.combine.weight"], build(2)["decoder.combine.weight"])


def test_attention_before_the_update_needs_an_attention(unchecked):
    with pytest.raises(ValueError, match="needs an attention"):
        BahdanauDecoder(tiny.TRG_VOCAB, attention=None)
    with pytest.raises(ValueError, match="'luong', 'bahdanau'"):
        build_model(5, 5, order="cho")


@torch.no_grad()
def test_the_decoder_says_which_states_it_asked_with(model):
    batch, decoder = tiny.batch(), model.decoder
    memory = model.encoder(batch.src, batch.src_mask)
    decoded = decoder(batch.trg_in, memory.initial, memory)
    queries = decoder.queries(decoded.hidden, memory.initial)
    torch.testing.assert_close(decoder.attention.score(queries, memory.states), decoded.attended.scores)
    assert "h_t" not in decoder.formula().replace("h_{t−1}", "")
    assert "h_{t−1" in decoder.formula()


@torch.no_grad()
def test_an_edited_step_reaches_the_states_after_it_and_none_before(model):
    batch, decoder, step = tiny.single(tiny.batch(), 2), model.decoder, 1
    memory = model.encoder(batch.src, batch.src_mask)
    steps, length = batch.trg_in.shape[1], batch.src.shape[1]
    edits = torch.full((1, steps, length), torch.nan)
    edits[0, step] = torch.eye(length)[0]
    plain = decoder(batch.trg_in, memory.initial, memory)
    edited = decoder(batch.trg_in, memory.initial, memory, edits)
    assert torch.equal(edited.hidden[:, :step], plain.hidden[:, :step])
    for later in range(step, steps):
        assert (edited.hidden[0, later] - plain.hidden[0, later]).abs().max() > 1e-4
    for later in range(step + 1, steps):
        assert (edited.attended.scores[0, later] - plain.attended.scores[0, later]).abs().max() > 1e-5
