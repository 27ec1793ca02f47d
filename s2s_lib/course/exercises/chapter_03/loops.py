"""03-decode: what goes wrong, loops with one of their parts replaced."""

import torch

from s2s_lib.text import EOS, PAD, SOS


def forgetful(step, state, max_len):
    """Remember only who said <eos> in the step before: a row that wrote a pad goes on writing."""
    token, tokens = torch.full((len(state),), SOS), []
    for _ in range(max_len):
        ended = token == EOS
        logits, state = step(token, state)
        token = logits.argmax(dim=1).where(~ended, PAD)
        tokens.append(token)
        if (token == EOS).all():
            break
    return torch.stack(tokens, dim=1)


def forgetful_stop(step, state, max_len):
    """Stop where all rows end in the same step, as `forgetful`, or have ended and been padded."""
    token, tokens = torch.full((len(state),), SOS), []
    for _ in range(max_len):
        ended = token == EOS
        logits, state = step(token, state)
        token = logits.argmax(dim=1).where(~ended, PAD)
        tokens.append(token)
        if ((token == EOS) | (token == PAD)).all():
            break
    return torch.stack(tokens, dim=1)


def cut(step, state, max_len):
    """Leave the loop before the last tokens are kept."""
    token, tokens = torch.full((len(state),), SOS), []
    running = torch.ones(len(state), dtype=torch.bool)
    for _ in range(max_len):
        logits, state = step(token, state)
        token = logits.argmax(dim=1).where(running, PAD)
        running = running & (token != EOS)
        if not running.any():
            break
        tokens.append(token)
    return torch.stack(tokens, dim=1)


def late(step, state, max_len):
    """Ask whether all rows have ended before the newest tokens are looked at."""
    token, tokens = torch.full((len(state),), SOS), []
    running = torch.ones(len(state), dtype=torch.bool)
    for _ in range(max_len):
        logits, state = step(token, state)
        token = logits.argmax(dim=1).where(running, PAD)
        tokens.append(token)
        if not running.any():
            break
        running = running & (token != EOS)
    return torch.stack(tokens, dim=1)


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
            running = running & (token != EOS)
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
