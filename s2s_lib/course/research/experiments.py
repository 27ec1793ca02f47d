"""The course's experiments: what is trained, under which settings, and what is measured afterwards.

`python -m s2s_lib.ablation NAME` runs one over all settings and seeds into a table.
"""

import argparse
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from ... import corpora
from ...corpora.parallel import ParallelCorpus, SentencePair
from ...corpora.text import detokenize
from ...corpora.vocab import Vocabs
from ...learning.fitting import fit
from ...learning.training import History, evaluate
from ...measuring.analysis import BINS, accuracy_by_length, alignment_error, gradient_flow, occlusion, words
from ...measuring.grid import read_rows, run_grid
from ...measuring.scores import bleu, chrf, exact_match, hard_alignment, lcs_recall
from ...model.batching import batches, collate
from ...model.seq2seq import Seq2Seq, build_model
from ...model.teacher_forcing import exponential, inverse_sigmoid, linear
from ...translating.trace import Trace
from ...translating.translator import Translator

Row = dict[str, float | None]
SMALL = {"embedding_dim": 64, "num_layers": 1, "dropout": 0.1}
FAR = 20  # words of the sentences on which gradients are measured
STARTS = (1, *BINS[:-1])  # the shortest source lengths of the groups of exact translations
OCCLUDED = 100  # sentences in which every word is taken away once
SCHEDULES = {"linear": linear(), "exponential": exponential(), "inverse sigmoid": inverse_sigmoid()}


class Experiment(NamedTuple):
    """What `run(seed=..., **settings)` measures, and the settings of its table."""

    run: Callable[..., Row]
    grids: tuple[Mapping[str, Sequence], ...]
    seeds: Sequence[int] = range(5)


def attention(seed: int, corpus: str, attention: str) -> Row:
    """Train a small model with this attention, or none."""
    if corpus == "korean":
        return trained(corpora.korean(), seed, attention, epochs=12)
    return trained(corpora.french(size="small"), seed, attention)


def reversed_source(seed: int, bidirectional: bool, source: str) -> Row:
    """Train without attention on sources as they are or from their last word to their first (Sutskever et al. 2014)."""
    corpus = corpora.french(size="small")
    if source == "reversed":
        corpus = ParallelCorpus(*map(turned_round, corpus), corpus.tokenizers)
    return trained(corpus, seed, "none", bidirectional=bidirectional)


def turned_round(pairs: Sequence[SentencePair]) -> list[SentencePair]:
    """Put the words of each source into the opposite order."""
    return [SentencePair(pair.src[::-1], pair.trg) for pair in pairs]


def bottleneck(seed: int, attention: str, hidden_size: int) -> Row:
    """Train with a vector of this size between encoder and decoder."""
    return trained(corpora.french(size="small"), seed, attention, hidden_size=hidden_size)


def room(seed: int, attention: str, bridge_size: int) -> Row:
    """Train a network of fixed size, with this many numbers between encoder and the decoder's first state."""
    return trained(corpora.french(size="small"), seed, attention, bridge_size=bridge_size)


def teacher_forcing(seed: int, schedule: str) -> Row:
    """Train with a fixed probability of forcing, or one that falls."""
    forcing = SCHEDULES[schedule] if schedule in SCHEDULES else float(schedule)
    return trained(corpora.french(size="small"), seed, "general", epochs=4, teacher_forcing=forcing)


def trained(corpus: ParallelCorpus, seed: int, attention: str, *, epochs: int = 7, teacher_forcing=1.0, **sizes) -> Row:
    """Train one model on one thread and measure it."""
    vocabs = Vocabs.of(corpus)
    shuffle = torch.Generator().manual_seed(seed)
    train = batches(corpus.train, *vocabs, batch_size=64, generator=shuffle)
    valid = batches(corpus.valid, *vocabs, batch_size=100)
    model = small_model(*map(len, vocabs), seed, attention, **sizes)
    began = time.process_time()
    history = fit(
        model, train, valid, epochs=epochs, warmup=0.1, teacher_forcing=teacher_forcing, seed=seed, progress=False
    )
    seconds = time.process_time() - began
    translator = Translator(model, *vocabs)
    return {"epochs": epochs, "cpu_seconds": seconds} | measured(translator, corpus, history)


