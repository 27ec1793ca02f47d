"""Chapter 05, Attention variants: one module an exercise."""

from ...desk.exercise import Prediction
from .concat import CONCAT
from .general import GENERAL

EXERCISES = (GENERAL, CONCAT)

PREDICTIONS = (
    Prediction(
        "05-identity",
        options="abc",
        right="b",
        because="The gradient of an entry is the product of two states' numbers, and does not ask what the entry is: "
        "zeros learn as well as ones.",
    ),
    Prediction(
        "05-tanh",
        options="abc",
        right="c",
        because="The query's term is the same for all source words, and a softmax sees only differences.",
    ),
    Prediction(
        "05-cost",
        options="abc",
        right="c",
        because="Scoring is a small part of the model: the recurrent networks do most of the work, whatever the score.",
    ),
    Prediction(
        "05-contains",
        options="abc",
        right="c",
        because="General ends higher in all five trainings, here and in Korean. That it could be dot does not mean "
        "that training leads there.",
    ),
)
