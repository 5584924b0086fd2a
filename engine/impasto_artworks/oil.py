"""Oil paint: strokes that carry two colours, run dry, pick up what is wet, and stand up in a raking light."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .brushwork import Brush, Stroke, along_contours, strokes_of
from .noise import Field, fractal_noise, grid
from .pigments import PaintMix, Palette, absorption, reflectance, to_srgb8
from .scenes import Scene

# Each pixel of the picture is painted as 2 x 2, so that bristles end in clean edges.
SUPERSAMPLING = 2
# Bristles per artwork width that the brush's texture knows; finer than any shipped size shows.
SHEET_PITCH = 4096


def bristle_sheet(seed: int) -> Field:
    """Brush marks in 0..1, evenly distributed: rows along the stroke, columns across; it repeats."""
    rng = np.random.default_rng([seed, 77])
    across = np.zeros((512, 1024), dtype=np.float32)
    for sigma_along, sigma_across, weight in ((40, 14, 1.0), (26, 5, 0.8), (16, 2.0, 0.6), (8, 0.8, 0.35)):
        white = rng.standard_normal(across.shape, dtype=np.float32)
        smooth = ndimage.gaussian_filter(white, (sigma_along, sigma_across), mode="wrap")
        across += np.float32(weight / smooth.std()) * smooth
    ranks = np.empty(across.size, dtype=np.float32)
    ranks[np.argsort(across, axis=None)] = np.linspace(0, 1, across.size, dtype=np.float32)
    return np.asarray(ranks.reshape(across.shape))


class OilCanvas:
    """A toned canvas and the paint on it: colour (K/S), height, and where paint covers the ground."""

    def __init__(self, size: tuple[int, int], ground: Field, seed: int, weave: float | None = 1.0) -> None:
        """``ground`` is a linear reflectance; ``weave`` scales the cloth's relief, None is a rough paper."""
        self.scale = max(size) * SUPERSAMPLING
        self.shape = (size[0] * SUPERSAMPLING, size[1] * SUPERSAMPLING)
        mottle = np.exp(0.22 * fractal_noise(self.shape, seed + 1, 6))[..., None]
        self.absorbed: Field = (absorption(ground) * mottle).astype(np.float32)
        self.tooth = _paper(self.shape, seed) if weave is None else _weave(self.shape, seed) * np.float32(weave)
        self.height: Field = (0.25 * self.tooth).astype(np.float32)
        self.painted = np.zeros(self.shape, dtype=np.bool_)
        self.sheet = bristle_sheet(seed)

    def touch(self, stroke: Stroke, brush: Brush) -> None:
        """Lay one stroke; later strokes cover earlier ones and drag some of their colour along."""
        found = spread(stroke.path, stroke.width, self.scale)
        if found is None:
            return
        rows, columns, along, across = found
        inside = (rows >= 0) & (rows < self.shape[0]) & (columns >= 0) & (columns < self.shape[1])
        length = float(np.hypot(*np.diff(stroke.path, axis=0).T).sum())
        bristles = self._bristles(stroke, along, across, length, brush.bristles)
        travelled = np.minimum(along, 1 - along) if brush.is_round else along
        tip = length * travelled[:, None] / (0.5 * stroke.width) - (1 - np.sqrt(np.maximum(1 - across**2, 0)))
        load = brush.load - brush.dryness * along[:, None] ** 1.6
        near = np.where(inside, rows * self.shape[1] + columns, 0)
        hold = brush.tooth * (self.tooth.ravel()[near] - 0.5)
        grip = load + 0.55 * (bristles - 0.5) + hold - 0.45 * np.abs(across) ** 6
        wet = inside & (tip > 0.7 * (bristles - 0.4)) & (grip > 0.36)
        target = near[wet]
        if target.size == 0:
            return
        colour = self._colour(stroke, brush, along, across, near, inside)
        self.absorbed.reshape(-1, 3)[target] = colour[wet]
        ridge = (
            1
            + 0.55 * np.exp(-(((1 - np.abs(across)) / 0.16) ** 2))
            + 0.5 * np.exp(-(((along - 0.96) / 0.05) ** 2))[:, None]
        )
        thickness = brush.body * np.sqrt(stroke.width / 0.015) * ridge * (0.30 + 0.70 * bristles) * (0.55 + 0.45 * load)
        if brush.twist:
            strand = np.sin(2 * np.pi * along[:, None] * length / brush.twist + 2.2 * across)
            arch = np.sqrt(np.maximum(1 - across**2, 0)) * np.minimum(1, 14 * along * (1 - along))[:, None] ** 0.5
            thickness = brush.body * arch * (1 + 0.16 * strand)
        flat = self.height.ravel()
        flat[target] = 0.38 * flat[target] + thickness[wet]
        self.painted.ravel()[target] = True

    def _bristles(self, stroke: Stroke, along: Field, across: Field, length: float, bristles: float) -> Field:
        first, second = stroke.place_on_sheet
        row = (first + along * length * SHEET_PITCH * 0.25).astype(np.intp) % self.sheet.shape[0]
        column = (second + across * stroke.width * 0.5 * SHEET_PITCH).astype(np.intp) % self.sheet.shape[1]
        return np.asarray(0.5 + (self.sheet[row[:, None], column[None, :]] - 0.5) * bristles)

    def _colour(
        self,
        stroke: Stroke,
        brush: Brush,
        along: Field,
        across: Field,
        near: NDArray[np.intp],
        inside: NDArray[np.bool_],
    ) -> Field:
        first, second = stroke.place_on_sheet
        column = (second + 300 + across * stroke.width * 0.5 * SHEET_PITCH * 0.6).astype(np.intp) % self.sheet.shape[1]
        row = (first + 200 + along * 12).astype(np.intp) % self.sheet.shape[0]
        streak = np.clip((self.sheet[row[:, None], column[None, :]] - 0.5) * 3 + 0.5, 0, 1) * brush.streaks
        start = slice(0, max(1, len(along) // 3))
        below = self.absorbed.reshape(-1, 3)[near[start, ::4][inside[start, ::4]]]
        picked = below.mean(axis=0) if below.size else stroke.colour
        own = stroke.colour + (stroke.second - stroke.colour) * streak[..., None]
        share = (brush.pickup * (0.25 + 0.75 * along))[:, None, None]
        return np.asarray(own + (picked - own) * share, dtype=np.float32)

    def picture(self, relief: float = 1.0, gloss: float = 0.25) -> NDArray[np.uint8]:
        """The canvas under one raking light from the upper left, as 8-bit sRGB."""
        height = ndimage.gaussian_filter(self.height, 0.00045 * self.scale)
        slope = np.float32(0.00135 * relief * self.scale)
        down, across = np.gradient(height)
        nx, ny = -across * slope, -down * slope
        norm = 1 / np.sqrt(nx * nx + ny * ny + 1)
        light, half = _unit(-0.55, -0.62, 0.56), _unit(-0.32, -0.40, 0.86)
        lit = (nx * light[0] + ny * light[1] + light[2]) * norm
        shine = np.clip((nx * half[0] + ny * half[1] + half[2]) * norm, 0, 1) ** 48
        hollow = np.clip((height - ndimage.gaussian_filter(height, 0.003 * self.scale)) * 0.10, -0.22, 0.08)
        shade = np.clip(0.42 + 0.58 * lit / light[2], 0.25, 1.55) + hollow
        colour = (
            reflectance(self.absorbed) * shade[..., None] + np.float32(gloss * 0.30) * (shine * self.painted)[..., None]
        )
        rows, columns = self.shape[0] // SUPERSAMPLING, self.shape[1] // SUPERSAMPLING
        blocks = colour.reshape(rows, SUPERSAMPLING, columns, SUPERSAMPLING, 3)
        return to_srgb8(blocks.mean(axis=(1, 3)).astype(np.float32))


def _unit(*direction: float) -> Field:
    vector = np.array(direction, dtype=np.float32)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def _weave(shape: tuple[int, int], seed: int) -> Field:
    """Plain-woven linen in 0..1, some 260 threads along the long side, none quite straight."""
    x, y = grid(shape)
    x = x + 0.0007 * fractal_noise(shape, seed + 2, 30, 200)
    y = y + 0.0007 * fractal_noise(shape, seed + 3, 30, 200)
    warp, weft = np.sin(x * np.pi * 520), np.sin(y * np.pi * 520)
    cloth = 0.5 + 0.22 * np.sign(np.sin(x * np.pi * 260) * np.sin(y * np.pi * 260)) * (np.abs(warp) - np.abs(weft))
    return np.asarray(np.clip(cloth + 0.16 * fractal_noise(shape, seed + 4, 60), 0, 1).astype(np.float32))


def _paper(shape: tuple[int, int], seed: int) -> Field:
    """The hills and hollows of a rough paper in 0..1."""
    pulp = fractal_noise(shape, seed + 5, 210, rough=0.72) + 0.35 * fractal_noise(shape, seed + 6, 90, 200)
    return np.clip(0.5 + 0.30 * pulp, 0, 1).astype(np.float32)


def spread(path: Field, width: float, scale: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Field, Field] | None:
    """Every pixel row and column that a stroke passes, as a grid along and across it, and those two coordinates."""
    path = path * scale
    steps = np.hypot(*np.diff(path, axis=0).T)
    travelled = np.concatenate([[0], np.cumsum(steps)])
    length, width = travelled[-1], width * scale
    if length < 1.5 or width < 1:
        return None
    along = np.linspace(0, 1, int(length * 1.4) + 2, dtype=np.float32)
    across = np.linspace(-1, 1, int(width * 1.4) + 2, dtype=np.float32)
    column = np.interp(along * length, travelled, path[:, 0])
    row = np.interp(along * length, travelled, path[:, 1])
    soften = min(len(along) / 8, 0.35 * width)
    column, row = (ndimage.gaussian_filter1d(c, soften, mode="nearest") for c in (column, row))
    dx, dy = np.gradient(column), np.gradient(row)
    norm = np.hypot(dx, dy) + 1e-6
    half = 0.5 * width * (1 - 0.30 * along**3)
    columns = np.round(column[:, None] - (dy / norm * half)[:, None] * across)
    rows = np.round(row[:, None] + (dx / norm * half)[:, None] * across)
    return rows.astype(np.intp), columns.astype(np.intp), along, across


@dataclass(frozen=True)
class OilPainting:
    """A scene in oil: called with a long side and a seed it returns the picture, ``(H, W, 3)``."""

    scene: Callable[[], Scene]
    palette: Palette
    recipes: Mapping[str, Sequence[PaintMix]]
    brushes: tuple[Brush, ...]
    ground: PaintMix
    relief: float = 1.0
    gloss: float = 0.25
    weave: float | None = 1.0
    contour: tuple[Brush, PaintMix] | None = None
    """What the borders of masses are drawn with, last."""

    def __call__(self, long_side: int, seed: int) -> NDArray[np.uint8]:
        scene = self.scene()
        parts = scene.paint_parts(self.palette, self.recipes)
        canvas = OilCanvas(scene.size_at(long_side), self.palette.colour(self.ground), seed, self.weave)
        for brush in self.brushes:
            for stroke in strokes_of(scene, parts, self.palette, brush, seed):
                canvas.touch(stroke, brush)
        if self.contour is not None:
            brush, recipe = self.contour
            drawn = along_contours(scene, brush.width)
            dark = np.broadcast_to(self.palette.parts(recipe), parts.shape)
            for stroke in strokes_of(drawn, dark, self.palette, brush, seed):
                canvas.touch(stroke, brush)
        return canvas.picture(self.relief, self.gloss)
