"""Every widget in every state, with sentences of any length: what layout and accessibility are tested on."""

from functools import cache
from itertools import cycle, islice

import numpy as np
import tiny
from stub import View, chance, maps, panel, traits

from s2s_lib.widgets import AttentionExplorer, StepThrough

SOURCE = "je ne sais pas si le petit chat noir du voisin mange encore une très grande souris blanche"
TARGET = "i do not know whether the neighbour 's little black cat still eats a rather large white mouse"
STEPS = 40  # of a training


def words(count, from_):
    """Give a sentence of so many words."""
    return list(islice(cycle(from_.split()), count))


def described(count, **changes):
    """Describe a map of `count` by `count` words, an unknown, a copied and an edited one among them."""
    marks = {"unknown": [s == 2 for s in range(count)], "copied": [t == 1 for t in range(count)], "edited": [0]}
    candidates = [[["mouse", 0.6], ["<unk>", 0.3], ["cat", 0.1]]] * count
    told = {"src": words(count, SOURCE), "trg": words(count, TARGET), "candidates": candidates, "text": "a mouse"}
    gold = [[i, i] for i in range(0, count, 2)]
    return panel(chance(count, count), gold=gold, error_rate=0.25) | told | marks | changes


@cache
def explorer(count):
    """Give an explorer's state: two models, a sentence of `count` words."""
    widget = AttentionExplorer({"dot": tiny.translator(), "no attention": tiny.translator(None)}, "a b")
    text = " ".join(words(count, SOURCE))
    asked = widget.asked | {"text": text}
    return traits(widget) | {"asked": asked, "answer": widget.answer | {"text": text, "trace": described(count)}}


@cache
def steps(count):
    """Give the state of a walk through a trace of `count` source words."""
    return traits(StepThrough(tiny.translator("concat").translate(words(count, SOURCE), forced="x y z")))


def frame(step=10, state="training", words=6, seed=0, **changes):
    """Describe what a training sends after a step."""
    losses = np.array([[i, 4 * 0.95**i] for i in range(1, step + 1)], "<f4").tobytes()
    run = {"state": state, "step": step, "steps": STEPS, "epoch": 1 + step // 20, "seconds": 100.0}
    trace = panel(chance(words, words, seed), gold=[[0, 0]], error_rate=0.25)
    return {**run, "losses": losses, "valid": [[20, 1.6]] if step >= 20 else [], "trace": trace} | changes


@cache
def monitor(count, state="training"):
    """Give the state of a watched training."""
    snapshots = [{"step": step, "trace": described(count)} for step in (0, 5, 10)]
    shown = {"frame": frame(30, state, trace=described(count)), "snapshots": snapshots if state == "finished" else []}
    return {"view": "monitor", "error": ""} | shown


@cache
def compare(count):
    """Give the state of three panels, two of the same output."""
    other = described(count) | {"trg": words(count, SOURCE), "words": None}
    return maps(*(described(count, name=name) for name in ("dot", "general")), other | {"name": "concat"})


SAMPLES = {"explorer": explorer, "steps": steps, "monitor": monitor, "compare": compare}


def show(page, kind, count):
    """Show a sample in its fullest state: the last stage of a step, the difference of two maps."""
    view = View(page, SAMPLES[kind](count))
    if kind == "steps":
        for _ in range(4):
            page.get_by_role("button", name="Next").click()
    if kind == "compare":
        page.get_by_role("checkbox").check()
    view.settle()
    return view
