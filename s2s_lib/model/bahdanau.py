r"""Attention before the state update, as it was first published: the other order of the same parts.

Luong et al. (2015, section 3.1) update the state, then attend: h_t -> c_t. Bahdanau et al. (2015, section 3.1)
attend with the state before, and the update reads what was found: h_{t-1} -> c_t -> h_t.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from .attention import Attended
from .decoder import Decoded, Decoder
from .encoder import Memory, State, recurrent


class BahdanauDecoder(Decoder):
    r"""A decoder whose states have read their contexts.

        c_t = attention(h_{t-1}, memory)     h_t = RNN([y_t; c_t], h_{t-1})     \tilde h_t = tanh(W_c [c_t; h_t])

    A step needs its context, and the context needs the state of the step before: there is no call for a whole
    target at once, only a loop. The prediction is the same as `Decoder`'s.
    """

    query = "h_{t−1}"

    def __init__(
        self,
        vocab_size: int,
        embedding_dim: int = 256,
        hidden_size: int = 512,
        num_layers: int = 2,
        dropout: float = 0.1,
        cell: str = "gru",
        attention: str | nn.Module = "concat",
    ):
        """Build the decoder around an attention; with "concat", the score of the paper. Raises ValueError for None."""
        if attention is None:
            raise ValueError("attention before the state update needs an attention; without one, use Decoder")
        super().__init__(vocab_size, embedding_dim, hidden_size, num_layers, dropout, cell, attention)
        self.rnn = recurrent(cell, embedding_dim + hidden_size, hidden_size, num_layers, dropout)

    def forward(
        self, tokens: Int[Tensor, "B T"], state: State, memory: Memory, edits: Float[Tensor, "B T S"] | None = None
    ) -> Decoded:
        """Read T >= 1 tokens from `state` on, one after the other; an edited step reaches the states after it too."""
        steps, hidden = [], []
        embedded = self.dropout(self.embedding(tokens))  # (B, T, E)
        for t in range(tokens.shape[1]):
            now = slice(t, t + 1)
            query = state[0][-1].unsqueeze(1)  # (B, 1, H): the top layer's state before this step
            edited = None if edits is None else edits[:, now]  # (B, 1, S)
            found = self.look_back(query, memory, edited)
            read = torch.cat([embedded[:, now], found.context], dim=2)  # (B, 1, E + H)
            after, state = self.update(read, state)  # (B, 1, H)
            steps.append(found)
            hidden.append(after)
        parts = (torch.cat(part, dim=1) for part in zip(*steps, strict=True))
        attended = Attended(*parts)
        hidden = torch.cat(hidden, dim=1)  # (B, T, H)
        logits = self.predict(hidden, attended.context)  # (B, T, V)
        return Decoded(logits, state, attended, hidden)

    def queries(self, hidden: Float[Tensor, "B T H"], state: State) -> Float[Tensor, "B T H"]:
        """Give the states that attention was asked with: h_{t-1}, the first of them from `state`."""
        first = state[0][-1].unsqueeze(1)  # (B, 1, H)
        return torch.cat([first, hidden[:, :-1]], dim=1)  # (B, T, H)

    def formula(self) -> str:
        """Give the attention's formula with h_{t-1} in the place of h_t."""
        return super().formula().replace("h_t", self.query).replace("h_{t,", "h_{t−1,")
