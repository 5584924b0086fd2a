"""The objective of one scale: what is minimised over the picture's pixels, and its gradient, tile by tile."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.backbones import Backbone
from impasto.losses.content import squared_difference, squared_size
from impasto.losses.gram import Moments, Sums, feature_sums, mix
from impasto.losses.style import style_loss
from impasto.losses.variation import box_loss, variation_loss

from .canvas import Canvas
from .recipes import Recipe
from .tiles import Tile, cut_tiles, tile_side

Maps = dict[str, Tensor]


@dataclass(frozen=True)
class Losses:
    """One evaluation of the objective."""

    total: Tensor
    style: Tensor
    content: Tensor


@dataclass(frozen=True)
class Balance:
    """What multiplies the content loss, and how far the statistics go from the layer's (0) to the style's (1)."""

    content_weight: float
    style_share: float


def feature_maps(backbone: Backbone, picture: Tensor, layers: tuple[str, ...], dtype: torch.dtype) -> Maps:
    """The backbone's maps of an RGB picture ``(1, 3, H, W)`` in 0..1, computed in `dtype`."""
    with torch.autocast(picture.device.type, dtype=dtype, enabled=dtype is not torch.float32):
        maps: Maps = backbone(picture.contiguous(memory_format=torch.channels_last), layers)
    return maps


def style_targets(
    backbone: Backbone, styles: list[tuple[Tensor, float]], recipe: Recipe, dtype: torch.dtype
) -> dict[str, Moments]:
    """The moments that the picture shall have, by layer: those of the styles, mixed by their shares."""
    names = tuple(name for name, _ in recipe.style_layers)
    sums = [(_sums_over_tiles(backbone, picture, names, dtype), share) for picture, share in styles]
    return {name: mix([(found[name].moments(), share) for found, share in sums]) for name in names}


