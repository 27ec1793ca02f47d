"""Chapter 01, Text to tensors: one module an exercise."""

from ...desk.exercise import Prediction
from .mask import MASK
from .pad import PAD_ROWS
from .shift import SHIFT

EXERCISES = (PAD_ROWS, MASK, SHIFT)

PREDICTIONS = (
    Prediction(
        "01-unknown",
        options="abc",
        right="c",
        because="A sentence is known only if all of its words are. With 16 words and nearly one word in ten "
        "unknown, that is rare: 0.905 to the power of 16 is about 0.2.",
    ),
    Prediction(
        "01-pads",
        options="abc",
        right="c",
        because="One long sentence makes its whole batch wide, and among 64 there nearly always is one.",
    ),
)
