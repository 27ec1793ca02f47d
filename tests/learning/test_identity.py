"""What makes a run this run: every part that changes is named, and nothing else changes it."""

import itertools

import pytest
import tiny
import torch

from s2s_lib.corpora.parallel import SentencePair
from s2s_lib.corpora.text import SPECIALS
from s2s_lib.corpora.vocab import Vocab
from s2s_lib.learning.identity import differences, identify
from s2s_lib.learning.settings import Settings
from s2s_lib.model.attention import Attention, DotScore, GeneralScore
from s2s_lib.model.batching import batches
from s2s_lib.model.seq2seq import Seq2Seq
from s2s_lib.model.teacher_forcing import linear

PAIRS = tiny.copy_task(12)
USUAL = Settings(3, 5e-3, 0.3, 1.0, "step", 1.0, 0.0, None, 0).checked()
WORDS = [f"w{i}" for i in range(6)]


def vocab(words=WORDS):
    return Vocab([*SPECIALS, *words])


def corpus(pairs=PAIRS, *, src=WORDS, trg=WORDS, batch_size=4, bucket=True, seed=1):
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    return batches(pairs, vocab(src), vocab(trg), batch_size=batch_size, bucket=bucket, generator=generator)


def identity(*, settings=USUAL, model=None, train=None, valid=None):
    model = tiny.model(src_vocab=10, trg_vocab=10) if model is None else model
    return identify(settings, model, corpus() if train is None else train, valid)


def hand_made(score):
    """Put a model together without build_model: it has no config."""
    built = tiny.model("dot", src_vocab=10, trg_vocab=10)
    built.decoder.attention = Attention(score)
    return Seq2Seq(built.encoder, built.decoder)


def steps(progress):
    return 1.0 if progress < 0.6 else 0.0  # as another, asked at 0, 1/4, 1/2, 3/4 and 1 only


def later_steps(progress):
    return 1.0 if progress < 0.7 else 0.0


