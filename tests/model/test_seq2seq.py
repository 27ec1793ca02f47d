"""The whole model: pads change nothing, a batch equals its sentences, the history is who it should be."""

import inspect

import pytest
import tiny
import torch

from s2s_lib.corpora.text import PAD
from s2s_lib.model.decoder import most_likely
from s2s_lib.model.metrics import token_loss
from s2s_lib.model.seq2seq import build_model
from s2s_lib.model.teacher_forcing import flip
from s2s_lib.translating.decoding import greedy

GRID = [
    pytest.param({"attention": attention, "cell": cell, "num_layers": layers, "bidirectional": both}, id=name)
    for attention in tiny.ATTENTIONS
    for cell in tiny.CELLS
    for layers in (1, 2)
    for both in (True, False)
    for name in [f"{attention}-{cell}-{layers}-{'both' if both else 'forward'}"]
]
EACH = [
    pytest.param({"attention": attention, "cell": cell, "num_layers": layers}, id=f"{attention}-{cell}-{layers}")
    for attention in tiny.ATTENTIONS
    for cell, layers in (("gru", 1), ("lstm", 2))
]


def close(given, expected):
    torch.testing.assert_close(given, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", GRID)
@torch.no_grad()
def test_pads_change_nothing(kind):
    model, batch = tiny.model(**kind), tiny.batch()
    wide = tiny.padded(batch)
    steps = batch.trg_in.shape[1]
    close(model(wide)[:, :steps], model(batch))
    close(token_loss(model(wide), wide.trg_out), token_loss(model(batch), batch.trg_out))
    memory, wide_memory = (model.encoder(b.src, b.src_mask) for b in (batch, wide))
    close(wide_memory.initial, memory.initial)
    close(wide_memory.states[:, : batch.src.shape[1]], memory.states)


@pytest.mark.parametrize("p", [1.0, 0.0])
@pytest.mark.parametrize("kind", GRID)
@torch.no_grad()
def test_a_batch_equals_its_sentences_one_by_one(kind, p):
    model, batch = tiny.model(**kind), tiny.padded(tiny.batch())
    together = model(batch, p)
    for row in range(len(batch.src)):
        alone = tiny.single(batch, row)
        close(together[row : row + 1, : alone.trg_in.shape[1]], model(alone, p))


def step_by_step(model, batch, forced):
    """Write the history one token at a time: the oracle of every fused call."""
    memory = model.encoder(batch.src, batch.src_mask)
    state, token, logits = memory.initial, batch.trg_in[:, :1], []
    for step in range(batch.trg_in.shape[1]):
        if step:
            said = most_likely(logits[-1])
            token = torch.where(forced[:, step : step + 1], batch.trg_in[:, step : step + 1], said)
        decoded = model.decoder(token, state, memory)
        state = decoded.state
        logits.append(decoded.logits)
    return torch.cat(logits, dim=1)


@pytest.mark.parametrize("coin", ["step", "token"])
@pytest.mark.parametrize("p", [0.0, 0.4, 0.8, 1.0])
@pytest.mark.parametrize("kind", EACH)
@torch.no_grad()
def test_fused_spans_equal_one_step_at_a_time(kind, p, coin):
    model = tiny.model(**kind)
    for seed in range(3):
        batch = tiny.batch(((3, 8), (5, 4), (2, 7)), seed=seed)
        rows, steps = batch.trg_in.shape
        forced = flip(p, rows if coin == "token" else 1, steps, torch.Generator().manual_seed(seed))
        close(model(batch, p, torch.Generator().manual_seed(seed), coin), step_by_step(model, batch, forced))


@pytest.mark.parametrize("kind", EACH)
@torch.no_grad()
def test_running_free_says_what_greedy_decoding_says(kind):
    model, batch = tiny.model(**kind), tiny.batch(((3, 9), (5, 9), (2, 9)))
    said = most_likely(model(batch, 0.0))
    tokens, _ = greedy(model, batch.src, batch.src_mask, max_len=said.shape[1])
    real = tokens != PAD
    assert torch.equal(said[:, : tokens.shape[1]][real], tokens[real])


@torch.no_grad()
def test_running_free_never_sees_the_target():
    model, batch = tiny.model(), tiny.batch()
    other = batch._replace(trg_in=batch.trg_in.clone(), trg_out=batch.trg_out * 0)
    other.trg_in[:, 1:] = 7
    assert torch.equal(model(batch, 0.0), model(other, 0.0))
    assert not torch.allclose(model(batch, 1.0), model(other, 1.0))


def test_forced_and_free_steps_pass_the_gradient_on_alike():
    model, batch = tiny.model(num_layers=2), tiny.batch()
    forced = flip(0.5, 1, batch.trg_in.shape[1], torch.Generator().manual_seed(4))
    spans = token_loss(model(batch, 0.5, torch.Generator().manual_seed(4)), batch.trg_out)
    steps = token_loss(step_by_step(model, batch, forced), batch.trg_out)
    gradients = (torch.autograd.grad(loss, list(model.parameters())) for loss in (spans, steps))
    for fused, single in zip(*gradients, strict=True):
        close(fused, single)


@pytest.mark.parametrize("attention", tiny.ATTENTIONS)
def test_extra_pads_change_no_gradient(attention):
    model, batch = tiny.model(attention), tiny.batch()
    gradients = []
    for given in (batch, tiny.padded(batch)):
        loss = token_loss(model(given), given.trg_out)
        gradients.append(torch.autograd.grad(loss, list(model.parameters()), allow_unused=True))
    for narrow, wide in zip(*gradients, strict=True):
        close(wide, narrow)


@pytest.mark.parametrize("attention", tiny.ATTENTIONS)
def test_every_parameter_learns(attention):
    model, batch = tiny.model(attention, num_layers=2), tiny.batch()
    token_loss(model(batch), batch.trg_out).backward()
    assert [name for name, weight in model.named_parameters() if weight.grad is None or not weight.grad.any()] == []


@torch.no_grad()
def test_a_model_changes_neither_batch_nor_weights():
    model, batch = tiny.model(), tiny.batch()
    before = [part.clone() for part in (*batch, *model.parameters())]
    model(batch, 0.5)
    assert all(map(torch.equal, before, (*batch, *model.parameters())))


def test_encoder_and_decoder_share_no_parameters():
    model = build_model(9, 9, embedding_dim=6, hidden_size=8)
    assert not {id(w) for w in model.encoder.parameters()} & {id(w) for w in model.decoder.parameters()}


def test_weights_follow_from_the_seed_and_leave_the_global_random_state_alone():
    before = torch.get_rng_state()
    models = [build_model(9, 9, embedding_dim=6, hidden_size=8, seed=seed) for seed in (1, 1, 2)]
    assert torch.equal(before, torch.get_rng_state())
    same, twin, other = (torch.cat([w.flatten() for w in model.parameters()]) for model in models)
    assert torch.equal(same, twin)
    assert not torch.equal(same, other)


OPTIONS = {
    "attention": "concat",
    "order": "bahdanau",
    "embedding_dim": 5,
    "hidden_size": 7,
    "num_layers": 1,
    "bidirectional": False,
    "dropout": 0.4,
    "cell": "lstm",
    "bridge_size": 3,
    "seed": 1,
}


@pytest.mark.parametrize("option", OPTIONS)
def test_each_option_makes_another_model(option):
    usual = {"embedding_dim": 6, "hidden_size": 8}
    batch, found = tiny.batch(), []
    for options in (usual, usual | {option: OPTIONS[option]}):
        torch.manual_seed(0)  # dropout
        found.append(build_model(tiny.SRC_VOCAB, tiny.TRG_VOCAB, **options).train()(batch))
    assert not torch.allclose(*found)


def test_the_options_are_all_there_are():
    given = inspect.signature(build_model).parameters.values()
    assert {option.name for option in given if option.kind is option.KEYWORD_ONLY} == set(OPTIONS)


@pytest.mark.parametrize(
    "kind",
    [
        *GRID,
        pytest.param({"bridge_size": 3}, id="bridge"),
        pytest.param({"order": "bahdanau"}, id="bahdanau"),
        pytest.param({"order": "bahdanau", "attention": "concat", "bridge_size": 2}, id="bahdanau-bridge"),
    ],
)
def test_the_config_builds_a_twin(kind):
    model = tiny.model(**kind)
    assert model.config.items() >= kind.items()
    twin = build_model(tiny.SRC_VOCAB, tiny.TRG_VOCAB, **model.config)
    twin.load_state_dict(model.state_dict())
    assert torch.equal(twin.eval()(tiny.batch()), model(tiny.batch()))


@pytest.mark.parametrize(
    ("wrong", "message"), [({"attention": "luong"}, "attention='luong'"), ({"cell": "tanh"}, "cell='tanh'")]
)
def test_a_kind_that_does_not_exist_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        build_model(9, 9, embedding_dim=6, hidden_size=8, **wrong)


def test_a_coin_or_a_probability_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="coin='batch'"):
        tiny.model()(tiny.batch(), coin="batch")
    with pytest.raises(ValueError, match="between 0 and 1"):
        tiny.model()(tiny.batch(), 1.5)