class Objective:
    """Style, content, smoothness and box losses of one scale, as a function of the picture."""

    def __init__(
        self,
        backbone: Backbone,
        recipe: Recipe,
        canvas: Canvas,
        targets: dict[str, Moments],
        balance: Balance,
        dtype: torch.dtype,
        side: int,
    ) -> None:
        self.backbone, self.recipe, self.canvas, self.dtype = backbone, recipe, canvas, dtype
        self.content_weight = balance.content_weight
        self.tiles = cut_tiles(canvas.content.shape[-2], canvas.content.shape[-1], side)
        self.kept = canvas.kept_weights()
        self.content: list[Tensor] = []
        sums, size = None, torch.zeros((), device=canvas.content.device)
        with torch.no_grad():
            for tile in self.tiles:
                maps = self._maps(tile.cut(canvas.content))
                sums = _add(sums, self._style_sums(maps, tile))
                self.content.append(maps[recipe.content_layer].clone())
                size += squared_size(self.content[-1], self._weights(tile, self.kept, self.content[-1]))
        self.content_size = size.clamp_min(1e-8)
        assert sums is not None
        self.layer = {name: found.moments() for name, found in sums.items()}
        share = balance.style_share
        self.targets = {name: mix([(target, share), (self.layer[name], 1 - share)]) for name, target in targets.items()}

    def evaluate(self, picture: Tensor) -> tuple[Losses, Tensor]:
        """The losses of a picture ``(1, 3, H, W)`` in 0..1, and their gradient."""
        if len(self.tiles) == 1:
            return self._evaluate_whole(picture)
        return self._evaluate_tiles(picture)

    def _evaluate_whole(self, picture: Tensor) -> tuple[Losses, Tensor]:
        leaf = picture.detach().requires_grad_()
        maps = self._maps(leaf)
        style = self._style({name: sums.moments() for name, sums in self._style_sums(maps, self.tiles[0]).items()})
        content = self._content_sum(maps, 0) / self.content_size
        total = style + self.content_weight * content + self._regularity(leaf)
        (gradient,) = torch.autograd.grad(total, leaf)
        return Losses(total.detach(), style.detach(), content.detach()), gradient

    def _evaluate_tiles(self, picture: Tensor) -> tuple[Losses, Tensor]:
        """Pass 1 adds up the statistics; then the loss's gradient with respect to them is known, and pass 2 carries
        it back to each tile's pixels."""
        leaves = self._sums_of(picture)
        style = self._style({name: sums.moments() for name, sums in leaves.items()})
        names = list(leaves)
        pulls = torch.autograd.grad(style, [part for name in names for part in leaves[name][1:]])
        leaf = picture.detach().requires_grad_()
        kept = self._regularity(leaf)
        (gradient,) = torch.autograd.grad(kept, leaf)
        content = torch.zeros_like(self.content_size)
        for index, tile in enumerate(self.tiles):
            window = tile.cut(picture).detach().requires_grad_()
            maps = self._maps(window)
            found = self._style_sums(maps, tile)
            part = self._content_sum(maps, index) / self.content_size
            surrogate = self.content_weight * part
            for name, first, second in zip(names, pulls[0::2], pulls[1::2], strict=True):
                surrogate = surrogate + (found[name].first * first).sum() + (found[name].second * second).sum()
            tile.cut(gradient).add_(torch.autograd.grad(surrogate, window)[0])
            content += part.detach()
        total = style.detach() + self.content_weight * content + kept.detach()
        return Losses(total, style.detach(), content), gradient

    def _sums_of(self, picture: Tensor) -> dict[str, Sums]:
        """The whole picture's sums, as leaves that the style loss can be derived by."""
        sums = None
        with torch.no_grad():
            for tile in self.tiles:
                sums = _add(sums, self._style_sums(self._maps(tile.cut(picture)), tile))
        assert sums is not None
        return {
            name: Sums(found.weight, found.first.requires_grad_(), found.second.requires_grad_())
            for name, found in sums.items()
        }

    def _maps(self, window: Tensor) -> Maps:
        return feature_maps(self.backbone, window, self.recipe.layers, self.dtype)

    def _style_sums(self, maps: Maps, tile: Tile) -> dict[str, Sums]:
        return {
            name: feature_sums(maps[name], self._weights(tile, self.canvas.weights, maps[name]))
            for name, _ in self.recipe.style_layers
        }

    def _style(self, found: dict[str, Moments]) -> Tensor:
        terms = [
            weight * style_loss(found[name], self.targets[name], self.layer[name])
            for name, weight in self.recipe.style_layers
        ]
        return torch.stack(terms).sum()

    def _content_sum(self, maps: Maps, index: int) -> Tensor:
        features = maps[self.recipe.content_layer]
        weights = self._weights(self.tiles[index], self.kept, features)
        return squared_difference(features, self.content[index], weights)

    def _regularity(self, picture: Tensor) -> Tensor:
        return self.recipe.variation_weight * variation_loss(picture) + self.recipe.box_weight * box_loss(picture)

    def _weights(self, tile: Tile, weights: Tensor | None, features: Tensor) -> Tensor | None:
        """What each cell of a tile's feature map counts."""
        return cell_weights(tile, weights, features, is_only=len(self.tiles) == 1)


def cell_weights(tile: Tile, weights: Tensor | None, features: Tensor, is_only: bool) -> Tensor | None:
    """What each cell of a tile's feature map counts: its share of the picture's weights, and nothing in the halo."""
    cells = None
    if weights is not None:
        side = tile.cell_side(features)
        cells = F.avg_pool2d(tile.cut(weights), side, ceil_mode=True, count_include_pad=False)
    if is_only:
        return cells
    core = tile.core_mask(features)
    return core if cells is None else core * cells


def _sums_over_tiles(
    backbone: Backbone, picture: Tensor, names: tuple[str, ...], dtype: torch.dtype
) -> dict[str, Sums]:
    sums = None
    height, width = picture.shape[-2:]
    tiles = cut_tiles(height, width, tile_side(height, width))
    with torch.no_grad():
        for tile in tiles:
            maps = feature_maps(backbone, tile.cut(picture), names, dtype)
            weights = {name: cell_weights(tile, None, maps[name], is_only=len(tiles) == 1) for name in names}
            sums = _add(sums, {name: feature_sums(maps[name], weights[name]) for name in names})
    assert sums is not None
    return sums


def _add(total: dict[str, Sums] | None, more: dict[str, Sums]) -> dict[str, Sums]:
    return more if total is None else {name: total[name] + sums for name, sums in more.items()}
