"""How good is a translation, a model, an alignment?"""

from collections.abc import Collection, Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from ..corpora.text import PAD


def token_loss(
    logits: Float[Tensor, "B T V"], targets: Int[Tensor, "B T"], label_smoothing: float = 0.0
) -> Float[Tensor, ""]:
    """Cross-entropy in nats, the mean over real tokens: pads count neither above nor below the line."""
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=PAD, label_smoothing=label_smoothing)


def token_accuracy(predicted: Int[Tensor, "B T"], targets: Int[Tensor, "B T"]) -> float:
    """Share of real target tokens that were predicted."""
    real = targets != PAD
    return ((predicted == targets) & real).sum().item() / real.sum().item()


def exact_match(hypotheses: Sequence[Sequence[str]], references: Sequence[Sequence[str]]) -> float:
    """Share of sentences that equal their reference, token by token. Raises ValueError where there is none."""
    if not hypotheses:
        raise ValueError("there is no sentence to compare")
    same = [tuple(h) == tuple(r) for h, r in zip(hypotheses, references, strict=True)]
    return sum(same) / len(same)


def bleu(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """Corpus BLEU, 0..100, on lower-cased readable text (Papineni et al. 2002; sacrebleu, Post 2018)."""
    from sacrebleu import corpus_bleu  # here, since only evaluation needs it and importing it takes a while

    return corpus_bleu(list(hypotheses), [list(references)], lowercase=True).score


def chrf(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """Character F-score chrF2, 0..100 (Popović 2015; sacrebleu)."""
    from sacrebleu import corpus_chrf

    return corpus_chrf(list(hypotheses), [list(references)]).score


def hard_alignment(weights: Float[Tensor, "T S"]) -> set[tuple[int, int]]:
    """Read an alignment off a heatmap: each output token with the source token it looks at most."""
    return {(source, target) for target, source in enumerate(weights.argmax(1).tolist())}


def alignment_error_rate(
    predicted: Sequence[Collection[tuple[int, int]]], gold: Sequence[Collection[tuple[int, int]]]
) -> float:
    """1 - 2 |A and G| / (|A| + |G|), summed over the corpus; 0 is perfect (Och and Ney 2003, all links sure).

    Raises ValueError where there is no link on either side.
    """
    if not any([*predicted, *gold]):
        raise ValueError("there is no alignment to compare")
    both = sum(len(set(a) & set(g)) for a, g in zip(predicted, gold, strict=True))
    return 1 - 2 * both / (sum(map(len, predicted)) + sum(map(len, gold)))


def entropy(weights: Float[Tensor, "... S"]) -> Float[Tensor, "..."]:
    """Entropy of each distribution in nats: 0 looks at one word, log(n) at n words alike."""
    return torch.special.entr(weights).sum(-1)
