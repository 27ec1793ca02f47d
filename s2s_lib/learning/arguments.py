"""What `fit` and `evaluate` work on, checked before anything is built or written."""

from collections.abc import Iterable
from pathlib import Path

from torch import Tensor

from ..corpora.checks import check_kind, kind
from ..model.batching import Batch, batches
from ..model.seq2seq import Seq2Seq

SAME = "build the model for the vocabularies of the data, build_model(len(src_vocab), len(trg_vocab))"
BATCHES = "give batches(pairs, src_vocab, trg_vocab, batch_size=100) or a list of Batch"


def check_data(model: object, train: object, valid: object) -> None:
    """Raise TypeError for what is no model or no data, ValueError where they don't belong together."""
    check_kind("model", model, Seq2Seq, "as build_model returns it; of a Translator, its .model")
    if not isinstance(train, batches):
        raise TypeError(
            "train: give batches(pairs, src_vocab, trg_vocab, batch_size=64), which is read anew in every epoch, "
            f"not {kind(train)}"
        )
    check_vocabs("train", train, model)
    if isinstance(valid, batches):
        check_vocabs("valid", valid, model)
        if tuple(valid.vocabs) != tuple(train.vocabs):
            raise ValueError("valid: its vocabularies are not those of train; make both of the same two")
    elif valid is not None:
        check_batches("valid", valid, model)


def check_vocabs(name: str, data: batches, model: Seq2Seq) -> None:
    """Raise ValueError where the vocabularies of `data` are not as large as the model's."""
    src, trg = len(data.vocabs.src), len(data.vocabs.trg)
    known_src, known_trg = sizes(model)
    if (src, trg) == (known_src, known_trg):
        return
    words = f"{src} source and {trg} target words, the model knows {known_src} and {known_trg}"
    if (trg, src) == (known_src, known_trg):
        raise ValueError(f"{name}: source and target are exchanged: {words}. Exchange the two vocabularies, or {SAME}")
    raise ValueError(f"{name}: {words}. Give it the model's vocabularies, or {SAME}")


def check_batches(name: str, data: object, model: Seq2Seq) -> None:
    """Check batches that will be read again and again: all of them, once."""
    if isinstance(data, Batch) or not isinstance(data, Iterable):
        raise TypeError(f"{name}: {BATCHES}, not {kind(data)}")
    if iter(data) is data:
        raise TypeError(f"{name}: {BATCHES}, which can be read after every epoch; {kind(data)} can be read once")
    found = list(data)
    if not found:
        raise ValueError(f"{name}: there is no batch in it")
    for batch in found:
        check_batch(name, batch, model)


def check_batch(name: str, batch: object, model: Seq2Seq) -> None:
    """Raise TypeError for what is no Batch, ValueError for a word that the model doesn't know."""
    if not isinstance(batch, Batch):
        raise TypeError(f"{name}: {BATCHES}; there is {kind(batch)} in it")
    known_src, known_trg = sizes(model)
    check_known(f"{name}: source", batch.src, known_src)
    check_known(f"{name}: target", batch.trg_out, known_trg)


def check_known(name: str, ids: Tensor, known: int) -> None:
    """Raise ValueError where one of these words is none of so many."""
    highest = int(ids.max())
    if highest >= known:
        raise ValueError(f"{name} word number {highest}, the model knows {known}. {SAME.capitalize()}")


def sizes(model: Seq2Seq) -> tuple[int, int]:
    """Return how many source and how many target words a model knows."""
    return model.encoder.embedding.num_embeddings, model.decoder.embedding.num_embeddings


def check_file(name: str, path: object) -> None:
    """Check that a file could be written at `path`. Raises TypeError or ValueError."""
    if not isinstance(path, str | Path):
        raise TypeError(f"{name}: give the path of a file, not {kind(path)}")
    path = Path(path)
    if path.is_dir():
        raise ValueError(f"{name}: {path} is a folder; name a file in it, such as {path / 'run.pt'}")
    for parent in path.parents:
        if parent.exists() and not parent.is_dir():
            raise ValueError(f"{name}: {path} can't be written, because {parent} is a file and no folder")
