"""The recipe on one screen: a layer, some styles, a few settings -> the layer repainted, step by step."""

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from impasto.backbones import Backbone
from impasto.colour import mix_chroma
from impasto.devices import working_dtype
from impasto_wire.errors import OutOfMemory, PictureError
from impasto_wire.settings import Settings

from .canvas import Canvas, Layer, read_layer, to_pixels
from .objective import Balance, Losses, Objective, style_targets
from .optimise import Evaluate, optimise
from .pyramid import refine, resize, scale_sizes
from .recipes import IMPASTO, Recipe, content_weight, style_share
from .start import colour_matched, varied
from .tiles import tile_side


@dataclass(frozen=True)
class StylePicture:
    """A picture to take the style from, ``(h, w, 3 or 4)``, and its share in the mix."""

    picture: NDArray[np.generic]
    weight: float = 1.0


@dataclass(frozen=True)
class Step:
    """One step of the optimisation. Scales and steps count from 1; `fraction` is that of the whole job's work."""

    scale: int
    scales: int
    step: int
    steps: int
    fraction: float
    loss: float
    style_loss: float
    content_loss: float
    seconds: float
    seconds_left: float | None
    picture: Callable[[], NDArray[np.generic]]
    """The picture as it is now, ``(h, w, 3)``, at this scale's size; only until the next step is asked for."""


def stylize(
    layer: Layer, styles: Sequence[StylePicture], settings: Settings, backbone: Backbone, recipe: Recipe = IMPASTO
) -> Generator[Step, bool | None, NDArray[np.generic]]:
    """Repaint a layer; returns ``(H, W, 3)`` in the layer's own samples, after yielding every step.

    Being sent True, it ends early and returns the painting as far as it has come.

    Gatys, Ecker and Bethge 2016, coarse to fine, with relative losses. The same layer, styles, settings, device type,
    thread count and versions give the same bytes. Raises `PictureError`, `SettingError`, `OutOfMemory`.
    """
    if settings.strength == 0:
        return layer.pixels[..., :3].copy()
    device = backbone.means.device
    canvas = read_layer(layer, device)
    brushes = [(_style_tensor(style, device), style.weight) for style in styles]
    if not brushes or sum(weight for _, weight in brushes) <= 0:
        raise PictureError("no style was given; choose a style or a picture to take it from")
    painter = Painter(canvas, brushes, settings, backbone, recipe)
    try:
        yield from painter.paint()
    except (MemoryError, torch.OutOfMemoryError) as error:
        raise painter.too_large() from error
    except RuntimeError as error:
        if "not enough memory" not in str(error):
            raise
        raise painter.too_large() from error
    return _finish(painter.result(), layer, canvas)


