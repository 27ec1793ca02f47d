"""03-decode: greedy decoding of a batch."""

import torch

from ....corpora.text import EOS, PAD, SOS
from ...desk.exercise import Exercise, Wrong
from .script import decode_cases


def decode(step, state, max_len):
    """Write the most likely token at every step, until each row has said <eos> or max_len is reached: (B, T)."""
    token, tokens = torch.full((len(state),), SOS), []
    running = torch.ones(len(state), dtype=torch.bool)
    for _ in range(max_len):
        logits, state = step(token, state)  # (B, V), (B, H)
        token = logits.argmax(dim=1).where(running, PAD)  # (B,)
        tokens.append(token)
        running = running & (token != EOS)
        if not running.any():
            break
    return torch.stack(tokens, dim=1)  # (B, T)


def stacked(tokens):
    """Make columns of the steps."""
    return torch.stack(tokens, dim=1)


def decoding(
    *,
    pick=lambda logits: logits.argmax(dim=1),
    start=SOS,
    carry=True,
    feed=True,
    frozen=PAD,
    still=lambda running, token: running & (token != EOS),
    go_on=lambda running, token: running.any(),
    more=0,
    end=stacked,
):
    """Greedy decoding with one of its parts replaced by a wrong one."""

    def answer(step, state, max_len):
        initial, first = state, torch.full((len(state),), start)
        token, tokens, running = first, [], torch.ones(len(state), dtype=torch.bool)
        for _ in range(max_len + more):
            logits, state = step(token if feed else first, state if carry else initial)
            token = pick(logits) if frozen is None else pick(logits).where(running, frozen)
            tokens.append(token)
            running = still(running, token)
            if not go_on(running, token):
                break
        return end(tokens)

    return answer


def with_first(token):
    """Put one more column first."""
    return lambda tokens: stacked([torch.full_like(tokens[0], token), *tokens])


def without_eos(tokens):
    """Make pads of every <eos>."""
    return stacked(tokens).masked_fill(stacked(tokens) == EOS, PAD)


def without_last(tokens):
    """Leave the loop before the tokens with which the last row ends are kept."""
    ended = (stacked(tokens) == EOS).any(dim=1).all()
    return stacked(tokens[:-1] if ended else tokens)


