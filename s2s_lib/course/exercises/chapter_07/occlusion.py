"""07-occlusion: how much does an output word need each source word?"""

from math import exp

import torch

from ....corpora.text import PAD, UNK
from ...desk.exercise import Exercise, Wrong
from .score import Score


def occlusion(score, src, unk):
    """Drop of score(src) when the word at each place is replaced by `unk`, one at a time: (S,)."""
    full = score(src)
    return torch.tensor([full - score([*src[:s], unk, *src[s + 1 :]]) for s in range(len(src))])


def _cases(generator):
    draw = lambda *size: (torch.randperm(8, generator=generator)[: size[0]] + 4).tolist()  # noqa: E731
    yield Score(generator), draw(2), 1
    yield Score(generator), draw(1), 2
    one, other, third = draw(3)
    yield Score(generator), [one, other, one, third, other], 3
    words = draw(4)
    yield Score(generator), [*words[:2], 2, *words[2:]], 2  # an unknown word costs nothing
    yield Score(generator), draw(7), 3


def _each(change, end=lambda full, without: full - without):
    """Go through the places, with one part done wrongly: how the sentence is changed, or what is made of the scores."""

    def answer(score, src, unk):
        full, found = score(src), [score(change(list(src), s, unk)) for s in range(len(src))]
        return torch.tensor([end(full, without) for without in found])

    return answer


def replaced(src, s, unk):
    """The sentence with `unk` at place s."""
    return [*src[:s], unk, *src[s + 1 :]]


def _not_restored(before):
    def answer(score, src, unk):
        hidden, drops, last = list(src), [], score(src)
        for s in range(len(src)):
            hidden[s] = unk
            drops.append((last if before else score(src)) - score(hidden))
            last = score(hidden)
        return torch.tensor(drops)

    return answer


def _overwritten(score, src, unk):
    full, drops = score(src), []
    for s in range(len(src)):
        src[s] = unk
        drops.append(full - score(src))
    return torch.tensor(drops)


def _compared_with_itself(score, src, unk):
    drops = []
    for s in range(len(src)):
        hidden = src
        hidden[s] = unk
        drops.append(score(src) - score(hidden))
    return torch.tensor(drops)


def _scaled(scale):
    return lambda score, src, unk: scale(occlusion(score, src, unk), score.weights(src))


OCCLUSION = Exercise(
    id="07-occlusion",
    objective="Measure by occlusion how much an output word needs each source word",
    points=3,
    minutes=15,
    difficulty=2,
    reference=occlusion,
    cases=lambda generator: list(_cases(generator)),
    hints=(
        "Each word is hidden from the whole sentence, alone. What must stand at the other places when it is its turn?",
        "`hidden = list(src)` makes a copy; make a new one for each place s, and set `hidden[s] = unk` in it.",
        "The drop is `score(src) - score(hidden)`, the score before minus the score after. Collect the S drops in a "
        "list and return `torch.tensor(drops)`.",
    ),
    wrong=(
        Wrong(
            "weight-is-reason",
            "These are the attention weights: where the model looked. What it needed is another question, and the "
            "word it looked at most may cost nothing when it is gone. Take words away and see what `score` says.",
            lambda score, src, unk: score.weights(src),
            _scaled(lambda drops, weights: weights * drops),
            lambda score, src, unk: score.weights(src) * score(src),
            lambda score, src, unk: -score.weights(src) * score(src),
            lambda score, src, unk: score.weights(src).log(),
        ),
        Wrong(
            "not-restored",
            "The words pile up: at place s all words before it are hidden as well. Put each word back before you "
            "hide the next, or begin with a fresh copy.",
            _not_restored(before=False),
            _not_restored(before=True),
        ),
        Wrong(
            "src-overwritten",
            "You write into `src` itself, and no word comes back: the caller's sentence is all `unk` at the end. "
            "`hidden = src` is no copy, it is the same list under another name; `list(src)` is one.",
            _overwritten,
            _compared_with_itself,
        ),
        Wrong(
            "sign-flipped",
            "The sign is reversed. A drop is before minus after: positive where the word was of use.",
            _each(replaced, lambda full, without: without - full),
        ),
        Wrong(
            "word-deleted",
            "The word is taken out, so that all words after it move up and the sentence is shorter: the model now "
            "answers for two changes. Put `unk` in its place.",
            _each(lambda src, s, unk: src[:s] + src[s + 1 :]),
        ),
        Wrong(
            "by-value",
            "A word that stands in the sentence twice is hidden at both places, or twice at the first. It is the place "
            "that counts: use its number s, and not what stands there.",
            _each(lambda src, s, unk: [unk if word == src[s] else word for word in src]),
            _each(lambda src, s, unk: replaced(src, src.index(src[s]), unk)),
        ),
        Wrong(
            "kept-alone",
            "You hide all words but one. That shows what a word can do alone; asked is what is lost without it.",
            _each(lambda src, s, unk: [word if at == s else unk for at, word in enumerate(src)]),
        ),
        Wrong(
            "other-replacement",
            "Another word than `unk` is put in. Use the id that is given: it differs from call to call.",
            _each(lambda src, s, unk: replaced(src, s, PAD)),
            _each(lambda src, s, unk: replaced(src, s, UNK)),
        ),
        Wrong(
            "no-difference",
            "These are the scores of the sentences with a hidden word. The drop is how far each lies below the score "
            "of the whole sentence.",
            _each(replaced, lambda full, without: without),
        ),
        Wrong(
            "probabilities",
            "Log-probabilities are subtracted as they are. You have taken the exponential, or a ratio: that is "
            "another measure.",
            _each(replaced, lambda full, without: exp(full) - exp(without)),
            _scaled(lambda drops, weights: drops.exp()),
            _scaled(lambda drops, weights: (-drops).exp()),
            _each(replaced, lambda full, without: without / full),
            _each(replaced, lambda full, without: full / without),
        ),
        Wrong(
            "absolute",
            "The sign is gone. A negative drop says something, too: without that word the model is surer.",
            _scaled(lambda drops, weights: drops.abs()),
            _scaled(lambda drops, weights: drops.clamp(min=0)),
        ),
        Wrong(
            "normalised",
            "The drops are scaled, as if they had to sum to 1. They have not: two words may both be indispensable, and "
            "in another sentence none. Return them in nats, as they are.",
            _scaled(lambda drops, weights: drops / drops.sum()),
            _scaled(lambda drops, weights: drops / drops.max()),
            _scaled(lambda drops, weights: drops.softmax(dim=0)),
        ),
        Wrong(
            "list-returned",
            "The drops are right, in a list: return `torch.tensor(drops)`.",
            lambda score, src, unk: occlusion(score, src, unk).tolist(),
        ),
        Wrong(
            "position",
            "This is the place of the largest drop. All S drops are asked for.",
            lambda score, src, unk: occlusion(score, src, unk).argmax(),
            lambda score, src, unk: int(occlusion(score, src, unk).argmax()),
        ),
    ),
)
