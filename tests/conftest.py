"""What all tests share: the shapes in the library's signatures are checked at every call."""

import os

import hypothesis
import jaxtyping

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch loads, as the library does
os.environ["S2S_PROGRESS"] = "off"  # a test never writes into a student's progress

# The setting lets an int stand for a float, as PEP 484 does and as every student writes.
CHECKER = "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))"
jaxtyping.install_import_hook("s2s_lib", CHECKER)

import torch  # noqa: E402

torch.set_num_threads(1)  # tiny models are fastest on one

hypothesis.settings.register_profile("quiet", deadline=None, derandomize=True, max_examples=40)
hypothesis.settings.load_profile("quiet")
