"""A decoder's step that follows a script, so that greedy decoding can be checked without a model."""

from dataclasses import dataclass

import torch

from ....corpora.text import EOS, SOS


@dataclass(frozen=True)
class Script:
    """A step whose best token is looked up: `table[k][n][token]` for script k, n steps done, and `token` read.

    A state is (B, 2): for each row the number of its script, and how many steps were taken.
    """

    table: tuple[tuple[tuple[int, ...], ...], ...]

    def __call__(self, tokens, state):
        """Give the logits (B, V) and the state after one step."""
        if tokens.shape != state.shape[:1]:
            raise ValueError(f"step takes tokens of shape {tuple(state.shape[:1])}, these have {tuple(tokens.shape)}")
        table = torch.tensor(self.table)
        row, done = state.long().unbind(1)
        best = table[row, done.clamp(max=table.shape[1] - 1), tokens]  # (B,)
        others = torch.arange(table.shape[2]) * 3 + best.unsqueeze(1)  # neither equal nor in order
        logits = (others % 5 / 4).scatter(1, best.unsqueeze(1), 2.0)  # (B, V)
        return logits, state + torch.tensor([0.0, 1.0])

    def __repr__(self):
        """Show the scripts, <eos> in them and what comes if one goes on after it."""
        said = []
        for row in range(len(self.table)):
            token, state, tokens = torch.tensor([SOS]), torch.tensor([[row, 0.0]]), []
            for _ in self.table[row]:
                logits, state = self(token, state)
                token = logits.argmax(dim=1)
                tokens.append(int(token))
            said.append(f"{row}: {' '.join(map(str, tokens))}")
        return f"(a state [k, n] has written n tokens of script k; {', '.join(said)})"


def _script(generator, lengths, vocab):
    """Draw a script whose row b says <eos> as its `lengths[b]`-th token; words only after that, and off the path."""
    table = torch.randint(EOS + 1, vocab, (len(lengths), max(lengths) + 2, vocab), generator=generator)
    for row, length in enumerate(lengths):
        token = SOS
        for n in range(length):
            table[row, n, token] = EOS if n == length - 1 else table[row, n, token]
            token = int(table[row, n, token])
    return Script(tuple(tuple(map(tuple, steps)) for steps in table.tolist()))


def decode_cases(generator):
    """A batch of one; rows that end at different steps, one at once; one that never ends; two that just make it."""
    for lengths, max_len, vocab in (((3,), 5, 8), ((2, 5, 1), 7, 9), ((2, 6), 3, 11), ((4, 2, 4, 3), 4, 10)):
        script = _script(generator, lengths, vocab)
        rows = torch.randperm(len(lengths), generator=generator)
        yield script, torch.stack([rows, torch.zeros_like(rows)], dim=1).float(), max_len
