"""The objective of one scale: what is minimised over the picture's pixels, and its gradient, tile by tile."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.backbones import Backbone
from impasto.losses.content import samples, squared_difference, squared_size
from impasto.losses.gram import Statistics, Sums, feature_sums, mix
from impasto.losses.style import style_loss
from impasto.losses.variation import box_loss, variation_loss

from .canvas import Canvas
from .optimise import Losses
from .recipes import Recipe
from .team import ALONE, Band, Team
from .tiles import SIDE, Tile, cut_tiles, tile_side

Maps = dict[str, Tensor]


@dataclass(frozen=True)
class Balance:
    """What multiplies the content loss, and how far the statistics go from the layer's (0) to the style's (1)."""

    content_weight: float
    style_share: float


def feature_maps(
    backbone: Backbone, picture: Tensor, layers: tuple[str, ...], recipe: Recipe, dtype: torch.dtype
) -> Maps:
    """The backbone's maps of an RGB picture ``(1, 3, H, W)`` in 0..1, computed in `dtype`."""
    maps: Maps = backbone(picture, layers, recipe.pooling, recipe.padding, dtype)
    return maps


def style_targets(
    backbone: Backbone,
    styles: list[tuple[Tensor, float]],
    recipe: Recipe,
    dtype: torch.dtype,
    side: int = SIDE,
    team: Team = ALONE,
) -> dict[str, Statistics]:
    """The statistics that the picture shall have, by layer: those of the styles (as far as they are opaque, where there
    is a fourth channel), mixed by their shares. A team shares the work."""
    names = tuple(name for name, _ in recipe.style_layers)
    sums = [(_sums_over_tiles(backbone, picture, recipe, dtype, side, team), share) for picture, share in styles]
    return {name: mix([(statistics(found[name], recipe), share) for found, share in sums]) for name in names}


def statistics(sums: Sums, recipe: Recipe) -> Statistics:
    """What of a feature map the recipe takes for its style."""
    if recipe.statistics == "moments":
        return sums.moments()
    return sums.gram(divisor=len(sums.first) if recipe.statistics == "gram / CHW" else 1)


@dataclass(frozen=True)
class _Look:
    """A tile as the network sees it, with what it takes to go back to its pixels."""

    window: Tensor
    maps: Maps
    sums: dict[str, Sums]


