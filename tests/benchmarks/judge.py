"""The judge: SqueezeNet 1.0, which no program here optimises for; the painter uses VGG-19, another kind of network.

Style distance: ``|G_x - G_s|^2 / |G_s|^2`` of the Gram matrices, averaged over eight layers. Content distance: the same
for the feature maps at ``features.8``. Edges: correlation of the gradient magnitudes of luminance. The style picture is
first resized to the result's long side, as the painter does.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors.torch import load_file
from skimage.color import rgb2gray
from skimage.filters import sobel
from torch import Tensor
from torchvision.models import squeezenet1_0

from impasto.backbones.published import PUBLISHED

COPY = Path(__file__).resolve().parents[1] / "data/weights/squeezenet1_0.safetensors"
"""The tests' own weights, with which the figures of README.md were judged."""
LAYERS = (0, 3, 4, 5, 6, 7, 8, 9)
CONTENT_LAYER = 8
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Verdict:
    """How near a result is to the painting and to the photo (0: the same), and how well edges stayed (1: all)."""

    style: float
    content: float
    edges: float

    def rounded(self) -> dict[str, float]:
        """Three decimals, for printing."""
        return {name: round(value, 3) for name, value in vars(self).items()}


class Judge:
    """SqueezeNet with ImageNet weights, from the file that `name` names; pictures are ``(h, w, 3)`` uint8."""

    def __init__(self) -> None:
        weights = weights_file()
        self.name = weights.stem
        network = squeezenet1_0(weights=None)
        network.load_state_dict(state_dict(weights))
        self.features = network.features.eval().requires_grad_(False)

    def __call__(self, result: Pixels, content: Pixels, style: Pixels) -> Verdict:
        """Judge a result that has the content's size."""
        return Verdict(self.style(result, style), self.content(result, content), edges(result, content))

    def style(self, result: Pixels, style: Pixels) -> float:
        """Mean relative squared distance of Gram matrices."""
        return style_distance(self.grams(result), self.grams(style, max(result.shape[:2])))

    def grams(self, picture: Pixels, long_side: int | None = None) -> list[Tensor]:
        """The Gram matrices of a picture, at that long side or its own."""
        tensor = _tensor(picture)
        maps = self._maps(tensor if long_side is None else _fit(tensor, long_side))
        return [_gram(maps[layer]) for layer in LAYERS]

    def content(self, result: Pixels, content: Pixels) -> float:
        """Relative squared distance of the feature maps."""
        return _relative(self._maps(_tensor(result))[CONTENT_LAYER], self._maps(_tensor(content))[CONTENT_LAYER])

    def _maps(self, picture: Tensor) -> dict[int, Tensor]:
        maps, found = (picture - MEAN) / STD, {}
        with torch.no_grad():
            for index, layer in enumerate(self.features[: LAYERS[-1] + 1]):
                maps = layer(maps)
                if index in LAYERS:
                    found[index] = maps.relu()
        return found


def weights_file() -> Path:
    """What `impasto weights fetch squeezenet` has brought, or else the tests' own copy."""
    fetched = PUBLISHED["squeezenet"].path
    return fetched if fetched.is_file() else COPY


def state_dict(weights: Path) -> dict[str, Tensor]:
    """The tensors of a file, ``.safetensors`` or ``.pth``."""
    if weights.suffix == ".safetensors":
        return load_file(weights)
    return dict(torch.load(weights, map_location="cpu", weights_only=True))


def style_distance(found: list[Tensor], wanted: list[Tensor]) -> float:
    """Mean relative squared distance of Gram matrices."""
    return float(np.mean([_relative(*pair) for pair in zip(found, wanted, strict=True)]))


def edges(result: Pixels, content: Pixels) -> float:
    """Correlation of the two luminances' gradient magnitudes."""
    pair = [sobel(rgb2gray(picture)).ravel() for picture in (result, content)]
    return float(np.corrcoef(pair)[0, 1])


def _tensor(picture: Pixels) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(picture[..., :3])).permute(2, 0, 1)[None].float() / 255


def _fit(picture: Tensor, long_side: int) -> Tensor:
    height, width = picture.shape[-2:]
    scale = long_side / max(height, width)
    size = (round(height * scale), round(width * scale))
    return F.interpolate(picture, size=size, mode="bicubic", antialias=scale < 1).clamp(0, 1)


def _gram(maps: Tensor) -> Tensor:
    flat = maps.flatten(2)[0]
    return flat @ flat.T / flat.shape[1]


def _relative(found: Tensor, wanted: Tensor) -> float:
    return ((found - wanted).square().sum() / wanted.square().sum()).item()
