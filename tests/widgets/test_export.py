"""A saved notebook without its kernel: what nbconvert makes of a widget."""

import re

import nbformat.v4 as v4
import pytest
import tiny
from nbconvert import HTMLExporter

from s2s_lib.widgets import AttentionExplorer


@pytest.fixture(scope="module")
def exported():
    widget = AttentionExplorer(tiny.translator(), "a b c")
    data, metadata = widget._repr_mimebundle_()
    output = v4.new_output("execute_result", data=data, metadata=metadata, execution_count=1)
    cell = v4.new_code_cell("widget", outputs=[output], execution_count=1)
    html, _ = HTMLExporter().from_notebook_node(v4.new_notebook(cells=[cell]))
    return widget, html


def test_the_table_stands_in_for_the_widget(exported):
    widget, html = exported
    numbers = re.findall(r"<td>([^<]+)</td>", html)
    assert numbers == [f"{weight:.2f}" for weight in widget.answered.weights.flatten().tolist()]
    assert f"a b c → {widget.answered.text}</caption>" in html


def test_nothing_waits_for_a_kernel(exported):
    _, html = exported
    assert "application/vnd.jupyter.widget-state+json" not in html
    assert "model_id" not in html