class Painter:
    """One painting under way; `picture` is the iterate, ``(1, 3, H, W)`` at the scale being painted."""

    def __init__(
        self,
        canvas: Canvas,
        styles: list[tuple[Tensor, float]],
        settings: Settings,
        backbone: Backbone,
        recipe: Recipe,
    ) -> None:
        self.canvas, self.styles, self.settings = canvas, styles, settings
        self.backbone, self.recipe = backbone, recipe
        self.dtype = working_dtype(canvas.content.device)
        height, width = canvas.content.shape[-2:]
        self.sizes = scale_sizes(width, height, recipe.coarsest)
        self.steps = recipe.schedule(settings.quality, len(self.sizes))
        self.picture = canvas.content

    def paint(self) -> Generator[Step, bool | None, None]:
        """Every scale from coarse to fine; being sent True, the rest of them unpainted."""
        keep = False
        started, done = time.monotonic(), 0.0
        works = [steps * width * height for steps, (width, height) in zip(self.steps, self.sizes, strict=True)]
        for scale, (steps, (width, height)) in enumerate(zip(self.steps, self.sizes, strict=True), start=1):
            canvas = self.canvas.at(width, height)
            styles = self._styles_at(width, height)
            start = self._start(canvas, styles)
            self.picture = varied(start, self.settings.seed) if scale == 1 else refine(self.picture, start)
            if keep:
                continue
            evaluate = self._objective(canvas, start, styles)
            for step, losses in enumerate(optimise(self.picture, evaluate, steps, self.recipe.history), start=1):
                done += width * height
                keep = bool((yield self._report(scale, step, done / sum(works), losses, time.monotonic() - started)))
                if keep:
                    break

    def result(self) -> Tensor:
        """The finished picture, ``(1, 3, H, W)`` in 0..1."""
        return self._coloured(self.picture)

    def too_large(self) -> OutOfMemory:
        """What to tell when the memory didn't suffice."""
        width, height = self.sizes[-1]
        return OutOfMemory(
            f"the layer is {width}x{height}, too large for this machine's memory; paint a copy of half its size"
        )

    def _objective(self, canvas: Canvas, start: Tensor, styles: list[tuple[Tensor, float]]) -> Evaluate:
        """What to minimise. The content is the layer in the painting's palette, as the start is: its own colours would
        pull against the style's, and lose the drawing in the quarrel."""
        targets = style_targets(self.backbone, styles, self.recipe, self.dtype)
        strength, detail = self.settings.strength, self.settings.detail
        balance = Balance(content_weight(strength, detail), style_share(strength))
        drawing = replace(canvas, content=start)
        objective = Objective(
            self.backbone, self.recipe, drawing, targets, balance, self.dtype, tile_side(*start.shape[-2:])
        )
        free = canvas.free
        if free is None:
            return objective.evaluate

        def evaluate(picture: Tensor) -> tuple[Losses, Tensor]:
            # A pixel that isn't selected is context: it shows the layer, whatever the iterate holds.
            losses, gradient = objective.evaluate(canvas.content + free * (picture - canvas.content))
            return losses, gradient * free

        return evaluate

    def _coloured(self, picture: Tensor) -> Tensor:
        """The picture with as much of the layer's own colours as asked for."""
        share = self.settings.original_colours
        if share == 0:
            return picture
        height, width = picture.shape[-2:]
        return mix_chroma(picture.clamp(0, 1), resize(self.canvas.content, width, height), share)

    def _styles_at(self, width: int, height: int) -> list[tuple[Tensor, float]]:
        """The style pictures at the size that makes their strokes as large as asked for at this scale."""
        found = []
        for picture, share in self.styles:
            factor = max(width, height) * self.settings.brush_size / max(picture.shape[-2:])
            sides = [max(16, round(side * factor)) for side in picture.shape[-2:]]
            found.append((resize(picture, sides[1], sides[0]), share))
        return found

    def _start(self, canvas: Canvas, styles: list[tuple[Tensor, float]]) -> Tensor:
        palette = torch.cat([style.flatten(2) for style, _ in styles], dim=2)[..., None]
        matched = colour_matched(canvas.content, palette, canvas.weights)
        return canvas.content.lerp(matched, style_share(self.settings.strength))

    def _report(self, scale: int, step: int, fraction: float, losses: Losses, seconds: float) -> Step:
        picture = self.picture
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
            picture=lambda: to_pixels(self._coloured(picture), np.dtype(np.uint8)),
        )


def _style_tensor(style: StylePicture, device: torch.device) -> Tensor:
    """A style's colours; what is transparent in it is filled from what isn't."""
    return read_layer(Layer(style.picture), device).content


def _finish(picture: Tensor, layer: Layer, canvas: Canvas) -> NDArray[np.generic]:
    """The iterate as samples; what isn't selected keeps the layer's own, bit for bit."""
    result = to_pixels(picture, layer.pixels.dtype)
    if canvas.free is None:
        return result
    own, free = layer.pixels[..., :3], canvas.free[0, 0, :, :, None].cpu().numpy()
    before, after = own.astype(np.float32), result.astype(np.float32)
    blended = before + free * (after - before)
    blended = blended if result.dtype.kind == "f" else np.rint(blended)
    return np.where(free > 0, blended.astype(result.dtype), own)
