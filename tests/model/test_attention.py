"""Every score against loops over b, t and s; the softmax over real tokens only; concat attention in blocks."""

import math

import pytest
import tiny
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from s2s_lib.model import additive
from s2s_lib.model.attention import (
    SCORES,
    Attention,
    ConcatScore,
    DiagonalScore,
    DotScore,
    FixedScore,
    GeneralScore,
    Operands,
    build_attention,
    masked_softmax,
)
from s2s_lib.model.encoder import Memory

B, T, S, H = 3, 4, 5, 6
ASKING = [kind for kind in SCORES if kind != "fixed"]  # the scores in which the query has a say
MASK = torch.arange(S) < torch.tensor([3, 5, 1])[:, None]


def drawn(*shape, seed=0, dtype=torch.float32):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def score(kind, seed=7):
    """Build a score whose weights are random, so symmetric in nothing."""
    built = SCORES[kind](H)
    with torch.no_grad():
        for number, weight in enumerate(built.parameters()):
            weight.copy_(drawn(*weight.shape, seed=seed + number))
    return built


def memory(states=None, mask=MASK):
    states = drawn(B, S, H, seed=1) if states is None else states
    return Memory(states * mask.unsqueeze(2), (torch.zeros(1, B, H),), mask)


def looped(query, keys, pair):
    """Fill (B, T, S) one number at a time."""
    result = torch.empty(query.shape[0], query.shape[1], keys.shape[1])
    for b in range(len(query)):
        for t in range(query.shape[1]):
            for s in range(keys.shape[1]):
                result[b, t, s] = pair(query[b, t].tolist(), keys[b, s].tolist())
    return result


def dot(h, k):
    return sum(x * y for x, y in zip(h, k, strict=True))


def general(h, k, matrix):
    return sum(h[i] * matrix[i][j] * k[j] for i in range(H) for j in range(H))


def concat(h, k, whole, v):
    """v^T tanh(W [h; k]) with W (H, 2H) in one piece, as the paper writes it."""
    return sum(v[i] * math.tanh(dot(whole[i], h + k)) for i in range(H))


@torch.no_grad()
def test_every_score_equals_its_formula_in_loops():
    query, keys = drawn(B, T, H), drawn(B, S, H, seed=1)
    by_kind = {kind: score(kind) for kind in SCORES}
    matrix, weights = by_kind["general"].W_a.tolist(), by_kind["diagonal"].w_a.tolist()
    halves = by_kind["concat"].W_q.weight, by_kind["concat"].W_k.weight
    whole, v = torch.cat(halves, dim=1).tolist(), by_kind["concat"].v_a.tolist()
    formulas = {
        "fixed": lambda h, k: 0.0,
        "dot": dot,
        "general": lambda h, k: general(h, k, matrix),
        "diagonal": lambda h, k: sum(x * w * y for x, w, y in zip(h, weights, k, strict=True)),
        "concat": lambda h, k: concat(h, k, whole, v),
    }
    assert formulas.keys() == SCORES.keys()
    for kind, formula in formulas.items():
        torch.testing.assert_close(by_kind[kind](query, keys), looped(query, keys, formula), atol=1e-4, rtol=1e-5)


@torch.no_grad()
def test_general_with_the_identity_is_dot_and_starts_there():
    query, keys = drawn(B, T, H), drawn(B, S, H, seed=1)
    torch.testing.assert_close(GeneralScore(H)(query, keys), DotScore(H)(query, keys))
    torch.testing.assert_close(DiagonalScore(H)(query, keys), DotScore(H)(query, keys))


@torch.no_grad()
def test_diagonal_is_general_with_a_diagonal_matrix():
    diagonal, full = score("diagonal"), GeneralScore(H)
    full.W_a.copy_(diagonal.w_a.diag())
    query, keys = drawn(B, T, H), drawn(B, S, H, seed=1)
    torch.testing.assert_close(diagonal(query, keys), full(query, keys))


def plain_concat(concat, query, keys):
    """The concat score of all pairs at once, in plain autograd."""
    pairs = torch.cat([query.unsqueeze(2).expand(-1, -1, S, -1), keys.unsqueeze(1).expand(-1, T, -1, -1)], dim=3)
    whole = torch.cat([concat.W_q.weight, concat.W_k.weight], dim=1)
    return torch.tanh(pairs @ whole.T) @ concat.v_a


PAIR = S * H * 4  # bytes of one step of one sentence


# one step of one sentence; three steps of one, then the fourth; all steps of two sentences, then the third; all
@pytest.mark.parametrize("limit", [1, 3 * PAIR, 2 * T * PAIR, 100 * PAIR])
def test_concat_in_blocks_equals_plain_autograd_values_and_gradients(limit, monkeypatch):
    monkeypatch.setattr(additive, "BLOCK_BYTES", limit)
    built, upstream = score("concat"), drawn(B, T, S, seed=3)
    outcomes = []
    for compute in (built, lambda *args: plain_concat(built, *args)):
        query, keys = drawn(B, T, H).requires_grad_(), drawn(B, S, H, seed=1).requires_grad_()
        scores = compute(query, keys)
        gradients = torch.autograd.grad((scores * upstream).sum(), [query, keys, *built.parameters()])
        outcomes.append([scores, *gradients])
    for in_blocks, plain in zip(*outcomes, strict=True):
        torch.testing.assert_close(in_blocks, plain, atol=1e-4, rtol=1e-4)


