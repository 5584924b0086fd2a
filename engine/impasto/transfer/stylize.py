"""The painter's door: a layer, some styles, a few settings -> the layer repainted, step by step."""

from collections.abc import Generator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from impasto.backbones import Backbone
from impasto.request import Step, WeightedStyle
from impasto_wire.errors import PictureError
from impasto_wire.settings import Settings

from .areas import Area
from .canvas import Before, Canvas, Layer, read_layer, to_pixels
from .memory import MEMORY_ERRORS, give_back_at_once, is_out_of_memory
from .painter import Painter, SharedTargets
from .plan import tile_side_within, usual_tile_side
from .recipes import IMPASTO, Recipe
from .team import ALONE, Team
from .tiles import WHOLE_PIXELS


def stylize(
    layer: Layer,
    styles: Sequence[WeightedStyle],
    settings: Settings,
    backbone: Backbone,
    recipe: Recipe = IMPASTO,
    memory_budget: int | None = None,
    part: Area | None = None,
    shared: SharedTargets | None = None,
    before: Before | None = None,
    team: Team = ALONE,
) -> Generator[Step, bool | None, NDArray[np.generic]]:
    """Repaint a layer; returns ``(H, W, 3)`` in the layer's own samples, after yielding every step.

    Being sent True, it ends early and returns the painting as far as it has come. `memory_budget` is in bytes: the
    tiles are as large as fit into it. Of a `part` of the layer only that is returned, much as it is in the whole.
    `shared` is filled and used by paintings in the same styles and settings. `before` is what a frame of an animation
    begins from, instead of the layer. `team`: several call this with the same arguments, and paint together.

    Gatys, Ecker and Bethge 2016, by default coarse to fine, with relative losses. The same layer, styles, settings,
    recipe, tiles, device type, thread count and versions give the same bytes. Raises `PictureError`, `SettingError`,
    `OutOfMemory`.
    """
    if settings.strength == 0:
        return (layer if part is None else part_of(layer, part)).pixels[..., :3].copy()
    canvas = read_layer(layer, backbone.device, before)
    brushes = _brushes(styles, backbone.device)
    height, width = canvas.content.shape[-2:]
    if height * width > WHOLE_PIXELS:
        give_back_at_once()
    side = _tile_side(width, height, settings, recipe, memory_budget, backbone.device)
    painter = Painter(canvas, brushes, settings, backbone, recipe, side, part, shared, team)
    try:
        yield from painter.paint()
        result = painter.result()
        if part is None:
            return _finish(result, layer, canvas.free)
        return _finish(result, part_of(layer, part), None if canvas.free is None else part.cut(canvas.free))
    except MEMORY_ERRORS as error:
        if not is_out_of_memory(error):
            raise
        raise painter.too_large() from error


def shared_targets(
    width: int,
    height: int,
    styles: Sequence[WeightedStyle],
    settings: Settings,
    backbone: Backbone,
    recipe: Recipe = IMPASTO,
    memory_budget: int | None = None,
) -> SharedTargets:
    """What `stylize` would put into `shared` for layers of that size. Raises `PictureError`, `OutOfMemory`."""
    shared: SharedTargets = {}
    canvas = Canvas(torch.zeros((), device=backbone.device).expand(1, 3, height, width), None, None, None)
    side = _tile_side(width, height, settings, recipe, memory_budget, backbone.device)
    brushes = _brushes(styles, backbone.device)
    Painter(canvas, brushes, settings, backbone, recipe, side, shared=shared).share_targets()
    return shared


def _tile_side(
    width: int, height: int, settings: Settings, recipe: Recipe, memory_budget: int | None, device: torch.device
) -> int:
    if memory_budget is None:
        return usual_tile_side(width, height, settings.quality, recipe, device)
    return tile_side_within(memory_budget, width, height, settings.quality, recipe, device)


def _brushes(styles: Sequence[WeightedStyle], device: torch.device) -> list[tuple[Tensor, float]]:
    """The styles' colours and their shares, which add up to 1."""
    whole = sum(style.weight for style in styles)
    if whole <= 0:
        raise PictureError("no style was given; choose a style or a picture to take it from")
    return [(_style_tensor(style, device), style.weight / whole) for style in styles]


def _style_tensor(style: WeightedStyle, device: torch.device) -> Tensor:
    """A style's colours ``(1, 3, h, w)``, or with its opacity, where that isn't 1 everywhere: ``(1, 4, h, w)``. What is
    transparent is filled from what isn't, and counts nothing."""
    canvas = read_layer(Layer(style.picture), device)
    return canvas.content if canvas.weights is None else torch.cat([canvas.content, canvas.weights], dim=1)


def part_of(layer: Layer, area: Area) -> Layer:
    """An area of a layer."""
    rows, columns = slice(area.top, area.bottom), slice(area.left, area.right)
    maps = (map_ if map_ is None else map_[rows, columns] for map_ in (layer.selection, layer.detail_map))
    return Layer(layer.pixels[rows, columns], *maps)


def _finish(picture: Tensor, layer: Layer, free: Tensor | None) -> NDArray[np.generic]:
    """The iterate as samples; what isn't selected keeps the layer's own, bit for bit."""
    result = to_pixels(picture, layer.pixels.dtype)
    if free is None:
        return result
    own, share = layer.pixels[..., :3], free[0, 0, :, :, None].cpu().numpy()
    before, after = own.astype(np.float32), result.astype(np.float32)
    blended = before + share * (after - before)
    blended = blended if result.dtype.kind == "f" else np.rint(blended)
    return np.where(share > 0, blended.astype(result.dtype), own)
