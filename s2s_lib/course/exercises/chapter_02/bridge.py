"""02-bridge: from the last states of a bidirectional encoder to the first state of the decoder."""

import torch
from torch import nn

from ....model.encoder import Encoder
from ...desk.exercise import Exercise, Wrong, numbers


def bridge(h_n, linear):
    """Make the first state (1, B, H) of the top layer's two directions."""
    return linear(torch.cat([h_n[-2], h_n[-1]], dim=1)).unsqueeze(0)  # (1, B, H)


def _cases(generator):
    for layers, batch, size in ((2, 1, 1), (1, 2, 3), (2, 3, 2), (3, 2, 4)):
        linear = nn.utils.skip_init(nn.Linear, 2 * size, size)
        for parameter in linear.parameters():
            parameter.data.copy_(numbers(generator, *parameter.shape))
        order = torch.rand(2 * layers * batch * size, generator=generator).argsort()
        yield ((order - len(order) // 2) / 16).view(2 * layers, batch, size), linear  # no two numbers alike


def _of(choose, dim=1):
    """Bridge the two states that `choose` picks."""
    return lambda h_n, linear: linear(torch.cat(choose(h_n), dim=dim)).unsqueeze(0)


def _all_layers(h_n, linear):
    pairs = h_n.unflatten(0, (-1, 2))  # (L, 2, B, H)
    return linear(torch.cat([pairs[:, 0], pairs[:, 1]], dim=2))


BRIDGE = Exercise(
    id="02-bridge",
    objective="Make the decoder's first state of the right two rows of h_n",
    points=2,
    minutes=10,
    difficulty=2,
    reference=bridge,
    cases=lambda generator: list(_cases(generator)),
    library=(Encoder.bridged,),
    hints=(
        "Which two rows of h_n belong to the top layer, and on which axis do they lie side by side?",
        "`h_n[-2]` and `h_n[-1]` are (B, H) each: the forward and the backward direction of the top layer.",
        "`torch.cat([h_n[-2], h_n[-1]], dim=1)` is (B, 2H). After `linear` it is (B, H); `unsqueeze(0)` adds the axis.",
    ),
    wrong=(
        Wrong(
            "which-hidden",
            "Other rows of h_n are taken. They go by layer first and by direction second: forward and backward of "
            "layer one, forward and backward of layer two. The top layer's two are the last, h_n[-2] and h_n[-1].",
            _of(lambda h_n: (h_n[0], h_n[1])),
            _of(lambda h_n: (h_n[0], h_n[-1])),
            _of(lambda h_n: (h_n[len(h_n) // 2 - 1], h_n[-1])),
            _of(lambda h_n: tuple(h_n[: len(h_n) // 2])),
            _of(lambda h_n: tuple(h_n[len(h_n) // 2 :])),
            _of(lambda h_n: (h_n[-4], h_n[-2]) if len(h_n) > 2 else (h_n[0], h_n[1])),
            _of(lambda h_n: (h_n[-3], h_n[-1]) if len(h_n) > 2 else (h_n[0], h_n[1])),
        ),
        Wrong(
            "order-swapped",
            "The two are the right ones in the wrong order: forward first, then backward. `linear` has learned which "
            "of its columns belong to which.",
            _of(lambda h_n: (h_n[-1], h_n[-2])),
        ),
        Wrong(
            "one-direction-twice",
            "The same direction stands in both halves. h_n[-2] and h_n[-1] are the forward and the backward direction "
            "of one layer, and not two layers.",
            _of(lambda h_n: (h_n[-1], h_n[-1])),
            _of(lambda h_n: (h_n[-2], h_n[-2])),
        ),
        Wrong(
            "bridge-missing",
            "Two directions of size H are 2H numbers, and the decoder's state has H. `linear` is the bridge from the "
            "one to the other: it takes both directions of a sentence side by side, (B, 2H), joined along `dim=1`.",
            lambda h_n, linear: torch.cat([h_n[-2], h_n[-1]], dim=1).unsqueeze(0),
            lambda h_n, linear: torch.cat([h_n[-2], h_n[-1]], dim=1),
            lambda h_n, linear: linear(h_n[-1]).unsqueeze(0),
            lambda h_n, linear: linear(h_n[-1:]),
            lambda h_n, linear: linear(h_n[-2:]),
            lambda h_n, linear: linear(h_n),
            _of(lambda h_n: (h_n[-2], h_n[-1]), dim=0),
            lambda h_n, linear: linear(torch.stack([h_n[-2], h_n[-1]], dim=1)),
        ),
        Wrong(
            "one-direction",
            "This is one of the two directions, or their sum, and `linear` is not used. The shape fits, but half of "
            "what the encoder has read is thrown away, or the two are mixed before the decoder can weigh them.",
            lambda h_n, linear: h_n[-1:],
            lambda h_n, linear: h_n[-2:-1],
            lambda h_n, linear: (h_n[-2] + h_n[-1]).unsqueeze(0),
            lambda h_n, linear: h_n[-2:].mean(dim=0, keepdim=True),
        ),
        Wrong(
            "axis-missing",
            "The numbers are right. A recurrent network wants its state with an axis of layers in front: (1, B, H), "
            "and not (B, H) or (B, 1, H).",
            lambda h_n, linear: bridge(h_n, linear).squeeze(0),
            lambda h_n, linear: bridge(h_n, linear).transpose(0, 1),
        ),
        Wrong(
            "reshaped",
            "`view` and `reshape` deal the numbers out anew in the order in which they lie, and so mix the sentences "
            "of the batch: half a vector of one beside half a vector of another. Join by `cat`.",
            lambda h_n, linear: linear(h_n[-2:].reshape(h_n.shape[1], -1)).unsqueeze(0),
        ),
        Wrong(
            "all-layers",
            "Every layer is bridged. Asked for is one state, that of the top layer, (1, B, H).",
            _all_layers,
            lambda h_n, linear: _all_layers(h_n, linear).mean(dim=0, keepdim=True),
            lambda h_n, linear: _all_layers(h_n, linear).sum(dim=0, keepdim=True),
        ),
        Wrong(
            "tanh-added",
            "There is a tanh behind `linear`. Bahdanau et al. (2015) have one there; this exercise and the library "
            "have not.",
            lambda h_n, linear: bridge(h_n, linear).tanh(),
        ),
    ),
)
