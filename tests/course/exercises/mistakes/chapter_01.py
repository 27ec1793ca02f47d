"""What students write in chapter 01, in their own way, and how each mistake is called."""

from itertools import chain

import torch
from torch.nn.utils.rnn import pad_sequence


def one_zero_at_most(sequences):
    longest = max(len(row) for row in sequences)
    return torch.tensor([[*row, 0] if len(row) < longest else row for row in sequences])


def extended(sequences):
    longest = max(len(row) for row in sequences)
    for row in sequences:
        while len(row) < longest:
            row.append(0)
    return torch.tensor(sequences)


def padded_with(word, width=lambda sequences: max(len(row) for row in sequences)):
    return lambda sequences: torch.tensor([row + [word] * (width(sequences) - len(row)) for row in sequences])


def tensors(sequences):
    return [torch.tensor(row) for row in sequences]


def padded_before(sequences):
    return pad_sequence([row.flip(0) for row in tensors(sequences)], batch_first=True).flip(1)


def filled(sequences, kind):
    rows = torch.zeros(len(sequences), max(len(row) for row in sequences), dtype=kind)
    for b, row in enumerate(sequences):
        rows[b, : len(row)] = torch.tensor(row)
    return rows


def pair(read, said):
    def answer(targets):
        batches = [tensors(map(change, targets)) for change in (read, said)]
        return tuple(pad_sequence(batch, batch_first=True) for batch in batches)

    return answer


def begun(trg):
    return [2, *trg]


def ended(trg):
    return [*trg, 3]


def whole(trg):
    return [2, *trg, 3]


def inserted(targets):
    said = pad_sequence(tensors(map(ended, targets)), batch_first=True)
    for trg in targets:
        trg[:0] = [2]
    return pad_sequence(tensors(targets), batch_first=True), said


def cut_last(targets):
    rows = pad_sequence(tensors(map(whole, targets)), batch_first=True)
    return rows[:, :-1], rows[:, 1:]