REVERSED = [pair._replace(trg=pair.trg[::-1]) for pair in PAIRS]
ANOTHER = "the training sentences are others"
PARTS = {
    "lr": ({}, {"settings": USUAL._replace(lr=0.003)}, "lr was 0.005 and is 0.003"),
    "epochs": ({}, {"settings": USUAL._replace(epochs=4)}, "epochs was 3 and is 4"),
    "warmup": ({}, {"settings": USUAL._replace(warmup=0.1)}, "warmup was 0.3 and is 0.1"),
    "clip": ({}, {"settings": USUAL._replace(clip=2.0)}, "clip was 1.0 and is 2.0"),
    "coin": ({}, {"settings": USUAL._replace(coin="token")}, "coin was step and is token"),
    "label_smoothing": ({}, {"settings": USUAL._replace(label_smoothing=0.1)}, "label_smoothing was 0.0 and is 0.1"),
    "patience": ({}, {"settings": USUAL._replace(patience=2)}, "patience was None and is 2"),
    "seed": ({}, {"settings": USUAL._replace(seed=2)}, "seed was 0 and is 2"),
    "forcing": (
        {},
        {"settings": USUAL._replace(teacher_forcing=linear())},
        "teacher_forcing was 1.0 and is a schedule from 1 to 0",
    ),
    "steps of a schedule": (
        {"settings": USUAL._replace(teacher_forcing=steps)},
        {"settings": USUAL._replace(teacher_forcing=later_steps)},
        "teacher_forcing was a schedule from 1 to 0",
    ),
    "attention": (
        {"model": tiny.model("dot", src_vocab=10, trg_vocab=10)},
        {"model": tiny.model("fixed", src_vocab=10, trg_vocab=10)},
        "the model's attention was dot and is fixed",
    ),
    "dropout": (
        {},
        {"model": tiny.model(src_vocab=10, trg_vocab=10, dropout=0.1)},
        "the model's dropout was 0.0 and is 0.1",
    ),
    "shapes": ({"model": hand_made(GeneralScore(8))}, {"model": hand_made(GeneralScore(9))}, "names or shapes"),
    "by hand": (
        {"model": hand_made(GeneralScore(8))},
        {"model": hand_made(DotScore(8))},
        "the model is made of other parts",
    ),
    "targets": ({}, {"train": corpus(REVERSED)}, ANOTHER),
    "sources": ({}, {"train": corpus([pair._replace(src=pair.src[::-1]) for pair in PAIRS])}, ANOTHER),
    "order of the corpus": ({}, {"train": corpus(PAIRS[::-1])}, ANOTHER),
    "source words": ({}, {"train": corpus(src=WORDS[::-1])}, "the source vocabulary is another one"),
    "target words": ({}, {"train": corpus(trg=WORDS[::-1])}, "the target vocabulary is another one"),
    "names of words": (
        {"train": corpus(trg=[*WORDS[:5], "x"])},
        {"train": corpus(trg=[*WORDS[:5], "y"])},
        "the target vocabulary is another one",
    ),
    "batch_size": ({}, {"train": corpus(batch_size=3)}, "batch_size was 4 and is 3"),
    "bucket": ({}, {"train": corpus(bucket=False)}, "bucket was True and is False"),
    "shuffled": ({}, {"train": corpus(seed=None)}, "the shuffling was by seed 1 and is off"),
    "another shuffling": ({}, {"train": corpus(seed=2)}, "the shuffling was by seed 1 and is by seed 2"),
    "validation or none": ({}, {"valid": corpus()}, "valid is other data"),
    "validation pairs": ({"valid": corpus()}, {"valid": corpus(REVERSED)}, "valid is other data"),
    "validation batching": ({"valid": corpus()}, {"valid": corpus(batch_size=3)}, "valid is other data"),
    "validation batches": (
        {"valid": list(corpus(seed=None))},
        {"valid": list(corpus(REVERSED, seed=None))},
        "valid is other data",
    ),
    "fewer batches": ({"valid": list(corpus())}, {"valid": list(corpus())[:-1]}, "valid is other data"),
}


@pytest.mark.parametrize("part", PARTS)
def test_each_part_is_named_where_it_differs(part):
    first, second, said = PARTS[part]
    before, after = identity(**first), identity(**second)
    assert said in "; ".join(differences(before, after))
    assert differences(before, before) == differences(after, after) == []


def test_one_change_is_one_difference_and_two_are_two():
    for part in ("lr", "seed", "forcing", "targets", "batch_size", "another shuffling", "validation pairs"):
        first, second, _ = PARTS[part]
        assert len(differences(identity(**first), identity(**second))) == 1
    both = identity(settings=USUAL._replace(lr=0.003), train=corpus(REVERSED))
    said = differences(identity(), both)
    assert [words[:12] for words in said] == ["lr was 0.005", "the training"]


def test_the_same_again_is_the_same():
    for valid in (lambda: None, corpus, lambda: list(corpus())):
        assert identity(valid=valid()) == identity(valid=valid())
    train = corpus()
    before = identity(train=train)
    list(train)  # an epoch: the order is another one, drawn from the same seed
    assert identity(train=train) == before
    train.generator.set_state(train.generator.get_state())
    assert identity(train=train) == before
    assert identity(model=hand_made(DotScore(8))) == identity(model=hand_made(DotScore(8)))


def test_where_a_sentence_ends_matters():
    words = next(pair.src for pair in PAIRS if len(pair.src) == 4)
    found = set()
    for first, second in itertools.product((1, 2, 3), repeat=2):
        pairs = [SentencePair(words[:place], words[place:]) for place in (first, second)]
        found.add(identity(train=corpus(pairs))["sentences"])
    assert len(found) == 9


def test_a_file_can_hold_it(tmp_path):
    full = identity(settings=USUAL._replace(teacher_forcing=linear()), valid=list(corpus()))
    torch.save(full, tmp_path / "identity")
    assert torch.load(tmp_path / "identity", weights_only=True) == full