class Objective:
    """Style, content, smoothness and box losses of one scale, as a function of the picture."""

    def __init__(
        self,
        backbone: Backbone,
        recipe: Recipe,
        canvas: Canvas,
        targets: dict[str, Statistics],
        balance: Balance,
        dtype: torch.dtype,
        side: int,
        band: Band | None = None,
        team: Team = ALONE,
    ) -> None:
        """Of a whole picture, or of a band that a team's member owns: then the canvas is what is seen of it."""
        self.band, self.team = band, team
        self.backbone, self.recipe, self.dtype = backbone, recipe, dtype
        self.content_weight = balance.content_weight
        height, width = canvas.content.shape[-2:]
        self.tiles = (
            cut_tiles(height, width, side, recipe.halo)
            if band is None
            else band.tiles(width, band.tile_side(width, side))
        )
        self.is_whole = band is None and len(self.tiles) == 1
        self.weights, self.kept = canvas.weights, canvas.kept_weights()
        self.content: list[Maps] = []
        """The layer's own maps, tile by tile; of a large picture in half precision, for they outgrow it many times."""
        measure = squared_size if recipe.statistics == "moments" else samples
        sums, sizes = None, {name: torch.zeros((), device=canvas.content.device) for name, _ in recipe.content_layers}
        with torch.no_grad():
            for tile in self.tiles:
                maps = self._maps(tile.cut(canvas.content))
                sums = _add(sums, self._style_sums(maps, tile))
                for name in sizes:
                    sizes[name] += measure(maps[name], self._weights(tile, self.kept, name, maps[name]))
                self.content.append({name: maps[name] if self.is_whole else _halved(maps[name]) for name in sizes})
        assert sums is not None
        team.add(*_parts(sums), *sizes.values())
        self.content_sizes = {name: size.clamp_min(1e-8) for name, size in sizes.items()}
        self.layer = {name: statistics(found, recipe) for name, found in sums.items()}
        share = balance.style_share
        self.targets = {name: mix([(target, share), (self.layer[name], 1 - share)]) for name, target in targets.items()}

    def evaluate(self, picture: Tensor) -> tuple[Losses, Tensor]:
        """The losses of a picture ``(1, 3, H, W)`` in 0..1, and their gradient."""
        if self.is_whole:
            return self._evaluate_whole(picture)
        return self._evaluate_tiles(picture)

    def _evaluate_whole(self, picture: Tensor) -> tuple[Losses, Tensor]:
        leaf = picture.detach().requires_grad_()
        maps = self._maps(leaf)
        style = self._style(self._style_sums(maps, self.tiles[0]))
        content = self._content(maps, 0)
        total = self.recipe.style_weight * style + self.content_weight * content
        (gradient,) = torch.autograd.grad(total, leaf)
        total = total.detach() + self._regularity(picture, gradient)
        return Losses(total, style.detach(), content.detach()), gradient

    def _evaluate_tiles(self, picture: Tensor) -> tuple[Losses, Tensor]:
        """Pass 1 adds up the statistics; then the loss's gradient with respect to them is known, and pass 2 carries
        it back to each tile's pixels. It begins with the tile that pass 1 ended with, whose maps are still there."""
        *others, last = range(len(self.tiles))
        sums = None
        with torch.no_grad():
            for index in others:
                sums = _add(sums, self._style_sums(self._maps(self.tiles[index].cut(picture)), self.tiles[index]))
        at_hand = [self._look(picture, last)]
        leaves = self._leaves(_add(sums, at_hand[0].sums))
        style = self._style(leaves)
        # A Gram matrix has no use for the first sums: their pull is nothing.
        parts = [part for found in leaves.values() for part in found[1:]]
        pulls = torch.autograd.grad(self.recipe.style_weight * style, parts, materialize_grads=True)
        gradient = torch.zeros_like(picture)
        regularity = self._regularity(picture, gradient)
        content = torch.zeros_like(regularity)
        for index in (last, *others):
            # Popped, so that nothing holds its maps while there are the next tile's.
            content += self._carry_back(
                at_hand.pop() if at_hand else self._look(picture, index), index, pulls, gradient
            )
        self.team.add(content, regularity)
        total = self.recipe.style_weight * style.detach() + self.content_weight * content + regularity
        return Losses(total, style.detach(), content), gradient

    def _carry_back(self, look: "_Look", index: int, pulls: tuple[Tensor, ...], gradient: Tensor) -> Tensor:
        """Add what one tile does to the gradient; returns what it adds to the content loss."""
        content = self._content(look.maps, index)
        surrogate = self.content_weight * content
        for found, first, second in zip(look.sums.values(), pulls[0::2], pulls[1::2], strict=True):
            surrogate = surrogate + (found.first * first).sum() + (found.second * second).sum()
        self.tiles[index].cut(gradient).add_(torch.autograd.grad(surrogate, look.window)[0])
        return content.detach()

    def _look(self, picture: Tensor, index: int) -> "_Look":
        """A tile's maps and sums, to be derived by its window."""
        tile = self.tiles[index]
        window = tile.cut(picture).detach().requires_grad_()
        maps = self._maps(window)
        return _Look(window, maps, self._style_sums(maps, tile))

    def _leaves(self, sums: dict[str, Sums]) -> dict[str, Sums]:
        """The whole picture's sums, as leaves that the style loss can be derived by."""
        whole = {name: Sums(*(part.detach().clone() for part in found)) for name, found in sums.items()}
        self.team.add(*_parts(whole))
        return {
            name: Sums(found.weight, found.first.requires_grad_(), found.second.requires_grad_())
            for name, found in whole.items()
        }

    def _maps(self, window: Tensor) -> Maps:
        return feature_maps(self.backbone, window, self.recipe.layers, self.recipe, self.dtype)

    def _style_sums(self, maps: Maps, tile: Tile) -> dict[str, Sums]:
        return {
            name: feature_sums(maps[name], self._weights(tile, self.weights, name, maps[name]))
            for name, _ in self.recipe.style_layers
        }

    def _style(self, found: dict[str, Sums]) -> Tensor:
        terms = [
            weight
            * style_loss(
                statistics(found[name], self.recipe), self.targets[name], self.layer[name], self.recipe.mean_weight
            )
            for name, weight in self.recipe.style_layers
        ]
        return torch.stack(terms).sum()

    def _content(self, maps: Maps, index: int) -> Tensor:
        """What one tile adds to the content loss."""
        terms = []
        for name, weight in self.recipe.content_layers:
            weights = self._weights(self.tiles[index], self.kept, name, maps[name])
            difference = squared_difference(maps[name], self.content[index][name], weights)
            terms.append(weight * difference / self.content_sizes[name])
        return torch.stack(terms).sum()

    def _regularity(self, picture: Tensor, gradient: Tensor) -> Tensor:
        """Smoothness and box losses; their gradient is added to `gradient`."""
        variation, box, band = self.recipe.variation_weight, self.recipe.box_weight, self.band
        if band is None:
            return variation_loss(picture, variation, gradient) + box_loss(picture, box, gradient)
        # Each difference between neighbours counts once: that down from its last row too, unless the picture ends.
        top, bottom = band.top - band.first, band.bottom - band.first
        last = min(bottom + 1, picture.shape[-2])
        own, own_gradient = band.own_of_seen(picture), band.own_of_seen(gradient)
        down, down_gradient = picture[..., top:last, :], gradient[..., top:last, :]
        share, down_share = (bottom - top) / band.height, (last - top - 1) / (band.height - 1)
        return (
            box_loss(own, box * share, own_gradient)
            + variation_loss(own, variation * share, own_gradient, axes=(-1,))
            + variation_loss(down, variation * down_share, down_gradient, axes=(-2,))
        )

    def _weights(self, tile: Tile, weights: Tensor | None, name: str, features: Tensor) -> Tensor | None:
        """What each cell of a tile's feature map counts."""
        return cell_weights(tile, weights, features, self.backbone.cells[name], self.is_whole)


