"""One page with every widget on it, made from the shipped translators and one short training."""

import torch

from .. import Translator, Vocabs, batches, build_model, corpora, fit
from ..corpora.parallel import SentencePair
from .compare import CompareAttention
from .explorer import AttentionExplorer
from .monitor import TrainingMonitor
from .saved import Section, page
from .steps import StepThrough

TITLE = "Live widgets: attention to explore"
SENTENCE = "Un chien noir court dans l'herbe verte."
SCORES = ("dot", "general", "concat")


def gallery(sentences: int = 4000, epochs: int = 2) -> str:
    """Write the page. The training monitor watches a model of its own: so many sentences, so many times."""
    test = corpora.french().test
    pair = next(pair for pair in test if "'s" in pair.trg and 9 <= len(pair.src) <= 12)  # its owner stands crosswise
    french = {name: Translator.load(f"french-{name}") for name in (*SCORES, "none")}
    parts = [
        AttentionExplorer(Translator.load("fr-en"), SENTENCE).section(
            "AttentionExplorer",
            "Where does the decoder look? Point at a row, or step into the map with Tab and walk with the arrow keys. "
            "In a running notebook the sentence can be typed and every weight changed, and the output follows.",
        ),
        AttentionExplorer(french, pair.src, pairs=test).section(
            "AttentionExplorer with several models",
            "The same sentence through four translators: three scores, and none at all. The orange frames are the true "
            "alignment.",
        ),
        StepThrough(french["concat"].translate("Il m'a entarté")).section(
            "StepThrough",
            "One step at a time, with the real numbers: state, scores, softmax, context, next word. Try to predict "
            "first.",
        ),
        watched(sentences, epochs).section(
            "TrainingMonitor",
            "A model that learned where to look while this page was made. Drag the slider back to its beginning.",
        ),
        compared(french, pair),
    ]
    return page(TITLE, parts)


def compared(translators: dict[str, Translator], pair: SentencePair) -> Section:
    """Show where three scores look for one translation, the true one."""
    forced = {name: translators[name].translate(pair.src, forced=pair.trg, gold=pair.alignment) for name in SCORES}
    return CompareAttention(forced).section(
        "CompareAttention",
        "Three scores read the same translation. Switch the difference on to see where two of them part.",
    )


def watched(sentences: int, epochs: int) -> TrainingMonitor:
    """Train a small model under a monitor."""
    corpus = corpora.french(size="small")
    some = corpus.train[:sentences]
    vocabs = Vocabs.of(some, tokenizers=corpus.tokenizers)
    train = batches(some, *vocabs, batch_size=64, generator=torch.Generator().manual_seed(0))
    valid = batches(corpus.valid, *vocabs, batch_size=100)
    sizes = {"embedding_dim": 64, "hidden_size": 128, "num_layers": 1}
    model = build_model(*map(len, vocabs), attention="dot", **sizes)
    probe: SentencePair = next(pair for pair in corpus.test if 6 <= len(pair.src) <= 10)
    translator = Translator(model, *vocabs)
    monitor = TrainingMonitor(translator, probe.src, forced=probe.trg, gold=probe.alignment)
    fit(model, train, valid, epochs=epochs, warmup=0.1, progress=False, on_event=monitor)
    return monitor
