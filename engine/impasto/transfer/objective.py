"""The objective of one scale: what is minimised over the picture's pixels, and its gradient, tile by tile."""

from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.losses.content import samples, squared_difference, squared_size
from impasto.losses.gram import Statistics, Sums, mix
from impasto.losses.style import style_loss
from impasto.losses.variation import box_loss, variation_loss

from .canvas import Canvas
from .encoder import Encoder, Maps, add_sums, tensors_of
from .neighbours import Pull
from .optimise import Losses
from .team import Portion
from .tiles import Tile


@dataclass(frozen=True)
class Balance:
    """What multiplies the content loss, and how far the statistics go from the layer's (0) to the style's (1)."""

    content_weight: float
    style_share: float


@dataclass(frozen=True)
class _Look:
    """A tile as the network sees it: the feature maps and sums can be differentiated by the window's pixels."""

    window: Tensor
    maps: Maps
    sums: dict[str, Sums]


class Objective:
    """Style, content, smoothness and box losses of one scale, as a function of the picture."""

    def __init__(
        self,
        encoder: Encoder,
        canvas: Canvas,
        targets: dict[str, Statistics],
        balance: Balance,
        side: int,
        portion: Portion,
        pull: Pull | None = None,
    ) -> None:
        """`canvas` is what is seen of the layer for the portion's band, `side` that of the tiles it is cut into.
        `pull` draws the band's places to their neighbours."""
        self.encoder, self.recipe, self.portion = encoder, encoder.recipe, portion
        self.content_weight = balance.content_weight
        self.tiles = portion.band.tiles(canvas.content.shape[-1], side, self.recipe.halo)
        self.is_whole = portion.band.is_whole and len(self.tiles) == 1
        self.weights, self.kept = canvas.weights, canvas.kept_weights()
        self.pull = pull
        self.content: list[Maps] = []
        """The layer's own content maps, tile by tile."""
        self.places = torch.zeros((), device=canvas.content.device)
        """How many places have neighbours, each counted as its weight."""
        sums, sizes = self._read_content(canvas.content)
        portion.team.add(*tensors_of(sums), *sizes.values(), self.places)
        self.content_sizes = {name: size.clamp_min(1e-8) for name, size in sizes.items()}
        """What the squared differences are divided by."""
        self.layer = {name: encoder.statistics(found) for name, found in sums.items()}
        share = balance.style_share
        self.targets = {name: mix([(target, share), (self.layer[name], 1 - share)]) for name, target in targets.items()}

    def _read_content(self, content: Tensor) -> tuple[dict[str, Sums], dict[str, Tensor]]:
        """Keep the layer's content maps; returns its style sums and the sizes of its content maps, by layer."""
        measure = squared_size if self.recipe.statistics == "moments" else samples
        sums, sizes = None, {name: torch.zeros((), device=content.device) for name, _ in self.recipe.content_layers}
        with torch.no_grad():
            for tile in self.tiles:
                maps = self._maps(tile.cut(content))
                sums = add_sums(sums, self._style_sums(maps, tile))
                for name in sizes:
                    sizes[name] += measure(maps[name], self._content_weights(name, maps[name], tile))
                if self.pull:
                    self.places += self._weight_of_places(maps, tile)
                # The maps of a large picture take many times its memory: they are kept in half precision.
                self.content.append({name: maps[name] if self.is_whole else _in_half(maps[name]) for name in sizes})
        assert sums is not None
        return sums, sizes

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
        total = self.recipe.style_weight * style + self.content_weight * content + self._pulled(maps, 0)
        (gradient,) = torch.autograd.grad(total, leaf)
        total = total.detach() + self._regularity(picture, gradient)
        return Losses(total, style.detach(), content.detach()), gradient

    def _evaluate_tiles(self, picture: Tensor) -> tuple[Losses, Tensor]:
        """Pass 1 adds up the statistics of all tiles. Then the style loss can be differentiated by them, and pass 2
        carries that gradient back to each tile's pixels. Pass 2 begins with the last tile, whose maps pass 1 has left
        in memory."""
        *others, last = range(len(self.tiles))
        sums = None
        with torch.no_grad():
            for index in others:
                sums = add_sums(sums, self._style_sums(self._maps(self.tiles[index].cut(picture)), self.tiles[index]))
        at_hand = [self._look(picture, last)]
        leaves = self._leaves(add_sums(sums, at_hand[0].sums))
        style = self._style(leaves)
        # A Gram matrix doesn't depend on the first sums: their gradient is 0.
        parts = [part for found in leaves.values() for part in found[1:]]
        pulls = torch.autograd.grad(self.recipe.style_weight * style, parts, materialize_grads=True)
        gradient = torch.zeros_like(picture)
        regularity = self._regularity(picture, gradient)
        content, pulled = torch.zeros_like(regularity), torch.zeros_like(regularity)
        for index in (last, *others):
            # Popped from the list, so that its maps are freed before the next tile's are computed.
            more = self._carry_back(at_hand.pop() if at_hand else self._look(picture, index), index, pulls, gradient)
            content += more[0]
            pulled += more[1]
        self.portion.team.add(content, pulled, regularity)
        total = self.recipe.style_weight * style.detach() + self.content_weight * content + pulled + regularity
        return Losses(total, style.detach(), content), gradient

    def _carry_back(
        self, look: _Look, index: int, pulls: tuple[Tensor, ...], gradient: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Add one tile's part of the gradient; returns its part of the content loss, and of the neighbours' pull.
        `pulls` are the style loss's gradients by the sums."""
        content, pulled = self._content(look.maps, index), self._pulled(look.maps, index)
        surrogate = self.content_weight * content + pulled
        for found, first, second in zip(look.sums.values(), pulls[0::2], pulls[1::2], strict=True):
            surrogate = surrogate + (found.first * first).sum() + (found.second * second).sum()
        self.tiles[index].cut(gradient).add_(torch.autograd.grad(surrogate, look.window)[0])
        return content.detach(), pulled.detach()

    def _look(self, picture: Tensor, index: int) -> _Look:
        """A tile's maps and sums."""
        tile = self.tiles[index]
        window = tile.cut(picture).detach().requires_grad_()
        maps = self._maps(window)
        return _Look(window, maps, self._style_sums(maps, tile))

    def _leaves(self, sums: dict[str, Sums]) -> dict[str, Sums]:
        """The whole picture's sums, as leaves that the style loss can be differentiated by."""
        whole = {name: Sums(*(part.detach().clone() for part in found)) for name, found in sums.items()}
        self.portion.team.add(*tensors_of(whole))
        return {
            name: Sums(found.weight, found.first.requires_grad_(), found.second.requires_grad_())
            for name, found in whole.items()
        }

    def _maps(self, window: Tensor) -> Maps:
        return self.encoder.maps(window, self.recipe.layers)

    def _style_sums(self, maps: Maps, tile: Tile) -> dict[str, Sums]:
        return self.encoder.style_sums(maps, tile, self.weights, self.is_whole)

    def _content_weights(self, name: str, features: Tensor, tile: Tile) -> Tensor | None:
        return self.encoder.cell_weights(name, features, tile, self.kept, self.is_whole)

    def _style(self, found: dict[str, Sums]) -> Tensor:
        """The style loss of the whole picture's sums."""
        terms = []
        for name, weight in self.recipe.style_layers:
            statistics = self.encoder.statistics(found[name])
            loss = style_loss(statistics, self.targets[name], self.layer[name], self.recipe.mean_weight)
            terms.append(weight * loss)
        return torch.stack(terms).sum()

    def _content(self, maps: Maps, index: int) -> Tensor:
        """What one tile adds to the content loss."""
        terms = []
        for name, weight in self.recipe.content_layers:
            weights = self._content_weights(name, maps[name], self.tiles[index])
            difference = squared_difference(maps[name], self.content[index][name], weights)
            terms.append(weight * difference / self.content_sizes[name])
        return torch.stack(terms).sum()

    def _pulled(self, maps: Maps, index: int) -> Tensor:
        """What one tile adds to the distance of all places from their neighbours, times its weight."""
        if self.pull is None:
            return self.places
        near, tile, cells = self.pull.neighbours, self.tiles[index], self.encoder.backbone.cells
        weights = self._place_weights(maps, tile)
        height, width = maps[near.grid].shape[-2:]
        top, left = tile.top // cells[near.grid], tile.left // cells[near.grid]
        target = near.target[..., top : top + height, left : left + width]
        return self.pull.weight / self.places * near.distance(maps, cells, target, weights)

    def _place_weights(self, maps: Maps, tile: Tile) -> Tensor | None:
        assert self.pull
        grid = self.pull.neighbours.grid
        return self.encoder.cell_weights(grid, maps[grid], tile, self.weights, self.is_whole)

    def _weight_of_places(self, maps: Maps, tile: Tile) -> Tensor:
        assert self.pull
        weights = self._place_weights(maps, tile)
        return torch.ones_like(maps[self.pull.neighbours.grid][:, :1]).float().sum() if weights is None else weights.sum()

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


def _in_half(features: Tensor) -> Tensor:
    return features.half() if features.dtype is torch.float32 else features