class Largest(TorchDispatchMode):
    """Watches every operation; `bytes` is the largest piece of memory that any of them returned."""

    def __init__(self):
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        result = operation(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, torch.Tensor):
                self.bytes = max(self.bytes, tensor.untyped_storage().nbytes())
        return result


@pytest.mark.parametrize("limit", [1, 5_000, 20_000, 10**9])
def test_concat_never_holds_more_at_once_than_it_may(limit, monkeypatch):
    monkeypatch.setattr(additive, "BLOCK_BYTES", limit)
    b, t, s, h = 6, 16, 12, 8
    query, keys, built = drawn(b, t, h).requires_grad_(), drawn(b, s, h).requires_grad_(), ConcatScore(h)
    everything, unavoidable = 4 * b * t * s * h, 4 * b * t * s  # all pairs; the scores
    kept = []
    with Largest() as seen:
        with torch.autograd.graph.saved_tensors_hooks(lambda x: kept.append(x.nbytes) or x, lambda x: x):
            scores = built(query, keys)
        scores.sum().backward()
    assert seen.bytes <= max(min(limit, everything), unavoidable)
    assert sum(kept) < everything / 2  # made again for the gradient, not kept


def test_gradients_of_attention_are_right_to_double_precision(monkeypatch):
    monkeypatch.setattr(additive, "BLOCK_BYTES", 4 * PAIR)
    for kind in ASKING:
        attend = Attention(score(kind)).double()

        def context(query, states, attend=attend):
            return attend(query, memory(states)).context

        query, states = (drawn(B, n, H, seed=n, dtype=torch.float64).requires_grad_() for n in (T, S))
        assert torch.autograd.gradcheck(context, (query, states))


@torch.no_grad()
def test_weights_are_a_distribution_over_real_tokens():
    for dtype in (torch.float16, torch.float32, torch.float64):
        weights = masked_softmax(drawn(B, T, S, dtype=torch.float64).to(dtype) * 5, MASK)
        assert weights.dtype == dtype
        torch.testing.assert_close(weights.sum(2), torch.ones(B, T, dtype=dtype), atol=2e-3, rtol=0)
        assert (weights.transpose(1, 2)[~MASK] == 0).all()
        assert (weights.transpose(1, 2)[MASK] > 0).all()


@torch.no_grad()
def test_masked_softmax_equals_softmax_of_the_part_without_pads():
    scores = drawn(B, T, S) * 3
    for row, length in enumerate(MASK.sum(1).tolist()):
        expected = scores[row, :, :length].softmax(-1)
        torch.testing.assert_close(masked_softmax(scores, MASK)[row, :, :length], expected)


@torch.no_grad()
def test_scores_of_pads_count_nothing_however_great():
    for dtype, great in ((torch.float16, 6e4), (torch.float32, 1e30), (torch.float64, 1e300)):
        scores = drawn(B, T, S).to(dtype)
        loud = scores.masked_fill(~MASK.unsqueeze(1), great)
        assert torch.equal(masked_softmax(loud, MASK), masked_softmax(scores, MASK))
        quiet = torch.full_like(scores, -great)
        torch.testing.assert_close(masked_softmax(quiet, MASK)[1], torch.full((T, S), 1 / S, dtype=dtype))


def test_masked_softmax_does_not_write_into_its_arguments():
    scores, mask = drawn(B, T, S), MASK.clone()
    before = scores.clone()
    masked_softmax(scores, mask)
    assert torch.equal(scores, before)
    assert torch.equal(mask, MASK)


def test_a_batch_of_one_step_over_one_token_looks_at_it():
    weights = masked_softmax(drawn(1, 1, 1), torch.ones(1, 1, dtype=torch.bool))
    assert weights.tolist() == [[[1.0]]]


