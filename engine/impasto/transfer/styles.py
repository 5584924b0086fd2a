"""The style pictures of a painting, and what it takes from them at each scale: statistics, palette, grain."""

from collections.abc import Sequence
from copy import copy

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.losses.gram import Statistics, Sums, feature_sums, mix
from impasto.request import PaintRequest, Picture

from .areas import Size
from .canvas import read_colours
from .encoder import Encoder, add_sums, tensors_of
from .grain import grain_of
from .pyramid import SMALLEST_SCALE, resize
from .start import ColourMap, colour_map
from .team import ALONE, Team
from .tiles import USUAL_SIDE, cut_tiles

StylePictures = list[tuple[Tensor, float]]
"""Pictures ``(1, 3, h, w)``, or ``(1, 4, h, w)`` with their opacity, and their shares in the mix."""

SharedTargets = dict[tuple[object, ...], dict[str, Statistics]]
"""The styles' statistics by the scale's size, the tiles' side and the styles' own sizes."""


class StyleMix:
    """The style pictures of one painting and their shares, which add up to 1."""

    def __init__(self, request: PaintRequest, encoder: Encoder, shared: SharedTargets, team: Team = ALONE) -> None:
        """`shared` holds the statistics that paintings in the same styles, settings and recipe have in common; what is
        missing is computed and put there. Raises `PictureError`."""
        whole = sum(style.weight for style in request.styles)
        device = encoder.backbone.device
        self.pictures = [(style_tensor(style.picture, device), style.weight / whole) for style in request.styles]
        self.encoder, self.recipe, self.brush_size = encoder, encoder.recipe, request.settings.brush_size
        self.shared, self.team = shared, team

    def at(self, size: Size) -> StylePictures:
        """The pictures at the size that makes their strokes as large as asked for at the scale of that size."""
        smallest = max(SMALLEST_SCALE, self.recipe.smallest_side)
        found = []
        for picture, share in self.pictures:
            height, width = picture.shape[-2:]
            factor = self.recipe.style_factor((size[1], size[0]), (height, width), self.brush_size)
            height, width = (max(smallest, round(side * factor)) for side in (height, width))
            found.append((resize(picture, width, height, self.recipe.resampling), share))
        return found

    def targets(self, size: Size, side: int) -> dict[str, Statistics]:
        """The statistics that a picture of that size shall have, by layer; computed in tiles of that side."""
        key = (*size, side, *(picture.shape for picture, _ in self.pictures))
        if key not in self.shared:
            self.shared[key] = style_targets(self.encoder.at(*size), self.at(size), side, self.team)
        return self.shared[key]

    def of_part(self, size: Size, counts: Sequence[Tensor]) -> "StyleMix":
        """The pictures as they are at the scale of that size, each place of each counting by a map ``(1, 1, h, w)``."""
        found = copy(self)
        found.pictures, found.shared = [], {}
        for (picture, share), count in zip(self.at(size), counts, strict=True):
            there = F.interpolate(count, size=picture.shape[-2:], mode="bilinear", align_corners=False)
            picture = _with_opacity(picture)
            found.pictures.append((torch.cat([picture[:, :3], picture[:, 3:] * there], dim=1), share))
        return found

    def palette(self, content: Tensor, weights: Tensor | None, size: Size) -> ColourMap:
        """What gives a layer, as much of it as its weights say, the styles' colours at the scale of that size."""
        pictures = [_with_opacity(picture) for picture, _ in self.at(size)]
        colours = torch.cat([picture.flatten(2) for picture in pictures], dim=2)[..., None]
        if weights is not None and not bool(weights.any()):
            weights = None  # a region that holds only what is transparent
        return colour_map(content, colours[:, :3], weights, colours[:, 3:])

    def grain(self, size: Size) -> float:
        """How strong the styles' finest marks are at the scale of that size; see `grain_of`."""
        return sum(share * grain_of(picture) for picture, share in self.at(size))

    def are_outgrown_at(self, size: Size) -> bool:
        """Is the layer, at the scale of that size, larger than every style picture can be?"""
        return all(
            self.recipe.outgrown((size[1], size[0]), (picture.shape[-2], picture.shape[-1]), self.brush_size)
            for picture, _ in self.pictures
        )


def style_tensor(picture: Picture, device: torch.device) -> Tensor:
    """A style's colours ``(1, 3, h, w)``, or ``(1, 4, h, w)`` with its opacity, where that isn't 1 everywhere.

    What is transparent is filled from what isn't, and counts nothing.
    """
    colours, alpha = read_colours(picture, device)
    return colours if alpha is None else torch.cat([colours, alpha], dim=1)


def style_targets(
    encoder: Encoder, pictures: Sequence[tuple[Tensor, float]], side: int = USUAL_SIDE, team: Team = ALONE
) -> dict[str, Statistics]:
    """The statistics of style pictures by layer, mixed by their shares; a team divides the work.

    Only what is opaque counts, where a picture has a fourth channel.
    """
    sums = [(_sums_over_tiles(encoder, picture, side, team), share) for picture, share in pictures]
    return {
        name: mix([(encoder.statistics(found[name]), share) for found, share in sums])
        for name, _ in encoder.recipe.style_layers
    }


def _sums_over_tiles(encoder: Encoder, picture: Tensor, side: int, team: Team) -> dict[str, Sums]:
    sums: dict[str, Sums] | None = None
    names = tuple(name for name, _ in encoder.recipe.style_layers)
    opacity = picture[:, 3:].clamp(0, 1) if picture.shape[1] == 4 else None
    height, width = picture.shape[-2:]
    portion = team.portion(height, encoder.recipe.halo)
    band = portion.band
    tiles = cut_tiles(height, width, band.tile_side(width, side), encoder.recipe.halo, (band.top, band.bottom))
    is_only = band.is_whole and len(tiles) == 1
    with torch.no_grad():
        for tile in tiles:
            maps = encoder.maps(tile.cut(picture[:, :3]), names)
            sums = add_sums(
                sums,
                {
                    name: feature_sums(maps[name], encoder.cell_weights(name, maps[name], tile, opacity, is_only))
                    for name in names
                },
            )
    assert sums is not None
    portion.team.add(*tensors_of(sums))
    return sums


def _with_opacity(picture: Tensor) -> Tensor:
    """The picture as ``(1, 4, h, w)``."""
    return picture if picture.shape[1] == 4 else F.pad(picture, (0, 0, 0, 0, 0, 1), value=1.0)
