"""A step-by-step loop as an expert writes it: the baseline that is hard to beat.

The keys are projected once, attention looks back step by step, and all steps share one projection to the
vocabulary at the end. The weights are those of a library model with concat attention.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from s2s_lib import Batch, Seq2Seq, masked_softmax

from .packed import always_packed


class Stepwise(nn.Module):
    """Runs the encoder, the layers and the output layer of a library model, its decoder one step at a time."""

    def __init__(self, model: Seq2Seq):
        """Take the model whose weights are used; its attention must be concat."""
        super().__init__()
        self.model = model

    def forward(self, batch: Batch) -> Float[Tensor, "B T V"]:
        """Predict every target token from the true one before it."""
        decoder, memory = self.model.decoder, always_packed(self.model.encoder, batch.src, batch.src_mask)
        score, state = decoder.attention.score, memory.initial[0]
        keys = score.W_k(memory.states)  # (B, S, H), once for all steps
        hiddens, contexts = [], []
        for embedded in decoder.dropout(decoder.embedding(batch.trg_in)).split(1, dim=1):  # (B, 1, E)
            hidden, state = decoder.rnn(embedded, state)  # (B, 1, H)
            scores = (torch.tanh(score.W_q(hidden) + keys) @ score.v_a).unsqueeze(1)  # (B, 1, S)
            hiddens.append(hidden)
            contexts.append(masked_softmax(scores, memory.mask) @ memory.states)  # (B, 1, H)
        return decoder.predict(torch.cat(hiddens, dim=1), torch.cat(contexts, dim=1))
