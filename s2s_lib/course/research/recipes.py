"""Train the shipped translators again, or your own: `python -m s2s_lib.train --help`."""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from tqdm import tqdm

from ... import corpora
from ...corpora.parallel import ParallelCorpus, SentencePair
from ...corpora.text import detokenize
from ...corpora.vocab import Vocabs
from ...learning.fitting import fit
from ...learning.training import Epoch, History, Step
from ...measuring.analysis import alignment_error, words
from ...measuring.scores import bleu, exact_match
from ...model.batching import batches
from ...model.seq2seq import build_model
from ...translating.translator import Translator

LONGEST = 40  # tokens; longer training pairs are few and slow


@dataclass(frozen=True)
class Recipe:
    """How one translator is made."""

    corpus: Callable[[], ParallelCorpus]
    about: str
    references: Callable[[], list[str]] | None = None  # readable test targets; by default the tokens, joined
    min_count: int = 1
    batch_size: int = 64
    model: dict = field(default_factory=dict)
    fit: dict = field(default_factory=dict)


SMALL = {"embedding_dim": 64, "hidden_size": 128, "num_layers": 1, "dropout": 0.1}
SHORT = {"epochs": 30, "lr": 5e-3, "warmup": 0.1}
FRENCH = "the French-English grammar corpus of this workbook, 8,000 sentences"


def french(attention: str | None, **other) -> Recipe:
    """Make the recipe of a small translator for the French grammar; `other` settings of `fit` win."""
    return Recipe(corpora.french, FRENCH, model={**SMALL, "attention": attention}, fit={**SHORT, **other})


RECIPES = {
    "fr-en": Recipe(
        lambda: corpora.multi30k(src="fr", trg="en"),
        "Multi30k French-English (Elliott et al. 2016, 2017), 29,000 captions",
        lambda: [english for _, english in corpora.multi30k_lines("test")],
        min_count=2,
        model={"attention": "general", "embedding_dim": 192, "hidden_size": 256, "num_layers": 1, "dropout": 0.35},
        fit={"epochs": 10, "lr": 3e-3, "label_smoothing": 0.1},
    ),
    "french-none": french(None),
    "french-dot": french("dot"),
    "french-general": french("general"),  # 5e-3 gave 93.2 % of the validation sentences, 3e-3 91.2 % (one run each)
    "french-concat": french("concat", epochs=40),  # 40 epochs gave 98.8 %, 30 97.4 %
    "korean-concat": Recipe(
        corpora.korean,
        "the Korean-English grammar corpus of this workbook, 8,000 sentences",
        model={**SMALL, "attention": "concat"},
        fit=SHORT,
    ),
}


def train(
    recipe: Recipe, *, seed: int, resume: Path | None, progress: bool, epochs: int | None = None
) -> tuple[Translator, str]:
    """Train a translator from a recipe; return it and why training stopped, as in `History`."""
    corpus = recipe.corpus()
    pairs = [pair for pair in corpus.train if max(len(pair.src), len(pair.trg)) <= LONGEST]
    vocabs = Vocabs.of(pairs, recipe.min_count, corpus.tokenizers)
    model = build_model(*map(len, vocabs), **recipe.model, seed=seed)
    shuffle = torch.Generator().manual_seed(seed)
    data = batches(pairs, *vocabs, batch_size=recipe.batch_size, generator=shuffle)
    valid = batches(corpus.valid, *vocabs, batch_size=100)
    settings = {**recipe.fit, "epochs": epochs or recipe.fit["epochs"]}
    history = fit(model, data, valid, **settings, seed=seed, resume=resume, progress=progress, on_event=print_epoch)
    return Translator(model, *vocabs, about=recipe.about), history.stopped


def print_epoch(event: Step | Epoch | History) -> None:
    """Print one line for each epoch."""
    if isinstance(event, Epoch):
        tqdm.write(
            f"epoch {event.epoch:3}   train {event.train_loss:.3f}   valid {event.valid_loss:.3f}   "
            f"accuracy {event.valid_accuracy:.3f}   {event.seconds:.0f} s"
        )


def halved(translator: Translator, pairs: Sequence[SentencePair]) -> tuple[torch.dtype, int]:
    """Choose float16 where it changes no translation of `pairs`, else float32; return how many it changes too."""
    sources = [pair.src for pair in pairs]
    before = [trace.text for trace in translator.translate_many(sources)]
    exact = {name: weight.clone() for name, weight in translator.model.state_dict().items()}
    translator.model.load_state_dict({name: weight.half().float() for name, weight in exact.items()})
    after = [trace.text for trace in translator.translate_many(sources)]
    translator.model.load_state_dict(exact)
    changed = sum(old != new for old, new in zip(before, after, strict=True))
    return torch.float32 if changed else torch.float16, changed


def report(translator: Translator, pairs: Sequence[SentencePair], references: Sequence[str]) -> str:
    """Measure a translator on unseen pairs: exact match, BLEU greedy and with a beam, alignment error where known."""
    greedy = translator.translate_many(pair.src for pair in pairs)
    beam = translator.translate_many((pair.src for pair in pairs), beam_size=5)
    exact = exact_match([words(trace) for trace in greedy], [pair.trg for pair in pairs])
    scores = [bleu([trace.text for trace in traces], references) for traces in (greedy, beam)]
    scored = f"{len(pairs)} test sentences: exact match {exact:.1%}, BLEU {scores[0]:.1f}, beam 5 {scores[1]:.1f}"
    if translator.kind is None or pairs[0].alignment is None:
        return scored
    return f"{scored}, alignment error rate {alignment_error(translator, pairs):.3f}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, measure and save one translator."""
    parser = argparse.ArgumentParser("python -m s2s_lib.train", description="Train a translator and save it.")
    parser.add_argument("name", choices=RECIPES, help="which translator")
    parser.add_argument("--out", type=Path, help="where to save it (default: runs/NAME.safetensors)")
    parser.add_argument("--epochs", type=int, help="train for another number of epochs than the recipe's")
    parser.add_argument("--seed", type=int, default=0, help="of the first weights, the order and dropout (default: 0)")
    parser.add_argument("--threads", type=int, help="torch threads (default: all cores for fr-en, else one)")
    parser.add_argument("--fresh", action="store_true", help="start anew where an interrupted run could go on")
    parser.add_argument("--quiet", action="store_true", help="no progress bar, one line an epoch")
    args = parser.parse_args(arguments)
    torch.set_num_threads(args.threads or (torch.get_num_threads() if args.name == "fr-en" else 1))
    out = args.out or Path("runs") / f"{args.name}.safetensors"
    resume = out.with_suffix(".run")
    if args.fresh:
        resume.unlink(missing_ok=True)
    recipe, began, cpu = RECIPES[args.name], time.perf_counter(), time.process_time()
    translator, stopped = train(recipe, seed=args.seed, resume=resume, progress=not args.quiet, epochs=args.epochs)
    if stopped == "interrupted":
        raise SystemExit(f"\ninterrupted; run the same command to go on from {resume}, or add --fresh to start anew")
    print(f"trained in {time.perf_counter() - began:.0f} s, {time.process_time() - cpu:.0f} s of CPU")
    test = recipe.corpus().test
    dtype, changed = halved(translator, test)
    references = recipe.references() if recipe.references else [detokenize(pair.trg) for pair in test]
    print(report(translator, test, references))
    translator.save(out, dtype)
    resume.unlink(missing_ok=True)
    print(f"saved {out} as {dtype} ({out.stat().st_size / 1e6:.1f} MB); float16 changes {changed} test translations")
