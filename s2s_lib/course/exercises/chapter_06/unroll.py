"""06-unroll: one run of the decoder over a batch, with a coin that says whose word it reads."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from ....model.decoder import most_likely
from ...desk.exercise import Exercise, Wrong


def unroll(step, gold, p, coin):
    """Read <sos>, then at each step the truth if the coin falls below p, else one's own last word: (B, T, V)."""
    logits, state = step(gold[:, 0], None)
    rows = [logits]
    for t in range(1, gold.shape[1]):
        tokens = gold[:, t] if coin() < p else logits.argmax(dim=1)  # (B,)
        logits, state = step(tokens, state)
        rows.append(logits)
    return torch.stack(rows, dim=1)  # (B, T, V)


@dataclass(eq=False)
class Step:
    """A decoder small enough to compute by hand; state and logits differ, so that a mix-up shows."""

    table: Tensor  # (V, V)

    def __call__(self, tokens, state):
        """Read a token of each sentence, (B,): logits and state, (B, V) each."""
        if tokens.ndim != 1:
            raise ValueError(f"step reads one token of each sentence, shape (B,), and got shape {tuple(tokens.shape)}")
        state = self.table[tokens] + (0 if state is None else 0.3 * state)  # (B, V)
        return -state, state

    def __eq__(self, other):
        """Compare tables: a copy is the same decoder."""
        return isinstance(other, Step) and torch.equal(self.table, other.table)

    def __repr__(self):
        """Say what it computes."""
        rows = [[round(number, 2) for number in row] for row in self.table.tolist()]
        return f"state = table[tokens] + 0.3 state, logits = -state, table = {rows}"


@dataclass
class Coin:
    """A coin whose draws are written down, so that a run can be repeated and needs no statistics."""

    draws: list[float]
    tossed: int = field(default=0, compare=False)  # a toss does not make it another coin

    def __call__(self):
        """Give the next draw."""
        self.tossed += 1
        return self.draws[(self.tossed - 1) % len(self.draws)]

    def __repr__(self):
        """Give away all draws."""
        return f"gives {', '.join(f'{draw:g}' for draw in self.draws)}"


def _cases(generator):
    sizes = ((1, 3, 4, 0.5), (2, 6, 4, 0.5), (3, 7, 5, 0.25), (4, 6, 5, 0.0), (2, 5, 6, 1.0), (3, 8, 5, 0.75))
    for batch, steps, vocab, p in (*sizes, (2, 9, 6, 0.5)):
        table = torch.randperm(200, generator=generator)[: vocab**2].view(vocab, vocab) / 100
        gold = torch.randint(0, vocab - 1, (batch, steps), generator=generator)
        gold += gold >= 2  # any token but <sos>,
        gold[:, 0] = 2  # which begins each sentence
        # Draws are quarters: some of them equal p, and a draw of p does not force.
        draws = (torch.randint(0, 4, (batch * steps + 2,), generator=generator) / 4).tolist()
        yield Step(table), gold, p, Coin([0.25, 0.75, *draws] if steps == 6 else draws)


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


UNROLL = Exercise(
    id="06-unroll",
    objective="Unroll a decoder over a batch, reading the truth or its own last word as a coin decides",
    points=4,
    minutes=20,
    difficulty=2,
    reference=unroll,
    cases=lambda generator: list(_cases(generator)),
    hints=(
        "What does the first step read, and which two candidates has every later step for the token that it reads?",
        "Keep the logits of the step before: their `argmax(dim=1)` is the decoder's own word, (B,). `gold[:, t]` is "
        "the true one.",
        "Collect the logits of all T steps in a list, pass each step the state that the one before returned, and "
        "`torch.stack(rows, dim=1)` at the end.",
    ),
    wrong=(
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
            "The coin is tossed once for the whole run, so that a sentence is read all true or all free. Toss it anew "
            "at each step.",
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
            "The tosses are out of step. The first step has no choice and no toss; from the second on there is exactly "
            "one toss a step, also where p is 0 or 1.",
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
            "Once a step is free, all later ones are. Each step has its own toss, and the truth may be read again "
            "after an own word.",
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
            "The state is not carried on: each step starts from None, or from the first step's state, and has "
            "forgotten what was read before.",
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
            "Row 0 of the result is zeros that nothing was written into. Row t is the prediction after reading token "
            "t, so row 0 is the one after <sos>.",
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
            "`most_likely` never picks <pad> and <sos>, which no sentence contains. Asked for here is the token with "
            "the largest logit, whatever it is: `argmax(dim=1)`.",
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
    ),
)
