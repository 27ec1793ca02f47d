"""The encoder against a network run by hand, cell by cell, on one sentence at a time."""

import inspect
import warnings

import pytest
import tiny
import torch
from torch import nn

from s2s_lib.model.encoder import Encoder, build_bridge

KINDS = [
    pytest.param(cell, layers, both, id=f"{cell}-{layers}-{'both' if both else 'forward'}")
    for cell in tiny.CELLS
    for layers in (1, 2, 3)
    for both in (True, False)
]


def encoder(cell="gru", layers=2, both=True, dropout=0.0, bridge_size=None):
    torch.manual_seed(0)
    return Encoder(tiny.SRC_VOCAB, 5, 7, layers, both, dropout, cell, bridge_size).eval()


def one_direction(encoder, inputs, suffix):
    """Step one layer's cell over the rows of `inputs` (S, E); return its states and its last (h, c) or (h,)."""
    kind = nn.LSTMCell if isinstance(encoder.rnn, nn.LSTM) else nn.GRUCell
    cell = kind(inputs.shape[1], encoder.rnn.hidden_size)
    cell.load_state_dict({name: getattr(encoder.rnn, f"{name}_{suffix}") for name in cell.state_dict()})
    state, states = None, []
    for vector in inputs:
        state = cell(vector.unsqueeze(0), state)
        states.append(state[0] if isinstance(state, tuple) else state)
    return torch.cat(states), state if isinstance(state, tuple) else (state,)


def by_hand(encoder, ids):
    """Read one sentence without padding, packing or nn.GRU; return its states (S, H) and initial vectors."""
    inputs, hidden = encoder.embedding(ids), encoder.rnn.hidden_size
    for layer in range(encoder.num_layers):
        outputs, last = one_direction(encoder, inputs, f"l{layer}")
        if encoder.directions == 2:
            backward, last_backward = one_direction(encoder, inputs.flip(0), f"l{layer}_reverse")
            outputs = torch.cat([outputs, backward.flip(0)], dim=1)
            last = tuple(torch.cat(two, dim=1) for two in zip(last, last_backward, strict=True))
        inputs = outputs
    states = outputs[:, :hidden] + outputs[:, hidden:] if encoder.directions == 2 else outputs
    return states, [encoder.bridge(part)[0] for part in last]


@pytest.mark.parametrize("bridge_size", [None, 3])
@pytest.mark.parametrize(("cell", "layers", "both"), KINDS)
@torch.no_grad()
def test_states_and_first_state_equal_a_run_by_hand(cell, layers, both, bridge_size):
    read, batch = encoder(cell, layers, both, bridge_size=bridge_size), tiny.batch()
    memory = read(batch.src, batch.src_mask)
    for row, mask in enumerate(batch.src_mask):
        states, initial = by_hand(read, batch.src[row, mask])
        torch.testing.assert_close(memory.states[row, : len(states)], states, atol=1e-5, rtol=0)
        assert len(memory.initial) == len(initial) == (2 if cell == "lstm" else 1)
        for part, expected in zip(memory.initial, initial, strict=True):
            assert part.shape == (layers, len(batch.src), 7)
            torch.testing.assert_close(part[:, row], expected.expand(layers, -1), atol=1e-5, rtol=0)


@pytest.mark.parametrize(("cell", "layers", "both"), KINDS)
@torch.no_grad()
def test_states_are_exactly_zero_at_pads(cell, layers, both):
    batch = tiny.padded(tiny.batch())
    states = encoder(cell, layers, both)(batch.src, batch.src_mask).states
    assert states.shape[:2] == batch.src.shape
    assert (states[~batch.src_mask] == 0).all()
    assert (states[batch.src_mask] != 0).any(1).all()


@pytest.mark.parametrize(("cell", "layers", "both"), KINDS)
@torch.no_grad()
def test_what_stands_at_a_pad_is_never_read(cell, layers, both):
    read, batch = encoder(cell, layers, both), tiny.padded(tiny.batch())
    clean, dirty = (read(src, batch.src_mask) for src in (batch.src, batch.src.where(batch.src_mask, 7)))
    assert torch.equal(clean.states, dirty.states)
    assert all(map(torch.equal, clean.initial, dirty.initial))


@torch.no_grad()
def test_the_order_of_the_batch_does_not_matter():
    read, batch = encoder(), tiny.batch()
    straight = read(batch.src, batch.src_mask)
    turned = read(batch.src.flip(0), batch.src_mask.flip(0))
    torch.testing.assert_close(turned.states.flip(0), straight.states)
    torch.testing.assert_close(turned.initial[0].flip(1), straight.initial[0])


def test_no_gradient_reaches_the_embedding_of_pads():
    read, batch = encoder(), tiny.padded(tiny.batch())
    memory = read(batch.src, batch.src_mask)
    (memory.states.square().sum() + memory.initial[0].square().sum()).backward()
    assert (read.embedding.weight.grad[0] == 0).all()
    assert (read.embedding.weight.grad[batch.src[0, 0]] != 0).all()


@torch.no_grad()
def test_dropout_acts_in_training_only():
    read, batch = encoder(dropout=0.5), tiny.batch()
    first, second = (read(batch.src, batch.src_mask).states for _ in range(2))
    assert torch.equal(first, second)
    read.train()
    assert not torch.equal(read(batch.src, batch.src_mask).states, first)


