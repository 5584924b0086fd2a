"""One painting under way: every scale from coarse to fine, in tiles that get smaller when memory runs short."""

import logging
import time
from collections.abc import Generator, Iterator
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.backbones import Backbone
from impasto.devices import working_dtype
from impasto.losses.gram import Statistics
from impasto.request import Step
from impasto_wire.errors import OutOfMemory, PictureError
from impasto_wire.settings import Settings

from .areas import Area, Size, painted_areas
from .canvas import Canvas, to_pixels
from .colour import mix_chroma
from .grain import add_grain, grain_of
from .holds import held, kept_from_afar, seen_from_afar, selected
from .memory import MEMORY_ERRORS, free_memory, is_out_of_memory
from .objective import Balance, Objective, style_targets
from .optimise import Evaluate, Losses, Space, optimise
from .pyramid import SMALLEST_SIDE, refine, resize
from .recipes import Recipe, content_weight, style_share
from .replay import replayed
from .start import ColourMap, colour_map, dissolved, varied
from .team import ALONE, Band, SharedSpace, Team
from .tiles import SIDE, smaller_side, tile_side

log = logging.getLogger(__name__)

Styles = list[tuple[Tensor, float]]
"""Pictures ``(1, 3, h, w)``, or ``(1, 4, h, w)`` with their opacity, and their shares in the mix."""

_SCALES_OF_A_FRAME = 2
"""The finest scales, at which a frame is painted that begins from the one before: the coarser have been settled."""

SharedTargets = dict[tuple[object, ...], dict[str, Statistics]]
"""The styles' statistics by the scale's size, the tiles' side and the styles' own sizes."""


