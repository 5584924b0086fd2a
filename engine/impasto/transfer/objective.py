"""The objective of one scale: what is minimised over the picture's pixels, and its gradient, tile by tile."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.levels import Levels
from impasto.losses.content import samples, squared_difference, squared_size
from impasto.losses.gram import Statistics, Sums, feature_sums, mix
from impasto.losses.style import style_loss
from impasto.losses.variation import box_loss, variation_loss

from .canvas import Canvas
from .encoder import Encoder, Maps, add_sums, tensors_of
from .optimise import Losses
from .team import Portion
from .tiles import Tile

LookSums = dict[tuple[int, str], Sums]
"""The sums over feature maps, by look and layer."""

_REACH = {"relu3_1": 2, "relu4_1": 2, "relu5_1": 2}
"""How many cells around it a cell of these layers sees well; of all others it is one."""
_LEAK = 0.05
"""What cells at a region's edge count, of what they would count inside."""


@dataclass(frozen=True)
class Aim:
    """What a look wants of the places that are painted in it."""

    targets: dict[str, Statistics]
    """The styles' statistics by layer."""
    content_weight: float
    """What multiplies the content loss."""
    style_share: float
    """How far the statistics go from the layer's (0) to the styles' (1)."""


@dataclass(frozen=True)
class _Seen:
    """A tile as the network sees it: the feature maps and sums can be differentiated by the window's pixels."""

    window: Tensor
    maps: Maps
    sums: LookSums


