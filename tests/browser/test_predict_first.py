"""`StepThrough` with "predict first": the answer is nowhere on the page until the student has picked one."""

import re
from dataclasses import replace

import pytest
import tiny
from stub import View

from s2s_lib.widgets import StepThrough


@pytest.fixture
def view(page):
    """A trace of words that occur nowhere else, its table open, before the first choice."""
    trace = tiny.translator("general", seed=1).translate("a b c", max_len=5)
    words = [f"secret{t}" for t in range(len(trace.trg))]
    candidates = tuple(((word, 0.6), ("other", 0.3), ("third", 0.1)) for word in words)
    told = {"trg": tuple(words), "text": " ".join(words), "candidates": candidates, "copied": (False,) * len(words)}
    view = View(page, StepThrough(replace(trace, **told)))
    page.get_by_label("predict first").check()
    page.get_by_role("button", name="Show as table").click()
    return view


def secrets(view):
    """List the steps whose word can be found in the page's text or in an attribute, the choices aside."""
    found = view.page.evaluate(
        """() => {
            const copy = document.querySelector(".s2s").cloneNode(true);
            for (const choice of copy.querySelectorAll("[data-guess]")) choice.remove();
            return copy.outerHTML;
        }"""
    )
    return sorted(set(map(int, re.findall(r"secret(\d+)", found))))


def forth(view, times):
    for _ in range(times):
        view.page.get_by_role("button", name="Next").click()


def test_the_answer_is_nowhere_until_one_is_picked(view):
    for _ in range(4):
        assert secrets(view) == []
        forth(view, 1)
    assert secrets(view) == []
    assert view.page.locator("[data-guess]").all_inner_texts() == ["other", "secret0", "third"]
    view.page.get_by_role("button", name="secret0").click()
    assert secrets(view) == [0]
    assert "✓ You said so." in view.text()
    for _ in range(5):
        forth(view, 1)
        assert secrets(view) == [0]
    view.page.get_by_role("button", name="third").click()
    assert secrets(view) == [0, 1]
    assert "✗ You said third; it writes secret1." in view.text()
    assert view.page.get_by_role("status").inner_text() == "it writes secret1"


def test_the_focus_goes_on_from_the_choice(view):
    forth(view, 4)
    view.page.get_by_role("button", name="other").press("Enter")
    assert view.page.evaluate("document.activeElement.textContent") == "Next ▶"


def test_playing_waits_for_a_choice(view):
    view.page.clock.install()
    view.page.get_by_role("button", name="Play").click()
    view.page.clock.run_for(20_000)
    assert view.page.locator("[data-guess]").count() == 3
    assert view.page.get_by_role("button", name="Play").count() == 1
    assert secrets(view) == []


def test_who_does_not_want_to_predict_sees_all(view):
    view.page.get_by_label("predict first").uncheck()
    assert secrets(view) == [0, 1, 2, 3, 4]
