"""The objective of one scale: what is minimised over the picture's pixels."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.backbones import Backbone
from impasto.losses.content import content_loss
from impasto.losses.gram import Moments, mix, moments
from impasto.losses.style import style_loss
from impasto.losses.variation import box_loss, variation_loss

from .canvas import Canvas
from .recipes import Recipe


@dataclass(frozen=True)
class Losses:
    """One evaluation of the objective."""

    total: Tensor
    style: Tensor
    content: Tensor


def feature_maps(backbone: Backbone, picture: Tensor, layers: tuple[str, ...], dtype: torch.dtype) -> dict[str, Tensor]:
    """The backbone's maps of an RGB picture ``(1, 3, H, W)`` in 0..1, computed in `dtype`."""
    with torch.autocast(picture.device.type, dtype=dtype, enabled=dtype is not torch.float32):
        maps: dict[str, Tensor] = backbone(picture.contiguous(memory_format=torch.channels_last), layers)
    return maps


def style_targets(
    backbone: Backbone, styles: list[tuple[Tensor, float]], recipe: Recipe, dtype: torch.dtype
) -> dict[str, Moments]:
    """The moments that the picture shall have, by layer: those of the styles, mixed by their shares."""
    names = tuple(name for name, _ in recipe.style_layers)
    with torch.no_grad():
        maps = [(feature_maps(backbone, picture, names, dtype), share) for picture, share in styles]
        return {name: mix([(moments(found[name]), share) for found, share in maps]) for name in names}


class Objective:
    """Style, content, smoothness and box losses of one scale, as a function of the picture."""

    def __init__(
        self,
        backbone: Backbone,
        recipe: Recipe,
        canvas: Canvas,
        targets: dict[str, Moments],
        content_weight: float,
        style_share: float,
        dtype: torch.dtype,
    ) -> None:
        self.backbone, self.recipe = backbone, recipe
        self.content_weight, self.dtype = content_weight, dtype
        with torch.no_grad():
            maps = feature_maps(backbone, canvas.content, recipe.layers, dtype)
            self.layer = {name: self._moments(maps[name], canvas.weights) for name, _ in recipe.style_layers}
        self.targets = {
            name: mix([(target, style_share), (self.layer[name], 1 - style_share)]) for name, target in targets.items()
        }
        self.content = maps[recipe.content_layer]
        self.weights = canvas.weights
        self.kept = canvas.kept_weights()

    def __call__(self, picture: Tensor) -> Losses:
        """The losses of a picture ``(1, 3, H, W)`` in 0..1, with their graph."""
        maps = feature_maps(self.backbone, picture, self.recipe.layers, self.dtype)
        terms = [
            weight * style_loss(self._moments(maps[name], self.weights), self.targets[name], self.layer[name])
            for name, weight in self.recipe.style_layers
        ]
        style = torch.stack(terms).sum()
        features = maps[self.recipe.content_layer]
        content = content_loss(features, self.content, self._at(self.kept, features))
        kept = self.recipe.variation_weight * variation_loss(picture) + self.recipe.box_weight * box_loss(picture)
        return Losses(style + self.content_weight * content + kept, style, content)

    @classmethod
    def _moments(cls, features: Tensor, weights: Tensor | None) -> Moments:
        return moments(features, cls._at(weights, features))

    @staticmethod
    def _at(weights: Tensor | None, features: Tensor) -> Tensor | None:
        return None if weights is None else F.interpolate(weights, size=features.shape[-2:], mode="area")
