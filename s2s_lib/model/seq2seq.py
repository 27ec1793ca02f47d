"""The sequence-to-sequence model: an encoder and a decoder that share no parameters."""

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .bahdanau import BahdanauDecoder
from .batching import Batch
from .decoder import Decoder, most_likely
from .encoder import Encoder
from .teacher_forcing import flip


class Seq2Seq(nn.Module):
    """Encodes a source, then predicts its target token by token (Sutskever et al. 2014, Cho et al. 2014)."""

    def __init__(self, encoder: Encoder, decoder: Decoder, config: dict | None = None):
        """Join an encoder and a decoder of the same hidden size, number of layers and cell, else ValueError.

        `config` holds the arguments with which `build_model` builds a twin; a checkpoint stores them.
        """
        super().__init__()
        check_fit(encoder, decoder)
        self.encoder, self.decoder, self.config = encoder, decoder, config

    def forward(
        self,
        batch: Batch,
        teacher_forcing: float = 1.0,
        generator: torch.Generator | None = None,
        coin: str = "step",
    ) -> Float[Tensor, "B T V"]:
        """Predict every target token, reading the true one before it with probability `teacher_forcing`.

        The `coin` is tossed once a "step" for the whole batch, as in the lecture, or for each "token" of each
        sentence. Where it says no, the decoder reads what it just predicted itself. A step that is not
        forced opens a span; the forced steps after it need not wait and go through in the same call.
        """
        if coin not in ("step", "token"):
            raise ValueError(f'coin={coin!r}: choose "step" or "token"')
        memory = self.encoder(batch.src, batch.src_mask)
        rows, steps = batch.trg_in.shape
        forced = flip(teacher_forcing, rows if coin == "token" else 1, steps, generator).to(batch.trg_in.device)
        free = [step for step in range(1, steps) if not forced[:, step].all()]
        state, logits = memory.initial, []
        for start, end in pairwise([0, *free, steps]):
            tokens = batch.trg_in[:, start:end]
            if start:
                first = torch.where(forced[:, start], tokens[:, 0], most_likely(logits[-1][:, -1]))
                tokens = torch.cat([first.unsqueeze(1), tokens[:, 1:]], dim=1)
            decoded = self.decoder(tokens, state, memory)
            state = decoded.state
            logits.append(decoded.logits)
        return torch.cat(logits, dim=1)


DECODERS = {"luong": Decoder, "bahdanau": BahdanauDecoder}


def check_fit(encoder: nn.Module, decoder: nn.Module) -> None:
    """Raise ValueError where a decoder can't start from an encoder's last states; parts of one's own pass."""
    networks = getattr(encoder, "rnn", None), getattr(decoder, "rnn", None)
    if not all(isinstance(network, nn.RNNBase) for network in networks):
        return
    for what in ("mode", "hidden_size", "num_layers"):
        ours, theirs = (getattr(network, what) for network in networks)
        if ours != theirs:
            what = {"mode": "cell"}.get(what, what)
            raise ValueError(f"encoder and decoder must have the same {what}; they have {ours} and {theirs}")


def build_model(
    src_vocab_size: int,
    trg_vocab_size: int,
    *,
    attention: str | nn.Module | None = "general",
    order: str = "luong",
    embedding_dim: int = 256,
    hidden_size: int = 512,
    num_layers: int = 2,
    bidirectional: bool = True,
    dropout: float = 0.1,
    cell: str = "gru",
    bridge_size: int | None = None,
    seed: int = 0,
) -> Seq2Seq:
    """Build a model with weights drawn from `seed`; the global random state is left as it was.

    `attention` is "dot", "general", "diagonal", "concat", "fixed" (the same context at every step), None, or a score
    of your own as an object, with the weights that it has. `order` says whether the decoder attends after its state
    update ("luong") or before it ("bahdanau"); `bridge_size` squeezes the encoder's last states to so many numbers.
    """
    if order not in DECODERS:
        raise ValueError(f"order={order!r}: choose one of {', '.join(map(repr, DECODERS))}")
    sizes = {"embedding_dim": embedding_dim, "hidden_size": hidden_size, "num_layers": num_layers}
    shared = {**sizes, "dropout": dropout, "cell": cell}
    reading = {"bidirectional": bidirectional, "bridge_size": bridge_size}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = Encoder(src_vocab_size, **shared, **reading)
        decoder = DECODERS[order](trg_vocab_size, **shared, attention=attention)
    named = attention if attention is None or isinstance(attention, str) else {"own": decoder.attention.name}
    return Seq2Seq(encoder, decoder, {"attention": named, "order": order, **reading, **shared})
