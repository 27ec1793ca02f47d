"""The decoder: any number of steps in one call, and its formula."""

import pytest
import tiny
import torch

from s2s_lib.corpora.text import PAD, SOS, UNK
from s2s_lib.model.decoder import most_likely, writable
from s2s_lib.model.seq2seq import build_model

KINDS = [
    pytest.param(attention, cell, layers, id=f"{attention}-{cell}-{layers}")
    for attention in tiny.ATTENTIONS
    for cell in tiny.CELLS
    for layers in (1, 2)
]


def started(attention="general", cell="gru", layers=1, **kind):
    """Build a model and a batch that its encoder has read, pads included."""
    model, batch = tiny.model(attention, cell=cell, num_layers=layers, **kind), tiny.padded(tiny.batch())
    return model, batch, model.encoder(batch.src, batch.src_mask)


@pytest.mark.parametrize("cut", [1, 3, 5])
@pytest.mark.parametrize(("attention", "cell", "layers"), KINDS)
@torch.no_grad()
def test_one_call_equals_spans_equals_single_steps(attention, cell, layers, cut):
    model, batch, memory = started(attention, cell, layers)
    whole = model.decoder(batch.trg_in, memory.initial, memory)
    state, parts = memory.initial, []
    for span in batch.trg_in.split(cut, dim=1):
        parts.append(model.decoder(span, state, memory))
        state = parts[-1].state
    torch.testing.assert_close(torch.cat([p.logits for p in parts], 1), whole.logits, atol=1e-5, rtol=0)
    torch.testing.assert_close(torch.cat([p.hidden for p in parts], 1), whole.hidden, atol=1e-5, rtol=0)
    torch.testing.assert_close(state, whole.state, atol=1e-5, rtol=0)
    if attention is not None:
        weights = torch.cat([p.attended.weights for p in parts], 1)
        torch.testing.assert_close(weights, whole.attended.weights, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("attention", "cell", "layers"), KINDS)
@torch.no_grad()
def test_logits_follow_the_formula(attention, cell, layers):
    model, batch, memory = started(attention, cell, layers)
    decoder = model.decoder
    logits, state, attended, hidden = decoder(batch.trg_in, memory.initial, memory)
    assert len(state) == (2 if cell == "lstm" else 1)
    assert torch.equal(state[0][-1], hidden[:, -1])
    for b in range(len(hidden)):
        for t in range(hidden.shape[1]):
            both = [] if attended is None else [attended.context[b, t]]
            attentional = torch.tanh(decoder.combine.weight @ torch.cat([*both, hidden[b, t]]))
            expected = decoder.embedding.weight @ attentional + decoder.output.bias
            torch.testing.assert_close(logits[b, t], expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("attention", tiny.ATTENTIONS)
@torch.no_grad()
def test_what_comes_later_changes_nothing_before(attention):
    model, batch, memory = started(attention)
    other = batch.trg_in.clone()
    other[:, 3:] = 5
    first, second = (model.decoder(tokens, memory.initial, memory).logits for tokens in (batch.trg_in, other))
    torch.testing.assert_close(first[:, :3], second[:, :3])
    assert not torch.allclose(first[:, 3:], second[:, 3:])


@pytest.mark.parametrize("attention", tiny.LOOKING)
def test_no_gradient_reaches_the_memory_at_pads(attention):
    model, batch, memory = started(attention)
    states = memory.states.detach().requires_grad_()
    model.decoder(batch.trg_in, memory.initial, memory._replace(states=states)).logits.square().sum().backward()
    assert (states.grad[~batch.src_mask] == 0).all()
    assert (states.grad[batch.src_mask] != 0).any(1).all()


@torch.no_grad()
def test_without_attention_nothing_but_the_first_state_is_known_of_the_source():
    model, batch, memory = started(None)
    decoded = model.decoder(batch.trg_in, memory.initial, memory)
    blind = model.decoder(batch.trg_in, memory.initial, memory._replace(states=memory.states * 0))
    assert decoded.attended is None
    assert torch.equal(decoded.logits, blind.logits)


@torch.no_grad()
def test_dropout_acts_in_training_only():
    model, batch, memory = started(dropout=0.5)
    first, second = (model.decoder(batch.trg_in, memory.initial, memory).logits for _ in range(2))
    assert torch.equal(first, second)
    model.train()
    assert not torch.equal(model.decoder(batch.trg_in, memory.initial, memory).logits, first)


@pytest.mark.parametrize("order", ["luong", "bahdanau"])
@pytest.mark.parametrize("training", [True, False])
@torch.no_grad()
def test_dropout_of_everything_leaves_nothing_of_the_words_nor_of_the_states(training, order):
    """Dropout comes right after the embedding and right before the output: at 1, only the bias is left."""
    model, batch, memory = started(dropout=1.0, order=order)
    decoder = model.decoder.train(training)
    first, second = (
        decoder(tokens, memory.initial, memory) for tokens in (batch.trg_in, batch.trg_in.clamp(max=5).flip(0))
    )
    assert torch.equal(first.hidden, second.hidden) == training
    assert torch.equal(first.logits, decoder.output.bias.expand_as(first.logits)) == training


@pytest.mark.parametrize("size", [16, 64])
def test_embeddings_start_with_vectors_of_about_length_one(size):
    """N(0, 1/E), as in the encoder: the same matrix is the output layer, whose scores would be far apart at first."""
    weight = build_model(5, 2000, embedding_dim=size, hidden_size=7).decoder.embedding.weight.detach()
    assert weight.norm(dim=1).square().mean().item() == pytest.approx(1, rel=0.05)
    assert weight.mean().item() == pytest.approx(0, abs=0.01)
    assert weight.std(0).max() < 2 * weight.std(0).min()


def test_the_output_layer_is_the_embedding():
    decoder = tiny.model().decoder
    assert decoder.output.weight is decoder.embedding.weight


def test_pads_and_starts_are_never_written():
    logits = torch.zeros(2, 3, 7)
    logits[..., PAD], logits[..., SOS], logits[..., 5] = 9.0, 8.0, 1.0
    before = logits.clone()
    assert (most_likely(logits) == 5).all()
    assert (writable(logits).softmax(-1)[..., [PAD, SOS]] == 0).all()
    assert torch.equal(logits, before)


def test_the_most_likely_token_is_the_best_of_the_writable_ones_row_by_row():
    logits = torch.randn(50, 4, 7, generator=torch.Generator().manual_seed(0))
    best = logits.argmax(-1)
    assert all((best == token).any() for token in (PAD, UNK, SOS))  # some rows need another choice, others don't
    assert torch.equal(most_likely(logits), writable(logits).argmax(-1))
    plain = logits[(best != PAD) & (best != SOS)]
    assert torch.equal(most_likely(plain), plain.argmax(-1))
