"""Chapter 02, Encoder: one module an exercise."""

from ...desk.exercise import Prediction
from .bridge import BRIDGE
from .encode import ENCODE

EXERCISES = (ENCODE, BRIDGE)

PREDICTIONS = (
    Prediction(
        "02-rows",
        options="abc",
        right="c",
        because="Rows go by layer first and by direction second, so the last two belong to the top layer, forward "
        "and backward.",
    ),
    Prediction(
        "02-memory",
        options="abc",
        right="b",
        because="Without attention the decoder gets nothing but this state, and so the encoder has learned to hold on "
        "to the beginning.",
    ),
    Prediction(
        "02-pads",
        options="abc",
        right="b",
        because="The forward direction meets the pads after the last word, the backward direction before it.",
    ),
)
