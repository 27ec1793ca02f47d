"""Chapter 09, Real translation: one module an exercise."""

from ...desk.exercise import Prediction
from .unk import UNK

EXERCISES = (UNK,)

PREDICTIONS = (
    Prediction(
        "09-hedgehog",
        options="abc",
        right="b",
        because="The decoder says `<unk>` and looks at the hedgehog. What it looks at is copied, and that is a French "
        "word.",
    ),
    Prediction(
        "09-domain",
        options="abc",
        right="c",
        because="Captions describe what is seen, in the third person and the present. Nothing else was learned.",
    ),
    Prediction(
        "09-numbers",
        options="abc",
        right="a",
        because="In training each number ended after four digits or fewer, and the model learned this along with "
        "the words.",
    ),
)
