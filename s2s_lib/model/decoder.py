"""The decoder: a language model of the target that starts from, and looks back at, the source."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from ..corpora.text import PAD, SOS
from .attention import Attended, build_attention
from .encoder import Memory, State, recurrent


class Decoded(NamedTuple):
    """What the decoder returns for T tokens."""

    logits: Float[Tensor, "B T V"]
    state: State  # after the last token
    attended: Attended | None  # None without attention
    hidden: Float[Tensor, "B T H"]  # the states h_t, the queries of attention


def writable(logits: Float[Tensor, "... V"]) -> Float[Tensor, "... V"]:
    """Rule out `<pad>` and `<sos>`, which no sentence contains: their logits become -inf, in a copy."""
    logits = logits.clone()
    logits[..., [PAD, SOS]] = float("-inf")
    return logits


def most_likely(logits: Float[Tensor, "... V"]) -> Int[Tensor, "..."]:
    """Pick the most likely token that may be written."""
    token = logits.argmax(-1)
    if ((token == PAD) | (token == SOS)).any():  # hardly ever in a trained model: a copy is seldom made
        token = writable(logits).argmax(-1)
    return token


class Decoder(nn.Module):
    r"""Reads target tokens and predicts, after each, the next (Luong et al. 2015, sections 3 and 3.1).

        h_t = RNN(y_t, h_{t-1})     c_t = attention(h_t, memory)     \tilde h_t = tanh(W_c [c_t; h_t])
        p(y_{t+1} | y_{<=t}, x) = softmax(W_s \tilde h_t + b)

    Attention comes after the state update, so no step waits for the context of the one before and a whole
    target goes through in one call. W_s is the embedding matrix itself (Press and Wolf 2017).
    """

    query = "h_t"  # the state that attention is asked with

    def __init__(
        self,
        vocab_size: int,
        embedding_dim: int = 256,
        hidden_size: int = 512,
        num_layers: int = 2,
        dropout: float = 0.1,
        cell: str = "gru",
        attention: str | nn.Module | None = None,
    ):
        """Build the decoder around an attention, by its name or as an object, or without one."""
        super().__init__()
        attention = build_attention(attention, hidden_size)
        self.embedding = nn.Embedding(vocab_size, embedding_dim)
        self.dropout = nn.Dropout(dropout)
        self.rnn = recurrent(cell, embedding_dim, hidden_size, num_layers, dropout)
        self.attention = attention
        self.combine = nn.Linear(hidden_size if attention is None else 2 * hidden_size, embedding_dim, bias=False)
        self.output = nn.Linear(embedding_dim, vocab_size)
        self.output.weight = self.embedding.weight
        nn.init.normal_(self.embedding.weight, std=embedding_dim**-0.5)  # as output, N(0, 1) would start at a huge loss

    def forward(
        self, tokens: Int[Tensor, "B T"], state: State, memory: Memory, edits: Float[Tensor, "B T S"] | None = None
    ) -> Decoded:
        """Read T >= 1 tokens from `state` on: a whole target at once, or one step.

        `edits` are attention weights to use in place of the model's own; a row of NaN leaves them to the model.
        """
        embedded = self.dropout(self.embedding(tokens))  # (B, T, E)
        hidden, state = self.update(embedded, state)  # (B, T, H)
        attended = self.look_back(hidden, memory, edits)
        logits = self.predict(hidden, None if attended is None else attended.context)  # (B, T, V)
        return Decoded(logits, state, attended, hidden)

    def look_back(
        self, queries: Float[Tensor, "B T H"], memory: Memory, edits: Float[Tensor, "B T S"] | None = None
    ) -> Attended | None:
        """Ask the attention; None where there is none. Raises ValueError for edits without attention."""
        if self.attention is None:
            if edits is not None:
                raise ValueError("this model has no attention, so there are no weights to edit")
            return None
        return self.attention(queries, memory) if edits is None else self.attention(queries, memory, edits)

    def queries(self, hidden: Float[Tensor, "B T H"], state: State) -> Float[Tensor, "B T H"]:
        """Give the states that attention was asked with: here h_t; `state` is the one before the first token."""
        return hidden

    def formula(self) -> str:
        """Give the attention's formula, written with the state that it is asked with; "" where there is none."""
        return "" if self.attention is None else getattr(self.attention, "formula", "")

    def update(self, inputs: Float[Tensor, "B T I"], state: State) -> tuple[Float[Tensor, "B T H"], State]:
        """Take the recurrent network T steps further: all states of its top layer, and where it stands then."""
        hidden, last = self.rnn(inputs, state if len(state) > 1 else state[0])  # an LSTM's (h, c), a GRU's h alone
        return hidden, last if isinstance(last, tuple) else (last,)

    def predict(self, hidden: Float[Tensor, "B T H"], context: Float[Tensor, "B T H"] | None) -> Float[Tensor, "B T V"]:
        """Score the next token from the states and, with attention, their contexts."""
        features = hidden
        if context is not None:
            features = torch.cat([context, hidden], dim=2)  # (B, T, 2H)
        attentional = self.combine(features).tanh()  # (B, T, E)
        return self.output(self.dropout(attentional))
