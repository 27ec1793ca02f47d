"""What a training tells of itself, step by step and epoch by epoch; and validation."""

from collections.abc import Iterable
from typing import NamedTuple, no_type_check

import torch

from ..corpora.checks import check_share
from ..corpora.text import PAD
from ..model.batching import Batch, batches
from ..model.decoder import most_likely
from ..model.inference import inference
from ..model.metrics import token_accuracy, token_loss
from ..model.seq2seq import Seq2Seq
from .arguments import check_batch, check_vocabs


class Step(NamedTuple):
    """One update of the weights."""

    epoch: int  # from 1
    step: int  # from 1, counted through all epochs
    steps: int  # in the whole run
    loss: float  # nats per real target token of this batch
    learning_rate: float
    teacher_forcing: float
    gradient_norm: float  # before clipping


class Epoch(NamedTuple):
    """One pass through the corpus."""

    epoch: int
    train_loss: float  # nats per token, the mean over the steps
    valid_loss: float  # nats per token on gold inputs
    valid_accuracy: float  # share of tokens predicted, on gold inputs
    seconds: float
    best: bool  # the lowest validation loss so far


class History(NamedTuple):
    """What happened while a model was trained."""

    steps: list[Step]
    epochs: list[Epoch]
    stopped: str  # "finished", "early" (no progress for `patience` epochs), "interrupted", "failed" by an exception


class TrainingDiverged(ArithmeticError):  # noqa: N818 - says what happened, as StopIteration does
    """The loss became NaN or infinite; the weights are still those of the step before."""


@no_type_check  # not even in the tests: it checks its arguments itself, and says what was meant
def evaluate(model: Seq2Seq, data: Iterable[Batch], teacher_forcing: float = 1.0) -> tuple[float, float]:
    """Return the loss in nats and the accuracy per real target token: on gold inputs, or free-running at 0.

    The model is left in the mode that it was in. Raises TypeError for data that is no batches, ValueError for none at
    all, for the words of another model and for a `teacher_forcing` outside 0..1.
    """
    check_share("teacher_forcing", teacher_forcing)
    if isinstance(data, batches):
        check_vocabs("data", data, model)
    coins = torch.Generator()  # the global random state stays as it is
    loss = right = count = 0.0
    with inference(model):
        for batch in data:
            check_batch("data", batch, model)
            logits = model(batch, teacher_forcing, coins)
            tokens = int((batch.trg_out != PAD).sum())
            loss += token_loss(logits, batch.trg_out).item() * tokens
            right += token_accuracy(most_likely(logits), batch.trg_out) * tokens
            count += tokens
    if not count:
        raise ValueError("there is no batch to evaluate on")
    return loss / count, right / count
