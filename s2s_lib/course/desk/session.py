"""The student's session: an answer is judged as in a new one, and finds nothing changed in it afterwards."""

import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import overrides
from torch.utils import _device

DEPTH = 1000  # calls inside one another, as in a new session


class Setting(NamedTuple):
    """A setting of the whole process: how it is read, how it is put back, and how a new session would have it."""

    read: Callable[[], Any]
    write: Callable[[Any], object]
    reset: Callable[[], object] = lambda: None  # without one, the session's own holds


def new_session() -> ExitStack:
    """Give a context with the settings of a new session, which puts the present ones back in the end.

    The functions below are looked up when this module is imported, so that an answer which replaces one of them
    in torch or numpy does not replace it here.
    """
    with ExitStack() as entered:
        for context in CONTEXTS:
            entered.enter_context(context())
        for setting in SETTINGS:
            entered.callback(setting.write, setting.read())
            setting.reset()
        return entered.pop_all()


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError:  # it was deleted
        return ""


def _go_back(folder: str) -> None:
    with suppress(OSError):
        os.chdir(folder)


def _set_environment(variables: dict[str, str]) -> None:
    if variables != os.environ:
        os.environ.clear()
        os.environ.update(variables)


def _set_threads(number: int) -> None:
    if number != torch.get_num_threads():  # torch notes who asks for a number, even the one it has
        torch.set_num_threads(number)


def _allow_depth() -> None:
    frame, depth = sys._getframe(), 0
    while frame := frame.f_back:
        depth += 1
    sys.setrecursionlimit(depth + DEPTH)


@contextmanager
def _no_modes() -> Iterator[None]:
    """Take away what stands between every call and torch: a default device, and modes of one's own.

    torch has no public way to put the default device back as it was; so its own records are kept and restored.
    """
    chosen, device = vars(torch._GLOBAL_DEVICE_CONTEXT), _device.CURRENT_DEVICE
    before, modes = chosen.copy(), _pop_modes()
    chosen.clear()
    _device.CURRENT_DEVICE = None
    try:
        yield
    finally:
        _pop_modes()
        for mode in modes:
            overrides._push_mode(mode)
        chosen.clear()
        chosen.update(before)
        _device.CURRENT_DEVICE = device


def _pop_modes() -> list[overrides.TorchFunctionMode]:
    modes = overrides._get_current_function_mode_stack()  # the outermost first
    for _ in modes:
        overrides._pop_mode()
    return modes


SETTINGS = (
    Setting(_folder, _go_back),
    Setting(lambda: dict(os.environ), _set_environment),
    Setting(sys.getrecursionlimit, sys.setrecursionlimit, _allow_depth),
    Setting(random.getstate, random.setstate, partial(random.seed, 0)),
    Setting(np.random.get_state, np.random.set_state, partial(np.random.seed, 0)),
    Setting(torch.get_rng_state, torch.set_rng_state, partial(torch.manual_seed, 0)),
    Setting(torch.get_num_threads, _set_threads),
    Setting(torch.get_default_dtype, torch.set_default_dtype, partial(torch.set_default_dtype, torch.float32)),
    Setting(
        torch.get_deterministic_debug_mode,
        torch.set_deterministic_debug_mode,
        partial(torch.set_deterministic_debug_mode, 0),
    ),
    Setting(
        torch.get_float32_matmul_precision,
        torch.set_float32_matmul_precision,
        partial(torch.set_float32_matmul_precision, "highest"),
    ),
    Setting(
        torch._tensor_str.get_printoptions,
        lambda options: torch.set_printoptions(**options),
        partial(torch.set_printoptions, profile="default"),
    ),
)
CONTEXTS = (
    partial(warnings.catch_warnings, action="ignore"),
    partial(torch.inference_mode, False),  # which also switches gradients on
    partial(torch.autocast, "cpu", enabled=False),
    partial(torch.autograd.set_detect_anomaly, False),
    _no_modes,
    partial(np.errstate, divide="warn", over="warn", under="ignore", invalid="warn"),
    partial(
        np.printoptions,
        precision=8,
        threshold=1000,
        edgeitems=3,
        linewidth=75,
        suppress=False,
        nanstr="nan",
        infstr="inf",
        sign="-",
        floatmode="maxprec",
    ),
)
