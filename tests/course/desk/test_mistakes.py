"""What learners get wrong, collected from the trackers and code of the tutorials in use: each is named by a check."""

import pytest

from s2s_lib.course.exercises import EXERCISES

MISTAKES = {
    "teacher forcing": "tf-inverted tf-per-sequence tf-in-eval schedule-grows",
    "attention": "softmax-axis mask-missing mask-dropped mask-after-softmax mask-inverted mask-soft mask-in-place",
    "encoder": "pads-in-encoder lengths-unsorted total-length which-hidden bridge-missing",
    "scores": "query-constant concat-no-tanh concat-relu concat-order general-side scale-wrong transposed",
    "loss": "slot-zero pad-in-loss shift-leak ppl-free-running",
    "decoding": "state-dropped no-eos-stop beam-first-eos length-norm-sign",
    "evaluation": "bleu-unclipped bleu-no-brevity bleu-sentence-mean weight-is-reason",
}
SHARED = {"mask-dropped": "mask-missing"}  # their outputs are equal, so they share a name
NAMED = {wrong.id for exercise in EXERCISES.values() for wrong in exercise.wrong}


@pytest.mark.parametrize("mistake", " ".join(MISTAKES.values()).split())
def test_a_check_names_it(mistake):
    assert SHARED.get(mistake, mistake) in NAMED
