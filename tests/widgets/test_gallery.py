from pathlib import Path

import pytest

from s2s_lib.widgets import __main__ as command
from s2s_lib.widgets import gallery as module

ROOT = Path(__file__).parents[2]
WIDGETS = ROOT / "s2s_lib" / "widgets"


@pytest.fixture(scope="module")
def page():
    return module.gallery(sentences=200, epochs=1)


def test_the_gallery_shows_every_widget(page):
    for name in ("AttentionExplorer", "StepThrough", "TrainingMonitor", "CompareAttention"):
        assert f"<h2>{name}</h2>" in page
    assert page.count('<div class="s2s-here"></div>') == page.count("<section>") == 5
    assert "%" + "DATA%" not in page


def test_the_command_writes_the_page_whole(page, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "gallery", lambda: page)
    command.main([str(tmp_path / "docs" / "g.html")])
    assert (tmp_path / "docs" / "g.html").read_text(encoding="utf-8") == page
    assert "g.html" in capsys.readouterr().out


@pytest.mark.parametrize("part", ["widget.js", "widget.css"])
def test_the_stored_gallery_is_of_today(part):
    stored = (ROOT / "docs" / "gallery.html").read_text(encoding="utf-8")
    assert (WIDGETS / part).read_text(encoding="utf-8") in stored, "run: python -m s2s_lib.widgets"


def test_the_readme_leads_to_the_gallery():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "(docs/gallery.html)" in readme
    assert "python -m s2s_lib.widgets" in readme
