"""06-unroll: what goes wrong, each a run with one of its parts replaced."""

import torch

from ....model.decoder import most_likely
from ...desk.exercise import Wrong


def _with(**parts):
    """A run with some of its parts replaced."""
    return lambda *given: _run(*given, **parts)


def _always(force):
    """A run with one answer for all steps: for the whole batch, or (B,) for each sentence."""
    return _with(forced=lambda *_: force)


def _run(
    step,
    gold,
    p,
    coin,
    forced=lambda p, coin, sentences: coin() < p,
    truth=lambda gold, t: gold[:, t],
    own=lambda logits: logits.argmax(dim=1),
    carry=lambda state, first: state,
):
    logits, state = step(gold[:, 0], None)
    rows, first = [logits], state
    for t in range(1, gold.shape[1]):
        force = forced(p, coin, len(gold))
        if isinstance(force, bool):
            tokens = truth(gold, t) if force else own(logits)
        else:
            tokens = torch.where(force, truth(gold, t), own(logits))
        logits, state = step(tokens, carry(state, first))
        rows.append(logits)
    return torch.stack(rows, dim=1)


def _never_again(step, gold, p, coin):
    history = [True]

    def forced(*_):
        history.append(coin() < p and history[-1])
        return history[-1]

    return _run(step, gold, p, coin, forced)


def _in_place(step, gold, p, coin):
    logits, state = step(gold[:, 0], None)
    rows = [logits]
    for t in range(1, gold.shape[1]):
        if not coin() < p:
            gold[:, t] = logits.argmax(dim=1)
        logits, state = step(gold[:, t], state)
        rows.append(logits)
    return torch.stack(rows, dim=1)


def _end(change):
    """The right run, its result changed at the end."""
    return lambda *given: change(_run(*given))


def _zero_first(rows):
    return torch.cat([torch.zeros_like(rows[:, :1]), rows], dim=1)


WRONG = (
    Wrong(
        "tf-inverted",
        "The coin is inverted: at p = 0.9 the truth would be read in about one step of ten. A draw is below p with "
        "probability p, and then the truth is read: `coin() < p`.",
        _with(forced=lambda p, coin, _: coin() > p),
        _with(forced=lambda p, coin, _: coin() >= p),
        _with(forced=lambda p, coin, _: coin() < 1 - p),
    ),
    Wrong(
        "tf-boundary",
        "A draw of exactly p forces: draws go from 0 up to, not including, 1, so with `<=` a draw of 0 forces even "
        "at p = 0. Use `<`.",
        _with(forced=lambda p, coin, _: coin() <= p),
    ),
    Wrong(
        "tf-per-sequence",
        "The coin is tossed once for the whole run, so that a sentence is read all true or all free. Toss it anew at "
        "each step.",
        lambda step, gold, p, coin: _always(coin() < p)(step, gold, p, coin),
        lambda step, gold, p, coin: _always(torch.tensor([coin() < p for _ in gold]))(step, gold, p, coin),
    ),
    Wrong(
        "tf-per-token",
        "Each sentence of the batch has a coin of its own here. That works too, and is asked for by another name "
        '(the library\'s coin="token"); here one toss a step decides for the whole batch.',
        _with(forced=lambda p, coin, sentences: torch.tensor([coin() < p for _ in range(sentences)])),
    ),
    Wrong(
        "coin-out-of-step",
        "The tosses are out of step. The first step has no choice and no toss; from the second on there is exactly one "
        "toss a step, also where p is 0 or 1.",
        lambda step, gold, p, coin: (coin(), _run(step, gold, p, coin))[1],
        _with(forced=lambda p, coin, _: (coin(), coin())[0] < p),
        _with(forced=lambda p, coin, _: (coin(), coin())[1] < p),
    ),
    Wrong(
        "other-coin",
        "A coin of your own is tossed. Call `coin()`: it gives the next draw.",
        _with(forced=lambda p, coin, _: torch.rand(1).item() < p),
        _with(forced=lambda p, coin, _: coin < p),
    ),
    Wrong(
        "tf-no-return",
        "Once a step is free, all later ones are. Each step has its own toss, and the truth may be read again after an "
        "own word.",
        _never_again,
    ),
    Wrong("always-forced", "The truth is read at every step, whatever the coin says.", _always(True)),
    Wrong("always-free", "Own words are read at every step, whatever the coin says.", _always(False)),
    Wrong(
        "truth-shifted",
        "The true token is taken from the wrong column. Step t reads `gold[:, t]`: column 0 is <sos>, and a column "
        "further to the right is what the step has to predict.",
        _with(truth=lambda gold, t: gold[:, t - 1]),
        _with(truth=lambda gold, t: gold[:, min(t + 1, gold.shape[1] - 1)]),
    ),
    Wrong(
        "state-dropped",
        "The state is not carried on: each step starts from None, or from the first step's state, and has forgotten "
        "what was read before.",
        _with(carry=lambda state, first: None),
        _with(carry=lambda state, first: first),
    ),
    Wrong(
        "unpacked-swapped",
        "`step` returns the logits first, then the state; you take them the other way round.",
        lambda step, *given: _run(lambda tokens, state: step(tokens, state)[::-1], *given),
    ),
    Wrong(
        "slot-zero",
        "Row 0 of the result is zeros that nothing was written into. Row t is the prediction after reading token t, so "
        "row 0 is the one after <sos>.",
        _end(lambda rows: _zero_first(rows)[:, :-1]),
        _end(_zero_first),
        _end(lambda rows: _zero_first(rows[:, 1:])),
    ),
    Wrong(
        "too-short",
        "A prediction is missing. T tokens are read, <sos> and the last among them, and each is followed by one: "
        "(B, T, V).",
        _end(lambda rows: rows[:, 1:]),
        _end(lambda rows: rows[:, :-1]),
    ),
    Wrong(
        "token-shape",
        "`step` reads one token of each sentence, shape (B,): `gold[:, t]` or the largest logit of each row, "
        "`argmax(dim=1)`.",
        lambda step, gold, p, coin: step(gold[:, :1], None),
        lambda step, gold, p, coin: step(gold, None),
        _with(own=lambda logits: logits.argmax()),
        _with(own=lambda logits: logits.argmax(dim=0)),
        _with(own=lambda logits: logits.argmax(dim=1, keepdim=True)),
        _with(own=lambda logits: logits),
    ),
    Wrong(
        "most-likely",
        "`most_likely` never picks <pad> and <sos>, which no sentence contains. Asked for here is the token with the "
        "largest logit, whatever it is: `argmax(dim=1)`.",
        _with(own=most_likely),
    ),
    Wrong(
        "not-stacked",
        "The numbers are right, their axes are not. The T predictions (B, V) belong on a new axis in the middle: "
        "`torch.stack(rows, dim=1)` is (B, T, V).",
        _end(lambda rows: rows.transpose(0, 1)),
        _end(lambda rows: rows.flatten(1)),
        _end(lambda rows: rows.transpose(1, 2)),
        _end(lambda rows: list(rows.unbind(1))),
    ),
    Wrong(
        "tokens-returned",
        "These are the words it writes. The loss needs all V logits of each step.",
        _end(lambda rows: rows.argmax(dim=2)),
    ),
    Wrong(
        "probabilities",
        "A softmax has been applied. Logits are asked for: the loss takes the softmax itself.",
        _end(lambda rows: rows.softmax(dim=2)),
        _end(lambda rows: rows.log_softmax(dim=2)),
    ),
    Wrong(
        "in-place",
        "The logits are right, but own words are written into `gold`. The loss would then compare the model with "
        "itself.",
        _in_place,
    ),
)
