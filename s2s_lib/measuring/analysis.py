"""What a trained model does, measured: by length, by gradient, by taking words away, by running free."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..corpora.parallel import SentencePair
from ..corpora.text import EOS, UNK
from ..learning.training import evaluate
from ..model.batching import Batch, collate
from ..model.metrics import alignment_error_rate, exact_match, hard_alignment, token_loss
from ..model.seq2seq import Seq2Seq
from ..translating.trace import Trace, explain
from ..translating.translator import Translator

BINS = (6, 11, 16, 21, 26)  # source lengths at which a new group begins


class LengthGroup(NamedTuple):
    """The sentences of `shortest`..`longest` source tokens, and the share of them translated exactly."""

    shortest: int
    longest: int
    sentences: int
    accuracy: float


def accuracy_by_length(
    traces: Sequence[Trace], pairs: Sequence[SentencePair], bins: Sequence[int] = BINS
) -> list[LengthGroup]:
    """Group translations by source length and count the exact ones; groups without a sentence are left out."""
    groups = []
    for low, high in zip((1, *bins), (*bins, 10**6), strict=True):
        members = [(trace, pair) for trace, pair in zip(traces, pairs, strict=True) if low <= len(pair.src) < high]
        if members:
            lengths = [len(pair.src) for _, pair in members]
            accuracy = exact_match([words(trace) for trace, _ in members], [pair.trg for _, pair in members])
            groups.append(LengthGroup(min(lengths), max(lengths), len(members), accuracy))
    return groups


def words(trace: Trace) -> tuple[str, ...]:
    """Return the output tokens without the final `<eos>`."""
    return tuple(token for token in trace.trg if token != "<eos>")


def gradient_flow(model: Seq2Seq, batch: Batch) -> Float[Tensor, "B S"]:
    """Measure how much of the loss's gradient reaches each source word's embedding, as an L2 norm.

    Zeros at pads. Dropout is off, so the numbers belong to the model and not to a draw.
    """
    model.eval()
    seen: list[Tensor] = []
    hook = model.encoder.embedding.register_forward_hook(lambda module, inputs, output: seen.append(output))
    try:
        loss = token_loss(model(batch, generator=torch.Generator()), batch.trg_out)  # the global random state stays
    finally:
        hook.remove()
    return torch.autograd.grad(loss, seen[0])[0].norm(dim=2)


@torch.no_grad()
def occlusion(
    translator: Translator, src: Sequence[str], trg: Sequence[str], replacement: int = UNK
) -> Float[Tensor, "T S"]:
    """Measure how much each output word needs each source word, attention or not (Zeiler and Fergus 2014).

    Entry (t, s) is the drop of log p(word t) in nats when source word s is replaced by `<unk>`; the words before t are
    the given ones. The last row is `<eos>`. Raises ValueError for an empty sentence.
    """
    pair = translator.encode(src, trg)
    batch = collate([pair])
    variants = batch.src.repeat(len(pair[0]) + 1, 1)  # row 0 is the sentence itself
    variants[range(1, len(variants)), range(len(pair[0]))] = replacement
    target = torch.tensor([*pair[1], EOS]).expand(len(variants), -1)  # (1 + S, T)
    log_probs = explain(translator.model, variants, target).log_probs  # (1 + S, T)
    return (log_probs[0] - log_probs[1:]).T


def alignment_error(translator: Translator, pairs: Sequence[SentencePair]) -> float:
    """Score heatmaps against gold: every target word's most-attended source word, the reference being forced.

    Raises ValueError for a translator without attention or pairs without an alignment.
    """
    if translator.kind is None or any(pair.alignment is None for pair in pairs):
        raise ValueError("an alignment error rate needs a translator with attention, and pairs with a gold alignment")
    traces = [translator.translate(pair.src, forced=pair.trg) for pair in pairs]
    predicted = [hard_alignment(trace.weights[:-1]) for trace in traces]  # the row of <eos> aligns with nothing
    return alignment_error_rate(predicted, [pair.alignment for pair in pairs])


def free_running_gap(model: Seq2Seq, data: Iterable[Batch]) -> tuple[float, float]:
    """Return the token accuracy on gold inputs and that of a model that reads its own output."""
    data = list(data)
    return evaluate(model, data, 1.0)[1], evaluate(model, data, 0.0)[1]
