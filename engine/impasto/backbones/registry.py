"""From a network's name to the network, ready on its device."""

import torch

from impasto_wire.errors import SettingError

from .names import BACKBONES
from .vgg import VGG19_BLOCKS, Backbone, build_vgg
from .weights import embedded_vgg19


def load_backbone(name: str, device: torch.device) -> Backbone:
    """The frozen network of that name. Raises `SettingError` for an unknown name, `WeightsMissing` without weights."""
    if name not in BACKBONES:
        raise SettingError(f"backbone is {name}; it must be one of {', '.join(BACKBONES)}")
    return build_vgg(VGG19_BLOCKS, embedded_vgg19()).to(device)
