"""Other right answers to the exercises of chapter 02, and answers that call the library."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from s2s_lib.model.encoder import Encoder


def encoded_one_by_one(embedding, gru, src, mask):
    width, directions = src.shape[1], 2 if gru.bidirectional else 1
    states, last = torch.zeros(*src.shape, directions * gru.hidden_size), []
    for row, (ids, real) in enumerate(zip(src, mask, strict=True)):
        outputs, h_n = gru(embedding(ids[real]).unsqueeze(0))
        states[row, : real.sum()] = outputs[0]
        last.append(h_n)
    assert states.shape[1] == width
    return [states, torch.cat(last, dim=1)]


def encoded_sorted(embedding, gru, src, mask):
    lengths, order = mask.sum(1).sort(descending=True)
    packed = pack_padded_sequence(embedding(src[order]), lengths, batch_first=True)
    outputs, h_n = gru(packed)
    states, _ = pad_packed_sequence(outputs, batch_first=True, total_length=src.shape[1])
    back = order.argsort()
    return states[back], h_n[:, back]


def encoded_and_widened(embedding, gru, src, mask):
    packed = pack_padded_sequence(embedding(src), mask.sum(1).tolist(), batch_first=True, enforce_sorted=False)
    outputs, h_n = gru(packed)
    states, _ = pad_packed_sequence(outputs, batch_first=True)
    return nn.functional.pad(states, (0, 0, 0, src.shape[1] - states.shape[1])), h_n


def bridged_by_rows(h_n, linear):
    rows = [linear(torch.cat([forward, backward])) for forward, backward in zip(*h_n[-2:], strict=True)]
    return torch.stack(rows).unsqueeze(0)


RIGHT = {
    "02-encode": [
        encoded_one_by_one,
        encoded_sorted,
        encoded_and_widened,
        lambda *given: tuple(value.detach().half() for value in encoded_sorted(*given)),
    ],
    "02-bridge": [
        bridged_by_rows,
        lambda h_n, linear: linear(h_n[-2:].transpose(0, 1).reshape(1, h_n.shape[1], -1)),
        lambda h_n, linear: linear(torch.cat([h_n[-2:-1], h_n[-1:]], dim=2)),
        lambda h_n, linear: linear(torch.cat(list(h_n.unflatten(0, (-1, 2))[-1]), dim=1))[None].double(),
        lambda h_n, linear: linear(torch.hstack(tuple(h_n[-2:]))).unsqueeze(0).half(),
    ],
}


def library_states(embedding, gru, src, mask):
    kind = gru.input_size, gru.hidden_size, gru.num_layers, gru.bidirectional
    encoder = Encoder(embedding.num_embeddings, *kind, dropout=0.0)
    encoder.embedding, encoder.rnn = embedding, gru
    last = []
    encoder.bridged = lambda state: last.append(state) or state
    encoder(src, mask)
    return encoded_one_by_one(embedding, gru, src, mask)[0], last[0]


def library_bridge(h_n, linear):
    encoder = Encoder(4, 2, h_n.shape[2], num_layers=1)
    encoder.bridge = linear
    return encoder.bridged(h_n)


LIBRARY = {"02-encode": [library_states], "02-bridge": [library_bridge]}
