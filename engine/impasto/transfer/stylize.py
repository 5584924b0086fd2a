"""The way into the painter: a request and a backbone -> the layer repainted, step by step."""

from collections.abc import Generator, Sequence
from dataclasses import replace

import numpy as np
from torch import Tensor

from impasto.backbones import Backbone
from impasto.request import PaintRequest, Picture, Step
from impasto_wire.errors import OutOfMemory

from .areas import part_asked_for
from .canvas import WarpedFrame, read_layer, to_pixels
from .checkpoints import NOT_KEPT, Checkpoints
from .encoder import Encoder
from .forecasts import tile_side_within, usual_tile_side
from .looks import coloured, looks_of
from .out_of_memory import MEMORY_ERRORS, is_out_of_memory, keep_freed_memory
from .painting import Painting
from .recipes import Recipe, recipe_named
from .seamless import Wrap
from .styles import SharedTargets
from .team import ALONE, Team
from .tiles import WHOLE_PIXELS
from .uncoloured import FORGOTTEN, Uncoloured

_LARGEST_MAP = 140 << 20
"""Bytes of the largest feature map where a layer is cut into the usual tiles: of 64 channels, in float32."""


def stylize(
    request: PaintRequest,
    backbone: Backbone,
    recipe: Recipe | None = None,
    *,
    memory_budget: int | None = None,
    shared: Sequence[SharedTargets] | None = None,
    before: WarpedFrame | None = None,
    team: Team = ALONE,
    checkpoints: Checkpoints = NOT_KEPT,
    uncoloured: Uncoloured = FORGOTTEN,
) -> Generator[Step, bool | None, Picture]:
    """Paint a request; yields every step and returns ``(H, W, 3)`` in the layer's own samples, of its window alone.

    Being sent True, it ends early and returns the painting as far as it has come. A `recipe` is used instead of the one
    that the request names. `memory_budget` is in bytes: the tiles are as large as fit into it. `shared` has an
    entry for each look, the request's own and those of its regions; it is filled and used by paintings in the same
    styles, settings and recipe. `before` is the request's frame before, warped, for the
    painting to begin from. With a `team`, each of its processes calls this with the same arguments, and they share the
    picture. `checkpoints` keep finished scales, and a painting goes on from the last one that is there, to the same
    bytes. `uncoloured` may know the painting already, but for how much of the layer's colours it has: then there are no
    steps.

    Gatys, Ecker and Bethge 2016, by default coarse to fine, with relative losses. The same request, recipe, tiles,
    device type, precision, thread count and versions give the same bytes. Raises `PictureError`, `SettingError`,
    `OutOfMemory`.
    """
    part = part_asked_for(request)
    if all(look.settings.strength == 0 for look in request.in_each_look()):
        return part.pixels_of(request.layer)[..., :3].copy()
    recipe = recipe or recipe_named(request.recipe)
    canvas, wrap = read_layer(request, backbone.device, before), Wrap.of(request.settings.seamless)
    if wrap:
        canvas = replace(canvas, content=wrap.faded(canvas.content))
    encoder = Encoder.of(backbone, recipe)
    looks = looks_of(request, encoder, [{} for _ in request.in_each_look()] if shared is None else shared, team)
    height, width = request.layer.shape[:2]
    # What is larger than a tile's largest map is a picture of the whole layer: kept, these would leave holes.
    keep_freed_memory(up_to=_LARGEST_MAP if part.width * part.height > WHOLE_PIXELS else None)
    side = _tile_side(request, encoder, memory_budget)
    try:
        picture = uncoloured.known()
        if picture is None:
            painting = Painting(canvas, request, looks, side, team, checkpoints)
            is_whole = yield from painting.paint()
            picture = painting.result()
            del painting  # a large one's iterate takes as much memory again
            if is_whole:
                uncoloured.keep(picture)
        picture = coloured(picture, canvas.cut(part), looks)
        free = None if canvas.free is None else part.cut(canvas.free)
        finished = _finished(picture, part.pixels_of(request.layer)[..., :3], free)
        checkpoints.forget()
        return finished
    except MEMORY_ERRORS as error:
        if not is_out_of_memory(error):
            raise
        raise OutOfMemory(
            f"the layer is {width}x{height}, too large for this machine's memory; paint a copy of half its size"
        ) from error


def shared_targets(
    request: PaintRequest, backbone: Backbone, recipe: Recipe | None = None, *, memory_budget: int | None = None
) -> list[SharedTargets]:
    """What `stylize` would put into `shared` for such a request; of its layer only the size counts.

    Raises `PictureError`, `SettingError`, `OutOfMemory`.
    """
    shared: list[SharedTargets] = [{} for _ in request.in_each_look()]
    recipe = recipe or recipe_named(request.recipe)
    encoder = Encoder.of(backbone, recipe)
    side = _tile_side(request, encoder, memory_budget)
    height, width = request.layer.shape[:2]
    for look in looks_of(request, encoder, shared):
        for size in recipe.sizes(width, height):
            look.styles.targets(size, side)
    return shared


def _tile_side(request: PaintRequest, encoder: Encoder, memory_budget: int | None) -> int:
    """The side of the tiles for the request's layer. Raises `PictureError` where the layer is too small for the
    network, `OutOfMemory` where the budget is too small for the layer."""
    recipe, device, quality = encoder.recipe, encoder.backbone.device, request.settings.quality
    height, width = request.layer.shape[:2]
    recipe.check_size(width, height)
    if memory_budget is None:
        return usual_tile_side(width, height, quality, recipe, device)
    return tile_side_within(memory_budget, width, height, quality, recipe, device)


def _finished(painting: Tensor, layer: Picture, free: Tensor | None) -> Picture:
    """The painting ``(1, 3, H, W)`` as samples; what isn't selected keeps those of the layer ``(H, W, 3)``, bit for
    bit. `free` is the selection ``(1, 1, H, W)``."""
    result = to_pixels(painting, layer.dtype)
    if free is None:
        return result
    share = free[0, 0, :, :, None].cpu().numpy()
    before, after = layer.astype(np.float32), result.astype(np.float32)
    blended = before + share * (after - before)
    blended = blended if result.dtype.kind == "f" else np.rint(blended)
    return np.where(share > 0, blended.astype(result.dtype), layer)
