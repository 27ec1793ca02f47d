"""Other right answers to the exercises of chapter 03, and answers that call the library."""

import torch
import torch.nn.functional as F

from s2s_lib.model.metrics import token_loss


def loss_by_loop(logits, targets):
    total = count = 0
    for b, t in torch.cartesian_prod(*map(torch.arange, targets.shape)).tolist():
        if targets[b, t] != 0:
            row = logits[b, t].double()
            total, count = total + row.exp().sum().log() - row[targets[b, t]], count + 1
    return total / count


def loss_of_real_rows(logits, targets):
    real = targets != 0
    return F.cross_entropy(logits[real], targets[real])


def loss_by_one_hot(logits, targets):
    real = (targets != 0).float()
    chosen = torch.einsum("btv,btv->bt", logits.log_softmax(-1), F.one_hot(targets, logits.shape[2]).float())
    return -(chosen * real).sum() / real.sum()


def decode_by_sentence(step, state, max_len):
    rows = []
    for row in range(len(state)):
        here, tokens = state, [2]
        while tokens[-1] != 3 and len(tokens) <= max_len:
            read = torch.zeros(len(state), dtype=torch.long)
            read[row] = tokens[-1]
            logits, here = step(read, here)
            tokens.append(int(logits[row].argmax()))
        rows.append(torch.tensor(tokens[1:]))
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)


def decode_then_cut(step, state, max_len):
    """Write on to the end, and blank what comes after each <eos>."""
    token, tokens = torch.tensor([2] * len(state)), []
    for _ in range(max_len):
        logits, state = step(token, state)
        token = logits.softmax(-1).max(-1).indices
        tokens.append(token)
    tokens = torch.stack(tokens).T
    before = (tokens == 3).cumsum(1) - (tokens == 3).long()
    tokens = torch.where(before > 0, 0, tokens)
    return tokens[:, : int((tokens != 0).sum(1).max())]


def decode_into_a_matrix(step, state, max_len):
    written, token = torch.zeros(len(state), max_len, dtype=torch.long), torch.full((len(state),), 2)
    ended = torch.zeros(len(state), dtype=torch.bool)
    for t in range(max_len):
        logits, state = step(token, state)
        token = logits.argmax(-1)
        token[ended] = 0
        written[:, t] = token
        ended |= token == 3
        if ended.all():
            return written[:, : t + 1]
    return written


RIGHT = {
    "03-loss": [
        loss_by_loop,
        loss_of_real_rows,
        loss_by_one_hot,
        lambda logits, targets: F.cross_entropy(logits.transpose(1, 2), targets, ignore_index=0),
        lambda logits, targets: F.cross_entropy(logits.log_softmax(2).flatten(0, 1), targets.flatten(), ignore_index=0),
        lambda logits, targets: F.nll_loss(logits.log_softmax(2).transpose(1, 2), targets, ignore_index=0),
        lambda logits, targets: loss_of_real_rows(logits.half(), targets),
        lambda logits, targets: loss_of_real_rows(logits.double(), targets),
    ],
    "03-decode": [decode_by_sentence, decode_then_cut, decode_into_a_matrix],
}
LIBRARY = {"03-loss": [token_loss, lambda logits, targets: 1 * token_loss(logits, targets, label_smoothing=0.0)]}
