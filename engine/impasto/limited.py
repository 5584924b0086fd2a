"""Devices whose torch lacks operations, or gets them wrong: what is done on the CPU for them instead.

Apple's Metal backend has no double precision; in versions that pyproject.toml admits it lacks `linalg.eigh`,
antialiased resampling and means of areas that don't divide evenly, gets incomplete pooling windows wrong
(pytorch#161011), and aborts the process in the gradient of a pooling in channels last (pytorch#175190).
"""

from collections.abc import Callable

import torch
from torch import Tensor

LIMITED = {"mps"}
"""Types of such devices."""


def is_limited(device: torch.device) -> bool:
    """Is it one of these devices?"""
    return device.type in LIMITED


def where_it_works(operation: Callable[[Tensor], Tensor], tensor: Tensor) -> Tensor:
    """`operation(tensor)` on the tensor's device, computed on the CPU if that device is limited."""
    if not is_limited(tensor.device):
        return operation(tensor)
    return operation(tensor.cpu()).to(tensor.device)


def ordered(tensor: Tensor) -> Tensor:
    """Maps in the memory order that their device is quickest with: channels last, if it isn't limited."""
    if tensor.dim() != 4:
        return tensor
    order = torch.contiguous_format if is_limited(tensor.device) else torch.channels_last
    return tensor.contiguous(memory_format=order)