class Painter:
    """One painting, or part of one; `picture` is the iterate, ``(1, 3, H, W)`` at the scale being painted."""

    def __init__(
        self,
        canvas: Canvas,
        styles: Styles,
        settings: Settings,
        backbone: Backbone,
        recipe: Recipe,
        side: int = SIDE,
        part: Area | None = None,
        shared: SharedTargets | None = None,
        team: Team = ALONE,
    ) -> None:
        """`shared` holds what paintings in the same styles, settings and recipe need not compute again."""
        self.team = team
        self.shared = {} if shared is None else shared
        self.canvas, self.styles, self.settings = canvas, styles, settings
        self.backbone, self.recipe, self.side = backbone, recipe, side
        self.dtype = precision(recipe, canvas.content.device)
        height, width = canvas.content.shape[-2:]
        if min(height, width) < recipe.smallest_side:
            raise PictureError(
                f"the layer is {width}x{height}; with the recipe {recipe.name} on {recipe.backbone} "
                f"both sides must be at least {recipe.smallest_side} pixels"
            )
        sizes = recipe.sizes(width, height)
        first = 0 if canvas.before is None else max(0, len(sizes) - _SCALES_OF_A_FRAME)
        self.sizes = sizes[first:]
        self.steps = recipe.schedule(settings.quality, len(sizes))[first:]
        self.part = part
        self.areas = painted_areas(part, self.sizes, (width, height))
        self.picture = canvas.content

    def paint(self) -> Generator[Step, bool | None, None]:
        """Every scale from coarse to fine; being sent True, the rest of them unpainted."""
        keep = False
        started, done = time.monotonic(), 0.0
        costs = [
            self.recipe.at(*size).work * area.width * area.height
            for size, area in zip(self.sizes, self.areas, strict=True)
        ]
        whole = sum(cost * steps for cost, steps in zip(costs, self.steps, strict=True))
        palette, painted = None, self.areas[0]
        for scale, (steps, size, area) in enumerate(zip(self.steps, self.sizes, self.areas, strict=True), start=1):
            canvas = self.canvas.part(area, size)
            if palette is None or area == Area.whole(size):
                palette = self._palette(canvas, size)
            start = self._in_palette(canvas, palette, self.recipe.start)
            view = self._view(size, area)
            far = None
            if canvas.before is not None and canvas.trust is not None:
                start = start.lerp(canvas.before, canvas.trust)
            if scale == 1 and canvas.before is not None:
                self.picture = start.clone()
            elif scale == 1:
                self.picture = varied(dissolved(start, canvas.detail), self.settings.seed)
            else:
                coarse = area.at(self.sizes[scale - 1], self.sizes[scale - 2]).within(painted)
                self.picture = refine(coarse.cut(self.picture), start, canvas.detail)
                far = seen_from_afar(self.picture) if self._outgrows_styles(size) else None
                self._add_grain(canvas, size, area)
            del start
            painted = area
            if keep or not canvas.has_something():
                continue
            halo = max(self.recipe.at(*size).halo, self.recipe.optimiser.reach)
            band = self.team.band(size[1], halo)
            if band is None:
                space = Space(self.picture.numel())
                evaluate = self._keeping(far, space, self._evaluation(canvas, palette, size, steps))
                improving = optimise(self.picture, evaluate, steps, self.recipe.optimiser, space)
            else:
                improving = self._together(band, canvas, palette, size, steps, far)
            for step, losses in enumerate(improving, start=1):
                done += costs[scale - 1]
                seconds = time.monotonic() - started
                keep = bool((yield self._report(scale, step, done / whole, losses, seconds, canvas, view)))
                if keep:
                    break
            if band is not None:
                self.team.gather(self.picture, halo)

    def share_targets(self) -> None:
        """Have the styles' statistics ready in `shared`, at every scale."""
        for size in self.sizes:
            self._targets(*size, self.recipe.at(*size))

    def result(self) -> Tensor:
        """The finished picture, ``(1, 3, H, W)`` in 0..1; of a part, that part alone."""
        content = self.canvas.content if self.part is None else self.part.cut(self.canvas.content)
        picture = self._view(self.sizes[-1], self.areas[-1]).cut(self.picture)
        height, width = content.shape[-2:]
        return self._coloured(resize(picture, width, height), content)

    def _view(self, size: Size, area: Area) -> Area:
        """What of the picture is shown at a scale where that area is painted."""
        if self.part is None:
            return Area.whole(size)
        height, width = self.canvas.content.shape[-2:]
        return self.part.at((width, height), size).within(area)

    def too_large(self) -> OutOfMemory:
        """What to tell when the memory didn't suffice."""
        height, width = self.canvas.content.shape[-2:]
        return OutOfMemory(
            f"the layer is {width}x{height}, too large for this machine's memory; paint a copy of half its size"
        )

    def _evaluation(self, canvas: Canvas, palette: ColourMap, size: Size, steps: int) -> Evaluate:
        """What to minimise at the scale of that size; where memory doesn't suffice, it goes on in smaller tiles."""
        height, width = canvas.content.shape[-2:]
        objective: Evaluate | None = None

        def evaluate(picture: Tensor) -> tuple[Losses, Tensor]:
            nonlocal objective
            while True:
                try:
                    if objective is None:
                        objective = replayed(self._objective(canvas, palette, size).evaluate, picture, steps)
                    return objective(picture)
                except MEMORY_ERRORS as error:
                    smaller = smaller_side(height, width, self.side) if is_out_of_memory(error) else None
                    if smaller is None:
                        raise
                objective, self.side = None, smaller
                free_memory()
                log.warning("memory runs short; going on in tiles of %d pixels", self.side)

        return held(canvas, selected(canvas, evaluate))

    def _keeping(self, far: Tensor | None, space: Space, evaluate: Evaluate) -> Evaluate:
        """What the coarser scales have painted holds the picture, where they are to."""
        return evaluate if far is None else kept_from_afar(far, self.recipe.hold / space.size, space, evaluate)

    def _together(
        self, band: Band, canvas: Canvas, palette: ColourMap, size: Size, steps: int, far: Tensor | None
    ) -> Iterator[Losses]:
        """Improve a band of the picture while the others improve theirs."""
        picture, team = self.picture, self.team
        space = SharedSpace(picture, band, team)
        objective = self._objective(canvas, palette, size, band)
        far = None if far is None else far[..., band.first // 2 : -(-band.last // 2), :]
        evaluate = self._keeping(far, space, selected(canvas.rows(band.first, band.last), objective.evaluate))

        def evaluate_own(own: Tensor) -> tuple[Losses, Tensor]:
            team.take_edges(picture, band)
            losses, gradient = evaluate(band.seen(picture))
            return losses, team.give_edges_back(gradient, band)

        return optimise(band.own(picture), evaluate_own, steps, self.recipe.optimiser, space)

    def _objective(self, canvas: Canvas, palette: ColourMap, size: Size, band: Band | None = None) -> Objective:
        """The objective of one scale. By default the content is the layer half-way to the painting's palette: its own
        colours alone would pull against the style's, and lose the drawing in the quarrel."""
        height, width = canvas.content.shape[-2:]
        recipe = self.recipe.at(*size)
        targets = self._targets(*size, recipe)
        strength, detail = self.settings.strength, self.settings.detail
        balance = Balance(content_weight(recipe, strength, detail), style_share(strength))
        drawing = replace(canvas, content=self._in_palette(canvas, palette, self.recipe.drawing))
        if band is None:
            side = tile_side(height, width, self.side)
            return Objective(self.backbone, recipe, drawing, targets, balance, self.dtype, side)
        drawing = drawing.rows(band.first, band.last)
        return Objective(self.backbone, recipe, drawing, targets, balance, self.dtype, self.side, band, self.team)

    def _outgrows_styles(self, size: Size) -> bool:
        """Is the layer, at the scale of that size, larger than every style picture can be?"""
        recipe, brush_size = self.recipe, self.settings.brush_size
        return recipe.hold > 0 and all(
            recipe.outgrown((size[1], size[0]), (style.shape[-2], style.shape[-1]), brush_size)
            for style, _ in self.styles
        )

    def _targets(self, width: int, height: int, recipe: Recipe) -> dict[str, Statistics]:
        """The styles' statistics at one scale, computed once for all pictures that share them."""
        key = (width, height, self.side, *(style.shape for style, _ in self.styles))
        if key not in self.shared:
            styles = self._styles_at(width, height)
            self.shared[key] = style_targets(self.backbone, styles, recipe, self.dtype, self.side, self.team)
        return self.shared[key]

    def _coloured(self, picture: Tensor, content: Tensor) -> Tensor:
        """The picture with as much of the layer's own colours as asked for."""
        share = self.settings.original_colours
        return picture if share == 0 else mix_chroma(picture.clamp(0, 1), content, share)

    def _styles_at(self, width: int, height: int) -> Styles:
        """The style pictures at the size that makes their strokes as large as asked for at this scale."""
        smallest = max(SMALLEST_SIDE, self.recipe.smallest_side)
        found = []
        for picture, share in self.styles:
            factor = self.recipe.style_factor(
                (height, width), (picture.shape[-2], picture.shape[-1]), self.settings.brush_size
            )
            sides = [max(smallest, round(side * factor)) for side in picture.shape[-2:]]
            found.append((resize(picture, sides[1], sides[0]), share))
        return found

    def _palette(self, canvas: Canvas, size: Size) -> ColourMap:
        """What gives the layer the painting's colours, at the scale of that size."""
        styles = [_with_opacity(style) for style, _ in self._styles_at(*size)]
        colours = torch.cat([style.flatten(2) for style in styles], dim=2)[..., None]
        return colour_map(canvas.content, colours[:, :3], canvas.weights, colours[:, 3:])

    def _in_palette(self, canvas: Canvas, palette: ColourMap, share: float) -> Tensor:
        """The layer in its own colours (share 0) to the painting's (1), as far as the strength goes."""
        if share == 0:
            return canvas.content
        return canvas.content.lerp(palette(canvas.content), share * style_share(self.settings.strength))

    def _add_grain(self, canvas: Canvas, size: Size, area: Area) -> None:
        """Noise as strong as the painting's own finest marks, but where the picture begins from a frame before."""
        if self.recipe.grain == 0:
            return
        amount = self.recipe.grain * style_share(self.settings.strength)
        amount *= sum(share * grain_of(style) for style, share in self._styles_at(*size))
        share = None if canvas.before is None or canvas.trust is None else 1 - canvas.trust
        add_grain(self.picture, amount, self.settings.seed, area, share)

    def _report(
        self, scale: int, step: int, fraction: float, losses: Losses, seconds: float, canvas: Canvas, view: Area
    ) -> Step:
        picture, content = view.cut(self.picture), view.cut(canvas.content)
        return Step(
            scale=scale,
            scales=len(self.sizes),
            step=step,
            steps=self.steps[scale - 1],
            fraction=fraction,
            loss=losses.total.item(),
            style_loss=losses.style.item(),
            content_loss=losses.content.item(),
            seconds=seconds,
            seconds_left=seconds / fraction - seconds,
            picture=lambda: to_pixels(self._coloured(picture, content), np.dtype(np.uint8)),
        )


def _with_opacity(style: Tensor) -> Tensor:
    """The style as ``(1, 4, h, w)``."""
    return style if style.shape[1] == 4 else F.pad(style, (0, 0, 0, 0, 0, 1), value=1.0)


def precision(recipe: Recipe, device: torch.device) -> torch.dtype:
    """The precision of the convolutions: the device's fastest that looks the same, unless the recipe wants it exact."""
    return torch.float32 if recipe.precision == "float32" else working_dtype(device)
