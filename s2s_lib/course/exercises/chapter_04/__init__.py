"""Chapter 04, Dot attention: one module an exercise."""

from ...desk.exercise import Prediction
from .attend import ATTEND
from .dot_score import DOT_SCORE
from .masked_softmax import MASKED_SOFTMAX

EXERCISES = (DOT_SCORE, MASKED_SOFTMAX, ATTEND)

PREDICTIONS = (
    Prediction(
        "04-shift",
        options="abc",
        right="b",
        because="exp(e + 100) = exp(e) exp(100), and the factor exp(100) cancels: a softmax sees only differences.",
    ),
    Prediction(
        "04-words",
        options="abc",
        right="c",
        because="Looking at the right word is most of the work here, and attention makes looking easy to learn.",
    ),
)