def cell_weights(tile: Tile, weights: Tensor | None, features: Tensor, cell: int, is_only: bool) -> Tensor | None:
    """What each cell of a tile's feature map counts: its share of the picture's weights, and nothing in the halo."""
    cells = None
    if weights is not None:
        cells = F.avg_pool2d(tile.cut(weights), cell, ceil_mode=True, count_include_pad=False)
        # Some networks have no cell for an incomplete square at the end.
        cells = cells[..., : features.shape[-2], : features.shape[-1]]
    if is_only:
        return cells
    core = tile.core_mask(features, cell)
    return core if cells is None else core * cells


def _sums_over_tiles(
    backbone: Backbone, picture: Tensor, recipe: Recipe, dtype: torch.dtype, side: int, team: Team
) -> dict[str, Sums]:
    sums, names = None, tuple(name for name, _ in recipe.style_layers)
    opacity = picture[:, 3:].clamp(0, 1) if picture.shape[1] == 4 else None
    height, width = picture.shape[-2:]
    band = team.band(height, recipe.halo)
    if band is None:
        tiles = cut_tiles(height, width, tile_side(height, width, side), recipe.halo)
    else:
        tiles = cut_tiles(height, width, band.tile_side(width, side), recipe.halo, (band.top, band.bottom))
    is_only = band is None and len(tiles) == 1
    with torch.no_grad():
        for tile in tiles:
            found = {}
            for name, features in feature_maps(backbone, tile.cut(picture[:, :3]), names, recipe, dtype).items():
                weights = cell_weights(tile, opacity, features, backbone.cells[name], is_only)
                found[name] = feature_sums(features, weights)
            sums = _add(sums, found)
    assert sums is not None
    if band is not None:
        team.add(*_parts(sums))
    return sums


def _parts(sums: dict[str, Sums]) -> list[Tensor]:
    return [part for found in sums.values() for part in found]


def _halved(features: Tensor) -> Tensor:
    return features.half() if features.dtype is torch.float32 else features


def _add(total: dict[str, Sums] | None, more: dict[str, Sums]) -> dict[str, Sums]:
    return more if total is None else {name: total[name] + sums for name, sums in more.items()}
