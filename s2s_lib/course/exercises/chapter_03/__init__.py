"""Chapter 03, the model without attention: one module an exercise."""

from ...desk.exercise import Prediction
from .decode import DECODE
from .loss import LOSS

EXERCISES = (LOSS, DECODE)

PREDICTIONS = (
    Prediction(
        "03-lie",
        options="abc",
        right="c",
        because="What comes next depends on both: the state, which stems from the source, and the word just read.",
    ),
    Prediction(
        "03-pads",
        options="abc",
        right="c",
        because="Pads were left out of its loss in training, so this model never learned to say <pad>.",
    ),
    Prediction(
        "03-where",
        options="abc",
        right="a",
        because="The first words come close to their sources. The later ones move away from theirs, and lost little.",
    ),
)
