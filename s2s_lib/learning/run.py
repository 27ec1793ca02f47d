"""A training run: one loop that serves a blocking cell, a live monitor and single steps, and can go on from a file."""

import math
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor
from torch.optim.lr_scheduler import OneCycleLR

from ..atomic import replacing
from ..model.batching import Batch, batches
from ..model.metrics import token_loss
from ..model.seq2seq import Seq2Seq
from .checkpoints import CheckpointError
from .identity import differences
from .settings import Settings
from .training import Epoch, History, Step, TrainingDiverged, evaluate


class Run:
    """Training, as an object that knows all it takes to go on, bit for bit.

    It changes by `step`, `epochs` and `load_state_dict` only. Between two steps the model is in eval mode, ready to
    translate.
    """

    def __init__(self, model: Seq2Seq, train: batches, settings: Settings):
        """Begin: Adam, and a learning rate that rises to its peak and falls to nothing."""
        settings = settings.checked()
        self.model = model
        self.train = train
        self.settings = settings
        self.total = settings.epochs * len(train)  # steps
        self.optimizer = torch.optim.Adam(model.parameters(), lr=settings.lr, fused=True)
        self.schedule = one_cycle(self.optimizer, settings.lr, settings.warmup, self.total)
        self.coins = torch.Generator().manual_seed(settings.seed)  # teacher forcing
        self.dropout = self.coins.get_state()  # what dropout draws from: a state of its own, of the same seed
        self.shuffle: Tensor | None = None  # the state of the batches' generator when the epoch under way began
        self.history = History([], [], "")
        self.best_weights: dict[str, Tensor] = {}
        self.beginning = sums(model.state_dict())

    def epochs(self, valid: Iterable[Batch] | None = None) -> Iterator[Step | Epoch]:
        """Train to the end, yielding each step and each epoch; stop reading, and training has stopped."""
        while len(self.history.epochs) < self.settings.epochs and not self._overdue():
            began = time.perf_counter()
            for batch in self._rest_of_epoch():
                yield self.step(batch)
            yield self._finish_epoch(valid, began)

    def step(self, batch: Batch) -> Step:
        """Update the weights once.

        Raises TrainingDiverged, the weights untouched, where the loss is not finite, ValueError after the last step.
        """
        done = len(self.history.steps)
        if done == self.total:
            raise ValueError(f"all {self.total} steps of this run are done: begin another one to train on")
        p = self.settings.forcing_at(done / max(1, self.total - 1))
        rate = self.schedule.get_last_lr()[0]
        self.optimizer.zero_grad()
        with self._dropout_on(), subnormals_flushed():
            logits = self.model(batch, p, self.coins, self.settings.coin)
            loss = token_loss(logits, batch.trg_out, self.settings.label_smoothing)
            loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip)
        step = Step(
            epoch=done // len(self.train) + 1,
            step=done + 1,
            steps=self.total,
            loss=loss.item(),
            learning_rate=rate,
            teacher_forcing=p,
            gradient_norm=norm.item(),
        )
        self._check_finite(step)
        self.optimizer.step()
        if step.step < self.total:  # after the last there is no rate any more
            self.schedule.step()
        self.history.steps.append(step)
        return step

    def _check_finite(self, step: Step) -> None:
        """Raise TrainingDiverged where a step is not one that can be taken."""
        if math.isfinite(step.loss) and math.isfinite(step.gradient_norm):
            return
        steps = self.history.steps
        before = f"the loss before was {steps[-1].loss:.3f}" if steps else "it was the first step"
        raise TrainingDiverged(
            f"step {step.step}: loss {step.loss}, gradient norm {step.gradient_norm}; {before}, the learning rate is "
            f"{step.learning_rate:.2g}. The weights are those of the step before. Try a smaller lr, or clip below "
            f"{self.settings.clip}."
        )

    @contextmanager
    def _dropout_on(self) -> Iterator[None]:
        """Learn meanwhile: dropout draws from the run's own random state, and the global one stays as it was."""
        self.model.train()
        try:
            with torch.random.fork_rng(devices=[]):
                torch.set_rng_state(self.dropout)
                yield
                self.dropout = torch.get_rng_state()
        finally:
            self.model.eval()

    def _rest_of_epoch(self) -> Iterator[Batch]:
        """Read the batches in this epoch's order, and skip those that a resumed run has learned from."""
        generator = self.train.generator
        if generator is not None:
            if self.shuffle is None:
                self.shuffle = generator.get_state()
            generator.set_state(self.shuffle)
        learned = len(self.history.steps) - self._first_step()
        return islice(self.train, learned, None)

    def _first_step(self) -> int:
        """Return how many steps were done when the epoch under way began."""
        return len(self.history.epochs) * len(self.train)

    def _finish_epoch(self, valid: Iterable[Batch] | None, began: float) -> Epoch:
        """Validate, and keep the weights if they are the best so far."""
        self.shuffle = None
        number = len(self.history.epochs) + 1
        losses = [step.loss for step in self.history.steps[self._first_step() :]]
        valid_loss = valid_accuracy = math.nan
        if valid is not None:
            valid_loss, valid_accuracy = evaluate(self.model, valid)
            if not math.isfinite(valid_loss):
                raise TrainingDiverged(f"epoch {number}: validation loss {valid_loss}. Try a smaller lr.")
        best = valid is None or all(valid_loss < epoch.valid_loss for epoch in self.history.epochs)
        if best:
            self.best_weights = {name: tensor.clone() for name, tensor in self.model.state_dict().items()}
        epoch = Epoch(
            epoch=number,
            train_loss=sum(losses) / len(losses),
            valid_loss=valid_loss,
            valid_accuracy=valid_accuracy,
            seconds=time.perf_counter() - began,
            best=best,
        )
        self.history.epochs.append(epoch)
        return epoch

    def _overdue(self) -> bool:
        """Tell whether `patience` epochs have passed without a better validation loss."""
        patience = self.settings.patience
        epochs = self.history.epochs
        if patience is None or not epochs:
            return False
        return not any(epoch.best for epoch in epochs[-patience:])

    def state_dict(self) -> dict:
        """Return all that `load_state_dict` needs to go on as if nothing had happened."""
        generator = self.train.generator
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "coins": self.coins.get_state(),
            "dropout": self.dropout,
            "shuffle": self.shuffle,
            "order": None if generator is None else generator.get_state(),
            "steps": [tuple(step) for step in self.history.steps],
            "epochs": [tuple(epoch) for epoch in self.history.epochs],
            "best_weights": self.best_weights,
            "beginning": self.beginning,
        }

    def load_state_dict(self, state: dict) -> None:
        """Bring this run, made of the same parts, to where another stood. Raises KeyError where a part is missing."""
        missing = self.state_dict().keys() - state.keys()
        if missing:
            raise KeyError(f"a part is missing: {', '.join(sorted(missing))}")
        steps = [Step(*step) for step in state["steps"]]
        epochs = [Epoch(*epoch) for epoch in state["epochs"]]
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.coins.set_state(state["coins"])
        self.dropout = state["dropout"]
        self.shuffle = state["shuffle"]
        self.history = History(steps, epochs, "")
        self.best_weights = state["best_weights"]
        self.beginning = state["beginning"]
        if state["order"] is not None:
            self.train.generator.set_state(state["order"])
        self.model.load_state_dict(state["model"])


