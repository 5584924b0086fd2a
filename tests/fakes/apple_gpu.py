"""A device like an Apple GPU, made of the CPU: it refuses what Metal's torch lacks, and computes all else.

Its tensors wrap tensors of the CPU. They are of the type `lazy`, a device that no release of torch has: one
without Metal makes no tensor of the type `mps`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

from impasto import limited

DEVICE = torch.device("lazy")

_LACKING = (
    "linalg_",
    "_linalg_",
    "_upsample_bicubic2d_aa",
    "_upsample_bilinear2d_aa",
    "_adaptive_avg_pool2d",
)
"""What torch 2.6 lacks on Metal, or has only where sizes divide evenly."""


class Refused(RuntimeError):
    """What an Apple GPU would have ended with."""


class _OnGpu(torch.Tensor):
    """A tensor of the device; `inner` holds its values on the CPU."""

    inner: torch.Tensor

    @staticmethod
    def __new__(cls, inner: torch.Tensor) -> "_OnGpu":
        return torch.Tensor._make_wrapper_subclass(  # type: ignore[attr-defined, no-any-return]
            cls,
            inner.shape,
            strides=inner.stride(),
            storage_offset=inner.storage_offset(),
            dtype=inner.dtype,
            device=DEVICE,
        )

    def __init__(self, inner: torch.Tensor) -> None:
        self.inner = inner

    @classmethod
    def __torch_dispatch__(cls, function: Any, types: Any, arguments: Any = (), named: Any = None) -> Any:
        return _computed(function, arguments, named or {})


class _Metal(TorchDispatchMode):
    """While it is entered, tensors can be made on the device."""

    def __torch_dispatch__(self, function: Any, types: Any, arguments: Any = (), named: Any = None) -> Any:
        return _computed(function, arguments, named or {})


@contextmanager
def apple_gpu() -> Iterator[torch.device]:
    """The device, known as one with limits."""
    limited.LIMITED.add(DEVICE.type)
    try:
        with _Metal():
            yield DEVICE
    finally:
        limited.LIMITED.discard(DEVICE.type)


def _computed(function: Any, arguments: Any, named: dict[str, Any]) -> Any:
    is_on_gpu = any(isinstance(leaf, _OnGpu) for leaf in tree_leaves((arguments, named)))
    if named.get("device") is not None:
        is_on_gpu = torch.device(named["device"]).type == DEVICE.type
        named = {**named, "device": torch.device("cpu")}
    inner_arguments, inner_named = tree_map(_inner, arguments), tree_map(_inner, named)
    if is_on_gpu:
        _refuse(function, inner_arguments)
    found = function(*inner_arguments, **inner_named)
    if not is_on_gpu:
        return found
    for leaf in tree_leaves(found):
        if isinstance(leaf, torch.Tensor) and leaf.dtype in (torch.float64, torch.complex128):
            raise Refused(f"{function} in double precision")
    return tree_map(lambda leaf: _OnGpu(leaf) if isinstance(leaf, torch.Tensor) else leaf, found)


def _refuse(function: Any, arguments: Any) -> None:
    """Raise `Refused` for what Metal's torch lacks, gets wrong or dies of."""
    name = function._schema.name.removeprefix("aten::")
    if name.startswith(_LACKING):
        raise Refused(name)
    if "avg_pool2d" in name and any(leaf is True for leaf in arguments[4:5]):
        raise Refused(f"{name} with incomplete windows")
    if "pool2d" in name and "backward" in name:
        for leaf in tree_leaves(arguments):
            if isinstance(leaf, torch.Tensor) and leaf.dim() == 4 and not leaf.is_contiguous():
                raise Refused(f"{name} in another order than its own")


def _inner(leaf: Any) -> Any:
    return leaf.inner if isinstance(leaf, _OnGpu) else leaf
