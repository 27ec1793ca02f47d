"""`StepThrough` in the browser: the numbers are the model's own, the keys and buttons lead through them."""

from dataclasses import replace

import pytest
import tiny
import torch
from stub import View
from torch import nn

from s2s_lib.model.attention import Operands
from s2s_lib.widgets import StepThrough

STAGES = 5


def fixed(number):
    text = f"{abs(float(number)):.2f}"
    return f"−{text}" if number < 0 and float(text) else text


def signed(number):
    return f"({fixed(number)})" if fixed(number).startswith("−") else fixed(number)


def close(shown, number):
    """Tell whether a text is the number to two decimals; JavaScript and Python may round a half differently."""
    return abs(float(shown.strip("()").replace("−", "-")) - float(number)) <= 0.00501


class Narrow(nn.Module):
    """A score of one's own, a sum of fewer terms than a state has numbers."""

    name, about = "narrow", "narrow: both states are seen through five numbers"

    def __init__(self):
        super().__init__()
        self.W = nn.Parameter(torch.zeros(8, 5))

    def forward(self, query, keys):
        return (query @ self.W) @ (keys @ self.W).mT

    def operands(self, query, keys):
        return Operands(query @ self.W, keys @ self.W)


def trace_of(kind, order="luong"):
    translator = tiny.translator(Narrow() if kind == "narrow" else kind, seed=1, order=order)
    return translator.translate("a b c a", forced="x y z"), translator.model.decoder


EVERY = [(kind, order) for kind in (*tiny.LOOKING, "narrow") for order in ("luong", "bahdanau")]


def go(view, step, stage=STAGES - 1):
    """Go to a stage of a step, both counted from 0."""
    view.page.get_by_role("combobox").select_option(str(step))
    for _ in range(stage):
        view.page.get_by_role("button", name="Next").click()


def cells(view):
    rows = view.page.locator(".s2s-numbers tbody tr").all()
    return [[cell.inner_text() for cell in row.locator("td").all()] for row in rows]


@pytest.mark.parametrize(("kind", "order"), EVERY)
def test_scores_exponentials_weights_and_their_sums_are_the_models(page, kind, order):
    trace, _ = trace_of(kind, order)
    view = View(page, StepThrough(trace))
    for t in (0, 2):
        go(view, t)
        scores = trace.scores[t].double()
        exponentials = (scores - scores.max()).exp()
        *rows, total = cells(view)
        for s, (score, exponential, weight, _) in enumerate(rows):
            assert close(score, scores[s])
            assert close(exponential, exponentials[s])
            assert close(weight, exponentials[s] / exponentials.sum())
        assert close(total[1], exponentials.sum())
        assert total[2] == "1.00"


def terms(kind, trace, attention, t, s):
    """Compute the terms of a score from the weights of the model, and how each is written."""
    h, key = trace.queries[t].double(), trace.states[s].double()
    if kind == "concat":
        q, k = attention.W_q.weight.double() @ h, attention.W_k.weight.double() @ key
        values = attention.v_a * (q + k).tanh()
        parts = [f"{signed(v)}·tanh({fixed(a)} + {signed(b)})" for v, a, b in zip(attention.v_a, q, k, strict=True)]
        return values, parts
    if kind == "narrow":
        key = key @ attention.W.double()
    left = {
        "narrow": lambda: h @ attention.W.double(),
        "dot": lambda: h,
        "general": lambda: h @ attention.W_a.double(),
        "diagonal": lambda: h * attention.w_a,
    }
    query = left[kind]()
    return query * key, [f"{signed(a)}·{signed(b)}" for a, b in zip(query, key, strict=True)]


