"""The plain step-by-step model, as tutorials write it: the baseline that a reader knows.

Every target step is a turn of a Python loop: concat attention over repeated queries, the whole vocabulary
projected inside the loop, a coin for teacher forcing. Its encoder packs every batch.
"""

import random

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from s2s_lib import Batch, Encoder

from .packed import always_packed


class NaiveConcat(nn.Module):
    """Concat attention by its formula: v^T tanh(W [query; key]) for every key, softmax over the real tokens."""

    def __init__(self, hidden_size: int):
        """Hold W as one 2H -> H matrix, and v."""
        super().__init__()
        self.compare = nn.Linear(2 * hidden_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def score(self, query: Float[Tensor, "B H"], keys: Float[Tensor, "B S H"]) -> Float[Tensor, "B S"]:
        """Score one query per sentence against all of its keys."""
        repeated = query.unsqueeze(1).repeat(1, keys.shape[1], 1)  # (B, S, H)
        energy = torch.tanh(self.compare(torch.cat([repeated, keys], dim=2)))  # (B, S, H)
        return self.v(energy).squeeze(2)

    def forward(
        self, query: Float[Tensor, "B H"], keys: Float[Tensor, "B S H"], mask: Bool[Tensor, "B S"]
    ) -> Float[Tensor, "B S"]:
        """Return the attention weights of one step."""
        return self.score(query, keys).masked_fill(~mask, float("-inf")).softmax(dim=1)


class PlainLoop(nn.Module):
    """Encoder, naive attention, and a decoder that takes one step per turn of the loop."""

    def __init__(
        self, src_vocab_size: int, trg_vocab_size: int, embedding_dim: int, hidden_size: int, dropout: float = 0.1
    ):
        """Build the lecture's one-layer model."""
        super().__init__()
        self.trg_vocab_size = trg_vocab_size
        self.encoder = Encoder(src_vocab_size, embedding_dim, hidden_size, num_layers=1, dropout=dropout)
        self.embedding = nn.Embedding(trg_vocab_size, embedding_dim)
        self.dropout = nn.Dropout(dropout)
        self.rnn = nn.GRU(embedding_dim, hidden_size, batch_first=True)
        self.attention = NaiveConcat(hidden_size)
        self.output = nn.Linear(2 * hidden_size, trg_vocab_size)

    def step(
        self, token: Int[Tensor, " B"], hidden: Float[Tensor, "1 B H"], states: Float[Tensor, "B S H"], mask: Tensor
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, "1 B H"]]:
        """Read one token and predict the next."""
        embedded = self.dropout(self.embedding(token)).unsqueeze(1)  # (B, 1, E)
        output, hidden = self.rnn(embedded, hidden)
        weights = self.attention(output.squeeze(1), states, mask)
        context = torch.bmm(weights.unsqueeze(1), states)  # (B, 1, H)
        return self.output(torch.cat([context, output], dim=2).squeeze(1)), hidden

    def forward(self, batch: Batch, teacher_forcing: float = 1.0) -> Float[Tensor, "B T V"]:
        """Predict every target token, one after the other."""
        states, (hidden,), mask = always_packed(self.encoder, batch.src, batch.src_mask)
        rows, steps = batch.trg_in.shape
        outputs = torch.zeros(rows, steps, self.trg_vocab_size)
        token = batch.trg_in[:, 0]
        for t in range(steps):
            logits, hidden = self.step(token, hidden, states, mask)
            outputs[:, t] = logits
            if t + 1 < steps:
                forced = random.random() < teacher_forcing
                token = batch.trg_in[:, t + 1] if forced else logits.argmax(dim=1)
        return outputs
