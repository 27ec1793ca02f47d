"""The one door for inference: no dropout, no gradients, and the model is left in the mode that it was in."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def evaluating(model: object) -> Iterator[None]:
    """Switch dropout off meanwhile, and put every part of the model back into the mode that it was in."""
    before = [(part, part.training) for whole in networks(model) for part in whole.modules()]
    try:
        switch((part, False) for part, _ in before)
        yield
    finally:
        switch(before)


def switch(modes: Iterable[tuple[nn.Module, bool]]) -> None:
    """Put each part into its mode; setting an attribute of a module is slow, and most are in theirs."""
    for part, training in modes:
        if part.training != training:
            part.training = training


def networks(model: object) -> list[nn.Module]:
    """Give the model, or, of an object that is no module itself, the modules that it is made of."""
    if isinstance(model, nn.Module):
        return [model]
    return [part for part in vars(model).values() if isinstance(part, nn.Module)]


@contextmanager
def inference(model: object) -> Iterator[None]:
    """Decode or measure: `evaluating`, and without gradients."""
    with evaluating(model), torch.no_grad():
        yield
