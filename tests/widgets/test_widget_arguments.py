"""What is handed to a widget by mistake is named (tried below the widgets, whose arguments the tests check already)."""

import pytest
import tiny

from s2s_lib import Translator
from s2s_lib.translating.trace import Trace
from s2s_lib.widgets.base import named, single


def test_one_or_several_by_name():
    one = tiny.translator()
    assert named(one, Translator) == {"": one}
    assert named({"dot": one, 2: one}, Translator) == {"dot": one, "2": one}
    assert single(one, Translator) is one


@pytest.mark.parametrize("given", ["il me voit", ["a", "b"], {"dot": "french-dot"}, None])
def test_anything_else_is_named(given):
    with pytest.raises(TypeError, match=r"give a Translator, or several as .name: Translator.; this is "):
        named(given, Translator)
    with pytest.raises(TypeError, match="give a Trace; this is "):
        single(given, Trace)


def test_a_long_mistake_is_cut():
    with pytest.raises(TypeError) as caught:
        single("x" * 10_000, Trace)
    assert len(str(caught.value)) < 250