def small_model(src_vocab_size: int, trg_vocab_size: int, seed: int, attention: str, **sizes) -> Seq2Seq:
    """Build the small model of all experiments; `sizes` are the arguments of `build_model` that differ."""
    sizes = {"hidden_size": 128, **SMALL, **sizes}
    order = "bahdanau" if attention == "bahdanau" else "luong"
    score = {"none": None, "bahdanau": "concat"}.get(attention, attention)  # concat is the score of his paper
    return build_model(src_vocab_size, trg_vocab_size, attention=score, order=order, **sizes, seed=seed)


def measured(translator: Translator, corpus: ParallelCorpus, history: History) -> Row:
    """Measure what all tables hold."""
    model, test = translator.model, corpus.test
    data = batches(test, translator.src_vocab, translator.trg_vocab, batch_size=100)
    loss, forced = evaluate(model, data)
    _, free = evaluate(model, data, 0.0)
    traces = translator.translate_many(pair.src for pair in test)
    outputs, targets = [words(trace) for trace in traces], [pair.trg for pair in test]
    attention = model.decoder.attention
    return {
        "parameters": parameters(model),
        "attention_parameters": 0 if attention is None else parameters(attention),
        "exact": exact_match(outputs, targets),
        "exact_valid": exact_on(translator, corpus.valid),
        "recall": lcs_recall(outputs, targets),
        **exact_by_length(traces, test),
        "forced": forced,
        "free": free,
        "perplexity": math.exp(loss),
        **by_epoch(history),
        **{f"gradient_{k}": norm for k, norm in enumerate(gradient_by_distance(translator, test))},
        **looks(translator, traces, test),
    }


def exact_on(translator: Translator, pairs: Sequence[SentencePair]) -> float:
    """Give the share of exact translations: on the validation part, where settings are chosen."""
    traces = translator.translate_many(pair.src for pair in pairs)
    return exact_match([words(trace) for trace in traces], [pair.trg for pair in pairs])


def parameters(module: nn.Module) -> int:
    """Count the numbers that training can change."""
    return sum(weight.numel() for weight in module.parameters())


def exact_by_length(traces: Sequence[Trace], pairs: Sequence[SentencePair]) -> Row:
    """Give the share of exact translations by the shortest length of a group, None for one without a sentence."""
    row = {f"exact_from_{start}": None for start in STARTS}
    for group in accuracy_by_length(traces, pairs, STARTS):
        start = max(start for start in STARTS if start <= group.shortest)
        row[f"exact_from_{start}"] = group.accuracy
    return row


def by_epoch(history: History) -> Row:
    """Give loss and accuracy on the validation part after each epoch."""
    losses = {f"loss_{epoch.epoch}": epoch.valid_loss for epoch in history.epochs}
    accuracies = {f"accuracy_{epoch.epoch}": epoch.valid_accuracy for epoch in history.epochs}
    return losses | accuracies


def gradient_by_distance(translator: Translator, pairs: Sequence[SentencePair]) -> list[float]:
    """Give the mean gradient norm that reaches the word k places before the end of a source of `FAR` words.

    Where no source is so long, there is nothing to give.
    """
    norms = []
    for pair in pairs:
        if len(pair.src) == FAR:
            batch = collate([translator.encode(pair.src, pair.trg)])
            norms.append(gradient_flow(translator.model, batch))  # (1, S)
    if not norms:
        return []
    from_the_end = torch.cat(norms).mean(0).flip(0)  # (S,)
    return from_the_end.tolist()


def looks(translator: Translator, traces: Sequence[Trace], pairs: Sequence[SentencePair]) -> Row:
    """Measure where a model looks: against gold alignments where there are any, how decided, and how needed it is."""
    if traces[0].weights is None:
        return {"aer": None, "entropy": None, "agreement": None}
    aligned = pairs[0].alignment is not None
    entropies = torch.cat([trace.entropy for trace in traces])
    return {
        "aer": alignment_error(translator, pairs) if aligned else None,
        "entropy": entropies.mean().item(),
        "agreement": agreement(translator, pairs[:OCCLUDED]),
    }


