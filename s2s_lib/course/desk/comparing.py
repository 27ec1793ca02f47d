"""When are two answers equal, what is the first difference, and how does a value look on paper?"""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

TOLERANCE = {torch.float16: 1e-2, torch.bfloat16: 5e-2}  # else 1e-4
LONGEST = 200  # characters of a value that is shown
MOST = 20  # tensors of a list that are shown


def difference(got: Any, expected: Any, names: Sequence[str] = ()) -> str | None:
    """Say in one sentence what is wrong with `got`, or None if it equals `expected` within its type's tolerance."""
    if got is None:
        return "it returns None: is a `return` missing?"
    try:
        return _tensor_difference(got, expected) if isinstance(expected, Tensor) else _difference(got, expected, names)
    except Exception:  # a class of the student's own, or no memory for it
        return f"it returns {type_name(got)} that can't be compared"


def _difference(got: Any, expected: Any, names: Sequence[str]) -> str | None:
    if not isinstance(got, list | tuple):
        return f"it returns {type_name(got)}; {type_name(expected)} is asked for"
    if len(got) != len(expected):
        return f"it returns {len(got)} values where {len(expected)} are asked for"
    for at, (one, other) in enumerate(zip(got, expected, strict=True)):
        if isinstance(other, Tensor):
            if found := _tensor_difference(one, other):
                return f"{names[at]}: {found}"
        elif type(one) is not type(other) or one != other:
            return f"at position {at} it has {show_value(one)} where {show_value(other)} is asked for"
    return None


def _tensor_difference(got: Any, expected: Tensor) -> str | None:
    if not isinstance(got, Tensor):
        return f"it returns {type_name(got)}; a torch.Tensor is asked for"
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
    """Tell whether two answers, right or wrong, are the same; what can't be compared is not."""
    try:
        return _same(one, other)
    except Exception:
        return False


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        alike = one.shape == other.shape and one.is_floating_point() == other.is_floating_point()
        return alike and one.layout == other.layout and one.device == other.device and not _far(one, other).any()
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return not _far(torch.tensor(one), torch.tensor(other)).any()
    simple = one is None or isinstance(one, str | int)  # of others, who knows what == gives
    return simple and type(one) is type(other) and one == other


def unchanged(before: Any, after: Any) -> bool:
    """Tell whether an argument is still what it was, to the bit; what can't be compared any more is not."""
    try:
        return _unchanged(before, after)
    except Exception:
        return False


def _unchanged(before: Any, after: Any) -> bool:
    if isinstance(before, Tensor):
        return _same_tensor(before, after)
    if isinstance(before, nn.Module):
        return _unchanged(_tensors(before), _tensors(after))
    if isinstance(before, list | tuple):
        return type(before) is type(after) and len(before) == len(after) and all(map(_unchanged, before, after))
    if isinstance(before, dict):
        return _unchanged(list(before.items()), list(after.items()))
    return bool(before == after)


def _same_tensor(before: Tensor, after: Tensor) -> bool:
    for trait in ("shape", "dtype", "layout", "device", "requires_grad", "is_leaf"):
        if getattr(before, trait) != getattr(after, trait):
            return False
    strange = before.isnan()
    if not torch.equal(strange, after.isnan()) or not torch.equal(before[~strange], after[~strange]):
        return False
    return not before.is_leaf or _unchanged(before.grad, after.grad)  # only a leaf has a .grad


def _tensors(module: nn.Module) -> dict[str, Tensor]:
    return dict(module.named_parameters()) | dict(module.named_buffers())


def type_name(value: Any) -> str:
    """Name the type of a value, as one reads it: "a list", "an int"."""
    name = "torch.Tensor" if isinstance(value, Tensor) else type(value).__name__
    return f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"


def show_value(value: Any) -> str:
    """Print a value, a tensor with its shape; long ones shortened, and the same each time."""
    try:
        return _show(value)
    except Exception:  # a class of the student's own, or a list that contains itself
        return f"<{type_name(value)}>"


def _show(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"{tuple(value.shape)}{_type(value)}\n  {_rows(value.detach())}"
    if isinstance(value, list | tuple) and any(isinstance(each, Tensor) for each in value):
        rows = [f"\n[{at}] {_show(each)}" for at, each in enumerate(value[:MOST])]
        return "".join(rows) + "\n..." * (len(value) > MOST)
    if isinstance(value, list | tuple | str) and len(value) > LONGEST:
        value = value[:LONGEST]  # or all of it would be printed, to be cut then
    text = without_addresses(repr(value))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def show_in_a_line(value: Any) -> str:
    """Print a value in one short line."""
    text = " ".join(show_value(value).split())
    return text if len(text) <= 60 else f"{text[:60]}..."


def without_addresses(text: str) -> str:
    """Take out what differs from run to run: ` at 0x7f...`."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", text)


def _type(tensor: Tensor) -> str:
    return "" if tensor.dtype in (torch.float32, torch.bool) else f" {str(tensor.dtype).removeprefix('torch.')}"


def _rows(tensor: Tensor) -> str:
    array = (tensor.double() if tensor.is_floating_point() else tensor).numpy()
    with np.printoptions(precision=4, suppress=True, floatmode="maxprec", sign="-", threshold=200, linewidth=100):
        return np.array2string(array, separator=", ", prefix="  ")
