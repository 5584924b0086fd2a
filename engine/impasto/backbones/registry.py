"""From a network's name to the network, ready on its device."""

from pathlib import Path

import torch

from impasto.devices import working_dtype
from impasto.limited import is_limited
from impasto_wire.errors import SettingError, WeightsMissing

from .features import Backbone
from .names import BACKBONES
from .published import PUBLISHED
from .squeezenet import SqueezeNet, squeezenet_convolutions
from .vgg import VGG16_BLOCKS, VGG19_BLOCKS, Vgg, vgg_convolutions
from .weights import Weights, embedded_vgg19, weights_from_file

TORCHVISION_CACHE = Path("torchvision")
"""Given in place of a file, it means the one in torchvision's cache."""

_CONVOLUTIONS = {
    "vgg19": vgg_convolutions(VGG19_BLOCKS),
    "vgg16": vgg_convolutions(VGG16_BLOCKS),
    "squeezenet": squeezenet_convolutions(),
}


def load_backbone(name: str, device: torch.device, weights: Path | None = None) -> Backbone:
    """The frozen network of that name, on its device.

    Without a file, VGG-19 has its embedded weights and the others those of torchvision's cache, whatever other files
    exist: the same command paints the same picture. Raises `SettingError` for an unknown name, `WeightsMissing`.
    """
    if name not in BACKBONES:
        raise SettingError(f"backbone is {name}; it must be one of {', '.join(BACKBONES)}")
    found = _weights(name, weights)
    network: Backbone
    if name == "squeezenet":
        network = SqueezeNet(found)
    else:
        network = Vgg(name, VGG19_BLOCKS if name == "vgg19" else VGG16_BLOCKS, found)
    # Float32 means float32 on a GPU, too: in TF32 a gradient is 3 % wrong.
    torch.backends.cudnn.allow_tf32 = False
    order = torch.contiguous_format if is_limited(device) else torch.channels_last
    network = network.eval().requires_grad_(False).to(memory_format=order).to(device)
    network.cast(working_dtype(device))
    return network


def _weights(name: str, file: Path | None) -> Weights:
    if file is None and name == "vgg19":
        return embedded_vgg19()
    if file is not None and file != TORCHVISION_CACHE:
        return weights_from_file(file, _CONVOLUTIONS[name], name)
    published = PUBLISHED[name]
    if not published.path.is_file():
        raise WeightsMissing(
            f"there are no weights of {name}; run: impasto weights fetch {name}, or name a file of them"
        )
    if not published.is_proven():
        raise WeightsMissing(
            f"nothing proves {published.path}, for only eight digits of its SHA-256 are published; run: impasto "
            f"weights fetch {name} --sha256 with all 64 digits, or name the file with --weights if you trust it"
        )
    return weights_from_file(published.path, _CONVOLUTIONS[name], name, published.expected().sha256)
