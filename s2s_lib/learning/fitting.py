"""`fit`: train a model from a cell or a script, with progress, validation, a clean stop and a way to go on."""

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import no_type_check
from weakref import WeakSet

from tqdm.auto import tqdm

from ..corpora.checks import kind
from ..model.batching import Batch, batches
from ..model.seq2seq import Seq2Seq
from ..model.teacher_forcing import Schedule
from .arguments import check_data, check_file
from .identity import identify
from .run import Run, load_run, save_run
from .settings import Settings
from .training import Epoch, History, Step

LEARNING: WeakSet[Seq2Seq] = WeakSet()  # the models that a `fit` is changing now, on whatever thread


@no_type_check  # not even in the tests: it checks its arguments itself, and says what was meant
def fit(
    model: Seq2Seq,
    train: batches,
    valid: Iterable[Batch] | None = None,
    *,
    epochs: int,
    lr: float = 5e-3,
    warmup: float = 0.3,
    teacher_forcing: float | Schedule = 1.0,
    coin: str = "step",
    clip: float = 1.0,
    label_smoothing: float = 0.0,
    patience: int | None = None,
    seed: int = 0,
    resume: str | Path | None = None,
    progress: bool = True,
    on_event: Callable[[Step | Epoch | History], None] | None = None,
) -> History:
    """Train `model` in place with Adam and leave it with its best weights by validation loss.

    `lr` is the peak of the learning rate, reached after the share `warmup` of all steps; `clip` is the largest
    gradient norm, `patience` the epochs without a better validation loss after which training ends. With `resume`,
    a file, the run is saved there after every epoch and at an interrupt, and goes on from there when called again
    with the same settings and data; the weights come out the same, bit for bit. `on_event` is called with every step,
    every epoch and, at the end, with the history: a `TrainingMonitor` draws them. Whenever it is called, and in the
    end, however that comes, the model is in eval mode.

    The first interrupt (Ctrl-C, or the stop button) ends training after the step under way and keeps the
    weights as they then are; the second raises KeyboardInterrupt at once. Raises TypeError or ValueError for
    arguments that can't be meant, before anything is done, TrainingDiverged on a loss that is not finite,
    CheckpointError where `resume` belongs to another run: it says what differs.
    """
    settings = Settings(epochs, lr, warmup, teacher_forcing, coin, clip, label_smoothing, patience, seed)
    check_data(model, train, valid)
    check_rest(settings, valid, resume, on_event)
    run = Run(model, train, settings)
    tell = on_event or (lambda event: None)
    model.eval()  # as it is between two steps, and in the end, whatever happens
    save = go_on(run, valid, resume)
    try:
        with under_way(model):
            stopped = work(run, valid, progress, tell, save)
    except BaseException:
        with suppress(Exception):  # what went wrong first is what is raised
            tell(run.history._replace(stopped="failed"))
        raise
    finally:
        model.eval()
    if stopped != "interrupted":
        model.load_state_dict(run.best_weights)
    history = run.history._replace(stopped=stopped)
    tell(history)
    return history


@contextmanager
def under_way(model: Seq2Seq) -> Iterator[None]:
    """Let others know meanwhile that this model's weights are changing, between two steps as well."""
    LEARNING.add(model)
    try:
        yield
    finally:
        LEARNING.discard(model)


def check_rest(settings: Settings, valid: Iterable[Batch] | None, resume: object, on_event: object) -> None:
    """Check what is neither a number nor data. Raises TypeError or ValueError."""
    if settings.patience is not None and valid is None:
        raise ValueError(f"patience={settings.patience} waits for a better validation loss: give `valid`, too")
    if resume is not None:
        check_file("resume", resume)
    if on_event is not None and not callable(on_event):
        raise TypeError(f"on_event: give a function of one event, or a TrainingMonitor, not {kind(on_event)}")


def go_on(run: Run, valid: Iterable[Batch] | None, resume: str | Path | None) -> Callable[[], None]:
    """Bring a run to where its file stands, if there is one; return what saves it."""
    if resume is None:
        return lambda: None
    identity = identify(run.settings, run.model, run.train, valid)
    if Path(resume).exists():
        load_run(resume, run, identity)
    return lambda: save_run(resume, run, identity)


def work(
    run: Run,
    valid: Iterable[Batch] | None,
    progress: bool,
    tell: Callable[[Step | Epoch], None],
    save: Callable[[], None],
) -> str:
    """Train until the run is over or interrupted, and say which."""
    done = len(run.history.steps)  # before, where the run goes on from a file
    bar = tqdm(total=run.total, initial=done, unit="step", disable=not progress)
    with interrupt_flag() as interrupted, bar:
        for event in run.epochs(valid):
            show(bar, event)
            tell(event)
            if isinstance(event, Epoch) or interrupted.is_set():
                save()
            if interrupted.is_set():
                break
    if len(run.history.epochs) == run.settings.epochs:
        return "finished"
    return "interrupted" if interrupted.is_set() else "early"


@contextmanager
def interrupt_flag() -> Iterator[threading.Event]:
    """Turn the first SIGINT into a flag, let the second through, and put the old handler back afterwards.

    Signals reach the main thread only; on any other the flag stays unset.
    """
    flag = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield flag
        return

    def once(signum: int, frame: object) -> None:
        if flag.is_set():
            raise KeyboardInterrupt
        flag.set()

    before = signal.signal(signal.SIGINT, once)
    try:
        yield flag
    finally:
        signal.signal(signal.SIGINT, before)


def show(bar: tqdm, event: Step | Epoch) -> None:
    """Move the progress bar; after each epoch it names the losses."""
    if isinstance(event, Step):
        bar.update()
    else:
        bar.set_postfix(epoch=event.epoch, train=f"{event.train_loss:.3f}", valid=f"{event.valid_loss:.3f}")