@pytest.mark.parametrize(("kind", "order"), [each for each in EVERY if each[0] != "fixed"])
def test_the_sum_that_is_spelled_out_is_the_score(page, kind, order):
    trace, decoder = trace_of(kind, order)
    view = View(page, StepThrough(trace))
    stage = {"luong": 1, "bahdanau": 0}[order]
    with torch.no_grad():
        for t, s in ((0, 0), (1, 3), (2, 1)):
            go(view, t, stage)
            page.get_by_role("button", name=trace.src[s], exact=True).nth(s // 3).click()
            line = page.locator(".s2s-sum-line").first.inner_text().replace("\n", "").replace("ets", "e_ts")
            values, parts = terms(kind, trace, decoder.attention.score, t, s)
            order = values.abs().argsort(descending=True)
            for i in order[:3]:
                assert parts[i] in line
            rest, total = line.rsplit(" + ", 1)[1].split(f" (the other {len(values) - 3}) = ")
            assert close(total, trace.scores[t, s])
            assert close(rest, values[order[3:]].sum())


def test_the_context_is_the_weighted_sum_and_the_candidates_are_the_models(page):
    trace, _ = trace_of("general")
    view = View(page, StepThrough(trace))
    go(view, 1)
    i = int(trace.contexts[1].abs().argmax())
    line = page.locator(".s2s-sum-line").last.inner_text()
    assert line.startswith(f"Its number {i + 1}, the largest: ")
    assert close(line.split(" = ")[1], trace.contexts[1, i])
    values = trace.weights[1] * trace.states[:, i]
    first = int(values.abs().argmax())
    assert f"{trace.weights[1, first]:.2f}·{signed(trace.states[first, i])} ({trace.src[first]})" in line
    shown = page.locator(".s2s-candidates li").all_inner_texts()
    for text, (word, probability) in zip(shown, trace.candidates[1], strict=True):
        assert text.split()[0] == word
        assert text.split()[-1] == f"{probability:.2f}"
    assert [text.split()[0] for text in shown if "✓" in text] == ["y"]


def test_the_arithmetic_comes_in_the_order_in_which_the_decoder_works(page):
    """Before the update: asked with the state of the step before, and the new state reads what was found."""
    trace, _ = trace_of("concat", "bahdanau")
    view = View(page, StepThrough(trace))
    go(view, 1)
    titles = page.locator(".s2s-stages .s2s-title").all_inner_texts()
    assert titles == ["scores", "softmax", "context", "state", "next word"]
    stages = page.locator(".s2s-stages > li").all_inner_texts()
    asked, new = (", ".join(fixed(x) for x in states[1][:4]) for states in (trace.queries, trace.hidden))
    assert "asks with the state of the step before" in stages[0]
    assert asked in stages[0]
    assert new in stages[3]
    assert "together with ct" in stages[3].replace("\n", "")
    assert "ht−1" in stages[0].replace("\n", "")
    plain, _ = trace_of("concat")
    assert plain.formula.count("h_t") == trace.formula.count("h_{t−1")


def test_an_own_score_is_shown_by_what_it_says_of_itself(page):
    trace, _ = trace_of("narrow")
    view = View(page, StepThrough(trace))
    go(view, 0)
    scores = page.locator(".s2s-stages > li").nth(1).inner_text().replace("\n", "")
    assert "ets = score(ht, h̄s)" in scores
    assert "narrow: both states are seen through five numbers" in scores
    assert "fixed" not in view.text()


def test_buttons_lead_through_all_stages_and_stop_at_both_ends(page):
    trace, _ = trace_of("dot")
    view = View(page, StepThrough(trace))
    back, forth = (page.get_by_role("button", name=name) for name in ("Previous", "Next"))
    assert back.is_disabled()
    seen = []
    while True:
        seen.append(page.locator(".s2s-now .s2s-title").inner_text())
        assert page.locator(".s2s-now").get_attribute("aria-current") == "step"
        if forth.is_disabled():
            break
        forth.click()
    assert seen == ["state", "scores", "softmax", "context", "next word"] * len(trace.trg)
    assert view.text(".s2s-output") == f"written so far: {' '.join(trace.trg[:-1])}"
    back.click()
    assert page.get_by_role("status").inner_text() == f"step {len(trace.trg)} of {len(trace.trg)}, context"


def test_play_goes_on_by_itself_until_it_is_paused_and_ends_at_the_end(page):
    page.clock.install(time="2030-01-01")
    trace, _ = trace_of("dot")
    view = View(page, StepThrough(trace))
    page.clock.pause_at("2030-01-02")  # from here on, time passes where the test says so
    place = "Number(document.querySelector('.s2s').dataset.painted)"
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(3 * 1600 + 100)
    assert page.evaluate(place) == 3
    page.get_by_role("button", name="Pause").click()
    page.clock.run_for(5000)
    assert page.evaluate(place) == 3
    last = STAGES * len(trace.trg) - 1
    go(view, len(trace.trg) - 1, 3)
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(4000)
    assert page.evaluate(place) == last
    page.get_by_role("button", name="Play").click()
    assert page.evaluate(place) == 0, "from the end it plays from the beginning"
    page.get_by_role("button", name="Next").click()
    page.clock.run_for(5000)
    assert page.evaluate(place) == 1, "who goes by hand goes alone"


def test_without_attention_nothing_is_looked_at(page):
    trace, _ = trace_of(None)
    view = View(page, StepThrough(trace))
    go(view, 1)
    assert "This model has no attention: it never looks back at the source." in view.text()
    assert "From ht the output layer" in view.text(".s2s-now").replace("\n", "")
    assert page.get_by_text("Show as table").count() == 0
    assert page.locator(".s2s-candidates li").count() == len(trace.candidates[1])


def test_a_row_set_by_hand_and_a_word_carried_over_are_told(page):
    translator = tiny.translator("dot")
    trace = translator.translate("a b c", edits={1: [0, 0, 1]})
    unknown = (("<unk>", 0.9), ("x", 0.1))
    copied = replace(
        trace,
        trg=("b", *trace.trg[1:]),
        copied=(True, False, *trace.copied[2:]),
        candidates=(unknown, *trace.candidates[1:]),
    )
    view = View(page, StepThrough(copied))
    go(view, 0)
    assert "<unk> ✓ 0.90" in view.text(".s2s-candidates")
    assert "<unk> is replaced by the source word looked at most: b." in view.text()
    assert "set by hand" not in view.text()
    go(view, 1)
    assert "This row was set by hand, so its weights are not the softmax of its scores." in view.text()
    assert [row[2] for row in cells(view)] == ["0.00", "0.00", "1.00", "1.00"]
    assert view.text(".s2s-output") == "written so far: b*"
