"""02-encode: a batch of any order and any width through a recurrent network that never reads a pad."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from ....model.encoder import Encoder
from ...desk.exercise import Exercise, Wrong, numbers, real


def encode(embedding, gru, src, mask):
    """Read a batch packed: the states (B, S, DH), zeros at pads, and the last states h_n (LD, B, H)."""
    outputs, h_n = gru(_packed(embedding, src, mask))
    return pad_packed_sequence(outputs, batch_first=True, total_length=src.shape[1])[0], h_n


def _packed(embedding, src, mask):
    return pack_padded_sequence(embedding(src), mask.sum(1), batch_first=True, enforce_sorted=False)


def _filled(generator, kind, *sizes, **options):
    with torch.random.fork_rng(devices=[]):  # the weights drawn at first are overwritten; nobody's randomness moves on
        module = kind(*sizes, **options)
    for parameter in module.parameters():
        parameter.data.copy_(numbers(generator, *parameter.shape))
    return module


def _cases(generator):
    for lengths, wider, size, layers, both in (
        ((2,), 1, 2, 1, True),
        ((2, 3), 0, 3, 1, False),
        ((3, 1, 4), 1, 2, 2, True),  # sorting them is a cycle of three: no permutation that is its own inverse
        ((1, 4, 2, 5), 2, 3, 2, False),
    ):
        options = {"num_layers": layers, "bidirectional": both, "batch_first": True}
        embedding = _filled(generator, nn.Embedding, 10, size + 1)
        gru = _filled(generator, nn.GRU, size + 1, size, **options)
        mask = torch.cat([real(lengths), torch.zeros(len(lengths), wider, dtype=torch.bool)], dim=1)
        yield embedding, gru, torch.randint(1, 10, mask.shape, generator=generator) * mask, mask


def _then(change):
    """Encode, then change what is returned."""
    return lambda embedding, gru, src, mask: change(*encode(embedding, gru, src, mask), src, mask)


def _with_pads(before=False, after=False):
    """Read the pads as well, zeros in the embeddings `before` or in the states `after`."""

    def answer(embedding, gru, src, mask):
        real = mask.unsqueeze(2)
        states, h_n = gru(embedding(src) * real if before else embedding(src))
        return states * real if after else states, h_n

    return answer


def _packed_with(lengths, **options):
    """Pack by other lengths or with other options, and unpack in the right way."""

    def answer(embedding, gru, src, mask):
        options_ = {"batch_first": True, "enforce_sorted": False, **options}
        outputs, h_n = gru(pack_padded_sequence(embedding(src), lengths(mask), **options_))
        return pad_packed_sequence(outputs, batch_first=True, total_length=src.shape[1])[0], h_n

    return answer


def _never(order):
    return torch.arange(len(order))


def _sorted_first(back_states, back_last):
    """Sort by length as older code does, then take rows in these orders (`_never` leaves them as they are)."""

    def answer(embedding, gru, src, mask):
        order = mask.sum(1).argsort(descending=True, stable=True)
        states, h_n = encode(embedding, gru, src[order], mask[order])
        return states[back_states(order)], h_n[:, back_last(order)]

    return answer


ENCODE = Exercise(
    id="02-encode",
    objective="Run a padded batch of any order and width through a GRU so that no pad is ever read",
    points=3,
    minutes=15,
    difficulty=2,
    reference=encode,
    cases=lambda generator: list(_cases(generator)),
    library=(Encoder.forward,),
    returns=("states", "h_n"),
    hints=(
        "What has to stand between the embeddings and the GRU so that it stops at the end of each sentence, and which "
        "number of each sentence does that need?",
        "`mask.sum(1)` is the lengths. `pack_padded_sequence` takes the embeddings and these; two of its options say "
        "that the batch comes first and that it is not sorted.",
        "`gru(packed)` returns a packed sequence and h_n. `pad_packed_sequence(outputs, batch_first=True, "
        "total_length=src.shape[1])` gives the states and, second, the lengths.",
    ),
    wrong=(
        Wrong(
            "pads-in-encoder",
            "The GRU has read the pads: its last states are those after the pads, and the backward direction begins "
            "with them. Putting zeros into the states afterwards is too late. Pack the embeddings.",
            _with_pads(),
            _with_pads(after=True),
            lambda embedding, gru, src, mask: (encode(embedding, gru, src, mask)[0], gru(embedding(src))[1]),
            lambda embedding, gru, src, mask: (gru(embedding(src))[0], encode(embedding, gru, src, mask)[1]),
        ),
        Wrong(
            "pads-zeroed",
            "The embeddings of the pads are zero, and the GRU takes a step for each all the same: a step on a zero "
            "vector still changes the state. Pack the embeddings, so that there is no step.",
            _with_pads(before=True),
            _with_pads(before=True, after=True),
        ),
        Wrong(
            "lengths-unsorted",
            "The batch comes in any order of lengths. `pack_padded_sequence` wants it sorted unless you say "
            "enforce_sorted=False; then it sorts by itself, and puts states and last states back.",
            _packed_with(lambda mask: mask.sum(1), enforce_sorted=True),
        ),
        Wrong(
            "order-lost",
            "The batch has been sorted by length, and the states, the last states or both have not come back into the "
            "order of `src` (the way back is `order.argsort()`). With enforce_sorted=False no sorting is needed.",
            _sorted_first(_never, _never),
            _sorted_first(torch.argsort, _never),
            _sorted_first(_never, torch.argsort),
            _sorted_first(torch.clone, torch.clone),
            _sorted_first(torch.argsort, torch.clone),
        ),
        Wrong(
            "total-length",
            "The states are as wide as the longest sentence, and `src` and its mask may be wider: then no mask fits. "
            "`pad_packed_sequence` takes total_length=src.shape[1].",
            _then(lambda states, h_n, src, mask: (states[:, : mask.sum(1).max()], h_n)),
        ),
        Wrong(
            "batch-first",
            "The batch is the first axis here, and packing and unpacking both take the second for it unless you say "
            "batch_first=True to each.",
            _packed_with(lambda mask: mask.sum(1), batch_first=False),
            _then(lambda states, h_n, src, mask: (states.transpose(0, 1), h_n)),
        ),
        Wrong(
            "mask-inverted",
            "These lengths count the pads. `mask` is True at real tokens, so `mask.sum(1)` is the length.",
            _packed_with(lambda mask: (~mask).sum(1)),
        ),
        Wrong(
            "lengths-axis",
            "A length for each sentence is needed, (B,): sum the mask over its second axis, `mask.sum(1)`.",
            _packed_with(lambda mask: mask.sum(0)),
            _packed_with(lambda mask: mask.sum()),
        ),
        Wrong(
            "still-packed",
            "The states are still packed. `pad_packed_sequence` makes a rectangle of them again.",
            lambda embedding, gru, src, mask: gru(_packed(embedding, src, mask)),
        ),
        Wrong(
            "embedding-missing",
            "The GRU reads vectors of size E, not the numbers of words: `embedding(src)` looks them up.",
            lambda embedding, gru, src, mask: gru(src),
            lambda embedding, gru, src, mask: gru(src.float()),
            lambda embedding, gru, src, mask: gru(src.float().unsqueeze(2)),
        ),
        Wrong(
            "directions-summed",
            "The two directions are already joined into one. Leave the states as the GRU gives them, forward and "
            "backward side by side; the sum comes in the next section.",
            _then(lambda states, h_n, src, mask: (states.unflatten(2, (-1, h_n.shape[2])).sum(2), h_n)),
        ),
        Wrong(
            "h-n-cut",
            "The states are right, and h_n has lost some rows: return all of it, every layer and every direction.",
            _then(lambda states, h_n, *_: (states, h_n[-1])),
            _then(lambda states, h_n, *_: (states, h_n[-1:])),
            _then(lambda states, h_n, *_: (states, h_n[-2:])),
        ),
        Wrong(
            "last-column",
            "The last state is not the last column of the states: there stand pads, and the backward direction ends at "
            "the first word. The GRU returns h_n as its second value.",
            _then(lambda states, h_n, src, mask: (states, states[:, -1])),
            _then(lambda states, h_n, src, mask: (states, states[:, -1:].transpose(0, 1))),
            _then(lambda states, h_n, src, mask: (states, states[torch.arange(len(src)), mask.sum(1) - 1])),
        ),
        Wrong(
            "returned-otherwise",
            "What is returned is right and not what is asked for: states first, h_n second, nothing else.",
            _then(lambda states, h_n, src, mask: (h_n, states)),
            _then(lambda states, h_n, src, mask: states),
            _then(lambda states, h_n, src, mask: h_n),
            _then(lambda states, h_n, src, mask: (states, h_n, mask)),
            _then(lambda states, h_n, src, mask: ((states, mask.sum(1)), h_n)),
        ),
    ),
)
