"""Every exercise: right answers pass, each wrong one is rejected with its own diagnosis.

`answers/chapter_NN.py` holds, for each exercise, right answers of other kinds (RIGHT) and answers that call what is to
be written (LIBRARY). `mistakes/chapter_NN.py` holds what students write in their own way, each with its diagnosis:
an exercise's own wrong answers would agree with themselves whatever was written there.
"""

from collections.abc import Sized
from importlib import import_module
from pathlib import Path

import pytest
import torch

from s2s_lib.course.desk.comparing import without_addresses
from s2s_lib.course.desk.judging import judge
from s2s_lib.course.exercises import EXERCISES, PREDICTIONS

HERE = Path(__file__).parent
ANSWERS = [import_module(f"answers.{path.stem}") for path in sorted(HERE.glob("answers/chapter_*.py"))]
RIGHT = {id: answers for module in ANSWERS for id, answers in module.RIGHT.items()}
LIBRARY = {id: answers for module in ANSWERS for id, answers in module.LIBRARY.items()}
MISTAKES = [
    pytest.param(id, diagnosis, answer, id=f"{id}-{diagnosis}-{number}")
    for path in sorted(HERE.glob("mistakes/chapter_*.py"))
    for id, mistakes in import_module(f"mistakes.{path.stem}").MISTAKES.items()
    for diagnosis, answers in mistakes.items()
    for number, answer in enumerate(answers)
]
WRONG = [
    pytest.param(exercise, wrong, answer, id=f"{exercise.id}-{wrong.id}-{number}")
    for exercise in EXERCISES.values()
    for wrong in exercise.wrong
    for number, answer in enumerate(wrong.answers)
]


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


@pytest.mark.parametrize(("id", "diagnosis", "answer"), MISTAKES)
def test_a_mistake_made_in_a_students_own_way_is_named(id, diagnosis, answer):
    for seed in (0, 3):
        assert judge(EXERCISES[id], answer, seed).diagnosis == diagnosis


@pytest.mark.parametrize(("id", "answer"), [(id, answer) for id in LIBRARY for answer in LIBRARY[id]])
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


def sizes(value):
    """Give the length of a list, of a tensor that of each axis; nothing of anything else."""
    return tuple(getattr(value, "shape", (len(value),) if isinstance(value, Sized) else ()))


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=list(EXERCISES))
def test_inputs_differ_by_seed_only_and_include_a_batch_of_one(exercise):
    def drawn(seed):
        return without_addresses(str(exercise.cases(torch.Generator().manual_seed(seed))))

    assert drawn(1) == drawn(1) != drawn(2)
    cases = exercise.cases(torch.Generator().manual_seed(0))
    axes = [axis for values in zip(*cases, strict=True) for axis in zip(*map(sizes, values))]  # noqa: B905
    assert any(1 in axis and max(axis) > 1 for axis in axes)


def test_predictions_have_their_answer_among_the_options():
    for prediction in PREDICTIONS.values():
        assert prediction.right in tuple(prediction.options)