MISTAKES = {
    "01-pad": {
        "ragged": [lambda sequences: torch.tensor([list(row) for row in sequences])],
        "pads-left": [padded_before],
        "pad-id": [padded_with(word) for word in (1, 2, 3, -1, -100)],
        "last-repeated": [
            lambda sequences: torch.tensor(
                [[row[min(s, len(row) - 1)] for s in range(max(map(len, sequences)))] for row in sequences]
            )
        ],
        "cut": [lambda sequences: torch.tensor(list(zip(*sequences))).T],  # noqa: B905
        "too-wide": [
            padded_with(0, lambda sequences: len(list(chain(*sequences)))),
            padded_with(0, lambda sequences: 1 + max(len(row) for row in sequences)),
            padded_with(0, lambda sequences: 5),
            padded_with(0, lambda sequences: 10),
        ],
        "number-of-rows": [padded_with(0, lambda sequences: sum(1 for _ in sequences))],
        "first-row": [padded_with(0, lambda sequences: len(next(iter(sequences))))],
        "one-pad": [one_zero_at_most],
        "transposed": [lambda sequences: pad_sequence(tensors(sequences))],
        "order-lost": [
            lambda sequences: padded_with(0)(sorted(sequences, key=lambda row: -len(row))),
            lambda sequences: padded_with(0)(sorted(sequences, key=lambda row: len(row))),
        ],
        "joined": [
            lambda sequences: torch.cat(tensors(sequences)),
            lambda sequences: torch.tensor([*chain(*sequences)]),
        ],
        "floats": [lambda sequences: filled(sequences, torch.float32)],
        "list": [lambda sequences: padded_with(0)(sequences).tolist(), lambda sequences: [*padded_with(0)(sequences)]],
        "in-place": [extended],
    },
    "01-mask": {
        "mask-inverted": [lambda ids: ids.eq(0), lambda ids: ids < 1, lambda ids: ~ids.bool()],
        "mask-missing": [lambda ids: ids == ids, lambda ids: torch.full(ids.shape, True), lambda ids: ids > -1],
        "specials-masked": [
            lambda ids: ids >= 4,
            lambda ids: ids >= 3,
            lambda ids: ids >= 2,
            lambda ids: ~((ids == 0) | (ids == 1)),
            lambda ids: ~((ids == 0) | (ids == 3)),
        ],
        "wrong-id": [lambda ids: ~(ids == 1), lambda ids: ~(ids == 2), lambda ids: ~(ids == 3)],
        "numbers": [lambda ids: ids.clamp(max=1), lambda ids: (ids > 0).float(), lambda ids: (ids > 0).int()],
        "lengths": [lambda ids: (ids > 0).sum(dim=1), lambda ids: ids.count_nonzero(dim=1).unsqueeze(1)],
        "per-sentence": [
            lambda ids: (ids > 0).all(),
            lambda ids: (ids > 0).any(),
            lambda ids: ids.all(dim=1),
            lambda ids: ids.any(dim=1),
            lambda ids: bool((ids > 0).min()),
            lambda ids: bool((ids > 0).max()),
        ],
        "selected": [
            lambda ids: ids[ids > 0],
            lambda ids: ids.nonzero(),
            lambda ids: [sentence[sentence > 0] for sentence in ids],
            lambda ids: [[word for word in sentence if word] for sentence in ids.tolist()],
        ],
        "off-by-one": [
            lambda ids: torch.stack([torch.arange(len(row)) <= row.count_nonzero() for row in ids]),
            lambda ids: torch.stack([torch.arange(len(row)) + 1 < row.count_nonzero() for row in ids]),
        ],
        "first-sentence": [
            lambda ids: (ids[0] > 0).expand_as(ids),
            lambda ids: (ids[-1] > 0).expand_as(ids),
        ],
        "axis-added": [lambda ids: (ids > 0)[None], lambda ids: (ids > 0)[:, None], lambda ids: (ids > 0)[..., None]],
        "transposed": [lambda ids: ids.T > 0],
        "list": [lambda ids: [[word != 0 for word in row] for row in ids.tolist()]],
    },
    "01-shift": {
        "shift-leak": [
            pair(list, list),
            pair(begun, begun),
            pair(ended, ended),
            pair(whole, whole),
            pair(whole, ended),
            pair(list, ended),
            pair(begun, whole),
        ],
        "swapped": [pair(ended, begun)],
        "eos-in-input": [cut_last, pair(whole, lambda trg: [*ended(trg), 0])],
        "eos-missing": [
            pair(begun, list),
            pair(lambda trg: begun(trg)[:-1], list),
            pair(begun, lambda trg: [*trg, 0]),
        ],
        "shifted-twice": [pair(begun, lambda trg: ended(trg)[1:]), pair(begun, lambda trg: [*ended(trg)[1:], 0])],
        "exchanged-ids": [pair(lambda trg: [3, *trg], lambda trg: [*trg, 2])],
        "one-sign-for-both": [
            pair(begun, lambda trg: [*trg, 2]),
            pair(lambda trg: [3, *trg], ended),
            pair(lambda trg: [0, *trg], ended),
        ],
        "pads-left": [lambda targets: (padded_before(map(begun, targets)), padded_before(map(ended, targets)))],
        "transposed": [lambda targets: tuple(pad_sequence(tensors(map(add, targets))) for add in (begun, ended))],
        "ragged": [lambda targets: tuple(torch.tensor([add(trg) for trg in targets]) for add in (begun, ended))],
        "list": [lambda targets: ([begun(trg) for trg in targets], [ended(trg) for trg in targets])],
        "one-result": [
            lambda targets: pair(begun, ended)(targets)[0],
            lambda targets: pair(begun, ended)(targets)[1],
            lambda targets: torch.stack(pair(begun, ended)(targets)),
        ],
        "in-place": [inserted],
    },
}
