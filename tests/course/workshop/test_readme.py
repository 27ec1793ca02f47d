"""The README says of each chapter what the chapter says of itself."""

import re

import pytest

from s2s_lib.course.workshop.building import sources
from s2s_lib.course.workshop.checkout import NOTEBOOKS

README = (NOTEBOOKS.parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("source", sources(), ids=lambda path: path.stem)
def test_chapter_stands_in_the_readme_with_its_question_and_minutes(source):
    first = source.read_text(encoding="utf-8").split("# %%")[1]
    title, question, minutes = re.search(
        r"^# # ([^\n]+)\n.*?\*\*(.+?\?)\*\*.*?^# About (\d+) minutes", first, re.M | re.S
    ).groups()
    assert f"| [{title}](notebooks/{source.stem}.ipynb) | {question} | {minutes} |" in README


def test_every_file_that_it_links_exists():
    links = re.findall(r"\]\((?!https?:|#)([^)]+)\)", README)
    assert len(links) > 10
    assert [link for link in links if not (NOTEBOOKS.parent / link.partition("#")[0]).exists()] == []
