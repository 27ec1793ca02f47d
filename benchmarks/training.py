"""Training throughput: the library with each attention against the two loops, round robin over the same sentences."""

import time
from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

import torch
from torch import nn

from s2s_lib import PAD, Batch, ParallelCorpus, Vocabs, batches, build_model, token_loss
from s2s_lib.model.attention import ATTENTIONS

from .plain_loop import PlainLoop
from .report import Report, Target
from .stepwise import Stepwise

PLAIN, STEPWISE = "plain loop, concat", "well-written loop, concat"


class Size(NamedTuple):
    """The sizes of a model and of its batches."""

    name: str
    embedding_dim: int
    hidden_size: int
    batch_size: int


LECTURE, SMALL = Size("lecture", 256, 512, 128), Size("small", 64, 128, 64)


class Contestant:
    """A model with its optimizer and the batches it trains on."""

    def __init__(self, model: nn.Module, data: list[Batch], fused: bool = False):
        """Get ready to train `model`; `fit` has its Adam fused, tutorials do not."""
        self.model, self.data = model.train(), data
        self.optimizer = torch.optim.Adam(model.parameters(), fused=fused)

    def step(self, batch: Batch) -> float:
        """Take one full training step and return its seconds."""
        began = time.process_time()
        self.optimizer.zero_grad()
        token_loss(self.model(batch), batch.trg_out).backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        return time.process_time() - began


def library_name(attention: str | None) -> str:
    """Name a contestant of the library's."""
    return f"library, {attention or 'no attention'}"


def spread(data: list[Batch], number: int) -> list[Batch]:
    """Pick batches from short to long, evenly spread over the epoch."""
    by_length = sorted(data, key=lambda batch: batch.trg_in.shape[1])
    return [by_length[len(data) * (2 * i + 1) // (2 * number)] for i in range(number)]


def contestants(size: Size, corpus: ParallelCorpus, number: int) -> dict[str, Contestant]:
    """Set up all contestants: the plain loop on random batches, all others on the same bucketed ones."""
    src, trg = Vocabs.of(corpus, min_count=2)
    shared = {"batch_size": size.batch_size, "generator": torch.Generator().manual_seed(0)}
    epochs = (list(batches(corpus.train, src, trg, bucket=bucket, **shared)) for bucket in (True, False))
    bucketed, mixed = (spread(epoch, number) for epoch in epochs)
    sizes = {"embedding_dim": size.embedding_dim, "hidden_size": size.hidden_size}

    def library(attention: str | None) -> nn.Module:
        return build_model(len(src), len(trg), attention=attention, num_layers=1, **sizes)

    found = {library_name(attention): Contestant(library(attention), bucketed, fused=True) for attention in ATTENTIONS}
    found[STEPWISE] = Contestant(Stepwise(library("concat")), bucketed)
    found[PLAIN] = Contestant(PlainLoop(len(src), len(trg), **sizes), mixed)
    return found


def measure(entries: dict[str, Contestant], number: int, warm_up: int, repeats: int) -> dict[str, float]:
    """Take turns, step by step; return target tokens a second, by the median step on each batch."""
    times: dict[tuple[str, int], list[float]] = {(name, index): [] for name in entries for index in range(number)}
    for turn in range(warm_up + repeats * number):
        index = turn % number
        for name, entry in entries.items():
            taken = entry.step(entry.data[index])
            if turn >= warm_up:
                times[name, index].append(taken)
    tokens = {name: sum(int((b.trg_out != PAD).sum()) for b in entry.data) for name, entry in entries.items()}
    return {name: tokens[name] / sum(median(times[name, i]) for i in range(number)) for name in entries}


def targets(rates: dict[str, float]) -> Iterator[Target]:
    """Compare the rates with what is asked of them."""
    asked = [
        ("concat", PLAIN, 8.0),
        ("concat", STEPWISE, 1.0),
        ("general", library_name(None), 0.8),
        ("dot", library_name(None), 0.8),
        ("general", STEPWISE, 1.4),
        ("dot", STEPWISE, 1.4),
    ]
    for kind, other, least in asked:
        ratio = rates[library_name(kind)] / rates[other]
        yield Target(f"{kind} at least {least:g} x {other}", f"{ratio:.2f} x", ratio >= least)


def run(size: Size, corpus: ParallelCorpus, source: str, quick: bool) -> Report:
    """Time one size."""
    number, warm_up, repeats = (2, 1, 1) if quick else (5, 5, 3)
    rates = measure(contestants(size, corpus, number), number, warm_up, repeats)
    rates = dict(sorted(rates.items(), key=lambda item: -item[1]))
    compared = (library_name(None), STEPWISE, PLAIN)
    rows = [
        [name, f"{rate:,.0f}", *(f"{rate / rates[other]:.2f}" for other in compared)] for name, rate in rates.items()
    ]
    about = (
        f"{source}; embedding {size.embedding_dim}, hidden {size.hidden_size}, batch {size.batch_size}; "
        f"{number} batches, {repeats} times each after {warm_up} steps of warm-up; processor time, one thread."
    )
    header = ["contestant", "target tokens / s", "x no attention", "x well-written loop", "x plain loop"]
    return Report(
        f"Training, {size.name} size", about, header, rows, list(targets(rates)) if size is LECTURE else [], rates
    )
