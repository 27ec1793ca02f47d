"""Other right answers to the exercises of chapter 01, and answers that call the library."""

import torch
from torch.nn.utils.rnn import pad_sequence

from s2s_lib.model.batching import collate, pad


def padded_by_loop(sequences):
    rows = torch.zeros(len(sequences), max(len(row) for row in sequences), dtype=torch.int32)
    for b, row in enumerate(sequences):
        for s, index in enumerate(row):
            rows[b, s] = index
    return rows


def mask_by_loop(ids):
    real = torch.zeros(ids.shape, dtype=torch.bool)
    for b, row in enumerate(ids.tolist()):
        for s, index in enumerate(row):
            real[b, s] = index != 0
    return real


def shifted_by_loop(targets):
    size = len(targets), max(map(len, targets)) + 1
    trg_in, trg_out = torch.zeros(size, dtype=torch.long), torch.zeros(size, dtype=torch.long)
    for b, trg in enumerate(targets):
        trg_in[b, 0], trg_out[b, len(trg)] = 2, 3
        for t, index in enumerate(trg):
            trg_in[b, t + 1] = trg_out[b, t] = index
    return [trg_in, trg_out]


def shifted_by_cutting(targets):
    full = [torch.tensor([2, *trg, 3]) for trg in targets]
    return pad_sequence([row[:-1] for row in full], True), pad_sequence([row[1:] for row in full], True)


RIGHT = {
    "01-pad": [
        padded_by_loop,
        lambda sequences: pad_sequence([torch.tensor(row) for row in sequences], batch_first=True),
    ],
    "01-mask": [
        mask_by_loop,
        lambda ids: ids.bool(),
        lambda ids: ids.ne(0),
        lambda ids: ~(ids == 0),
        lambda ids: ids > 0,
        lambda ids: torch.arange(ids.shape[1]) < (ids != 0).sum(1, keepdim=True),
    ],
    "01-shift": [
        shifted_by_loop,
        shifted_by_cutting,
        lambda targets: (pad([[2, *trg] for trg in targets]).int(), pad([[*trg, 3] for trg in targets])),
    ],
}

LIBRARY = {
    "01-pad": [pad, lambda sequences: pad(sequences).clone()],
    "01-shift": [lambda targets: collate([(trg, trg) for trg in targets])[2:]],
}
