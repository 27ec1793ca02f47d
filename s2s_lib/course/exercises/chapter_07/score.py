"""The model of exercise 07-occlusion."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...desk.exercise import numbers


class Score(nn.Module):
    """A reader with attention, small enough to be drawn anew for each case: ids in, the log-probability of a word out.

    Its states have read their neighbours, as those of an encoder in two directions have; so a word may be needed
    where another one is looked at.
    """

    def __init__(self, generator: torch.Generator, vocab: int = 12, hidden: int = 4):
        """Draw an embedding, what is asked for (`query`), and how the answer is read off (`readout`)."""
        super().__init__()
        self.register_buffer("embedding", numbers(generator, vocab, hidden))
        self.register_buffer("query", numbers(generator, hidden) + 1)
        self.register_buffer("readout", 2 * numbers(generator, hidden) + 1)

    def states(self, ids: list[int]) -> Tensor:
        """Encode: each word's vector, with half of both neighbours', (S, H)."""
        words = F.pad(self.embedding[ids], (0, 0, 1, 1))
        return words[1:-1] + words[:-2] / 2 + words[2:] * 0.75

    def weights(self, ids: list[int]) -> Tensor:
        """Where it looks, (S,): a softmax over the words."""
        return (self.states(ids) @ self.query).softmax(dim=0)

    def forward(self, ids: list[int]) -> float:
        """Log-probability of the output word, of the sentence `ids`."""
        return F.logsigmoid(self.weights(ids) @ self.states(ids) @ self.readout).item()
