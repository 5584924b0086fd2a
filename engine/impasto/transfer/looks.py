"""The looks of one painting: its own styles and settings, and those of each of its regions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from impasto.request import PaintRequest
from impasto_wire.settings import Settings

from .areas import Size
from .canvas import Canvas, in_areas
from .colour import mix_chroma
from .counterparts import find_counterparts
from .encoder import Encoder
from .recipes import Like, Recipe, content_weight, style_share
from .start import ColourMap
from .styles import SharedTargets, StyleMix
from .team import ALONE, Team


@dataclass(frozen=True)
class Look:
    """Styles and settings that a part of the painting has in common, or all of it."""

    styles: StyleMix
    settings: Settings

    @property
    def style_share(self) -> float:
        """How far colours and statistics go from the layer's own (0) to the styles' (1)."""
        return style_share(self.settings.strength)

    @property
    def likes(self) -> float:
        """How far like is painted as its like: from alike everywhere (0) to each part as its counterpart (1)."""
        return self.settings.places if self.style_share else 0.0

    def content_weight(self, recipe: Recipe) -> float:
        """What multiplies its content loss."""
        return content_weight(recipe, self.settings.strength, self.settings.detail)

    def grain(self, recipe: Recipe, size: Size) -> float:
        """How strong the grain is that its finer scales begin with."""
        return recipe.grain * self.style_share * self.styles.grain(size)


@dataclass(frozen=True)
class LookColours:
    """What gives a canvas its looks' colours."""

    maps: tuple[ColourMap, ...]
    """One for each look."""
    shares: tuple[float, ...]
    """How far each look's colours go from the layer's own (0) to the styles' (1)."""

    def on(self, canvas: Canvas, share: float = 1.0) -> Tensor:
        """The canvas with `share` of the looks' colours: ``(1, 3, H, W)``."""
        content = canvas.content
        if share == 0:
            return content
        colours = [content.lerp(map_(content), share * own) for map_, own in zip(self.maps, self.shares, strict=True)]
        return canvas.blended(colours)


def looks_of(
    request: PaintRequest, encoder: Encoder, shared: Sequence[SharedTargets], team: Team = ALONE
) -> tuple[Look, ...]:
    """The request's own look, then that of each region. `shared` are the statistics that paintings in each of the looks
    have in common. Raises `PictureError`."""
    return tuple(
        Look(StyleMix(alone, encoder, of_look, team), alone.settings)
        for alone, of_look in zip(request.in_each_look(), shared, strict=True)
    )


def coloured(picture: Tensor, canvas: Canvas, looks: Sequence[Look]) -> Tensor:
    """A painting ``(1, 3, H, W)`` with as much of the colours of its canvas as the looks ask for."""
    asked = [look.settings.original_colours for look in looks]
    if not any(asked):
        return picture
    share = canvas.blended([picture.new_full((), one) for one in asked])
    return mix_chroma(picture.clamp(0, 1), canvas.content, share)


def palette_of(looks: Sequence[Look], canvas: Canvas, size: Size) -> LookColours:
    """What gives the looks' colours to a canvas that is the whole layer at that size."""
    maps = [look.styles.palette(canvas.content, canvas.weights_of(index), size) for index, look in enumerate(looks)]
    return LookColours(tuple(maps), tuple(look.style_share for look in looks))


def in_parts(
    looks: Sequence[Look], layer: Canvas, like: Like, size: Size, team: Team = ALONE
) -> tuple[tuple[Look, ...], tuple[Tensor, ...]]:
    """The looks of a coarse scale, those that paint like as its like divided into a look for each part, and their
    shares of the pixels there, ``(1, 1, H, W)`` each. `layer` is the whole layer at its own size."""
    found, shares = [], []
    like = replace(like, parts=like.parts_of_each(sum(look.likes > 0 for look in looks)))
    for index, (look, painted) in enumerate(zip(looks, layer.all_shares(), strict=True)):
        share = in_areas(painted, *size)
        if not look.likes:
            found.append(look)
            shares.append(share)
            continue
        pictures = [picture for picture, _ in look.styles.pictures]
        parts = find_counterparts(look.styles.encoder, like, layer.content, layer.weights_of(index), pictures)
        for tensor in parts.tensors():
            team.share(tensor)
        parts = parts.softened(look.likes)
        for part, there in enumerate(in_areas(parts.shares, *size)):
            counts = [style[part : part + 1] for style in parts.styles]
            found.append(replace(look, styles=look.styles.of_part(size, counts)))
            shares.append(share * there)
    return tuple(found), tuple(shares)