def one_cycle(optimizer: torch.optim.Optimizer, peak: float, warmup: float, steps: int) -> OneCycleLR:
    """Let the learning rate rise to its peak in the share `warmup` of all steps, and fall to nothing (Smith 2018)."""
    if steps == 1 or warmup * steps == 1:  # the first step is the peak: the rise, of no length, is left out
        steps = max(2, steps)
        warmup = (1 - 1e-12) / steps
    return OneCycleLR(optimizer, peak, steps, pct_start=warmup, cycle_momentum=False)


@contextmanager
def subnormals_flushed() -> Iterator[None]:
    """Count numbers below 1e-38 as 0 meanwhile: processors are slow at them, and sharp attention makes many."""
    before = not torch.tensor([1e-40]).mul(1.0).item()
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


def save_run(path: str | Path, run: Run, identity: dict[str, object]) -> None:
    """Write a run and what makes it this run, from `identify`; the file is never half-written."""
    with replacing(path) as temporary:
        torch.save({"identity": identity, "run": run.state_dict()}, temporary)


def load_run(path: str | Path, run: Run, identity: dict[str, object]) -> None:
    """Bring a fresh run to where the saved one stood.

    Raises CheckpointError for a file that is damaged, and for one that belongs to another run: it says what differs.
    """
    damaged = f"{path} is no saved training run, or a damaged one: delete it to start anew, or name another file"
    try:
        saved = torch.load(path, weights_only=True)
        others = differences(saved["identity"], identity) or other_weights(run, saved["run"])
    except Exception as error:  # torch.load raises nearly anything on bytes that are not its own
        raise CheckpointError(damaged) from error
    if others:
        what = "; ".join(others)
        raise CheckpointError(
            f"{path} belongs to another run: {what}. Set that back to go on with the saved run, or delete the file, or "
            "name another one, to start anew"
        )
    try:
        run.load_state_dict(saved["run"])
    except Exception as error:
        raise CheckpointError(damaged) from error


def other_weights(run: Run, saved: dict) -> list[str]:
    """Say so where a model is neither as the saved run found it nor as that left it: another seed, say."""
    now = sums(run.model.state_dict())
    for known in (saved["beginning"], sums(saved["model"]), sums(saved["best_weights"])):
        if alike(now, known):
            return []
    return ["the model's weights are neither those that it began with nor those that it came to (build it anew)"]


def sums(weights: dict[str, Tensor]) -> dict[str, float]:
    """Add up each weight's numbers: enough to tell two seeds apart, whatever machine drew them."""
    return {name: weight.double().sum().item() for name, weight in weights.items()}


def alike(first: dict[str, float], second: dict[str, float]) -> bool:
    """Compare the sums of two models, up to rounding."""
    if first.keys() != second.keys():
        return False
    close = (math.isclose(first[name], second[name], rel_tol=1e-4, abs_tol=1e-4) for name in first)
    return all(close)
