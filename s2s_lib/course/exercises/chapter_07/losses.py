"""The losses of exercise 07-gradient: functions of the source states, one without attention and one with."""

import torch
from torch import Tensor, nn

from ....model.attention import masked_softmax
from ...desk.exercise import numbers, real


class LastState(nn.Module):
    """A loss that reads what a recurrence has kept of the states, half at each step; the mean of the sentences."""

    def __init__(self, generator: torch.Generator, hidden: int):
        """Draw what the kept vector is compared with."""
        super().__init__()
        self.register_buffer("wanted", numbers(generator, hidden) + 2)

    def forward(self, states: Tensor) -> Tensor:
        """Run through the states, (B, S, H), and return the mean loss of the sentences."""
        kept = torch.zeros_like(states[:, 0])
        for state in states.unbind(dim=1):
            kept = kept / 2 + state
        return ((kept - self.wanted.to(kept.dtype)) ** 2).sum(dim=1).mean()


class LookingBack(nn.Module):
    """A loss that reads the states through attention; pads get none of it, nor any gradient."""

    def __init__(self, generator: torch.Generator, lengths: tuple[int, ...], hidden: int):
        """Draw a query for each sentence, and what the context is compared with."""
        super().__init__()
        self.register_buffer("query", numbers(generator, len(lengths), 1, hidden))
        self.register_buffer("wanted", numbers(generator, hidden) + 2)
        self.register_buffer("mask", real(lengths))

    def forward(self, states: Tensor) -> Tensor:
        """Attend to the states, (B, S, H), and return the mean loss of the sentences."""
        context = masked_softmax(self.query.to(states.dtype) @ states.transpose(1, 2), self.mask) @ states  # (B, 1, H)
        return ((context.squeeze(1) - self.wanted) ** 2).sum(dim=1).mean()
