"""What makes a training run this run and no other, part by part: its settings, its model and its data."""

from array import array
from collections.abc import Iterable
from hashlib import sha256
from numbers import Real

from torch import Tensor, nn

from ..corpora.vocab import Vocab
from ..model.batching import Batch, batches
from ..model.seq2seq import Seq2Seq
from .settings import Settings

PROBES = 100  # a schedule has no name: it is known by its values
# Parts that are told apart by a digest, which says nothing to a reader.
ANOTHER = {
    "the model": "the model is made of other parts",
    "shapes": "the model's weights have other names or shapes",
    "source words": "the source vocabulary is another one",
    "target words": "the target vocabulary is another one",
    "sentences": "the training sentences are others than those of the saved run",
    "valid": "valid is other data than that of the saved run",
}


def identify(settings: Settings, model: Seq2Seq, train: batches, valid: Iterable[Batch] | None) -> dict[str, object]:
    """Name every part that must be the same for a run to go on, in plain values that a file can hold."""
    shapes = {name: tuple(weight.shape) for name, weight in model.state_dict().items()}
    src_vocab, trg_vocab = train.vocabs
    return {
        **numbers(settings),
        **described(model),
        "shapes": digest(shapes),
        "source words": words(src_vocab),
        "target words": words(trg_vocab),
        "sentences": sentences(train),
        "batch_size": train.batch_size,
        "bucket": train.bucket,
        "the shuffling": shuffling(train),
        "valid": validation(valid),
    }


def differences(saved: dict[str, object], now: dict[str, object]) -> list[str]:
    """Say in words what two runs differ in."""
    names = [name for name in {**now, **saved} if saved.get(name) != now.get(name)]
    return [ANOTHER.get(name, f"{name} was {saved.get(name)} and is {now.get(name)}") for name in names]


def numbers(settings: Settings) -> dict[str, object]:
    """Give the settings as they are, the teacher forcing by its values."""
    values = [settings.forcing_at(probe / PROBES) for probe in range(PROBES + 1)]
    changing = f"a schedule from {values[0]:g} to {values[-1]:g} ({digest(values)[:8]})"
    return {**settings._asdict(), "teacher_forcing": changing if len(set(values)) > 1 else values[0]}


def described(model: Seq2Seq) -> dict[str, object]:
    """Give what a model was built with; of one that was put together by hand, what it is made of."""
    if model.config is None:
        return {"the model": digest(str(model))}
    return {f"the model's {name}": plain(value) for name, value in model.config.items()}


def plain(value: object) -> str:
    """Write a value so that equal ones read alike; what would show its address in memory is known by its class."""
    speaks = value is None or isinstance(value, str | Real | nn.Module)
    return str(value) if speaks else type(value).__qualname__


def shuffling(data: batches) -> str:
    """Say whether the order changes, and what it is drawn from."""
    return "off" if data.generator is None else f"by seed {data.generator.initial_seed()}"


def words(vocab: Vocab) -> str:
    """Tell vocabularies apart, by their tokens in their order."""
    return digest(vocab.tokens)


def sentences(data: batches) -> str:
    """Tell corpora apart, by their numbers: in milliseconds for thousands of pairs."""
    numbers = array("q")
    for src, trg in data.encoded:
        numbers.extend((len(src), *src, len(trg), *trg))
    return sha256(numbers).hexdigest()


def validation(valid: Iterable[Batch] | None) -> str | None:
    """Tell validation data apart: by its pairs and how they are batched, or by its batches."""
    if valid is None:
        return None
    if isinstance(valid, batches):
        return digest((sentences(valid), valid.batch_size, valid.bucket, shuffling(valid)))
    found = sha256()
    for batch in valid:
        for tensor in batch:
            found.update(content(tensor))
    return found.hexdigest()


def content(tensor: Tensor) -> bytes:
    """Give a tensor's shape, type and numbers as bytes."""
    return f"{tuple(tensor.shape)} {tensor.dtype}".encode() + tensor.cpu().contiguous().numpy().tobytes()


def digest(value: object) -> str:
    """Shorten plain values to a fixed length; other values, other digests."""
    return sha256(repr(value).encode()).hexdigest()
