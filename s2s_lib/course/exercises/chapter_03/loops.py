"""03-decode: what goes wrong, loops with one of their parts replaced."""

import torch

from ....corpora.text import EOS, PAD, SOS


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
