"""How surprised is a model, how often right, and how sure of where it looks? Scores of translations: `measuring`.

Each measure looks at what it is given first and raises ValueError or TypeError, saying what is meant, where a shape
or a kind is wrong: a number that comes out anyway would be believed.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from ..corpora.checks import check_share
from ..corpora.text import PAD
from .tensors import check_distributions, check_logits, check_predicted


def token_loss(
    logits: Float[Tensor, "B T V"], targets: Int[Tensor, "B T"], label_smoothing: float = 0.0
) -> Float[Tensor, ""]:
    """Cross-entropy in nats, the mean over real tokens: pads count neither above nor below the line.

    Raises ValueError for shapes that disagree, targets of pads only, and a target outside the vocabulary.
    """
    check_logits(logits, targets)
    check_share("label_smoothing", label_smoothing)
    flat = logits.flatten(0, 1)  # (B T, V)
    return F.cross_entropy(flat, targets.flatten(), ignore_index=PAD, label_smoothing=label_smoothing)


def token_accuracy(predicted: Int[Tensor, "B T"], targets: Int[Tensor, "B T"]) -> float:
    """Share of real target tokens that were predicted, each at its own place.

    One word too many at the front, and all that follows counts as wrong: `lcs_recall` doesn't mind a shift.
    Raises ValueError for shapes that disagree and for targets of pads only.
    """
    check_predicted(predicted, targets)
    real = targets != PAD
    right = (predicted == targets) & real
    return right.sum().item() / real.sum().item()


def entropy(weights: Float[Tensor, "... S"]) -> Float[Tensor, "..."]:
    """Entropy of each distribution in nats: 0 looks at one word, log(n) at n words alike.

    Raises ValueError for rows that are no distribution: below 0, or of another sum than 1.
    """
    check_distributions(weights)
    return torch.special.entr(weights).sum(-1)
