"""Batches: every pair once, the target shifted once, pads only where nothing is."""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import tiny
import torch
from hypothesis import given
from hypothesis import strategies as st

import s2s_lib
from s2s_lib.corpora.parallel import SentencePair
from s2s_lib.corpora.text import EOS, PAD, SOS, SPECIALS
from s2s_lib.corpora.vocab import Vocab, Vocabs
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


def test_empty_sequences_are_rows_of_pads():
    assert pad([[], [5]]).tolist() == [[PAD], [5]]
    assert (pad([[], []]).shape, pad([[]]).dtype) == ((2, 0), torch.long)


def test_no_sequences_are_refused():
    with pytest.raises(ValueError, match="no sequences to stack"):
        pad([])


@pytest.mark.parametrize("missing", ["src", "trg"])
def test_a_pair_with_an_empty_side_is_found_before_the_first_batch(missing):
    pairs = [*PAIRS, PAIRS[0]._replace(**{missing: ()})]
    with pytest.raises(ValueError, match=f"pair number {len(PAIRS)} has no token"):
        tiny.corpus(pairs, batch_size=4)


MISUSES = {
    "pad('abc')": "TypeError: pad takes sequences of whole numbers, as vocab.encode gives them: .*str",
    "pad(['ab', 'c'])": "TypeError: pad takes sequences of whole numbers, as vocab.encode gives them: .*str",
    "pad([['a', 'b']])": "TypeError: pad takes sequences of whole numbers",
    "pad([[1.5], [2]])": "TypeError: pad takes sequences of whole numbers, not of torch.float32",
    "pad([[True]])": "TypeError: pad takes sequences of whole numbers, not of torch.bool",
    "pad([[[1], [2]]])": "TypeError: pad takes sequences of whole numbers, not of torch.int64 in 3 dimensions",
    "pad([[None]])": "TypeError: pad takes sequences of whole numbers",
    "collate(pairs)": "TypeError: collate takes encoded pairs, lists of numbers, not text; write vocabs.encode",
    "collate('ab')": "TypeError: collate takes encoded pairs",
    "batches(pairs, vocabs, batch_size=2)": "TypeError: .* write \\*vocabs, with the star",
    "batches(pairs, vocabs, vocabs, batch_size=2)": "TypeError: .* write \\*vocabs, with the star",
    "batches(pairs, [*vocabs], batch_size=2)": "TypeError: .* write \\*vocabs, with the star",
    "batches(pairs, vocabs.src, batch_size=2)": "TypeError: batches: trg_vocab is a NoneType: a Vocab is meant",
    "batches(pairs, vocabs.src, vocabs, batch_size=2)": "TypeError: batches: trg_vocab is a Vocabs.*: a Vocab is meant",
    "batches(pairs, 'ab', 'cd', batch_size=2)": "TypeError: batches: src_vocab is a str: .* Vocabs.of",
    "batches(corpus, *vocabs, batch_size=2)": "TypeError: batches: a corpus has three parts; .* corpus.train",
    "batches('le chat', *vocabs, batch_size=2)": "TypeError: batches is one text: a list is meant",
    "batches(pairs[0], *vocabs, batch_size=2)": "TypeError: batches is one SentencePair: a list is meant",
    "batches(None, *vocabs, batch_size=2)": "TypeError: batches is a NoneType: a list is meant",
    "batches(['a', 'b'], *vocabs, batch_size=2)": "TypeError: batches\\[0\\] is a str: a SentencePair is meant",
    "batches([pairs[0], ('a', 'b')], *vocabs, batch_size=2)": "TypeError: batches\\[1\\] is a tuple of str: a Sent",
    "batches([SentencePair('a b', ('c',))], *vocabs, batch_size=2)": "TypeError: .* one string; split it",
    "batches(pairs, *vocabs, batch_size=2.0)": "TypeError: batch_size=2.0: give a whole number",
    "batches(pairs, *vocabs, batch_size='2')": "TypeError: batch_size='2': give a whole number",
    "batches(pairs, *vocabs, batch_size=True)": "TypeError: batch_size=True: give a whole number",
    "batches(pairs, *vocabs, batch_size=0)": "ValueError: batch_size=0: give a whole number of 1 or more",
    "batches(pairs, *vocabs, batch_size=2, generator=0)": "TypeError: generator .* torch.Generator\\(\\).manual_seed",
}
MISUSE = """
import sys
from s2s_lib import ParallelCorpus, SentencePair, Vocabs, batches, collate, pad
pairs = [SentencePair(("a", "b"), ("c",)), SentencePair(("b",), ("d", "c"))]
corpus, vocabs = ParallelCorpus(pairs, [], []), Vocabs.of(pairs)
for line in sys.stdin.read().splitlines():
    try:
        print("no error:", eval(line))
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
"""


@pytest.fixture(scope="module")
def said():
    """Misuse everything where nothing checks types before the library does, as in a notebook."""
    environment = {**os.environ, "PYTHONPATH": str(Path(s2s_lib.__file__).parents[1])}
    run = [sys.executable, "-c", MISUSE]
    done = subprocess.run(run, input="\n".join(MISUSES), env=environment, capture_output=True, text=True, check=True)
    return dict(zip(MISUSES, done.stdout.splitlines(), strict=True))


@pytest.mark.parametrize(("call", "message"), MISUSES.items())
def test_a_misuse_is_explained(said, call, message):
    assert re.match(message, said[call]), said[call]


def test_batches_know_their_vocabularies():
    src, trg = Vocab([*SPECIALS, "a"]), Vocab([*SPECIALS, "b"])
    data = batches(iter([SentencePair(("a",), ("b",))]), src, trg, batch_size=1)
    assert isinstance(data.vocabs, Vocabs)
    assert data.vocabs == (src, trg)


@pytest.mark.parametrize(("pairs", "batch_size"), [([], 4), (PAIRS, 0), (PAIRS, -1)])
def test_no_pairs_and_no_batch_size_are_refused(pairs, batch_size):
    with pytest.raises(ValueError, match="1 or more"):
        tiny.corpus(pairs, batch_size=batch_size)


def test_each_side_is_read_with_its_own_vocabulary():
    src, trg = Vocab([*SPECIALS, "a", "b"]), Vocab([*SPECIALS, "b", "c"])
    (batch,) = batches([SentencePair(("a", "b"), ("c", "a"))], src, trg, batch_size=3)
    assert batch.src.tolist() == [[4, 5]]
    assert batch.trg_out.tolist() == [[5, 1, EOS]]
