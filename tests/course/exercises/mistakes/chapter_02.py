"""What students write in chapter 02, in their own way, and how each mistake is called."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, unpack_sequence


def read(embedding, gru, src, mask):
    packed = pack_padded_sequence(embedding(src), (src != 0).sum(dim=1), True, False)
    states, last = gru(packed)
    return pad_packed_sequence(states, True, 0.0, src.size(1))[0], last


def pads_read(embedding, gru, src, mask):
    return gru(embedding(src))


def pads_read_then_zeroed(embedding, gru, src, mask):
    states, last = gru(embedding(src))
    return states.masked_fill(~mask[:, :, None], 0), last


def pads_zeroed(embedding, gru, src, mask):
    return gru(embedding(src).masked_fill(~mask[:, :, None], 0))


def unsorted_refused(embedding, gru, src, mask):
    packed = pack_padded_sequence(embedding(src), mask.sum(dim=1), batch_first=True)
    states, last = gru(packed)
    return pad_packed_sequence(states, batch_first=True, total_length=src.size(1))[0], last


def sorted_for_good(embedding, gru, src, mask):
    longest_first = mask.sum(dim=1).sort(descending=True, stable=True).indices
    return read(embedding, gru, src[longest_first], mask[longest_first])


def sorted_and_half_undone(states_too):
    def answer(embedding, gru, src, mask):
        order = mask.sum(dim=1).sort(descending=True, stable=True).indices
        back = torch.stack([(order == row).nonzero().squeeze() for row in range(len(src))])
        states, last = read(embedding, gru, src[order], mask[order])
        return (states[back], last) if states_too else (states, last[:, back])

    return answer


def as_wide_as_the_longest(embedding, gru, src, mask):
    packed = pack_padded_sequence(embedding(src), mask.sum(dim=1), batch_first=True, enforce_sorted=False)
    states, last = gru(packed)
    return pad_packed_sequence(states, batch_first=True)[0], last


def batch_second(embedding, gru, src, mask):
    packed = pack_padded_sequence(embedding(src), mask.sum(dim=1), batch_first=True, enforce_sorted=False)
    states, last = gru(packed)
    return pad_packed_sequence(states, total_length=src.size(1))[0], last


def packed_batch_second(embedding, gru, src, mask):
    states, last = gru(pack_padded_sequence(embedding(src), mask.sum(dim=1), enforce_sorted=False))
    return pad_packed_sequence(states, batch_first=True, total_length=src.size(1))[0], last


def with_lengths(lengths):
    def answer(embedding, gru, src, mask):
        states, last = gru(pack_padded_sequence(embedding(src), lengths(mask), True, False))
        return pad_packed_sequence(states, True, 0.0, src.size(1))[0], last

    return answer


def left_packed(embedding, gru, src, mask):
    return gru(pack_padded_sequence(embedding(src), mask.sum(dim=1), batch_first=True, enforce_sorted=False))


def directions_added(embedding, gru, src, mask):
    states, last = read(embedding, gru, src, mask)
    ahead, *back = states.split(gru.hidden_size, dim=2)
    return sum(back, ahead), last


def last_state_by_length(embedding, gru, src, mask):
    states, _ = read(embedding, gru, src, mask)
    packed = pack_padded_sequence(states, mask.sum(dim=1), True, False)
    return states, torch.stack([sentence[-1] for sentence in unpack_sequence(packed)])


def also(change):
    return lambda embedding, gru, src, mask: change(*read(embedding, gru, src, mask), mask)


def joined(h_n, first, second):
    return torch.hstack([h_n[first], h_n[second]])


def each_layer(h_n, linear):
    return torch.stack([linear(joined(h_n, at, at + 1)) for at in range(0, len(h_n), 2)])


def dealt_out(h_n, linear):
    return linear(h_n[-2:].contiguous().view(h_n.size(1), 2 * h_n.size(2)))[None]


def dealt_out_with_a_layer(h_n, linear):
    return linear(h_n[-2:].contiguous().view(1, h_n.size(1), 2 * h_n.size(2)))


MISTAKES = {
    "02-encode": {
        "pads-in-encoder": [pads_read, pads_read_then_zeroed],
        "pads-zeroed": [pads_zeroed],
        "lengths-unsorted": [unsorted_refused],
        "order-lost": [sorted_for_good, sorted_and_half_undone(True), sorted_and_half_undone(False)],
        "total-length": [as_wide_as_the_longest],
        "batch-first": [batch_second, packed_batch_second],
        "mask-inverted": [with_lengths(lambda mask: mask.logical_not().sum(dim=1))],
        "lengths-axis": [with_lengths(lambda mask: mask.sum(dim=0)), with_lengths(lambda mask: mask.sum())],
        "still-packed": [left_packed],
        "embedding-missing": [
            lambda embedding, gru, src, mask: gru(src),
            lambda embedding, gru, src, mask: gru(src.to(torch.float32)),
            lambda embedding, gru, src, mask: gru(src[..., None].to(torch.float32)),
        ],
        "directions-summed": [directions_added],
        "h-n-cut": [
            also(lambda states, h_n, mask: (states, h_n.unbind()[-1])),
            also(lambda states, h_n, mask: (states, h_n.split(1)[-1])),
            also(lambda states, h_n, mask: (states, torch.stack(h_n.unbind()[-2:]))),
        ],
        "last-column": [
            also(lambda states, h_n, mask: (states, states.unbind(1)[-1])),
            also(lambda states, h_n, mask: (states, states.unbind(1)[-1][None])),
            last_state_by_length,
        ],
        "returned-otherwise": [
            also(lambda states, h_n, mask: (h_n, states)),
            also(lambda states, h_n, mask: states),
            also(lambda states, h_n, mask: h_n),
            also(lambda states, h_n, mask: (states, h_n, mask)),
        ],
    },
    "02-bridge": {
        "which-hidden": [
            lambda h_n, linear: linear(joined(h_n, 0, 1))[None],
            lambda h_n, linear: linear(joined(h_n, 0, -1))[None],
            lambda h_n, linear: linear(joined(h_n, len(h_n) // 2 - 1, -1))[None],
        ],
        "order-swapped": [lambda h_n, linear: linear(joined(h_n, -1, -2))[None]],
        "one-direction-twice": [
            lambda h_n, linear: linear(joined(h_n, -1, -1))[None],
            lambda h_n, linear: linear(joined(h_n, -2, -2))[None],
        ],
        "bridge-missing": [lambda h_n, linear: joined(h_n, -2, -1)[None], lambda h_n, linear: joined(h_n, -2, -1)],
        "one-direction": [
            lambda h_n, linear: h_n[-1][None],
            lambda h_n, linear: h_n[-2][None],
            lambda h_n, linear: h_n[-2:].sum(dim=0)[None],
            lambda h_n, linear: h_n[-2:].sum(dim=0)[None] / 2,
        ],
        "axis-missing": [
            lambda h_n, linear: linear(joined(h_n, -2, -1)),
            lambda h_n, linear: linear(joined(h_n, -2, -1)).unsqueeze(1),
        ],
        "reshaped": [dealt_out, dealt_out_with_a_layer],
        "all-layers": [
            each_layer,
            lambda h_n, linear: each_layer(h_n, linear).sum(0)[None],
            lambda h_n, linear: each_layer(h_n, linear).sum(0)[None] / (len(h_n) / 2),
        ],
        "tanh-added": [lambda h_n, linear: torch.tanh(linear(joined(h_n, -2, -1)))[None]],
    },
}
