"""06-unroll: one run of the decoder over a batch, with a coin that says whose word it reads."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from ...desk.exercise import Exercise
from .unroll_wrong import WRONG


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
    wrong=WRONG,
)
