"""What all tests share: the shapes in the library's signatures are checked at every call."""

import os
from pathlib import Path

import hypothesis
import jaxtyping
import pytest

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch loads, as the library does
os.environ["S2S_PROGRESS"] = "off"  # a test never writes into a student's progress

# The setting lets an int stand for a float, as PEP 484 does and as every student writes.
CHECKER = "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))"
# Two rooms without a tensor's shape are left out: they make millions of small calls, which would take minutes.
ROOMS = {path.stem for path in (Path(__file__).parents[1] / "s2s_lib").iterdir() if path.stem[0] != "_"}
jaxtyping.install_import_hook([f"s2s_lib.{room}" for room in sorted(ROOMS - {"corpora", "course"})], CHECKER)

import torch  # noqa: E402

torch.set_num_threads(1)  # tiny models are fastest on one

hypothesis.settings.register_profile("quiet", deadline=None, derandomize=True, max_examples=40)
hypothesis.settings.load_profile("quiet")


@pytest.fixture
def unchecked():
    """Call the library as a student's kernel does, where nothing but the library itself looks at its arguments."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


def pytest_collection_modifyitems(items):
    """Leave the tests in a browser to the end: they take longest."""
    items.sort(key=lambda item: "browser" in item.path.parts)
