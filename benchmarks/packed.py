"""The encoder as every tutorial calls it: it packs each batch, those without a pad too."""

from jaxtyping import Bool, Int
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from s2s_lib import Encoder, Memory


def always_packed(encoder: Encoder, src: Int[Tensor, "B S"], mask: Bool[Tensor, "B S"]) -> Memory:
    """Run the library's GRU encoder on a packed batch, whatever its lengths; the numbers are the library's."""
    embedded = encoder.dropout(encoder.embedding(src))  # (B, S, E)
    packed = pack_padded_sequence(embedded, mask.sum(1), batch_first=True, enforce_sorted=False)
    outputs, last = encoder.rnn(packed)
    outputs, _ = pad_packed_sequence(outputs, batch_first=True, total_length=src.shape[1])  # (B, S, 2H)
    states = outputs.unflatten(2, (encoder.directions, -1)).sum(2)  # (B, S, H)
    return Memory(states, (encoder.bridged(last),), mask)