class Objective:
    """Style, content, smoothness and box losses of one scale, as a function of the picture.

    With several looks each has statistics of its own, of what is painted in it (guided sums: Gatys et al. 2017,
    "Controlling Perceptual Factors in Neural Style Transfer", section 3), and a content loss of its own. Each counts by
    how much of the picture it paints, so that a look means the same in a small region as in a whole picture.
    """

    def __init__(
        self,
        encoder: Encoder,
        canvas: Canvas,
        aims: Sequence[Aim],
        side: int,
        portion: Portion,
    ) -> None:
        """`canvas` is what is seen of the layer for the portion's band, `side` that of the tiles it is cut into; it has
        a share of each pixel for each of the aims, if there are several."""
        self.encoder, self.recipe, self.portion = encoder, encoder.recipe, portion
        self.tiles = portion.band.tiles(canvas.content.shape[-1], side, self.recipe.halo)
        self.is_whole = portion.band.is_whole and len(self.tiles) == 1
        self.weights, self.kept, self.shares = canvas.weights, canvas.kept_weights(), canvas.shares or (None,)
        assert len(self.shares) == len(aims)
        self.content: list[dict[str, Tensor | Levels]] = []
        """The layer's own content maps, tile by tile."""
        self._read_content(canvas.content)
        self.aims = [_with_targets_of(aim, layer) for aim, layer in zip(aims, self.layer, strict=True)]

    def _read_content(self, content: Tensor) -> None:
        """Keep the layer's content maps, and what is measured of the layer: the statistics of each look's places, the
        sizes of the content maps there, the looks' shares of all."""
        measure = squared_size if self.recipe.statistics == "moments" else samples
        looks, names = range(len(self.shares)), [name for name, _ in self.recipe.content_layers]
        zero = torch.zeros((), device=content.device)
        sums: LookSums | None = None
        sizes = [{name: zero.clone() for name in names} for _ in looks]
        masses = [zero.clone() for _ in looks]
        with torch.no_grad():
            for tile in self.tiles:
                maps = self._maps(tile.cut(content))
                sums = add_sums(sums, self._style_sums(maps, tile))
                for look in looks:
                    for name in names:
                        weights = self._content_weights(name, maps[name], tile, look)
                        sizes[look][name] += measure(maps[name], weights)
                    masses[look] += _weight_of(maps[names[0]], self._cells(names[0], maps, tile, look))
                # The maps of a large picture take many times its memory.
                self.content.append({name: self._kept_of(maps[name]) for name in names})
        assert sums is not None
        measured = [size for by_name in sizes for size in by_name.values()]
        self.portion.team.add(*tensors_of(sums), *measured, *masses)
        self.content_sizes = [{name: size.clamp_min(1e-8) for name, size in by_name.items()} for by_name in sizes]
        """What the squared differences are divided by, look by look."""
        self.layer = [
            {name: self.encoder.statistics(sums[look, name]) for name, _ in self.recipe.style_layers} for look in looks
        ]
        """The layer's own statistics where it is painted in each look."""
        whole = sum(masses[1:], start=masses[0])
        self.masses = [mass / whole.clamp_min(1e-8) for mass in masses] if len(masses) > 1 else None
        """How much of the picture each look paints; None: there is one."""

    def _kept_of(self, features: Tensor) -> Tensor | Levels:
        """Content maps; those of a tile in as few bytes as they hardly lose anything in."""
        if self.is_whole:
            return features
        if self.encoder.dtype is torch.int8:
            return Levels.of(features, replicates=False)
        return features.half() if features.dtype is torch.float32 else features

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
        total = self.recipe.style_weight * style + content.weighted
        (gradient,) = torch.autograd.grad(total, leaf)
        total = total.detach() + self._regularity(picture, gradient)
        return Losses(total, style.detach(), content.plain.detach()), gradient

    def _evaluate_tiles(self, picture: Tensor) -> tuple[Losses, Tensor]:
        """Pass 1 adds up the statistics of all tiles. Then the style loss can be differentiated by them, and pass 2
        carries that gradient back to each tile's pixels. Pass 2 begins with the last tile, whose maps pass 1 has left
        in memory."""
        *others, last = range(len(self.tiles))
        sums = None
        with torch.no_grad():
            for index in others:
                sums = add_sums(sums, self._style_sums(self._maps(self.tiles[index].cut(picture)), self.tiles[index]))
        at_hand = [self._seen(picture, last)]
        leaves = self._leaves(add_sums(sums, at_hand[0].sums))
        style = self._style(leaves)
        # A Gram matrix doesn't depend on the first sums: their gradient is 0.
        parts = [part for found in leaves.values() for part in found[1:]]
        pulls = torch.autograd.grad(self.recipe.style_weight * style, parts, materialize_grads=True)
        gradient = torch.zeros_like(picture)
        regularity = self._regularity(picture, gradient)
        content, local = torch.zeros_like(regularity), torch.zeros_like(regularity)
        for index in (last, *others):
            # Popped from the list, so that its maps are freed before the next tile's are computed.
            more = self._carry_back(at_hand.pop() if at_hand else self._seen(picture, index), index, pulls, gradient)
            content += more.plain
            local += more.weighted
        self.portion.team.add(content, local, regularity)
        total = self.recipe.style_weight * style.detach() + local + regularity
        return Losses(total, style.detach(), content), gradient

    def _carry_back(self, seen: _Seen, index: int, pulls: tuple[Tensor, ...], gradient: Tensor) -> "_Local":
        """Add one tile's part of the gradient; returns its part of the losses that are sums over places. `pulls` are
        the style loss's gradients by the sums."""
        content = self._content(seen.maps, index)
        surrogate = content.weighted
        for found, first, second in zip(seen.sums.values(), pulls[0::2], pulls[1::2], strict=True):
            surrogate = surrogate + (found.first * first).sum() + (found.second * second).sum()
        self.tiles[index].cut(gradient).add_(torch.autograd.grad(surrogate, seen.window)[0])
        return _Local(content.plain.detach(), content.weighted.detach())

    def _seen(self, picture: Tensor, index: int) -> _Seen:
        """A tile's maps and sums."""
        tile = self.tiles[index]
        window = tile.cut(picture).detach().requires_grad_()
        maps = self._maps(window)
        return _Seen(window, maps, self._style_sums(maps, tile))

    def _leaves(self, sums: LookSums) -> LookSums:
        """The whole picture's sums, as leaves that the style loss can be differentiated by."""
        whole = {key: Sums(*(part.detach().clone() for part in found)) for key, found in sums.items()}
        self.portion.team.add(*tensors_of(whole))
        return {
            key: Sums(found.weight, found.first.requires_grad_(), found.second.requires_grad_())
            for key, found in whole.items()
        }

    def _maps(self, window: Tensor) -> Maps:
        return self.encoder.maps(window, self.recipe.layers)

    def _style_sums(self, maps: Maps, tile: Tile) -> LookSums:
        """The sums over a tile's maps of what is painted in each look."""
        return {
            (look, name): feature_sums(maps[name], self._cells(name, maps, tile, look, is_guarded=True))
            for look in range(len(self.shares))
            for name, _ in self.recipe.style_layers
        }

    def _cells(
        self, name: str, maps: Maps, tile: Tile, look: int | None = None, is_guarded: bool = False
    ) -> Tensor | None:
        """How much each cell of a tile's map counts for a look, or for all of them."""
        cells = self.encoder.cell_weights(name, maps[name], tile, self.weights, self.is_whole)
        return self._of_look(cells, name, maps[name], tile, look, is_guarded)

    def _content_weights(self, name: str, features: Tensor, tile: Tile, look: int) -> Tensor | None:
        cells = self.encoder.cell_weights(name, features, tile, self.kept, self.is_whole)
        return self._of_look(cells, name, features, tile, look, is_guarded=False)

    def _of_look(
        self, cells: Tensor | None, name: str, features: Tensor, tile: Tile, look: int | None, is_guarded: bool
    ) -> Tensor | None:
        """The cells' weights, times how much of each is painted in a look."""
        share = None if look is None else self.shares[look]
        if share is None:
            return cells
        painted = self.encoder.cells_of(name, features, tile.cut(share))
        if is_guarded:
            painted = guarded(painted, name)
        return painted if cells is None else cells * painted

    def _style(self, found: LookSums) -> Tensor:
        """The style loss of the whole picture's sums."""
        terms = []
        for look, aim in enumerate(self.aims):
            for name, weight in self.recipe.style_layers:
                statistics = self.encoder.statistics(found[look, name])
                loss = style_loss(statistics, aim.targets[name], self.layer[look][name], self.recipe.mean_weight)
                terms.append(self._by_mass(weight * loss, look))
        return torch.stack(terms).sum()

    def _content(self, maps: Maps, index: int) -> "_Local":
        """What one tile adds to the content loss."""
        plain, weighted = [], []
        for look, aim in enumerate(self.aims):
            for name, weight in self.recipe.content_layers:
                weights = self._content_weights(name, maps[name], self.tiles[index], look)
                target = self.content[index][name]
                target = target.maps() if isinstance(target, Levels) else target
                difference = squared_difference(maps[name], target, weights)
                loss = self._by_mass(weight * difference / self.content_sizes[look][name], look)
                plain.append(loss)
                weighted.append(aim.content_weight * loss)
        return _Local(torch.stack(plain).sum(), torch.stack(weighted).sum())

    def _by_mass(self, loss: Tensor, look: int) -> Tensor:
        """A look's loss, by how much of the picture it paints."""
        return loss if self.masses is None else self.masses[look] * loss

    def _regularity(self, picture: Tensor, gradient: Tensor) -> Tensor:
        """The band's share of the smoothness and box losses; their gradient is added to `gradient`."""
        band = self.portion.band
        top, bottom = band.top - band.first, band.bottom - band.first
        # Each difference between neighbours counts once: the band has the one below its last row too, if there is one.
        last = min(bottom + 1, picture.shape[-2])
        own, own_gradient = band.own_of_seen(picture), band.own_of_seen(gradient)
        down, down_gradient = picture[..., top:last, :], gradient[..., top:last, :]
        share, down_share = (bottom - top) / band.height, (last - top - 1) / (band.height - 1)
        variation, box = self.recipe.variation_weight, self.recipe.box_weight
        return (
            variation_loss(own, variation * share, own_gradient, axes=(-1,))
            + variation_loss(down, variation * down_share, down_gradient, axes=(-2,))
            + box_loss(own, box * share, own_gradient)
        )


@dataclass(frozen=True)
class _Local:
    """Losses that are sums over places: the content loss, and what of the whole is such a sum."""

    plain: Tensor
    weighted: Tensor


def _with_targets_of(aim: Aim, layer: dict[str, Statistics]) -> Aim:
    """The aim with statistics on the way from the layer's to the styles'."""
    share = aim.style_share
    targets = {name: mix([(target, share), (layer[name], 1 - share)]) for name, target in aim.targets.items()}
    return replace(aim, targets=targets)


def guarded(painted: Tensor, layer: str) -> Tensor:
    """How much cells count in a look's statistics, of how much of each is painted in it, ``(1, 1, h, w)``.

    A cell near a region's edge sees what is painted otherwise: it counts little, so that no look leaks into another. Of
    a region too small for cells that see nothing else, all cells count, by what is painted of them.
    """
    reach = _REACH.get(layer, 1)
    inner = -F.max_pool2d(-painted, 2 * reach + 1, stride=1, padding=reach)
    return (1 - _LEAK) * inner + _LEAK * painted


def _weight_of(features: Tensor, weights: Tensor | None) -> Tensor:
    """The weights of all cells together."""
    return features.new_full((), features[0, 0].numel(), dtype=torch.float32) if weights is None else weights.sum()
