"""Chapter 00, Start here."""

import torch

from ..desk.exercise import Exercise, Prediction, Wrong


def read(weights, src):
    """Give the source word that each output looks at most."""
    return [src[s] for s in weights.argmax(dim=1)]


def _cases(generator):
    """Heatmaps (T, S) with T below, above and at 1; each row is a distribution with one clear winner."""
    words = ["le", "chat", "noir", "dort", "ici"]
    for steps, length in ((2, 3), (1, 4), (5, 3), (3, 5)):
        order = torch.rand(steps, length, generator=generator).argsort(dim=1) + 1
        # The words stand in another order each time, and `length` differs from `steps`: no transposed answer fits.
        src = [words[i] for i in torch.randperm(5, generator=generator)[:length]]
        yield order / order.sum(dim=1, keepdim=True), src


EXERCISES = (
    Exercise(
        id="00-read",
        objective="Read an attention heatmap: rows are output words, columns are source words",
        points=1,
        minutes=5,
        difficulty=1,
        reference=read,
        cases=lambda generator: list(_cases(generator)),
        hints=(
            "One output word is one row of `weights`. Where in its row does it look most?",
            "`weights[t]` has one number for each source word. `argmax` gives the position of the largest.",
            "Go through the rows: for each, `src[row.argmax()]`. The list has as many words as `weights` has rows.",
        ),
        wrong=(
            Wrong(
                "transposed",
                "Rows and columns are swapped: you look for the largest weight of each source word (column). "
                "An output word is a row.",
                lambda weights, src: [src[t] for t in weights.argmax(dim=0)],
            ),
            Wrong(
                "in-order",
                "You give the source words in their order and never look at the weights. Word t of the output need "
                "not come from word t of the source: that is why there is attention.",
                lambda weights, src: [src[t] for t in range(len(weights))],
                lambda weights, src: src[: len(weights)],
                lambda weights, src: list(src),
            ),
            Wrong(
                "positions",
                "These are the positions of the words; give the words: `src[position]`.",
                lambda weights, src: weights.argmax(dim=1).tolist(),
                lambda weights, src: weights.argmax(dim=1),
            ),
            Wrong(
                "values",
                "These are the largest weights themselves; the question is at which word they stand.",
                lambda weights, src: weights.max(dim=1).values,
                lambda weights, src: weights.max(dim=1).values.tolist(),
            ),
            Wrong(
                "smallest",
                "You give the word that each output looks at least.",
                lambda weights, src: [src[s] for s in weights.argmin(dim=1)],
            ),
            Wrong(
                "one-for-all",
                "`argmax` without an axis finds the largest weight of the whole heatmap. Each row has its own.",
                lambda weights, src: src[weights.argmax() % len(src)],
                lambda weights, src: src[weights.argmax()],
                lambda weights, src: [src[weights.argmax() % len(src)]] * len(weights),
            ),
            Wrong(
                "repeats-dropped",
                "Two outputs may look at the same word: then it stands in the list twice.",
                lambda weights, src: list(dict.fromkeys(read(weights, src))),
            ),
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        "00-order",
        options="abc",
        right="b",
        because="French puts most adjectives after the noun, so `black` looks at the third word, `cat` at the second.",
    ),
)
