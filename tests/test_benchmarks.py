"""The baselines are correct models, and the measurements measure."""

import pytest
import torch

from benchmarks import memory
from benchmarks.plain_loop import NaiveConcat, PlainLoop
from benchmarks.report import table
from benchmarks.stepwise import Stepwise
from benchmarks.training import PLAIN, SMALL, STEPWISE, contestants, measure
from s2s_lib import Batch, ParallelCorpus, SentencePair, build_model, collate
from s2s_lib.model.attention import ConcatScore

SIZES = {"embedding_dim": 8, "hidden_size": 16}


@pytest.fixture
def batch() -> Batch:
    return collate([([5, 6, 7, 8], [4, 5]), ([4, 9], [6, 7, 8]), ([5], [9])])


def set_plain_weights(plain: PlainLoop, model) -> None:
    """Give the plain loop the weights of a library model; its direct output layer has no counterpart there."""
    plain.encoder.load_state_dict(model.encoder.state_dict())
    plain.rnn.load_state_dict(model.decoder.rnn.state_dict())
    plain.embedding.load_state_dict(model.decoder.embedding.state_dict())
    set_naive_weights(plain.attention, model.decoder.attention.score)


@torch.no_grad()
def set_naive_weights(naive: NaiveConcat, score: ConcatScore) -> None:
    naive.compare.weight.copy_(torch.cat([score.W_q.weight, score.W_k.weight], dim=1))
    naive.v.weight.copy_(score.v_a[None])


def test_the_well_written_loop_is_the_library_step_by_step(batch):
    model = build_model(12, 11, attention="concat", num_layers=1, **SIZES).eval()
    assert torch.allclose(Stepwise(model)(batch), model(batch), atol=1e-4)


def test_the_well_written_loop_has_the_librarys_gradients(batch):
    model = build_model(12, 11, attention="concat", num_layers=1, **SIZES).eval()
    parameters = list(model.parameters())
    ours, theirs = (torch.autograd.grad(m(batch).square().sum(), parameters) for m in (Stepwise(model), model))
    assert all(torch.allclose(a, b, atol=1e-3, rtol=1e-3) for a, b in zip(ours, theirs, strict=True))


def test_naive_concat_is_concat():
    score, naive = ConcatScore(16), NaiveConcat(16)
    set_naive_weights(naive, score)
    query, keys = torch.randn(3, 5, 16), torch.randn(3, 7, 16)
    stepwise = torch.stack([naive.score(step, keys) for step in query.unbind(1)], dim=1)
    assert torch.allclose(stepwise, score(query, keys), atol=1e-5)


def test_the_plain_loop_looks_where_the_library_looks(batch):
    model = build_model(12, 11, attention="concat", num_layers=1, **SIZES).eval()
    plain = PlainLoop(12, 11, **SIZES).eval()
    set_plain_weights(plain, model)
    memory_ = model.encoder(batch.src, batch.src_mask)
    decoded = model.decoder(batch.trg_in, memory_.initial, memory_)
    features = torch.cat([decoded.attended.context, decoded.hidden], dim=2)
    assert torch.allclose(plain(batch), plain.output(features), atol=1e-5)


def test_the_plain_loop_reads_its_own_words_without_teacher_forcing(batch):
    plain = PlainLoop(12, 11, **SIZES).eval()
    logits = plain(batch, teacher_forcing=0.0)
    own = torch.cat([batch.trg_in[:, :1], logits.argmax(2)[:, :-1]], dim=1)
    assert torch.allclose(plain(batch._replace(trg_in=own)), logits, atol=1e-5)


def test_all_but_the_plain_loop_train_on_the_same_batches():
    pairs = [SentencePair(("a",) * (n % 7 + 1), ("b",) * (n % 5 + 1)) for n in range(256)]
    entries = contestants(SMALL, ParallelCorpus(pairs, [], []), number=2)
    for name, entry in entries.items():
        assert [len(batch.src) for batch in entry.data] == [64, 64]
        same = all(map(torch.equal, flat(entry.data), flat(entries[STEPWISE].data)))
        assert same == (name != PLAIN)
    rates = measure({PLAIN: entries[PLAIN]}, number=2, warm_up=0, repeats=1)
    assert rates[PLAIN] > 0


def flat(data: list[Batch]) -> list[torch.Tensor]:
    return [part for batch in data for part in batch]


def test_memory_is_that_of_the_pass():
    shape = (16, 64, 64, 128)
    largest = 16 * 64 * 64 * 128 * 4  # bytes of one (B, T, S, H)
    assert 2 * largest < memory.measure("plain", shape) < 8 * largest
    assert memory.measure("dot", shape) < largest


def test_table_is_aligned_markdown():
    lines = table(["a", "number"], [["long name", "1"], ["b", "1,000"]]).splitlines()
    assert lines[1] == "| --------- | -----: |"
    assert len({len(line) for line in lines}) == 1
