import os

import pytest

from s2s_lib.course.desk import checking, progressing
from s2s_lib.course.desk.exercise import Prediction
from s2s_lib.course.exercises import PREDICTIONS


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    """No progress from another test, and nothing written here."""
    monkeypatch.setenv("S2S_PROGRESS", "off")
    monkeypatch.delenv("S2S_SEED", raising=False)
    for memory in (progressing._memory, checking._hints_given, checking._endless):
        memory.clear()


@pytest.fixture
def question(monkeypatch):
    """A prediction that belongs to no chapter's text."""
    monkeypatch.setitem(PREDICTIONS, "00-test", Prediction("00-test", "abc", "a", "Softmax keeps the order."))


@pytest.fixture(scope="session")
def nbgrader():
    """The instructor's tool, or a skip; with S2S_REQUIRE_NBGRADER, a failure."""
    if not os.environ.get("S2S_REQUIRE_NBGRADER"):
        pytest.importorskip("nbgrader", reason='nbgrader is not installed: pip install -e ".[instructor]"')
    import nbgrader

    return nbgrader
