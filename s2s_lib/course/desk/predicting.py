"""Predict, then run: `predict` stores an answer before a cell is run, `reveal` compares it afterwards."""

from . import progressing
from .registry import PREDICTIONS


def predict(id: str, answer: str | None = None) -> None:
    """Store the answer to a question, one letter; without one, say how to give it."""
    if _unknown(id):
        return
    options = PREDICTIONS[id].options
    if answer is None:
        print(f'{id}: choose one of {", ".join(options)}, as in predict("{id}", "{options[0]}"), and run this cell.')
    elif answer not in tuple(options):
        print(f"{id}: {answer!r} is not one of {', '.join(options)}.")
    else:
        stored = progressing.load()
        stored["predictions"][id] = answer
        progressing.save(stored)
        print(f"{id}: you say {answer}.")


def reveal(id: str) -> None:
    """Compare the answer with what happened. Only the first answer that is revealed counts for the tally."""
    if _unknown(id):
        return
    stored = progressing.load()
    answer = stored["predictions"].get(id)
    if answer is None:
        print(f"{id}: predict first, then run this cell again.")
        return
    stored["revealed"].setdefault(id, answer)
    progressing.save(stored)
    _, _, right, because = PREDICTIONS[id]
    print(f"{id}: {'right' if answer == right else f'you said {answer}, it is {right}'}. {because}")


def _unknown(id: str) -> bool:
    if id not in PREDICTIONS:
        print(f"There is no prediction {id!r}. There are {', '.join(PREDICTIONS)}.")
    return id not in PREDICTIONS
