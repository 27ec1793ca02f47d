"""Chapter 07, Why it works: one module an exercise."""

from ...desk.exercise import Prediction
from .gradient import GRADIENT
from .occlusion import OCCLUSION

EXERCISES = (GRADIENT, OCCLUSION)

PREDICTIONS = (
    Prediction(
        "07-path",
        options="abc",
        right="b",
        because="Each direction ends at one end of the sentence: the last word is one step from the forward state, the "
        "first word one step from the backward state, and the middle is far from both.",
    ),
    Prediction(
        "07-swap",
        options="abc",
        right="c",
        because="In this translator the states say nearly everything and the vector little: "
        "it writes what it looks at.",
    ),
    Prediction(
        "07-move",
        options="abc",
        right="a",
        because="Most words can be written only by looking at the right place. About half of those that stay are "
        "`<eos>` and `to`, which follow from the words before.",
    ),
)
