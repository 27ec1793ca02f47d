"""nbval runs the notebooks without a progress file, and where an output differs, the report says what to do."""

import os

import pytest

os.environ["S2S_PROGRESS"] = "off"  # what a reader has solved must not change an output
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
collect_ignore = ["source"]
ADVICE = """The stored output is what a reader sees, and the code no longer gives it.
If the new one is right: python -m s2s_lib.course build {chapter}, and read what `git diff` shows before you commit it.
If it is wrong, repair notebooks/source/{name}.py or the library; never the notebook, which is generated."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Add the advice to the report of a cell that fails."""
    report = yield
    if report.failed and item.path.suffix == ".ipynb":
        report.sections.append(("What to do", ADVICE.format(chapter=item.path.name[:2], name=item.path.stem)))
    return report
