"""Attending before the state update: the formula, and what holds for every decoder."""

import pytest
import tiny
import torch

from s2s_lib.model.bahdanau import build_bahdanau
from s2s_lib.model.metrics import token_loss

SIZES = {"embedding_dim": 6, "hidden_size": 8, "dropout": 0.0}


@pytest.fixture(params=["concat", "dot"])
def model(request):
    built = build_bahdanau(tiny.SRC_VOCAB, tiny.TRG_VOCAB, attention=request.param, **SIZES)
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
    before = memory.initial[0]  # (1, 1, H)
    for t, token in enumerate(batch.trg_in[0]):
        asked = decoder.attention.score(before.transpose(0, 1), memory.states)[0, 0]  # (S,)
        context = asked.softmax(0) @ memory.states[0]
        read = torch.cat([decoder.embedding.weight[token], context])
        _, before = decoder.rnn(read.view(1, 1, -1), before)
        torch.testing.assert_close(decoded.attended.weights[0, t], asked.softmax(0), atol=1e-5, rtol=0)
        torch.testing.assert_close(decoded.hidden[0, t], before[0, 0], atol=1e-5, rtol=0)
        attentional = torch.tanh(decoder.combine.weight @ torch.cat([context, before[0, 0]]))
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
        return build_bahdanau(tiny.SRC_VOCAB, tiny.TRG_VOCAB, **SIZES, seed=seed).state_dict()

    assert all(torch.equal(one, other) for one, other in zip(build(1).values(), build(1).values(), strict=True))
    assert not torch.equal(build(1)["decoder.combine.weight"], build(2)["decoder.combine.weight"])
