r"""Attention before the state update, as it was first published: the other order of the same parts.

Luong et al. (2015, section 3.1) update the state, then attend: h_t -> c_t. Bahdanau et al. (2015, section 3.1)
attend with the state before, and the update reads what was found: h_{t-1} -> c_t -> h_t.
"""

import torch
from jaxtyping import Int
from torch import Tensor

from .attention import Attended, build_attention
from .decoder import Decoded, Decoder
from .encoder import Memory, State, recurrent
from .seq2seq import Seq2Seq, build_model


class BahdanauDecoder(Decoder):
    r"""A decoder whose states have read their contexts.

        c_t = attention(h_{t-1}, memory)     h_t = RNN([y_t; c_t], h_{t-1})     \tilde h_t = tanh(W_c [c_t; h_t])

    A step needs its context, and the context needs the state of the step before: there is no call for a whole
    target at once, only a loop. The prediction is the same as `Decoder`'s.
    """

    def __init__(self, vocab_size: int, embedding_dim: int, hidden_size: int, dropout: float, attention: str):
        """Build a decoder of one layer of GRU; `attention` names the score."""
        super().__init__(
            vocab_size, embedding_dim, hidden_size, 1, dropout, attention=build_attention(attention, hidden_size)
        )
        self.rnn = recurrent("gru", embedding_dim + hidden_size, hidden_size, 1, dropout)

    def forward(self, tokens: Int[Tensor, "B T"], state: State, memory: Memory) -> Decoded:
        """Read T >= 1 tokens from `state` on, one after the other. `attended` has the queries h_{t-1}."""
        steps, states = [], []
        for embedded in self.dropout(self.embedding(tokens)).split(1, dim=1):  # (B, 1, E)
            steps.append(self.attention(state[0][-1].unsqueeze(1), memory))
            after, state = self.update(torch.cat([embedded, steps[-1].context], dim=2), state)  # (B, 1, H)
            states.append(after)
        attended = Attended(*(torch.cat(parts, dim=1) for parts in zip(*steps, strict=True)))
        hidden = torch.cat(states, dim=1)  # (B, T, H)
        return Decoded(self.predict(hidden, attended.context), state, attended, hidden)


def build_bahdanau(
    src_vocab_size: int,
    trg_vocab_size: int,
    *,
    attention: str = "concat",
    embedding_dim: int = 256,
    hidden_size: int = 512,
    dropout: float = 0.1,
    seed: int = 0,
) -> Seq2Seq:
    """Build a model that attends before the state update; with "concat", the score of the paper.

    To train and to measure, not to save: a checkpoint knows `build_model`'s models only.
    """
    sizes = {"embedding_dim": embedding_dim, "hidden_size": hidden_size, "dropout": dropout}
    encoder = build_model(src_vocab_size, trg_vocab_size, attention=None, num_layers=1, **sizes, seed=seed).encoder
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        decoder = BahdanauDecoder(trg_vocab_size, **sizes, attention=attention)
    return Seq2Seq(encoder, decoder, {"attention": "bahdanau", "score": attention, **sizes})