@pytest.mark.parametrize("training", [True, False])
@torch.no_grad()
def test_dropout_of_everything_leaves_nothing_of_the_words(training):
    """Dropout comes right after the embedding: at 1, two sources of the same lengths are read alike."""
    read, batch = encoder(layers=1, dropout=1.0).train(training), tiny.batch()
    other = torch.where(batch.src_mask, 15 - batch.src, 0)  # words 4 .. 10, in the opposite order
    states = [read(src, batch.src_mask).states for src in (batch.src, other.clamp(max=tiny.SRC_VOCAB - 1))]
    assert torch.equal(*states) == training


def test_a_sentence_without_tokens_is_refused_by_its_number():
    batch = tiny.batch()
    batch.src_mask[1] = False
    with pytest.raises(ValueError, match="sentence 1 "):
        encoder()(batch.src, batch.src_mask)


def rank(states):
    """Count the directions in which vectors (N, H) differ from their mean."""
    centred = states.double() - states.double().mean(0)
    return int(torch.linalg.matrix_rank(centred, atol=1e-5, rtol=0))


@pytest.mark.parametrize(("cell", "layers", "both"), KINDS)
@torch.no_grad()
def test_a_bridge_lets_as_many_numbers_through_as_it_says(cell, layers, both):
    """The first states of many sentences lie on a line, in a plane, ... : in R directions, and without in all."""
    batch = tiny.batch([(1 + n % 6, 1) for n in range(40)])
    for bridge_size, directions in ((1, 1), (3, 3), (7, 7), (20, 7), (None, 7)):
        read = encoder(cell, layers, both, bridge_size=bridge_size)
        for weight in read.parameters():
            weight.mul_(3)  # apart from each other, so that no direction is lost to rounding
        memory = read(batch.src, batch.src_mask)
        assert len(memory.initial) == (2 if cell == "lstm" else 1)
        for state in memory.initial:
            assert state.shape == (layers, 40, 7)
            assert [rank(layer) for layer in state] == [directions] * layers


@pytest.mark.parametrize(("cell", "layers", "both"), KINDS)
def test_gradients_go_through_a_narrow_bridge_to_every_weight(cell, layers, both):
    read, batch = encoder(cell, layers, both, bridge_size=1), tiny.batch()
    sum(state.square().sum() for state in read(batch.src, batch.src_mask).initial).backward()
    for name, weight in read.named_parameters():
        assert weight.grad is not None, name
        assert (weight.grad != 0).any(), name


@pytest.mark.parametrize("bridge_size", [1, 4])
def test_a_bridge_changes_nothing_else_and_none_is_the_plain_one(bridge_size):
    plain, narrow = encoder(), encoder(bridge_size=bridge_size)
    torch.manual_seed(0)
    embedding = nn.Embedding(tiny.SRC_VOCAB, 5)
    nn.init.normal_(embedding.weight, std=5**-0.5)
    rnn = nn.GRU(5, 7, 2, batch_first=True, bidirectional=True)
    as_before = nn.ModuleDict({"embedding": embedding, "rnn": rnn, "bridge": nn.Linear(14, 7)}).state_dict()
    assert plain.state_dict().keys() == as_before.keys()
    assert all(torch.equal(weight, as_before[name]) for name, weight in plain.state_dict().items())
    others = {name: weight for name, weight in plain.state_dict().items() if not name.startswith("bridge")}
    assert others.keys() == {name for name in narrow.state_dict() if not name.startswith("bridge")}
    assert all(torch.equal(weight, narrow.state_dict()[name]) for name, weight in others.items())
    batch = tiny.batch()
    with torch.no_grad():
        assert torch.equal(plain(batch.src, batch.src_mask).states, narrow(batch.src, batch.src_mask).states)
    assert (
        sum(weight.numel() for weight in narrow.bridge.parameters())
        == 14 * bridge_size + bridge_size * 7 + bridge_size + 7
    )


@pytest.mark.parametrize("bridge_size", [0, -1, 2.5, 2.0, "4", True])
def test_a_bridge_of_no_number_or_half_a_number_is_refused(bridge_size):
    with pytest.raises((ValueError, TypeError), match="bridge_size="):
        inspect.unwrap(build_bridge)(14, 7, bridge_size)


def test_a_bridge_of_no_number_is_refused_by_the_encoder():
    with pytest.raises(ValueError, match="bridge_size=0"):
        encoder(bridge_size=0)


@pytest.mark.parametrize("size", [16, 64])
def test_embeddings_start_with_vectors_of_about_length_one(size):
    """N(0, 1/E): from torch's own N(0, 1), vectors of length sqrt(E), the same model learned worse."""
    torch.manual_seed(0)
    weight = Encoder(2000, size, 7).embedding.weight.detach()
    assert weight.norm(dim=1).square().mean().item() == pytest.approx(1, rel=0.05)
    assert weight.mean().item() == pytest.approx(0, abs=0.01)
    assert weight.std(0).max() < 2 * weight.std(0).min()


def test_an_unknown_cell_is_refused_with_the_choices():
    with pytest.raises(ValueError, match="gru, lstm"):
        encoder(cell="rnn")


def test_dropout_with_one_layer_gives_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        encoder(layers=1, dropout=0.5)


def test_a_wrong_shape_is_caught_while_the_tests_run():
    batch = tiny.batch()
    with pytest.raises(TypeError, match="Type-check error"):
        encoder()(batch.src, batch.src_mask[:, :-1])
    with pytest.raises(TypeError, match="Type-check error"):
        encoder()(batch.src, batch.src)
