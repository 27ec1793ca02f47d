"""Decoding speed: sentences a second, a batch at once against one at a time."""

import time
from statistics import median

import torch

from s2s_lib import EOS, Seq2Seq, beam_search, build_model, greedy
from s2s_lib.model.batching import pad

from .report import Report
from .training import Size

LENGTH = 15  # tokens that every translation is made to have: an untrained model would not know when to stop


def endless(size: Size, vocab_size: int) -> Seq2Seq:
    """Build a model with general attention that never says `<eos>`."""
    sizes = {"embedding_dim": size.embedding_dim, "hidden_size": size.hidden_size, "num_layers": 1}
    model = build_model(vocab_size, vocab_size, attention="general", **sizes).eval()
    with torch.no_grad():
        model.decoder.output.bias[EOS] = -1e9
    return model


def sources(number: int, vocab_size: int) -> torch.Tensor:
    """Draw random sentences of 6 to 20 tokens, padded, in order of length."""
    generator = torch.Generator().manual_seed(0)
    lengths = torch.randint(6, 21, (number,), generator=generator).sort().values.tolist()
    return pad([torch.randint(4, vocab_size, (n,), generator=generator).tolist() for n in lengths])


def translate(model: Seq2Seq, method: str, group: list[torch.Tensor]) -> float:
    """Translate every batch of a group and return the seconds of processor time."""
    began = time.process_time()
    for rows in group:
        if method == "greedy":
            greedy(model, rows, rows != 0, LENGTH)
        else:
            beam_search(model, rows, rows != 0, beam_size=5, max_len=LENGTH)
    return time.process_time() - began


def run(size: Size, quick: bool) -> Report:
    """Time greedy and beam search, with the ways of grouping the sentences taking turns."""
    number, repeats, vocab_size = (16, 1, 6000) if quick else (64, 5, 6000)
    model, src = endless(size, vocab_size), sources(number, vocab_size)
    groups = {"in one batch": [src], "one at a time": [row[row != 0].unsqueeze(0) for row in src]}
    times = {(method, way): [] for method in ("greedy", "beam 5") for way in groups}
    for _ in range(repeats + 1):
        for method, way in times:
            times[method, way].append(translate(model, method, groups[way]))
    rates = {key: number / median(values[1:]) for key, values in times.items()}  # the first round warms up
    rows = []
    for method in ("greedy", "beam 5"):
        batched, alone = (rates[method, way] for way in groups)
        rows.append([method, f"{batched:,.1f}", f"{alone:,.1f}", f"{batched / alone:.2f}"])
    about = f"{number} sentences of 6-20 tokens into {LENGTH} each, general attention; processor time, one thread."
    header = ["search", "in one batch, sentences / s", "one at a time, sentences / s", "ratio"]
    return Report(f"Decoding, {size.name} size", about, header, rows, [], {", ".join(k): v for k, v in rates.items()})
