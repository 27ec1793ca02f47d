"""Chapter 08, Decoding: one module an exercise."""

from ...desk.exercise import Prediction
from .beam_step import BEAM_STEP
from .bleu import BLEU
from .rank import RANK

EXERCISES = (BEAM_STEP, RANK, BLEU)

PREDICTIONS = (
    Prediction(
        "08-two",
        options="abc",
        right="b",
        because="`is going` is third after two words, with 0.21, and a beam of 2 has no place for it. What comes "
        "after it is never looked at.",
    ),
    Prediction(
        "08-short",
        options="abc",
        right="a",
        because="Each word multiplies in a probability below 1, so that a sentence which leaves something "
        "out is likelier.",
    ),
    Prediction(
        "08-meaning",
        options="abc",
        right="a",
        because="BLEU counts equal word sequences. One small word is missing from the first; the second "
        "says it in other words.",
    ),
)
