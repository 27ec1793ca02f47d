"""What the module in the browser is told of a `Trace`: words and numbers as JSON, matrices as bytes."""

from torch import Tensor

from ..model.metrics import alignment_error_rate, hard_alignment
from ..translating.trace import Trace

LARGEST = 60  # tokens on either side that are drawn live; more become a still picture


def matrix(tensor: Tensor) -> bytes:
    """Give the numbers of a tensor, row by row, as little-endian float32."""
    return tensor.detach().cpu().numpy().astype("<f4").tobytes()


def described(trace: Trace) -> dict:
    """Say what a heatmap needs: words, weights, candidates and what is special about which word."""
    told = {
        "kind": trace.kind,
        "src": list(trace.src),
        "trg": list(trace.trg),
        "text": trace.text,
        "unknown": list(trace.unknown),
        "copied": list(trace.copied),
        "candidates": [[list(candidate) for candidate in step] for step in trace.candidates],
        "edited": list(trace.edited),
        "gold": None if trace.gold is None else sorted(map(list, trace.gold)),
        "error_rate": error_rate(trace),
    }
    if trace.weights is None:
        return told
    return {**told, "weights": matrix(trace.weights), "entropy": trace.entropy.tolist()}


def arithmetic(trace: Trace) -> dict:
    """Say, besides, what the scores, the context and the prediction were computed of."""
    parts = {"states": trace.states, "queries": trace.queries, "scores": trace.scores, "contexts": trace.contexts}
    if trace.operands is not None:
        parts |= trace.operands._asdict()
    vectors = {name: matrix(tensor) for name, tensor in parts.items() if tensor is not None}
    return {**described(trace), **vectors, "hidden": trace.queries.shape[1]}


def error_rate(trace: Trace) -> float | None:
    """Compare where the decoder looked most with the gold alignment, where there is one: 0 is perfect."""
    if trace.gold is None or trace.weights is None or not trace.src:
        return None
    looking = trace.weights[:-1] if trace.trg[-1] == "<eos>" else trace.weights  # <eos> aligns with nothing
    predicted = hard_alignment(looking)
    return alignment_error_rate([predicted], [trace.gold]) if predicted or trace.gold else None
