"""01-shift: what the decoder reads, and what it learns to say one step later."""

import torch

from ....corpora.text import EOS, SOS
from ....model.batching import collate, pad
from ...desk.exercise import Exercise, Wrong
from .pad import sentences


def shift(targets):
    """Give the decoder's input `<sos> y1 .. yn` and its output `y1 .. yn <eos>`, each (B, T)."""
    return pad([[SOS, *trg] for trg in targets]), pad([[*trg, EOS] for trg in targets])


def _cases(generator):
    for lengths in ((3,), (2, 4), (1, 3, 2), (4, 2, 5)):
        yield (sentences(generator, lengths),)


def _made(read, said):
    """Make input and output of each target by two functions."""
    return lambda targets: (pad([read(trg) for trg in targets]), pad([said(trg) for trg in targets]))


def _full(trg):
    return [SOS, *trg, EOS]


def _sos(trg):
    return [SOS, *trg]


def _eos(trg):
    return [*trg, EOS]


def _cut_after_padding(targets):
    full = pad([_full(trg) for trg in targets])
    return full[:, :-1], full[:, 1:]


def _eos_last(targets):
    said = pad(targets)
    return shift(targets)[0], torch.cat([said, torch.full((len(said), 1), EOS)], dim=1)


def _pads_left(targets):
    width = max(map(len, targets)) + 1
    return tuple(torch.tensor([[0] * (width - len(row)) + row for row in map(add, targets)]) for add in (_sos, _eos))


def _in_place(targets):
    said = pad([_eos(trg) for trg in targets])
    for trg in targets:
        trg.insert(0, SOS)
    return pad(targets), said


def _rolled(targets):
    said = pad(targets)
    return said.roll(1, dims=1), said


SHIFT = Exercise(
    id="01-shift",
    objective="Make the decoder's input and output of a target: the same sentence, one step apart",
    points=2,
    minutes=12,
    difficulty=2,
    reference=shift,
    cases=lambda generator: list(_cases(generator)),
    library=(collate,),
    returns=("trg_in", "trg_out"),
    hints=(
        "Before it has written anything, what does the decoder read? And after the last word, what should it say?",
        "Each of the two is the sentence with one id more: one has it in front, the other at the end. Pad afterwards.",
        "`pad([[SOS, *trg] for trg in targets])` is the input. The output has EOS at the end of each row instead.",
    ),
    wrong=(
        Wrong(
            "shift-leak",
            "Input and output are the same sentence at the same place: the decoder reads the very word that it should "
            "predict. It will score nearly 100 % by copying, and write nonsense as soon as nobody hands it the answer.",
            _made(list, list),
            _made(_sos, _sos),
            _made(_eos, _eos),
            _made(_full, _full),
            _made(_full, _eos),
            _made(list, _eos),
            _made(_sos, _full),
        ),
        Wrong(
            "swapped",
            "Input and output are exchanged, in the order of the results or in what is put where: the decoder reads "
            "from `<sos>` on and says `<eos>` at the end.",
            _made(_eos, _sos),
        ),
        Wrong(
            "eos-in-input",
            "In the shorter rows the input ends with `<eos>`: the column cut off the padded rectangle is only a pad "
            "there. It does no harm where the loss leaves out pads, but by this convention the decoder never reads "
            "`<eos>`. Add `<sos>` and `<eos>` to each sentence before padding.",
            _cut_after_padding,
            _made(_full, lambda trg: [*trg, EOS, 0]),
        ),
        Wrong(
            "eos-after-pads",
            "`<eos>` stands in the last column, after the pads. The decoder has to say it right after the last word: "
            "add it to each sentence before padding.",
            _eos_last,
        ),
        Wrong(
            "eos-missing",
            "No `<eos>` in the output: the decoder would never learn to stop.",
            _made(_sos, list),
            _made(lambda trg: [SOS, *trg[:-1]], list),
            _made(_sos, lambda trg: [*trg, 0]),
        ),
        Wrong(
            "shifted-twice",
            "The output is two steps ahead: after `<sos>` the decoder should say the first word, and here it says the "
            "second. Is the target cut by one, and later once more?",
            _made(_sos, lambda trg: _eos(trg[1:])),
            _made(_sos, lambda trg: [*trg[1:], EOS, 0]),
        ),
        Wrong(
            "rolled",
            "`roll` brings the end of the row to its front. At the first step the decoder reads `<sos>`, since nothing "
            "has been written yet.",
            _rolled,
        ),
        Wrong(
            "exchanged-ids",
            "`<sos>` and `<eos>` are exchanged: `<sos>` is 2 and `<eos>` is 3.",
            _made(lambda trg: [EOS, *trg], lambda trg: [*trg, SOS]),
        ),
        Wrong(
            "one-sign-for-both",
            "Beginning and end are marked by the same id. `<sos>` is 2 and `<eos>` is 3; 0 is `<pad>`, which the loss "
            "will leave out.",
            _made(_sos, lambda trg: [*trg, SOS]),
            _made(lambda trg: [EOS, *trg], _eos),
            _made(lambda trg: [0, *trg], _eos),
        ),
        Wrong(
            "pads-left",
            "The pads stand before the sentence. They stand after it, at the right.",
            _pads_left,
        ),
        Wrong(
            "transposed",
            "Rows and columns are swapped: one row per sentence is asked for.",
            lambda targets: tuple(each.T for each in shift(targets)),
        ),
        Wrong(
            "ragged",
            "`torch.tensor` takes rows of one length only: `pad` fills them up.",
            lambda targets: (torch.tensor(list(map(_sos, targets))), torch.tensor(list(map(_eos, targets)))),
        ),
        Wrong(
            "list",
            "The rows are right; two rectangular tensors are asked for. `pad` makes them.",
            lambda targets: ([_sos(trg) for trg in targets], [_eos(trg) for trg in targets]),
            lambda targets: tuple(each.tolist() for each in shift(targets)),
        ),
        Wrong(
            "one-result",
            "Two tensors are asked for: `return trg_in, trg_out`.",
            lambda targets: shift(targets)[0],
            lambda targets: shift(targets)[1],
            lambda targets: torch.stack(shift(targets)),
        ),
        Wrong(
            "in-place",
            "The results are right, but `targets` has been changed on the way. `[SOS, *trg]` makes a new list; "
            "`insert`, `append` and `+=` change the old one.",
            _in_place,
        ),
    ),
)
