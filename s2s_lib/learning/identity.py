"""What makes a training run this run and no other, part by part: its settings, its model and its data."""

from array import array
from collections.abc import Iterable
from hashlib import sha256
from numbers import Real

from torch import Tensor, nn

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
        "source words": digest(src_vocab.tokens),
        "target words": digest(trg_vocab.tokens),
        "sentences": sentences(train),
        "batch_size": train.batch_size,
        "bucket": train.bucket,
        "the shuffling": shuffling(train),
        "valid": validation(valid),
    }


def differences(saved: dict[str, object], now: dict[str, object]) -> list[str]:
    """Say in words what two runs differ in."""
    found = []
    for name in {**now, **saved}:
        before, after = saved.get(name), now.get(name)
        if before != after:
            found.append(ANOTHER.get(name, f"{name} was {before} and is {after}"))
    return found


def numbers(settings: Settings) -> dict[str, object]:
    """Give the settings as they are, the teacher forcing by its values."""
    values = [settings.forcing_at(probe / PROBES) for probe in range(PROBES + 1)]
    forcing = values[0]
    if len(set(values)) > 1:
        forcing = f"a schedule from {values[0]:g} to {values[-1]:g} ({digest(values)[:8]})"
    return settings._replace(teacher_forcing=forcing)._asdict()


def described(model: Seq2Seq) -> dict[str, object]:
    """Give what a model was built with; of one that was put together by hand, what it is made of."""
    if model.config is None:
        return {"the model": digest(str(model))}
    return {f"the model's {name}": plain(value) for name, value in model.config.items()}


def plain(value: object) -> str:
    """Write a value so that equal ones read alike; what would show its address in memory is known by its class."""
    if value is None or isinstance(value, str | Real | nn.Module):
        return str(value)
    return type(value).__qualname__


def shuffling(data: batches) -> str:
    """Say whether the order changes, and what it is drawn from."""
    if data.generator is None:
        return "off"
    return f"by seed {data.generator.initial_seed()}"


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
    form = f"{tuple(tensor.shape)} {tensor.dtype}"
    numbers = tensor.cpu().contiguous().numpy()
    return form.encode() + numbers.tobytes()


def digest(value: object) -> str:
    """Shorten plain values to a fixed length; other values, other digests."""
    return sha256(repr(value).encode()).hexdigest()
