"""01-mask: which of the ids are words, and which are pads."""

import torch

from ...desk.exercise import Exercise, Wrong


def mask(ids):
    """Tell real tokens (True) from pads (False)."""
    return ids != 0


def _cases(generator):
    # A row begins with <unk> (1), <sos> (2), or ends with <eos> (3): all of them are real.
    for width, lengths, first, last in ((3, (2,), 1, 6), (3, (1, 3), 2, 3), (5, (4, 1, 2), 4, 3), (4, (2, 4), 1, 4)):
        ids = torch.randint(4, 10, (len(lengths), width), generator=generator)
        for row, length in zip(ids, lengths, strict=True):
            row[length - 1], row[length:] = last, 0
            row[0] = first
        yield (ids,)


def _lengths(ids):
    return mask(ids).sum(1, keepdim=True)


def _in_place(ids):
    real = mask(ids)
    ids[real] = 1
    return real


MASK = Exercise(
    id="01-mask",
    objective="Tell real tokens from pads by a boolean mask",
    points=1,
    minutes=5,
    difficulty=1,
    reference=mask,
    cases=lambda generator: list(_cases(generator)),
    hints=(
        "What is the number of `<pad>`, and does any other token have that number?",
        "A comparison of a tensor with a number compares every entry, and gives a boolean tensor of the same shape.",
        "Real is what is not 0: `!=`.",
    ),
    wrong=(
        Wrong(
            "mask-inverted",
            "The polarity is reversed: this is True at the pads. Here a mask is True at what counts, the real tokens.",
            lambda ids: ids == 0,
            lambda ids: ~mask(ids),
        ),
        Wrong(
            "mask-missing",
            "All is True, the pads too. (Is the number that you compare with one that stands in no sentence?)",
            lambda ids: torch.ones_like(ids, dtype=torch.bool),
            lambda ids: ids >= 0,
            lambda ids: ids != -1,
            lambda ids: ids != -100,
        ),
        Wrong(
            "specials-masked",
            "`<unk>`, `<sos>` and `<eos>` are shut out as well. Only `<pad>` stands for nothing: an unknown word is "
            "still a word, and `<eos>` is something that the decoder has to say.",
            lambda ids: ids > 3,
            lambda ids: ids > 2,
            lambda ids: ids > 1,
            lambda ids: (ids != 0) & (ids != 1),
            lambda ids: (ids != 0) & (ids != 3),
        ),
        Wrong(
            "wrong-id",
            "You compare with the number of another token. `<pad>` is 0.",
            *(lambda ids, other=other: ids != other for other in (1, 2, 3)),
        ),
        Wrong(
            "numbers",
            "The entries are right, but they are numbers. A mask is boolean: for integers `~` turns 1 into -2 and not "
            "into 0, and `masked_fill` refuses them.",
            lambda ids: mask(ids).long(),
            lambda ids: mask(ids).float(),
        ),
        Wrong(
            "lengths",
            "These are the lengths, a number per sentence. The mask has an entry for each token.",
            lambda ids: _lengths(ids).squeeze(1),
            _lengths,
        ),
        Wrong(
            "per-sentence",
            "`all` and `any` sum the comparison up. Leave it as it is, an entry for each token.",
            *(lambda ids, name=name: getattr(mask(ids), name)() for name in ("all", "any")),
            *(lambda ids, name=name: getattr(mask(ids), name)(1) for name in ("all", "any")),
            lambda ids: bool(mask(ids).all()),
            lambda ids: bool(mask(ids).any()),
        ),
        Wrong(
            "selected",
            "These are the real ids themselves, or where they stand. The mask has the shape of `ids`, and says of each "
            "entry whether it is real.",
            lambda ids: ids[ids != 0],
            lambda ids: mask(ids).nonzero(),
            lambda ids: [row[row != 0] for row in ids],
            lambda ids: [row[row != 0].tolist() for row in ids],
        ),
        Wrong(
            "off-by-one",
            "One position too many or too few is True in each row: positions are counted from 0, so a sentence of "
            "length 2 has the positions 0 and 1.",
            lambda ids: torch.arange(ids.shape[1]) <= _lengths(ids),
            lambda ids: torch.arange(ids.shape[1]) < _lengths(ids) - 1,
            lambda ids: torch.arange(1, ids.shape[1] + 1) < _lengths(ids),
        ),
        Wrong(
            "first-sentence",
            "Every row has the mask of one sentence. Sentences differ in length, so each has a mask of its own.",
            lambda ids: mask(ids[:1]).repeat(len(ids), 1),
            lambda ids: mask(ids[-1:]).repeat(len(ids), 1),
        ),
        Wrong(
            "axis-added",
            "The entries are right; the shape is that of `ids`, (B, S), without a further axis.",
            *(lambda ids, at=at: mask(ids).unsqueeze(at) for at in (0, 1, 2)),
        ),
        Wrong(
            "transposed",
            "Rows and columns are swapped: one row per sentence is asked for, as in `ids`.",
            lambda ids: mask(ids).T,
        ),
        Wrong(
            "list",
            "The entries are right; a tensor is asked for, and not lists.",
            lambda ids: mask(ids).tolist(),
        ),
        Wrong(
            "in-place",
            "The mask is right, but `ids` has been overwritten on the way. A comparison makes a new tensor.",
            _in_place,
        ),
    ),
)