DECODE = Exercise(
    id="03-decode",
    objective="Decode a batch greedily: feed back, carry the state, stop each row at its <eos>",
    points=4,
    minutes=20,
    difficulty=2,
    reference=decode,
    cases=lambda generator: list(decode_cases(generator)),
    hints=(
        "What changes from one step to the next, and what does a row that has said <eos> still have to write?",
        "Keep a boolean `running` of shape (B,), True at first. `logits.argmax(dim=1).where(running, 0)` is a row's "
        "best token while it runs, and a pad afterwards.",
        "In a loop over `range(max_len)`: call `step` with the last tokens *and the last state*, choose, append, "
        "`running = running & (token != 3)`, and leave the loop once no row runs. At the end, "
        "`torch.stack(tokens, dim=1)`.",
    ),
    wrong=(
        Wrong(
            "state-dropped",
            "The first state is passed at every step. `step` returns a new one; without it the decoder forgets what it "
            "has written, and the step after a word is the same wherever the word stands.",
            decoding(carry=False),
            decoding(carry=False, feed=False),
        ),
        Wrong(
            "no-eos-stop",
            "A row keeps writing after its <eos>. Once a row has said <eos>, all that follows in it is <pad>.",
            decoding(frozen=None),
            decoding(frozen=None, go_on=lambda running, token: True),
        ),
        Wrong(
            "runs-on",
            "The rows are right, and filled up with pads to `max_len`. Stop as soon as every row has said <eos>.",
            decoding(go_on=lambda running, token: True),
        ),
        Wrong(
            "eos-together",
            "You stop only when all rows say <eos> at the same step. Rows end at different steps: remember which of "
            "them have ended.",
            decoding(frozen=None, go_on=lambda running, token: not (token == EOS).all()),
        ),
        Wrong(
            "end-forgotten",
            "You remember only which rows said <eos> in the step before: after one <pad> such a row writes on. Once "
            "ended, always ended: `running = running & (token != 3)`.",
            decoding(still=lambda running, token: token != EOS),
            decoding(
                still=lambda running, token: token != EOS,
                go_on=lambda running, token: ((token != EOS) & (token != PAD)).any(),
            ),
        ),
        Wrong(
            "last-column-cut",
            "The last column is missing: you leave the loop before its tokens are appended.",
            decoding(end=without_last),
        ),
        Wrong(
            "stops-late",
            "There is a column of pads too many: look at the newest tokens first, then ask whether any row still runs.",
            decoding(go_on=lambda running, token: (token != PAD).any()),
        ),
        Wrong(
            "first-eos-stops",
            "The first row that says <eos> ends the whole batch, and longer sentences are cut off. Go on until every "
            "row has said it.",
            decoding(go_on=lambda running, token: running.all()),
            decoding(go_on=lambda running, token: not (token == EOS).any()),
        ),
        Wrong(
            "eos-repeated",
            "A finished row is filled up with <eos>. It says <eos> once, and <pad> (0) after that.",
            decoding(frozen=EOS),
        ),
        Wrong(
            "history-missing",
            "<sos> goes in at every step. The decoder reads the token that it wrote last.",
            decoding(feed=False),
        ),
        Wrong(
            "start-wrong",
            "The first token to go in is not <sos>, number 2.",
            decoding(start=PAD),
            decoding(start=1),
            decoding(start=EOS),
        ),
        Wrong(
            "sos-kept",
            "<sos> stands in the result. It is read and never written: the first column holds the first words.",
            decoding(end=with_first(SOS)),
            decoding(end=with_first(SOS), more=-1),
        ),
        Wrong(
            "slot-zero",
            "There is an empty column at step 0, as in the outputs of some tutorials. The first column holds the first "
            "words.",
            decoding(end=with_first(PAD)),
            decoding(end=with_first(PAD), more=-1),
        ),
        Wrong(
            "eos-dropped",
            "The <eos> of finished rows is missing. It is a token that the decoder wrote; keep it.",
            decoding(end=without_eos),
        ),
        Wrong(
            "length-off-by-one",
            "`max_len` is the largest number of columns in the result; you stop one step too early or too late.",
            decoding(more=-1),
            decoding(more=1),
        ),
        Wrong(
            "sampled",
            "The next token is drawn at random from the probabilities. Greedy means the most likely one.",
            decoding(pick=lambda logits: logits.softmax(1).multinomial(1).squeeze(1)),
        ),
        Wrong(
            "argmax-axis",
            "`argmax` runs over the rows of the batch. Each row chooses among its V logits: `dim=1`.",
            decoding(pick=lambda logits: logits.argmax(dim=0)),
            decoding(pick=lambda logits: logits.argmax()),
        ),
        Wrong(
            "largest-logit",
            "These are the largest logits themselves; the number of the token is where they stand, `argmax`.",
            decoding(pick=lambda logits: logits.max(dim=1).values),
            decoding(pick=lambda logits: logits.amax(dim=1), frozen=None),
        ),
        Wrong(
            "transposed",
            "This is (T, B), a row for each step. A row for each sentence is asked for: `torch.stack(tokens, dim=1)`.",
            decoding(end=torch.stack),
        ),
        Wrong(
            "side-by-side",
            "`cat` lays the steps end to end. They are columns of a matrix: `torch.stack(tokens, dim=1)`.",
            decoding(end=torch.cat),
        ),
        Wrong(
            "batch-of-one-only",
            "This works for one sentence. A batch has B tokens at a time, some of them <eos> and some not: keep a "
            "boolean for each row.",
            decoding(frozen=None, go_on=lambda running, token: token != EOS),
            decoding(frozen=None, go_on=lambda running, token: token.item() != EOS),
        ),
        Wrong(
            "tokens-column",
            "`step` takes a token for each row, shape (B,), and not a column (B, 1).",
            lambda step, state, max_len: step(torch.full((len(state), 1), SOS), state),
            decoding(pick=lambda logits: logits.argmax(dim=1, keepdim=True), frozen=None),
        ),
    ),
)
