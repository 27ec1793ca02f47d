"""`docs/recipes.md` does what it says: every block runs, in its order; each is three lines, or a class."""

import ast
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "recipes.md"
FIRST, *BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_every_recipe_runs_as_it_stands_there(tmp_path, monkeypatch, unchecked):
    monkeypatch.chdir(tmp_path)
    known = {}
    for block in (FIRST, *BLOCKS):
        exec(compile(block, str(PAGE), "exec"), known)
    own = known["Translator"].load("cosine.safetensors", attention=known["Cosine"]())
    assert (own.kind, own.translate("il me voit").formula) == ("cosine", known["Cosine"].formula)
    assert known["explorer"].answered.kind == "general"
    assert known["found"].low < known["found"].mean < known["found"].high
    assert (tmp_path / "map.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("block", BLOCKS)
def test_a_recipe_has_three_lines_besides_the_class_that_it_needs(block):
    lines = [line for line in block.splitlines() if line.strip()]
    assert len(lines) <= 3 or isinstance(ast.parse(block).body[0], ast.ClassDef)
