"""Batches: every pair once, the target shifted once, pads only where nothing is."""

from collections import Counter

import pytest
import tiny
import torch
from hypothesis import given
from hypothesis import strategies as st

from s2s_lib.corpora.parallel import SentencePair
from s2s_lib.corpora.text import EOS, PAD, SOS, SPECIALS
from s2s_lib.corpora.vocab import Vocab
from s2s_lib.model.batching import batches, collate, pad

ids = st.lists(st.integers(4, 9), min_size=1, max_size=6)
PAIRS = tiny.copy_task(23, longest=9)


def pairs_in(batch):
    """Read the encoded pairs of a batch back."""
    sources = [tuple(row[mask].tolist()) for row, mask in zip(batch.src, batch.src_mask, strict=True)]
    targets = [tuple(row[row != PAD].tolist()[:-1]) for row in batch.trg_out]
    return list(zip(sources, targets, strict=True))


def epoch(data):
    return [pair for batch in data for pair in pairs_in(batch)]


@given(st.lists(st.tuples(ids, ids), min_size=1, max_size=5))
def test_the_decoder_reads_what_it_said_one_step_before(pairs):
    batch = collate(pairs)
    real = batch.trg_out != PAD
    assert (batch.trg_in[:, 0] == SOS).all()
    for row, (_, trg) in enumerate(pairs):
        assert batch.trg_in[row][real[row]].tolist() == [SOS, *trg]
        assert batch.trg_out[row][real[row]].tolist() == [*trg, EOS]


@given(st.lists(st.tuples(ids, ids), min_size=1, max_size=5))
def test_a_batch_is_as_wide_as_its_longest_and_real_where_the_mask_says(pairs):
    batch = collate(pairs)
    assert batch.src.shape == batch.src_mask.shape == (len(pairs), max(len(src) for src, _ in pairs))
    assert batch.trg_in.shape == batch.trg_out.shape == (len(pairs), 1 + max(len(trg) for _, trg in pairs))
    assert batch.src_mask.sum(1).tolist() == [len(src) for src, _ in pairs]
    assert pairs_in(batch) == [(tuple(src), tuple(trg)) for src, trg in pairs]
    assert (batch.src[~batch.src_mask] == PAD).all()


def test_padding_stands_after_the_end():
    assert pad([[7], [5, 6, 7]]).tolist() == [[7, PAD, PAD], [5, 6, 7]]


@pytest.mark.parametrize("shuffle", [None, 5])
@pytest.mark.parametrize("bucket", [True, False])
@pytest.mark.parametrize("batch_size", [1, 4, 23, 100])
def test_every_pair_comes_exactly_once_an_epoch(batch_size, bucket, shuffle):
    data = tiny.corpus(PAIRS, batch_size=batch_size, bucket=bucket, shuffle=shuffle)
    given = Counter((tuple(src), tuple(trg)) for src, trg in data.encoded)
    for _ in range(2):
        found = list(data)
        assert len(found) == len(data)
        assert max(len(batch.src) for batch in found) <= batch_size
        assert Counter(pair for batch in found for pair in pairs_in(batch)) == given


@pytest.mark.parametrize("bucket", [True, False])
def test_a_generator_brings_a_new_order_every_epoch(bucket):
    data = tiny.corpus(PAIRS, batch_size=4, bucket=bucket, shuffle=1)
    assert epoch(data) != epoch(data)


@pytest.mark.parametrize("bucket", [True, False])
def test_the_order_follows_from_the_seed_alone(bucket):
    first, second = (tiny.corpus(PAIRS, batch_size=4, bucket=bucket, shuffle=1) for _ in range(2))
    torch.manual_seed(99)
    assert [epoch(first), epoch(first)] == [epoch(second), epoch(second)]
    assert epoch(first) != epoch(tiny.corpus(PAIRS, batch_size=4, bucket=bucket, shuffle=2))


def test_without_a_generator_the_order_stays():
    plain = tiny.corpus(PAIRS, batch_size=4, bucket=False)
    assert epoch(plain) == [(tuple(src), tuple(trg)) for src, trg in plain.encoded]
    bucketed = tiny.corpus(PAIRS, batch_size=4)
    assert epoch(bucketed) == epoch(bucketed)


def test_shuffling_leaves_the_global_random_state_alone():
    before = torch.get_rng_state()
    epoch(tiny.corpus(PAIRS, batch_size=4, shuffle=1))
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("shuffle", [None, 5])
def test_buckets_leave_less_padding(shuffle):
    pairs = tiny.copy_task(200, longest=12)

    def pads(bucket):
        data = tiny.corpus(pairs, batch_size=8, bucket=bucket, shuffle=shuffle)
        return sum(int((~batch.src_mask).sum()) for batch in data)

    assert pads(bucket=True) < pads(bucket=False) / 3


def test_buckets_do_not_order_the_epoch_by_length():
    data = tiny.corpus(tiny.copy_task(200, longest=12), batch_size=8, shuffle=5)
    widths = [batch.src.shape[1] for batch in data]
    assert widths not in (sorted(widths), sorted(widths, reverse=True))


@pytest.mark.parametrize("pairs", [[], [([], [4])], [([4], [])], [([4], [4]), ([], [])]])
def test_a_batch_with_an_empty_side_is_refused(pairs):
    with pytest.raises(ValueError, match="both sides"):
        collate(pairs)


@pytest.mark.parametrize(("pairs", "batch_size"), [([], 4), (PAIRS, 0), (PAIRS, -1)])
def test_no_pairs_and_no_batch_size_are_refused(pairs, batch_size):
    with pytest.raises(ValueError, match="1 or more"):
        tiny.corpus(pairs, batch_size=batch_size)


def test_each_side_is_read_with_its_own_vocabulary():
    src, trg = Vocab([*SPECIALS, "a", "b"]), Vocab([*SPECIALS, "b", "c"])
    (batch,) = batches([SentencePair(("a", "b"), ("c", "a"))], src, trg, batch_size=3)
    assert batch.src.tolist() == [[4, 5]]
    assert batch.trg_out.tolist() == [[5, 1, EOS]]