def agreement(translator: Translator, pairs: Sequence[SentencePair]) -> float:
    """Share of output words that look most at the source word whose loss they would feel most; `<eos>` is left out."""
    same = total = 0
    for pair in pairs:
        drops = occlusion(translator, pair.src, pair.trg)
        weights = translator.translate(pair.src, forced=pair.trg).weights
        needed = hard_alignment(drops[:-1])
        looked_at = hard_alignment(weights[:-1])
        same += len(needed & looked_at)
        total += len(needed)
    return same / total


def decoding(seed: int, translator: str, beam_size: int, length_penalty: float) -> Row:
    """Translate the test sentences of a shipped translator, greedily (a beam of 1) or with a beam; no seed matters."""
    loaded = Translator.load(translator)
    if translator == "fr-en":
        test = corpora.multi30k(src="fr", trg="en").test
        references = [english for _, english in corpora.multi30k_lines("test")]
    else:
        test = corpora.french().test
        references = [detokenize(pair.trg) for pair in test]
    began = time.process_time()
    traces = loaded.translate_many((pair.src for pair in test), beam_size, length_penalty=length_penalty)
    seconds = time.process_time() - began
    texts = [trace.text for trace in traces]
    outputs = [words(trace) for trace in traces]
    targets = [pair.trg for pair in test]
    return {
        "bleu": bleu(texts, references),
        "chrf": chrf(texts, references),
        "exact": exact_match(outputs, targets),
        "length_ratio": sum(map(len, outputs)) / sum(map(len, targets)),
        "log_prob": sum(trace.log_prob for trace in traces) / len(traces),
        "cpu_seconds": seconds,
    }


EXPERIMENTS = {
    "attention": Experiment(
        attention,
        (
            {
                "corpus": ["french"],
                "attention": ["none", "fixed", "dot", "diagonal", "general", "concat", "bahdanau"],
            },
            {"corpus": ["korean"], "attention": ["dot", "general", "concat"]},
        ),
    ),
    "reversed": Experiment(
        reversed_source,
        (
            {
                "bidirectional": [False, True],
                "source": ["forward", "reversed"],
            },
        ),
    ),
    "bottleneck": Experiment(
        bottleneck,
        (
            {
                "attention": ["none", "dot"],
                "hidden_size": [16, 32, 64, 128],
            },
        ),
    ),
    "room": Experiment(
        room,
        (
            {
                "attention": ["none", "dot"],
                "bridge_size": [2, 4, 8, 16, 32, 64, 128],
            },
        ),
    ),
    "teacher-forcing": Experiment(
        teacher_forcing,
        ({"schedule": ["0", "0.25", "0.5", "0.75", "1", *SCHEDULES]},),
    ),
    "decoding": Experiment(
        decoding,
        (
            {
                "translator": ["fr-en", "french-none", "french-dot"],
                "beam_size": [1, 2, 3, 5, 10],
                "length_penalty": [0.0, 0.5, 1.0, 1.5],
            },
        ),
        seeds=[0],
    ),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the course's experiments over the cores; interrupted, it goes on when called anew."""
    parser = argparse.ArgumentParser("python -m s2s_lib.ablation", description="Run an experiment of the course.")
    parser.add_argument("name", choices=EXPERIMENTS, help="which one")
    parser.add_argument("--out", type=Path, help="the table (default: runs/NAME.csv); what it holds is not run again")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs side by side (default: one a core)")
    args = parser.parse_args(arguments)
    experiment = EXPERIMENTS[args.name]
    out = args.out or Path("runs") / f"{args.name}.csv"
    for grid in experiment.grids:
        run_grid(experiment.run, grid, experiment.seeds, out, jobs=args.jobs)
    print(f"{len(read_rows(out))} rows in {out}")
