"""What the module in the browser is told of a `Trace`: words and numbers as JSON, matrices as bytes."""

from torch import Tensor

from ..measuring.scores import alignment_error_rate, hard_alignment
from ..translating.trace import Trace

# What StepThrough shows one after the other: the decoder updates its state, then attends, or the other way round.
UPDATES_FIRST = ["state", "scores", "softmax", "context", "next word"]
ATTENDS_FIRST = ["scores", "softmax", "context", "state", "next word"]
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
        "dropped": list(trace.dropped),
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
    """Say, besides, of what and in which order the scores, the context and the prediction were computed.

    Raises ValueError where the terms that an attention names do not add up to its scores.
    """
    parts = {name: getattr(trace, name) for name in ("states", "hidden", "queries", "scores", "contexts")}
    terms = 0
    if trace.operands is not None:
        check_sum(trace)
        parts |= trace.operands._asdict()
        terms = trace.operands.left.shape[1]
    vectors = {name: matrix(tensor) for name, tensor in parts.items() if tensor is not None}
    return {
        **described(trace),
        **vectors,
        "size": trace.hidden.shape[1],
        "terms": terms,
        "query": trace.query,
        "attends_first": trace.attends_first,
        "stages": ATTENDS_FIRST if trace.attends_first else UPDATES_FIRST,
        "formula": trace.formula or f"e_ts = score({trace.query}, h̄_s)",
        "about": trace.about or f"{trace.kind}: its author gives no formula",
    }


def check_sum(trace: Trace) -> None:
    """Raise ValueError where the operands of a score do not add up to it: the picture would contradict itself."""
    off = (trace.operands.total() - trace.scores).abs()
    if not (off <= 1e-3 * (1 + trace.scores.abs())).all():
        t, s = divmod(int(off.argmax()), len(trace.src))
        told, true = trace.operands.total()[t, s], trace.scores[t, s]
        raise ValueError(
            f"the operands of {trace.kind} add up to {told:.4g} for {trace.src[s]!r} in step {t + 1}, and its score is "
            f"{true:.4g}: correct operands(), or leave it out"
        )


def error_rate(trace: Trace) -> float | None:
    """Compare where the decoder looked most with the gold alignment, where there is one: 0 is perfect."""
    if trace.gold is None or trace.weights is None or not trace.src:
        return None
    looking = trace.weights[:-1] if trace.trg[-1] == "<eos>" else trace.weights  # <eos> aligns with nothing
    predicted = hard_alignment(looking)
    return alignment_error_rate([predicted], [trace.gold]) if predicted or trace.gold else None
