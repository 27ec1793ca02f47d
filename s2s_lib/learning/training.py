"""Training as a generator of events, so that one loop serves a blocking cell, a live monitor and single steps."""

import math
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

import torch
from torch import Tensor

from ..corpora.text import PAD
from ..model.batching import Batch, batches
from ..model.decoder import most_likely
from ..model.metrics import token_accuracy, token_loss
from ..model.seq2seq import Seq2Seq
from ..model.teacher_forcing import Schedule


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


class TrainingDiverged(ArithmeticError):  # noqa: N818 - says what happened, as StopIteration does
    """The loss became NaN or infinite; the weights are still those of the step before."""


@dataclass(frozen=True)
class Settings:
    """How to train: see `fit`."""

    epochs: int
    lr: float
    warmup: float
    teacher_forcing: Schedule
    coin: str
    clip: float
    label_smoothing: float
    patience: int | None
    seed: int


@dataclass
class Run:
    """A training run between two steps: all it takes to go on, bit for bit."""

    settings: Settings
    model: Seq2Seq
    train: batches
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    coins: torch.Generator  # teacher forcing
    dropout: Tensor  # the global random state as the run sees it: dropout draws from that
    shuffle: Tensor | None = None  # the state of the batches' generator when this epoch began
    steps: list[Step] = field(default_factory=list)
    epochs: list[Epoch] = field(default_factory=list)
    best_weights: dict[str, Tensor] = field(default_factory=dict)


def start(model: Seq2Seq, train: batches, settings: Settings) -> Run:
    """Begin a run: Adam, with a learning rate that rises to `lr` and falls to nothing (Smith 2018, one cycle)."""
    total = settings.epochs * len(train)
    optimizer = torch.optim.Adam(model.parameters(), lr=settings.lr, fused=True)
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.lr, total, pct_start=settings.warmup, cycle_momentum=False
    )
    with torch.random.fork_rng(devices=[]):
        dropout = torch.manual_seed(settings.seed).get_state()
    return Run(settings, model, train, optimizer, cycle, torch.Generator().manual_seed(settings.seed), dropout)


def train_step(run: Run, batch: Batch) -> Step:
    """Update the weights once. Raises TrainingDiverged, the weights untouched, where the loss is not finite."""
    settings, done, total = run.settings, len(run.steps), run.settings.epochs * len(run.train)
    p = settings.teacher_forcing(done / max(1, total - 1))
    run.model.train()
    run.optimizer.zero_grad()
    with own_randomness(run), subnormals_flushed():
        logits = run.model(batch, p, run.coins, settings.coin)
        loss = token_loss(logits, batch.trg_out, settings.label_smoothing)
        loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(run.model.parameters(), settings.clip).item()
    rate = run.optimizer.param_groups[0]["lr"]
    if not (math.isfinite(loss.item()) and math.isfinite(norm)):
        before = f"the loss before was {run.steps[-1].loss:.3f}" if run.steps else "it was the first step"
        raise TrainingDiverged(
            f"step {done + 1}: loss {loss.item()}, gradient norm {norm}; {before}, the learning rate is "
            f"{rate:.2g}. The weights are those of the step before. Try a smaller lr, or clip below {settings.clip}."
        )
    run.optimizer.step()
    run.schedule.step()
    return Step(done // len(run.train) + 1, done + 1, total, loss.item(), rate, p, norm)


@contextmanager
def own_randomness(run: Run) -> Iterator[None]:
    """Let dropout draw from the run's own random state, and leave the global one as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.set_rng_state(run.dropout)
        yield
        run.dropout = torch.get_rng_state()


@contextmanager
def subnormals_flushed() -> Iterator[None]:
    """Count numbers below 1e-38 as 0 meanwhile: processors are slow at them, and sharp attention makes many."""
    before = not torch.tensor([1e-40]).mul(1.0).item()
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


@torch.no_grad()
def evaluate(model: Seq2Seq, data: Iterable[Batch], teacher_forcing: float = 1.0) -> tuple[float, float]:
    """Return the loss in nats and the accuracy per real target token: on gold inputs, or free-running at 0."""
    model.eval()
    coins = torch.Generator()  # the global random state stays as it is
    loss = right = count = 0.0
    for batch in data:
        logits = model(batch, teacher_forcing, coins)
        tokens = int((batch.trg_out != PAD).sum())
        loss += token_loss(logits, batch.trg_out).item() * tokens
        right += token_accuracy(most_likely(logits), batch.trg_out) * tokens
        count += tokens
    if not count:
        raise ValueError("there is no batch to evaluate on")
    return loss / count, right / count


def events(run: Run, valid: Iterable[Batch] | None) -> Iterator[Step | Epoch]:
    """Train to the end, yielding each step and each epoch; stop reading, and training has stopped."""
    generator = run.train.generator
    while len(run.epochs) < run.settings.epochs and not overdue(run):
        began, first = time.perf_counter(), len(run.epochs) * len(run.train)
        if generator is not None:
            if run.shuffle is None:
                run.shuffle = generator.get_state()
            generator.set_state(run.shuffle)
        for batch in islice(run.train, len(run.steps) - first, None):  # what a resumed run has done is skipped
            run.steps.append(train_step(run, batch))
            yield run.steps[-1]
        run.shuffle = None
        losses = [step.loss for step in run.steps[first:]]
        yield finish_epoch(run, sum(losses) / len(losses), valid, began)


def finish_epoch(run: Run, train_loss: float, valid: Iterable[Batch] | None, began: float) -> Epoch:
    """Validate, and keep the weights if they are the best so far."""
    loss, accuracy = (math.nan, math.nan) if valid is None else evaluate(run.model, valid)
    if valid is not None and not math.isfinite(loss):
        raise TrainingDiverged(f"epoch {len(run.epochs) + 1}: validation loss {loss}. Try a smaller lr.")
    best = valid is None or loss < min((epoch.valid_loss for epoch in run.epochs), default=math.inf)
    if best:
        run.best_weights = {name: tensor.clone() for name, tensor in run.model.state_dict().items()}
    seconds = time.perf_counter() - began
    run.epochs.append(Epoch(len(run.epochs) + 1, train_loss, loss, accuracy, seconds, best))
    return run.epochs[-1]


def overdue(run: Run) -> bool:
    """Tell whether `patience` epochs have passed without a better validation loss."""
    patience = run.settings.patience
    recent = run.epochs[-patience:] if patience else []
    return bool(patience) and len(run.epochs) > patience and not any(epoch.best for epoch in recent)
