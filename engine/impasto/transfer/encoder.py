"""A backbone as a recipe looks through it, and the sums over its feature maps."""

from dataclasses import dataclass, replace
from typing import TypeVar

import torch
from torch import Tensor

from impasto.backbones import Backbone
from impasto.devices import working_dtype
from impasto.losses.gram import Statistics, Sums

from .pyramid import cell_means
from .recipes import Recipe
from .tiles import Tile

Maps = dict[str, Tensor]
"""Feature maps ``(1, C, h, w)`` by layer."""


def precision(recipe: Recipe, device: torch.device) -> torch.dtype:
    """The precision of the convolutions: the device's fastest that looks the same, or float32 if the recipe says so."""
    by = torch.float32 if recipe.precision == "float32" else working_dtype(device)
    return torch.float32 if by is torch.int8 and recipe.backbone == "squeezenet" else by  # its convolutions are small


@dataclass(frozen=True)
class Encoder:
    """A backbone with a recipe's layers, pooling and padding, computed in `dtype`."""

    backbone: Backbone
    recipe: Recipe
    dtype: torch.dtype

    @classmethod
    def of(cls, backbone: Backbone, recipe: Recipe) -> "Encoder":
        """In the precision that the recipe asks for on the backbone's device."""
        return cls(backbone, recipe, precision(recipe, backbone.device))

    def at(self, width: int, height: int) -> "Encoder":
        """The encoder with the layers that the recipe uses at that scale."""
        return replace(self, recipe=self.recipe.at(width, height))

    def maps(self, picture: Tensor, layers: tuple[str, ...]) -> Maps:
        """The feature maps of an RGB picture ``(1, 3, H, W)`` in 0..1."""
        maps: Maps = self.backbone(picture, layers, self.recipe.pooling, self.recipe.padding, self.dtype)
        return maps

    def statistics(self, sums: Sums) -> Statistics:
        """What the recipe calls the style of a feature map."""
        if self.recipe.statistics == "moments":
            return sums.moments()
        return sums.gram(divisor=len(sums.first) if self.recipe.statistics == "gram / CHW" else 1)

    def cell_weights(
        self, layer: str, features: Tensor, tile: Tile, weights: Tensor | None, is_only: bool
    ) -> Tensor | None:
        """How much each cell of a tile's feature map counts, ``(1, 1, h, w)``; None: all count 1.

        A cell has the mean of the picture's `weights` ``(1, 1, H, W)`` behind it, and 0 in the tile's halo. `is_only`:
        the tile is the whole picture.
        """
        cells = None if weights is None else self.cells_of(layer, features, tile.cut(weights))
        if is_only:
            return cells
        core = tile.core_mask(features, self.backbone.cells[layer])
        return core if cells is None else core * cells

    def cells_of(self, layer: str, features: Tensor, map_: Tensor) -> Tensor:
        """The mean of a map ``(1, 1, H, W)`` behind each cell of a feature map: ``(1, 1, h, w)``."""
        cells = cell_means(map_, self.backbone.cells[layer])
        # Some networks have no cell for an incomplete square at the end.
        return cells[..., : features.shape[-2], : features.shape[-1]]


Key = TypeVar("Key")


def add_sums(total: dict[Key, Sums] | None, more: dict[Key, Sums]) -> dict[Key, Sums]:
    """The sums of one tile more, layer by layer; there is no total before the first."""
    return more if total is None else {key: total[key] + sums for key, sums in more.items()}


def tensors_of(sums: dict[Key, Sums]) -> list[Tensor]:
    """Every tensor of them, so that a team can add them up in place."""
    return [tensor for found in sums.values() for tensor in found]
