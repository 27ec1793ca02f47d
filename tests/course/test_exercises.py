"""Every exercise: right answers pass, each wrong one is rejected with its own diagnosis."""

import pytest
import torch

from s2s_lib.attention import Attention, DotScore, masked_softmax
from s2s_lib.course.exercises import EXERCISES, PREDICTIONS
from s2s_lib.course.judging import judge
from s2s_lib.encoder import Memory

WRONG = [
    pytest.param(exercise, wrong, answer, id=f"{exercise.id}-{wrong.id}-{number}")
    for exercise in EXERCISES.values()
    for wrong in exercise.wrong
    for number, answer in enumerate(wrong.answers)
]


def read_by_loop(weights, src):
    words = []
    for row in weights.tolist():
        words.append(src[row.index(max(row))])
    return words


def scores_by_loop(query, keys):
    rows = [
        [[float(q.double() @ k.double()) for k in key] for q in asked] for asked, key in zip(query, keys, strict=True)
    ]
    return torch.tensor(rows)


def softmax_by_loop(scores, mask):
    weights = torch.zeros(scores.shape, dtype=torch.float64)
    for b, t, s in torch.cartesian_prod(*map(torch.arange, scores.shape)).tolist():
        if mask[b, s]:
            real = scores[b, t][mask[b]].double()
            weights[b, t, s] = 1 / (real - scores[b, t, s].double()).exp().sum()
    return weights


def softmax_renormalised(scores, mask):
    scores = scores.float()
    kept = (scores - scores.amax(dim=2, keepdim=True)).exp() * mask.unsqueeze(1)
    return kept / kept.sum(dim=2, keepdim=True)


def attend_by_loop(query, states, mask, to_logits):
    logits, weights = [], []
    for t in range(query.shape[1]):
        row = masked_softmax((states @ query[:, t].unsqueeze(2)).transpose(1, 2), mask).squeeze(1)
        weights.append(row)
        context = (row.unsqueeze(2) * states).sum(dim=1)
        logits.append(to_logits(torch.cat([context, query[:, t]], dim=1)))
    return torch.stack(logits, dim=1), torch.stack(weights, dim=1)


def attend_by_einsum(query, states, mask, to_logits):
    weights = masked_softmax(torch.einsum("bth,bsh->bts", query, states), mask)
    return [to_logits(torch.cat([torch.einsum("bts,bsh->bth", weights, states), query], -1)), weights]


RIGHT = {
    "00-read": [read_by_loop, lambda weights, src: tuple(src[i] for i in weights.max(1).indices.tolist())],
    "04-dot-score": [
        scores_by_loop,
        lambda query, keys: torch.einsum("bth,bsh->bts", query, keys),
        lambda query, keys: torch.matmul(query, keys.mT),
        lambda query, keys: (query.unsqueeze(2) * keys.unsqueeze(1)).sum(3),
        *(
            lambda query, keys, to=to: query.to(to) @ keys.to(to).mT
            for to in (torch.half, torch.bfloat16, torch.double)
        ),
    ],
    "04-masked-softmax": [
        softmax_by_loop,
        softmax_renormalised,
        lambda scores, mask: torch.where(mask.unsqueeze(1), scores, float("-inf")).softmax(-1),
        lambda scores, mask: scores.masked_fill(~mask[:, None], torch.finfo(scores.dtype).min).softmax(-1),
        lambda scores, mask: scores.double().masked_fill(~mask[:, None], -torch.inf).softmax(-1),
    ],
    "04-attend": [
        attend_by_loop,
        attend_by_einsum,
        lambda *given: tuple(value.to(torch.half) for value in attend_by_loop(*given)),
        lambda *given: tuple(value.to(torch.double) for value in attend_by_loop(*given)),
    ],
}


def test_every_exercise_has_other_right_ways():
    assert set(RIGHT) == set(EXERCISES)


@pytest.mark.parametrize("id", EXERCISES)
@pytest.mark.parametrize("seed", [0, 1, 7])
def test_right_answers_pass(id, seed):
    exercise = EXERCISES[id]
    own = lambda *given: exercise.reference(*given)  # noqa: E731
    for answer in (own, *RIGHT[id]):
        verdict = judge(exercise, answer, seed)
        assert verdict.passed or (answer is own and verdict.diagnosis == "library-called"), verdict.text


@pytest.mark.parametrize(("exercise", "wrong", "answer"), WRONG)
def test_wrong_answer_is_rejected_with_its_own_diagnosis(exercise, wrong, answer):
    for seed in (0, 3):
        verdict = judge(exercise, answer, seed)
        assert verdict.passed is False
        assert verdict.diagnosis == wrong.id
        assert wrong.diagnosis in verdict.text


def library_scores(query, keys):
    return DotScore(keys.shape[2])(query, keys)


def library_step(query, states, mask, to_logits):
    attended = Attention(DotScore(states.shape[2]))(query, Memory(states, (), mask))
    return to_logits(torch.cat([attended.context, query], 2)), attended.weights


@pytest.mark.parametrize(
    ("id", "answer"),
    [
        ("04-dot-score", library_scores),
        ("04-dot-score", DotScore(2)),
        ("04-masked-softmax", masked_softmax),
        ("04-masked-softmax", lambda scores, mask: 1 * masked_softmax(scores, mask)),
        ("04-attend", library_step),
    ],
)
def test_calling_the_library_is_a_diagnosis(id, answer):
    assert judge(EXERCISES[id], answer).diagnosis == "library-called"


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=list(EXERCISES))
def test_exercises_are_complete(exercise):
    assert exercise.points > 0
    assert exercise.minutes > 0
    assert exercise.difficulty in (1, 2, 3)
    assert len(exercise.hints) >= 2
    assert "?" in exercise.hints[0], "the first hint asks rather than tells"
    assert len({wrong.id for wrong in exercise.wrong}) == len(exercise.wrong)


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=list(EXERCISES))
def test_inputs_differ_by_seed_only_and_include_a_batch_of_one(exercise):
    def drawn(seed):
        return str(exercise.cases(torch.Generator().manual_seed(seed)))

    assert drawn(1) == drawn(1) != drawn(2)
    sizes = [len(case[0]) for case in exercise.cases(torch.Generator().manual_seed(0))]
    assert 1 in sizes
    assert max(sizes) > 1


def test_predictions_have_their_answer_among_the_options():
    for prediction in PREDICTIONS.values():
        assert prediction.right in tuple(prediction.options)