@pytest.mark.parametrize("kind", tiny.LOOKING)
@torch.no_grad()
def test_scores_make_the_weights_and_weights_mix_the_states(kind):
    attend = Attention(score(kind))
    given = memory()
    context, weights, scores = attend(drawn(B, T, H), given)
    assert scores.shape == weights.shape == (B, T, S)
    assert torch.equal(weights, masked_softmax(scores, MASK))
    for b in range(B):
        for t in range(T):
            mixed = sum(weights[b, t, s] * given.states[b, s] for s in range(S))
            torch.testing.assert_close(context[b, t], mixed, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", ASKING)
@torch.no_grad()
def test_weights_depend_on_the_query(kind):
    weights = Attention(score(kind))(drawn(B, T, H), memory()).weights
    assert (weights[1, 0] - weights[1, 1]).abs().max() > 0.01
    repeated = Attention(score(kind))(drawn(B, 1, H).expand(B, T, H), memory()).weights
    torch.testing.assert_close(repeated[:, 0], repeated[:, 1])


@torch.no_grad()
def test_a_fixed_context_is_the_mean_of_the_states_whatever_the_query():
    given = memory()
    context, weights, _ = Attention(FixedScore(H))(drawn(B, T, H), given)
    lengths = MASK.sum(1)
    torch.testing.assert_close(weights[:, 0], MASK / lengths[:, None])
    mean = given.states.sum(1) / lengths[:, None]
    torch.testing.assert_close(context, mean.unsqueeze(1).expand(B, T, H))


def test_the_parameters_are_those_of_the_formula():
    count = {kind: sum(w.numel() for w in SCORES[kind](H).parameters()) for kind in SCORES}
    assert count == {"fixed": 0, "dot": 0, "general": H * H, "diagonal": H, "concat": 2 * H * H + H}


def test_an_unknown_attention_is_refused_with_the_choices():
    assert build_attention(None, H) is None
    with pytest.raises(ValueError, match="None, 'fixed', 'dot', 'general', 'diagonal', 'concat'"):
        build_attention("bahdanau", H)


class Cosine(nn.Module):
    """A score of one's own: nothing but `forward`."""

    def forward(self, query, keys):
        return F.normalize(query, dim=-1) @ F.normalize(keys, dim=-1).mT


class Explained(Cosine):
    """The same, and it says what it is a sum of."""

    name, formula, about = "cosine", "e_ts = cos(h_t, h̄_s)", "cosine: the angle counts, and no length"

    def operands(self, query, keys):
        return Operands(F.normalize(query, dim=-1), F.normalize(keys, dim=-1))


@pytest.mark.parametrize("own", [Cosine(), Explained(), *(score(kind) for kind in ASKING)])
@torch.no_grad()
def test_operands_add_up_to_the_score_and_their_terms_are_as_many_as_they_say(own):
    query, keys = drawn(B, T, H), drawn(B, S, H, seed=1)
    operands = Attention(own).operands(query, keys)
    if type(own) is Cosine:
        assert operands is None
        return
    torch.testing.assert_close(operands.total(), own(query, keys), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(
        Operands(operands.left[1], operands.right[1], operands.v).total(), own(query, keys)[1], atol=1e-5, rtol=1e-5
    )


def test_an_attention_says_what_its_score_says_of_itself():
    plain, told = Attention(Cosine()), Attention(Explained())
    assert (plain.name, plain.formula, plain.about) == ("Cosine", "", "")
    assert (told.name, told.formula) == ("cosine", "e_ts = cos(h_t, h̄_s)")
    for kind in SCORES:
        built = Attention(score(kind))
        assert built.name == kind
        assert built.formula.startswith("e_ts = ")
        assert built.about.startswith(kind)


def test_a_score_as_an_object_is_taken_with_the_weights_that_it_has(unchecked):
    own = score("general")
    assert build_attention(own, H).score is own
    whole = Attention(own)
    assert build_attention(whole, H) is whole
    for wrong in (Cosine, 3, lambda query, keys: query):
        with pytest.raises(TypeError, match="as an object"):
            build_attention(wrong, H)


def test_a_score_of_another_shape_is_named():
    class Turned(nn.Module):
        def forward(self, query, keys):
            return keys @ query.mT

    with pytest.raises(ValueError, match=r"Turned gives \(3, 5, 4\); \(B, T, S\) = \(3, 4, 5\)"):
        Attention(Turned())(drawn(B, T, H), memory())


@pytest.mark.parametrize("kind", list(SCORES))
@torch.no_grad()
def test_edited_rows_take_the_place_of_the_models_own_and_of_no_others(kind):
    attend, query, given = Attention(score(kind)), drawn(B, T, H), memory()
    edits = torch.full((B, T, S), torch.nan)
    edits[1, 2] = torch.eye(S)[3]
    edits[0, 0] = torch.tensor([0.25, 0.5, 0.25, 0, 0])
    plain, edited = attend(query, given), attend(query, given, edits)
    assert torch.equal(edited.scores, plain.scores)
    assert torch.equal(edited.weights[1, 2], torch.eye(S)[3])
    torch.testing.assert_close(edited.context[1, 2], given.states[1, 3])
    torch.testing.assert_close(edited.context[0, 0], edits[0, 0] @ given.states[0])
    kept = edits.isnan()
    assert torch.equal(edited.weights[kept], plain.weights[kept])
    untouched = kept.all(2)
    torch.testing.assert_close(edited.context[untouched], plain.context[untouched])
    assert torch.equal(attend(query, given, torch.full((B, T, S), torch.nan)).weights, plain.weights)
    assert torch.equal(attend(query, given, plain.weights).context, plain.context)
