"""The one door for inference: no dropout, no gradients, and the model is left in the mode that it was in."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Switch dropout off meanwhile, and put every part of the model back into the mode that it was in."""
    before = [(part, part.training) for part in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for part, training in before:
            part.training = training


@contextmanager
def inference(model: nn.Module) -> Iterator[None]:
    """Decode or measure: `evaluating`, and without gradients."""
    with evaluating(model), torch.no_grad():
        yield
