"""When are two answers equal, what is the first difference, and how does a value look on paper?"""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

TOLERANCE = {torch.float16: 1e-2, torch.bfloat16: 5e-2}  # else 1e-4


def difference(got: Any, expected: Any, names: Sequence[str] = ()) -> str | None:
    """Say in one sentence what is wrong with `got`, or None if it equals `expected` within its type's tolerance."""
    if got is None:
        return "it returns None: is a `return` missing?"
    if isinstance(expected, Tensor):
        return _tensor_difference(got, expected)
    if not isinstance(got, list | tuple):
        return f"it returns {kind(got)}; {kind(expected)} is asked for"
    if len(got) != len(expected):
        return f"it returns {len(got)} values where {len(expected)} are asked for"
    for at, (one, other) in enumerate(zip(got, expected, strict=True)):
        if isinstance(other, Tensor):
            if found := _tensor_difference(one, other):
                return f"{names[at]}: {found}"
        elif type(one) is not type(other) or one != other:
            return f"at position {at} it has {shown(one)} where {shown(other)} is asked for"
    return None


def _tensor_difference(got: Any, expected: Tensor) -> str | None:
    if not isinstance(got, Tensor):
        return f"it returns {kind(got)}; a torch.Tensor is asked for"
    if got.layout != torch.strided or got.device.type != "cpu":
        return f"it returns a tensor with layout {got.layout} on {got.device}; an ordinary one is asked for"
    if got.shape != expected.shape:
        return f"its shape is {tuple(got.shape)}; {tuple(expected.shape)} is asked for"
    if _family(got) != _family(expected):
        return f"its numbers are {got.dtype}; {_family(expected)} are asked for"
    far = _far(got, expected)
    if not far.any():
        return None
    strange = got.isnan() & ~expected.isnan()
    at = tuple((strange if strange.any() else far).nonzero()[0].tolist())
    return f"the first difference is at {list(at)}: expected {expected[at]:.4g}, got {got[at]:.4g}"


def _family(tensor: Tensor) -> str:
    return "floats" if tensor.is_floating_point() else "booleans" if tensor.dtype == torch.bool else "integers"


def _far(one: Tensor, other: Tensor) -> Tensor:
    tolerance = max(TOLERANCE.get(tensor.dtype, 1e-4) for tensor in (one, other))
    return ~torch.isclose(one.double(), other.double(), rtol=tolerance, atol=tolerance, equal_nan=True)


def same(one: Any, other: Any) -> bool:
    """Tell whether two answers, right or wrong, are the same."""
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        alike = one.shape == other.shape and one.is_floating_point() == other.is_floating_point()
        return alike and one.layout == other.layout and one.device == other.device and not _far(one, other).any()
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    simple = one is None or isinstance(one, str | int | float)  # of others, who knows what == gives
    return simple and type(one) is type(other) and one == other


def unchanged(before: Any, after: Any) -> bool:
    """Tell whether an argument is still what it was, to the bit."""
    if isinstance(before, Tensor):
        alike = before.shape == after.shape and torch.equal(before.nan_to_num(), after.nan_to_num())
        graph = [(tensor.requires_grad, tensor.is_leaf) for tensor in (before, after)]  # only a leaf has a .grad
        return alike and graph[0] == graph[1] and unchanged(before.grad, after.grad)
    if isinstance(before, nn.Module):
        return all(map(unchanged, before.state_dict().values(), after.state_dict().values()))
    if isinstance(before, list | tuple):
        return len(before) == len(after) and all(map(unchanged, before, after))
    return before == after


def kind(value: Any) -> str:
    """Name the type of a value, as one reads it: "a list", "an int"."""
    name = "torch.Tensor" if isinstance(value, Tensor) else type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def shown(value: Any) -> str:
    """Print a value, a tensor with its shape; long ones shortened, and the same each time."""
    if isinstance(value, list | tuple) and any(isinstance(each, Tensor) for each in value):
        return "".join(f"\n[{at}] {shown(each)}" for at, each in enumerate(value))
    try:
        if isinstance(value, Tensor):
            return f"{tuple(value.shape)}{_type(value)}\n  {_rows(value.detach())}"
        text = without_addresses(repr(value))
    except Exception:
        text = f"<{kind(value)}>"
    return text if len(text) <= 200 else f"{text[:200]}..."


def without_addresses(text: str) -> str:
    """Take out what differs from run to run: ` at 0x7f...`."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", text)


def _type(tensor: Tensor) -> str:
    return "" if tensor.dtype in (torch.float32, torch.bool) else f" {str(tensor.dtype).removeprefix('torch.')}"


def _rows(tensor: Tensor) -> str:
    array = (tensor.double() if tensor.is_floating_point() else tensor).numpy()
    # Every option is given: a student's own print options must not change what a check says.
    with np.printoptions(precision=4, suppress=True, floatmode="maxprec", sign="-", threshold=200, linewidth=100):
        return np.array2string(array, separator=", ", prefix="  ")
