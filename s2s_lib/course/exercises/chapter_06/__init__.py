"""Chapter 06, Teacher forcing: one module an exercise."""

from ...desk.exercise import Prediction
from .schedule import SCHEDULE
from .score import SCORE
from .unroll import UNROLL

EXERCISES = (UNROLL, SCORE, SCHEDULE)

PREDICTIONS = (
    Prediction(
        "06-gap",
        options="abc",
        right="c",
        because="It still writes good English, of another sentence: the words after a slip follow the slip.",
    ),
    Prediction(
        "06-zeros",
        options="abc",
        right="b",
        because="A softmax of equal numbers is uniform: each zero row costs log V, whatever the model has learned.",
    ),
    Prediction(
        "06-worth",
        options="abc",
        right="c",
        because="p = 0 has the most errors with every seed. Which of the others is best changes with the seed.",
    ),
)
