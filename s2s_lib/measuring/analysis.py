"""What a trained model does, measured: by length, by gradient, by taking words away, by running free."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..corpora.checks import all_of, check_kind, check_numbers
from ..corpora.parallel import SentencePair
from ..corpora.text import EOS, PAD, SOS, UNK
from ..corpora.vocab import check_pairs
from ..learning.training import evaluate
from ..model.batching import Batch
from ..model.inference import evaluating
from ..model.metrics import token_loss
from ..model.seq2seq import Seq2Seq
from ..translating.trace import Trace, explain
from ..translating.translator import Translator
from .scores import alignment_error_rate, exact_match, hard_alignment

Text = str | Sequence[str]  # raw text, or tokens

NEEDED = "an alignment error rate needs a translator with attention, and pairs with a gold alignment"
FROM_TRANSLATOR = "such as build_model gives; a translator has one, translator.model"
FROM_PAIRS = "as collate and batches make them"
BINS = (6, 11, 16, 21, 26)  # source lengths at which a new group begins


class LengthGroup(NamedTuple):
    """The sentences of `shortest`..`longest` source tokens, and the share of them translated exactly."""

    shortest: int
    longest: int
    sentences: int
    accuracy: float


def accuracy_by_length(
    traces: Iterable[Trace], pairs: Iterable[SentencePair], bins: Iterable[int] = BINS
) -> list[LengthGroup]:
    """Group translations by source length and count the exact ones; groups without a sentence are left out.

    `bins` holds the lengths at which a new group begins, besides 1. Raises ValueError for different numbers of
    traces and pairs, for none, and for a length below 1, TypeError for what is no trace or pair.
    """
    traces = all_of(Trace, "traces", traces, "as translate_many gives them")
    pairs = checked_pairs(pairs)
    check_numbers(traces, pairs, "traces and pairs")
    starts = sorted({1, *bins})
    if starts[0] < 1:
        raise ValueError(f"bins hold {starts[0]}: a group begins at a source length of 1 or more")
    groups = {start: [] for start in starts}
    for trace, pair in zip(traces, pairs, strict=True):
        below = bisect_right(starts, len(pair.src))  # this many groups begin at this length or before
        start = starts[below - 1]
        groups[start].append((trace, pair))
    return [length_group(members) for members in groups.values() if members]


def length_group(members: Sequence[tuple[Trace, SentencePair]]) -> LengthGroup:
    """Measure one group of translations."""
    lengths = [len(pair.src) for _, pair in members]
    outputs = [words(trace) for trace, _ in members]
    references = [pair.trg for _, pair in members]
    return LengthGroup(
        shortest=min(lengths),
        longest=max(lengths),
        sentences=len(members),
        accuracy=exact_match(outputs, references),
    )


def words(trace: Trace) -> tuple[str, ...]:
    """Return the output tokens without the final `<eos>`."""
    return tuple(token for token in trace.trg if token != "<eos>")


def gradient_flow(model: Seq2Seq, batch: Batch) -> Float[Tensor, "B S"]:
    """Measure how much of the loss's gradient reaches each source word's embedding, as an L2 norm.

    Zeros at pads. Dropout is off meanwhile, so the numbers belong to the model and not to a draw. Raises TypeError
    for what is no batch, ValueError for targets of pads only.
    """
    check_kind("model", model, Seq2Seq, FROM_TRANSLATOR)
    check_kind("batch", batch, Batch, FROM_PAIRS)
    read: list[Tensor] = []

    def watch(module: nn.Module, inputs: tuple, embedded: Tensor) -> Tensor:
        read.append(embedded.detach().requires_grad_())  # of its own, so that a frozen embedding serves as well
        return read[0]

    hook = model.encoder.embedding.register_forward_hook(watch)
    try:
        with evaluating(model), torch.enable_grad():
            logits = model(batch, generator=torch.Generator())  # the global random state stays as it is
            loss = token_loss(logits, batch.trg_out)
            (gradient,) = torch.autograd.grad(loss, read)  # (B, S, E)
    finally:
        hook.remove()
    return gradient.norm(dim=2)


def occlusion(translator: Translator, src: Text, trg: Text, replacement: int = UNK) -> Float[Tensor, "T S"]:
    """Measure how much each output word needs each source word, attention or not (Zeiler and Fergus 2014).

    Entry (t, s) is the drop of log p(word t) in nats when source word s is replaced by `<unk>`, or by the token with
    the id `replacement`; the words before t are the given ones. The last row is `<eos>`. Probabilities are over the
    tokens that may be written, as in a trace. Raises ValueError for an empty sentence, for `<pad>`, `<sos>` or
    `<eos>` in one, and for a replacement that is no word of the source vocabulary.
    """
    check_kind("translator", translator, Translator, "such as Translator.load gives")
    ids, target = translator.encode(src, trg)
    check_words("src", src, ids)
    check_words("trg", trg, target)
    known = range(len(translator.src_vocab))
    if replacement not in known or replacement in (PAD, SOS, EOS):
        raise ValueError(f"replacement={replacement}: the id of a source word is meant, or {UNK}, the id of <unk>")
    rows = 1 + len(ids)
    variants = torch.tensor(ids).repeat(rows, 1)  # (1 + S, S); row 0 is the sentence itself
    variants[1:].fill_diagonal_(replacement)
    targets = torch.tensor([*target, EOS]).expand(rows, -1)  # (1 + S, T)
    log_probs = explain(translator.model, variants, targets).guesses.log_probs  # (1 + S, T)
    drops = log_probs[0] - log_probs[1:]  # (S, T)
    return drops.T


def alignment_error(translator: Translator, pairs: Iterable[SentencePair]) -> float:
    """Score heatmaps against gold: every target word's most-attended source word, the reference being forced.

    Raises ValueError for a translator without attention, for pairs without an alignment or with one that leaves
    the sentences, and for no pair at all.
    """
    check_kind("translator", translator, Translator, "such as Translator.load gives")
    pairs = checked_pairs(pairs)
    if any(pair.alignment is None for pair in pairs):
        raise ValueError(f"{NEEDED}: here is a pair without")
    gold = [pair.alignment for pair in pairs]
    predicted = [forced_alignment(translator, pair) for pair in pairs]
    return alignment_error_rate(predicted, gold)


def forced_alignment(translator: Translator, pair: SentencePair) -> set[tuple[int, int]]:
    """Read the alignment of a pair off the heatmap of its forced translation; `<eos>` aligns with nothing."""
    trace = translator.translate(pair.src, forced=pair.trg, gold=pair.alignment)
    if trace.weights is None:
        raise ValueError(f"{NEEDED}: this translator has no weights to read one off")
    return hard_alignment(trace.weights[:-1])


def free_running_gap(model: Seq2Seq, data: Iterable[Batch]) -> tuple[float, float]:
    """Return the token accuracy on gold inputs and that of a model that reads its own output.

    Raises TypeError for what is no batch, ValueError for none.
    """
    check_kind("model", model, Seq2Seq, FROM_TRANSLATOR)
    if isinstance(data, Batch):
        raise TypeError("data is one batch: give a list, [batch]")
    data = all_of(Batch, "data", data, FROM_PAIRS)
    with evaluating(model):
        _, forced = evaluate(model, data, 1.0)
        _, free = evaluate(model, data, 0.0)
    return forced, free


def checked_pairs(pairs: object) -> list[SentencePair]:
    """List sentence pairs. Raises TypeError for anything else, ValueError for none and for a source without a word."""
    pairs = check_pairs("pairs", pairs)
    if not pairs:
        raise ValueError("there is no sentence pair to measure on")
    if not all(pair.src for pair in pairs):
        raise ValueError("pairs hold a source sentence without a word")
    return pairs


def check_words(name: str, given: Text, ids: Sequence[int]) -> None:
    """Raise ValueError for a sentence without words, or with `<eos>` and its like among them."""
    if not ids:
        raise ValueError(f"{name} has no word: there is nothing to take away or to predict")
    if isinstance(given, str):
        return
    for token in ("<pad>", "<sos>", "<eos>"):
        if token in given:
            raise ValueError(f"{name} holds {token}: give the words alone, as analysis.words(trace) does")
