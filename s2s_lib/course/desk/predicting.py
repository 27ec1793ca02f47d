"""Predict, then run: `predict` stores an answer before a cell is run, `reveal` compares it afterwards."""

from . import progressing
from .comparing import show_in_a_line
from .output import say
from .registry import PREDICTIONS, is_prediction


def predict(id: str, answer: str | None = None) -> None:
    """Store the answer to a question, one letter; without one, say how to give it."""
    if _unknown(id):
        return
    options = PREDICTIONS[id].options
    if answer is None:
        say(f'{id}: choose one of {", ".join(options)}, as in predict("{id}", "{options[0]}"), and run this cell.')
    elif not isinstance(answer, str) or answer not in tuple(options):
        say(f"{id}: {show_in_a_line(answer)} is not one of {', '.join(options)}.")
    else:
        stored = progressing.load()
        stored["predictions"][id] = answer
        progressing.save(stored)
        say(f"{id}: you say {answer}.")


def reveal(id: str) -> None:
    """Compare the answer with what happened. Only the first answer that is revealed counts for the tally."""
    if _unknown(id):
        return
    stored = progressing.load()
    answer = stored["predictions"].get(id)
    if answer is None:
        say(f"{id}: predict first, then run this cell again.")
        return
    stored["revealed"].setdefault(id, answer)
    progressing.save(stored)
    _, _, right, because = PREDICTIONS[id]
    say(f"{id}: {'right' if answer == right else f'you said {answer}, it is {right}'}. {because}")


def _unknown(id: object) -> bool:
    if not is_prediction(id):
        say(f"There is no prediction {show_in_a_line(id)}. There are {', '.join(PREDICTIONS)}.")
    return not is_prediction(id)
