"""09-unk: an unknown word, replaced by where attention points."""

import torch

from ....translating.translator import Translator
from ...desk.exercise import Exercise, Wrong

SOURCE = ["Zidane", "mange", "une", "fondue", "à", "Lyon", "avec", "Kenji"]
TARGET = ["a", "man", "eats", "in", "the", "with"]
SIGNS = {"?": "<unk>", ".": "<eos>", "_": "<pad>"}


def unk(tokens, weights, src):
    """Put the source word that was looked at most in place of each <unk>."""
    return [src[weights[t].argmax()] if token == "<unk>" else token for t, token in enumerate(tokens)]


def _cases(generator):
    """Outputs, one sign a token: a word, <unk> (?), <eos> (.) or a pad after it (_), which got no weight."""
    for length, output in ((3, "?"), (2, "w?."), (5, "?w?."), (4, "w?w?w.__"), (7, "w??w?.")):
        order = torch.rand(len(output), length, generator=generator).argsort(dim=1) + 1
        weights = order / order.sum(dim=1, keepdim=True)  # each row has one clear winner
        words = iter(torch.randperm(len(TARGET), generator=generator).tolist())
        tokens = [SIGNS.get(sign) or TARGET[next(words)] for sign in output]
        weights *= torch.tensor([token != "<pad>" for token in tokens]).unsqueeze(1)
        yield tokens, weights, [SOURCE[i] for i in torch.randperm(len(SOURCE), generator=generator)[:length]]


def _looking(at):
    """Copy from another place: `at` takes the weights and the step."""
    return lambda tokens, weights, src: [
        src[at(weights, t)] if token == "<unk>" else token for t, token in enumerate(tokens)
    ]


def _changed(change):
    """Give the right answer, changed."""
    return lambda tokens, weights, src: change(unk(tokens, weights, src), tokens)


def _places(tokens):
    return [t for t, token in enumerate(tokens) if token == "<unk>"]


def _first_only(tokens, weights, src):
    first = tokens.index("<unk>")
    return [*tokens[:first], src[weights[first].argmax()], *tokens[first + 1 :]]


def _in_place(tokens, weights, src):
    for t in _places(tokens):
        tokens[t] = src[weights[t].argmax()]
    return tokens


def _in_order(tokens, weights, src):
    words = iter(src)
    return [next(words) if token == "<unk>" else token for token in tokens]


UNK = Exercise(
    id="09-unk",
    objective="Replace an unknown output word by the source word that attention points at",
    points=2,
    minutes=10,
    difficulty=1,
    reference=unk,
    cases=lambda generator: list(_cases(generator)),
    library=(Translator._written,),
    hints=(
        "Which row of `weights` was there when the decoder wrote output word number t?",
        "`weights[t].argmax()` is the place of the source word that step t looked at most.",
        "Go through `enumerate(tokens)`; where the token is `<unk>`, take `src[weights[t].argmax()]`, else the token.",
    ),
    wrong=(
        Wrong(
            "transposed",
            "You look for the largest weight in a column. A column is a source word; the row of an output word "
            "says where the decoder looked when it wrote it.",
            _looking(lambda weights, t: weights.argmax(dim=0)[t]),
            _looking(lambda weights, t: weights[:, t].argmax()),
        ),
        Wrong(
            "same-place",
            "You take the source word at the same place. Word t of the output need not come from word t of the "
            "source: look into row t of the weights.",
            _looking(lambda weights, t: t),
            _looking(lambda weights, t: min(t, weights.shape[1] - 1)),
        ),
        Wrong(
            "in-order",
            "The first `<unk>` gets the first source word, the second the second. The weights say which it is.",
            _in_order,
        ),
        Wrong(
            "one-for-all",
            "`argmax` without a row finds the largest weight of the whole matrix. Each output word has a row of "
            "its own.",
            _looking(lambda weights, t: weights.argmax() % weights.shape[1]),
            _looking(lambda weights, t: weights.argmax()),
            _looking(lambda weights, t: weights.sum(dim=0).argmax()),
        ),
        Wrong(
            "first-only",
            "Only the first `<unk>` is replaced. (`index` finds the first one each time.)",
            _first_only,
        ),
        Wrong(
            "first-for-all",
            "All unknown words get what the first one looked at: `index` finds the first `<unk>` each time. Each "
            "has a row of its own.",
            lambda tokens, weights, src: _looking(lambda weights, t: weights[tokens.index("<unk>")].argmax())(
                tokens, weights, src
            ),
        ),
        Wrong(
            "row-shifted",
            "You read the row before or after. Row t belongs to token t: there is no row for `<sos>`.",
            _looking(lambda weights, t: weights[t - 1].argmax()),
            _looking(lambda weights, t: weights[t + 1].argmax()),
            _looking(lambda weights, t: weights[min(t + 1, len(weights) - 1)].argmax()),
        ),
        Wrong(
            "smallest",
            "You copy the word that was looked at least.",
            _looking(lambda weights, t: weights[t].argmin()),
        ),
        Wrong(
            "all-replaced",
            "Every word is replaced by a source word. Only `<unk>` is to be; the others the decoder knew.",
            lambda tokens, weights, src: [src[row.argmax()] for row in weights],
            lambda tokens, weights, src: [
                token if token in ("<eos>", "<pad>") else src[row.argmax()]
                for token, row in zip(tokens, weights, strict=True)
            ],
        ),
        Wrong("none-replaced", "Nothing is replaced.", lambda tokens, weights, src: list(tokens)),
        Wrong(
            "known-replaced",
            "It is the other way round: you replace the words that the decoder knew and keep `<unk>`.",
            lambda tokens, weights, src: [
                token if token == "<unk>" else src[row.argmax()] for token, row in zip(tokens, weights, strict=True)
            ],
        ),
        Wrong(
            "unk-dropped",
            "The unknown words are left out. Something was said in their place, and the source tells what.",
            lambda tokens, weights, src: [token for token in tokens if token != "<unk>"],
        ),
        Wrong(
            "positions",
            "These are places in the source; give the words there: `src[place]`.",
            lambda tokens, weights, src: [
                int(weights[t].argmax()) if token == "<unk>" else token for t, token in enumerate(tokens)
            ],
            lambda tokens, weights, src: [
                weights[t].argmax() if token == "<unk>" else token for t, token in enumerate(tokens)
            ],
        ),
        Wrong(
            "end-cut",
            "The words are right, and `<eos>` and the pads are gone: give back as many tokens as there were.",
            _changed(lambda done, tokens: [token for token in done if token not in ("<eos>", "<pad>")]),
            _changed(lambda done, tokens: [token for token in done if token != "<pad>"]),
            _changed(lambda done, tokens: done[: done.index("<eos>")] if "<eos>" in done else done),
        ),
        Wrong(
            "lower-cased",
            "The copied words have lost their capital letters. A name is copied as it was typed.",
            _changed(lambda done, tokens: [x if x == y else x.lower() for x, y in zip(done, tokens, strict=True)]),
            _changed(lambda done, tokens: [token.lower() for token in done]),
        ),
        Wrong(
            "joined",
            "It is one string; a list of words is asked for.",
            _changed(lambda done, tokens: " ".join(done)),
        ),
        Wrong(
            "in-place",
            "The words are right, but they are written into the argument `tokens`, and the caller loses what the "
            "decoder said. Make a new list.",
            _in_place,
        ),
    ),
)
