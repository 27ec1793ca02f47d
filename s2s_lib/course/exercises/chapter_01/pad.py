"""01-pad: sentences of different lengths in one rectangle."""

from itertools import zip_longest

import torch

from ....model.batching import pad
from ...desk.exercise import Exercise, Wrong


def sentences(generator, lengths):
    """Draw sentences of these lengths: lists of ids 4 .. 9, now and then an `<unk>` (1)."""
    return [
        [1 if word == 3 else word for word in torch.randint(3, 10, (length,), generator=generator).tolist()]
        for length in lengths
    ]


def pad_rows(sequences):
    """Put rows of different lengths into one tensor (B, S), 0 after the end of the shorter ones."""
    return pad(sequences)


def _cases(generator):
    for lengths in ((1, 2), (3,), (2, 4, 1), (4, 3, 1, 5)):
        yield (sentences(generator, lengths),)


def _filled(with_, before=False, width=lambda sequences: max(map(len, sequences))):
    """Pad with `with_(row)`, at the end or `before` it, to a width."""

    def answer(sequences):
        rows = []
        for row in sequences:
            pads = [with_(row)] * (width(sequences) - len(row))
            rows.append([*pads, *row] if before else [*row, *pads])
        return torch.tensor(rows)

    return answer


def _zeros(sequences):
    rows = torch.zeros(len(sequences), max(map(len, sequences)))
    for row, ids in zip(rows, sequences, strict=True):
        row[: len(ids)] = torch.tensor(ids)
    return rows


def _in_place(sequences):
    width = max(map(len, sequences))
    for row in sequences:
        row.extend([0] * (width - len(row)))
    return torch.tensor(sequences)


def _joined_by_append(sequences):
    rows = [list(row) for row in sequences]
    width = max(map(len, rows))
    for row in rows:
        if len(row) < width:
            row.append(0)
    return torch.tensor(rows)


PAD_ROWS = Exercise(
    id="01-pad",
    objective="Put sentences of different lengths into one rectangular tensor",
    points=1,
    minutes=8,
    difficulty=1,
    reference=pad_rows,
    cases=lambda generator: list(_cases(generator)),
    library=(pad,),
    hints=(
        "How wide must the rectangle be so that every row fits, and how many pads does a row of three ids then need?",
        "`max(map(len, sequences))` is the width. `[0] * 3` is a list of three zeros, and two lists are joined by `+`.",
        "For each row: `ids + [0] * (width - len(ids))`. These rows have one length: `torch.tensor` takes them.",
    ),
    wrong=(
        Wrong(
            "ragged",
            "`torch.tensor` takes rows of one length only. Fill the shorter ones up first.",
            torch.tensor,
        ),
        Wrong(
            "pads-left",
            "The pads stand before the sentence. Here they stand after it, at the right, so that position 0 is always "
            "the first word.",
            _filled(lambda row: 0, before=True),
        ),
        Wrong(
            "pad-id",
            "The fill is not `<pad>`. Its number is 0; 1 is `<unk>`, 2 `<sos>`, 3 `<eos>`, and -1 is no number of any "
            "token: a table of embeddings has no row for it.",
            _filled(lambda row: 1),
            _filled(lambda row: 2),
            _filled(lambda row: 3),
            _filled(lambda row: -1),
            _filled(lambda row: -100),
        ),
        Wrong(
            "last-repeated",
            "The shorter rows are filled up with their own last word. Then nobody can tell where the sentence ended; "
            "fill with 0.",
            _filled(lambda row: row[-1]),
        ),
        Wrong(
            "cut",
            "The rows are cut to the shortest, and words are lost. The longest row sets the width.",
            lambda sequences: torch.tensor([row[: min(map(len, sequences))] for row in sequences]),
        ),
        Wrong(
            "too-wide",
            "The rectangle is wider than the longest row. Each further column is computed with, for nothing.",
            _filled(lambda row: 0, width=lambda sequences: max(map(len, sequences)) + 1),
            _filled(lambda row: 0, width=lambda sequences: sum(map(len, sequences))),
            _filled(lambda row: 0, width=lambda sequences: 5),
            _filled(lambda row: 0, width=lambda sequences: 10),
        ),
        Wrong(
            "number-of-rows",
            "`len(sequences)` is the number of sentences, B. The width is the length of the longest one.",
            _filled(lambda row: 0, width=len),
        ),
        Wrong(
            "first-row",
            "The first row sets the width. Any row may be the longest: ask all of them.",
            _filled(lambda row: 0, width=lambda sequences: len(sequences[0])),
        ),
        Wrong(
            "one-pad",
            "Each shorter row gets a single pad, and `torch.tensor` still finds different lengths. A row needs as many "
            "as are missing: the width minus its length.",
            _joined_by_append,
        ),
        Wrong(
            "transposed",
            "This is (S, B): a sentence stands in a column. One row per sentence is asked for, (B, S). "
            "(`pad_sequence` of PyTorch needs batch_first=True for that, and `zip_longest` reads by columns.)",
            lambda sequences: pad_rows(sequences).T,
            lambda sequences: torch.tensor(list(zip_longest(*sequences, fillvalue=0))),
        ),
        Wrong(
            "order-lost",
            "The sentences stand in another order. Row b of the result is sentence b.",
            lambda sequences: pad_rows(sorted(sequences, key=len, reverse=True)),
            lambda sequences: pad_rows(sorted(sequences, key=len)),
        ),
        Wrong(
            "joined",
            "All sentences stand in one row. Each needs a row of its own.",
            lambda sequences: torch.tensor([word for row in sequences for word in row]),
        ),
        Wrong(
            "floats",
            "These are floats (`torch.zeros` makes floats). Ids are counted, not measured: a table of embeddings takes "
            "integers only, `dtype=torch.long`.",
            _zeros,
        ),
        Wrong(
            "list",
            "The rows have one length now; make one tensor of them, `torch.tensor(rows)`.",
            lambda sequences: pad_rows(sequences).tolist(),
            lambda sequences: list(pad_rows(sequences)),
        ),
        Wrong(
            "in-place",
            "The result is right, but the lists that came in have been lengthened, and who made them did not expect "
            "that. `ids + [0]` makes a new list; `append`, `extend` and `+=` change the old one.",
            _in_place,
        ),
    ),
)
