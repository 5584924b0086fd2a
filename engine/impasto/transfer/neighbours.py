"""Like to like: each place of the layer is drawn to what looks most like it in the style's pictures.

Statistics forget where things are, so a painting's yellow may land on a cat's nose. At the coarse scales, where it is
decided what goes where, each place of the layer has a neighbour: the place of a style picture whose features, of all
the network's layers together (a hypercolumn: Hariharan et al. 2015), point the way most like its own. The picture is
drawn to its neighbours' features (Li and Wand 2016, without their patches; Kolkin et al. 2022, "Neural Neighbor Style
Transfer", with theirs in place of the statistics; here beside them). Finer scales only add strokes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.limited import where_it_works

from .encoder import Encoder, Maps
from .pyramid import cell_means
from .recipes import Like
from .team import RowBand
from .tiles import Tile

_MOST_CANDIDATES = 8192
"""Places of the style pictures that are looked through; of more, every so many-th."""
_DIMENSIONS = 128
"""Hypercolumns are compared by so many main components: nearly the same neighbours in a seventh of the time."""
_AT_ONCE = 1024
_OPAQUE = 0.5
"""Places of a style picture that are less opaque than that are no neighbours."""


@dataclass(frozen=True)
class Pull:
    """Draws the places of an area to their neighbours."""

    layers: tuple[str, ...]
    """Of the hypercolumns, fine to coarse."""
    grid: str
    """The layer in whose cells the places are."""
    target: Tensor
    """``(1, C, h, w)``: of each place the sum of its neighbours' directions, each by its weight."""
    weight: Tensor
    """``(1, 1, h, w)``: how strongly each place is drawn: the sum of its neighbours' weights."""

    def rows(self, band: RowBand, cells: dict[str, int]) -> "Pull":
        """What draws the rows that are seen around a band."""
        rows = slice(band.first // cells[self.grid], -(-band.last // cells[self.grid]))
        return replace(self, target=self.target[..., rows, :], weight=self.weight[..., rows, :])

    def distance(self, maps: Maps, cells: dict[str, int], tile: Tile, weights: Tensor | None) -> Tensor:
        """The weighted sum of 1 - cosine over a tile's places, each counted by `weights` ``(1, 1, h, w)``, too."""
        found = F.normalize(hypercolumns(maps, self.layers, self.grid, cells), dim=1)
        top, left = tile.top // cells[self.grid], tile.left // cells[self.grid]
        rows, columns = slice(top, top + found.shape[-2]), slice(left, left + found.shape[-1])
        distance = self.weight[..., rows, columns] - (found * self.target[..., rows, columns]).sum(1, keepdim=True)
        return (distance if weights is None else distance * weights).sum()


def hypercolumns(maps: Maps, layers: Sequence[str], grid: str, cells: dict[str, int]) -> Tensor:
    """The maps of several layers in the cells of one of them, ``(1, C, h, w)`` float32.

    `cells` is how many pixels wide a cell of each layer is. Finer maps are averaged, coarser ones enlarged; a cell
    depends on a fixed set of pixels, so that tiles have what the whole picture has.
    """
    height, width = maps[grid].shape[-2:]
    columns = []
    for name in layers:
        features, factor = maps[name].float(), cells[name] / cells[grid]
        if factor < 1:
            features = cell_means(features, round(1 / factor))
        elif factor > 1:
            features = F.interpolate(features, scale_factor=factor, mode="bilinear", align_corners=False)
            lacking = (0, max(0, width - features.shape[-1]), 0, max(0, height - features.shape[-2]))
            features = F.pad(features, lacking, mode="replicate")
        columns.append(features[..., :height, :width])
    return torch.cat(columns, dim=1)


def find_neighbours(
    encoder: Encoder,
    like: Like,
    query: Tensor,
    styles: Sequence[tuple[Tensor, float]],
    weights: Tensor | None,
    drawn: Sequence[str],
) -> Pull:
    """What draws each place of a picture ``(1, 3, H, W)`` to its neighbours in style pictures, one in each, weighted by
    the pictures' shares.

    Places are compared by cosine, after the mean of each picture's hypercolumns was taken away, those of what counts:
    by `weights` ``(1, 1, H, W)``. A style picture is seen as it is, mirrored and turned. Of the layers that are
    compared only those among `drawn` are run at each step, and drawn to the neighbours.
    """
    cells, grid = encoder.backbone.cells, like.grid
    with torch.no_grad():
        maps = encoder.maps(query, like.layers)
        is_drawn = torch.cat([torch.full((maps[name].shape[1],), name in drawn) for name in like.layers])
        columns = hypercolumns(maps, like.layers, grid, cells)
        height, width = columns.shape[-2:]
        places = columns.flatten(2)[0].T
        counts = None if weights is None else _in_cells(weights, cells[grid], height, width).flatten()
        target = places.new_zeros(len(places), int(is_drawn.sum()))
        for picture, share in styles:
            candidates = torch.cat(list(_places_of(encoder, picture, like)))
            candidates = candidates[:: -(-len(candidates) // _MOST_CANDIDATES)]
            nearest = candidates[_nearest(places, candidates, counts)]
            target += share * F.normalize(nearest[:, is_drawn], dim=1)
    layers = tuple(name for name in like.layers if name in drawn)
    return Pull(layers, grid, target.T.reshape(1, -1, height, width), columns.new_ones(1, 1, height, width))


def joined_pulls(pulls: Sequence[Pull], weights: Sequence[Tensor], cell: int) -> Pull:
    """Several pulls of the same places, each by its weight ``(1, 1, H, W)`` of the pixels; a cell is so many wide."""
    height, width = pulls[0].weight.shape[-2:]
    parts = [_in_cells(weight, cell, height, width) for weight in weights]
    target = sum((part * pull.target for part, pull in zip(parts, pulls, strict=True)), start=torch.zeros(()))
    weight = sum((part * pull.weight for part, pull in zip(parts, pulls, strict=True)), start=torch.zeros(()))
    return replace(pulls[0], target=target, weight=weight)


def _in_cells(maps: Tensor, cell: int, height: int, width: int) -> Tensor:
    """The mean of a map ``(1, 1, H, W)`` in each cell: ``(1, 1, height, width)``."""
    cells = cell_means(maps, cell)
    return cells[..., :height, :width]


def _places_of(encoder: Encoder, picture: Tensor, like: Like) -> Iterator[Tensor]:
    """The hypercolumns ``(N, C)`` of a style picture, as it is, mirrored and turned; of what is opaque in it."""
    cells = encoder.backbone.cells
    for view in (picture, picture.flip(-1), picture.flip(-2), picture.transpose(-1, -2)):
        found = hypercolumns(encoder.maps(view[:, :3], like.layers), like.layers, like.grid, cells)
        places = found.flatten(2)[0].T
        if view.shape[1] == 4:
            opacity = _in_cells(view[:, 3:], cells[like.grid], *found.shape[-2:]).flatten()
            places = places[opacity >= min(_OPAQUE, float(opacity.max()))]
        yield places


def _nearest(places: Tensor, candidates: Tensor, counts: Tensor | None) -> Tensor:
    """For each place the index of the candidate of the greatest cosine; all are ``(N, C)``."""
    if counts is None or not counts.any():
        mean = places.mean(dim=0)
    else:
        mean = (places * counts[:, None]).sum(dim=0) / counts.sum()
    places, candidates = places - mean, candidates - candidates.mean(dim=0)
    axes = _main_axes(candidates)
    places, candidates = (F.normalize(vectors @ axes, dim=1) for vectors in (places, candidates))
    return torch.cat([(some @ candidates.T).argmax(dim=1) for some in torch.split(places, _AT_ONCE)])


def _main_axes(vectors: Tensor) -> Tensor:
    """The axes ``(C, D)`` along which vectors ``(N, C)`` around 0 vary most."""
    covariance = vectors.T @ vectors
    axes = where_it_works(lambda found: torch.linalg.eigh(found.double())[1].to(found), covariance)
    return axes[:, -_DIMENSIONS:]
