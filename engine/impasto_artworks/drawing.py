"""Drawing: sticks, chalks and points dragged over the tooth of a paper, stroke beside stroke, in patches."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.special import ndtr

from .brushwork import STEPS, follow, scatter
from .noise import Field, fractal_noise, grid, smoothstep
from .oil import SUPERSAMPLING, bristle_sheet, spread
from .pigments import reflectance_of, to_srgb8
from .scenes import Scene

# Grains of a stick's face that lie side by side along the long side of the picture.
FACE_PITCH = 1500

Cover = Mapping[str, tuple[float, float]]
"""Of each mass, how firmly it is drawn over where the tone is 0 and where it is 1."""


@dataclass(frozen=True)
class Mark:
    """One way to draw; lengths in artwork units (long side = 1), angles in radians.

    Where strokes lie: ``spacing`` parts the strokes of a patch, ``uneven`` is how irregularly, ``coverage`` how many
    patches lie over each place; ``turn`` is their angle against the scene's flow, ``unsteady`` how far patches differ.
    What they leave: ``pressure`` is the share of the paper's tooth that a firm stroke fills, ``fading`` what is lost of
    it on the way; ``streaks`` is how uneven the stick's face is, ``soft`` how gently the deposit ends, ``tooth`` how
    much the paper decides; ``veil`` is how transparent it is; ``sharp`` ends taper, others are as broad as the stick.
    """

    width: float
    length: float
    spacing: float
    patch: int = 8
    uneven: float = 0.30
    coverage: float = 1.0
    turn: float = 0.0
    unsteady: float = 0.15
    bend: float = 0.3
    pressure: float = 0.6
    fading: float = 0.3
    streaks: float = 0.6
    opacity: float = 1.0
    soft: float = 0.10
    heavy_tail: float = 0.25
    tooth: float = 1.0
    veil: float = 0.0
    sharp: bool = False
    only_focus: bool = False


@dataclass(frozen=True)
class Drag:
    """One stroke: its path ``(N, 2)``, its width, how firmly it is drawn at each point of the path."""

    path: Field
    width: float
    firmness: Field
    place_on_face: tuple[int, int]


def cover_of(scene: Scene, cover: Cover) -> Field:
    """How firmly each place is drawn over, ``(H, W)``."""
    found = np.zeros_like(scene.tone)
    for name, (dark, light) in cover.items():
        here = scene.where(name)
        found[here] = dark + (light - dark) * np.clip(scene.tone[here], 0, 1)
    return found


def drags_of(scene: Scene, cover: Field, mark: Mark, seed: int) -> Iterator[Drag]:
    """One layer of strokes, patch by patch, where ``cover`` ``(H, W)`` calls for them."""
    rng = np.random.default_rng([seed, round(mark.width * 1e5), round(mark.length * 1e4), round(mark.turn * 50) + 500])
    height, width = (n / max(scene.mass.shape) for n in scene.mass.shape)
    patches = scatter(
        int(mark.coverage * width * height / (mark.spacing * mark.length * mark.patch)), width, height, rng
    )
    count = len(patches) * mark.patch
    each = np.repeat(np.arange(len(patches)), mark.patch)
    aside = (mark.turn + mark.unsteady * rng.standard_normal(len(patches)))[each].astype(np.float32)
    angle = scene.flow[scene.index(patches)][each] + aside
    place = np.tile(np.arange(mark.patch) - (mark.patch - 1) / 2, len(patches)) + mark.uneven * rng.standard_normal(
        count
    )
    back = -0.6 * mark.length * rng.random(count)
    starts = patches[each] + np.stack(
        [
            back * np.cos(angle) - place * mark.spacing * np.sin(angle),
            back * np.sin(angle) + place * mark.spacing * np.cos(angle),
        ],
        axis=1,
    )
    tail = np.exp(mark.heavy_tail * rng.standard_t(4, count)).clip(0.5, 2.2).astype(np.float32)
    step = mark.length * rng.uniform(0.65, 1.25, count).astype(np.float32) / STEPS
    paths, counts = follow(scene, starts.astype(np.float32), step, aside, mark.bend, rng)
    firmness = cover[scene.index(paths)] * np.exp(0.15 * rng.standard_normal((count, 1)))
    places = rng.integers(0, 100_000, (count, 2))
    wanted = (counts >= 2) & (firmness[:, 0] > 0.02) & (firmness.mean(axis=1) > 0.25 * rng.random(count))
    if mark.only_focus:
        wanted &= rng.random(count) < scene.focus[scene.index(starts)]
    for i in np.flatnonzero(wanted):
        end = counts[i] + 1
        yield Drag(
            paths[i, :end], float(mark.width * tail[i]), firmness[i, :end], (int(places[i, 0]), int(places[i, 1]))
        )


class Paper:
    """A sheet with a tooth, and what was drawn on it, as linear light."""

    def __init__(self, size: tuple[int, int], colour: str, seed: int, cells: float = 380, laid: float = 0.0) -> None:
        """``colour`` is hexadecimal; the tooth has ``cells`` hills along the long side, or ``laid`` ribs."""
        self.scale = max(size) * SUPERSAMPLING
        self.shape = (size[0] * SUPERSAMPLING, size[1] * SUPERSAMPLING)
        relief = fractal_noise(self.shape, seed + 400, cells, rough=0.75) + 0.35 * fractal_noise(
            self.shape, seed + 410, 60, 200
        )
        if laid:
            _, y = grid(self.shape)
            ribs = np.sin(2 * np.pi * laid * (y + 0.0006 * fractal_noise(self.shape, seed + 420, 12, 60)))
            relief = 0.75 * relief + 0.75 * ribs
        self.tooth: Field = ndtr(relief / relief.std()).astype(np.float32)
        self.grain: Field = ndtr(fractal_noise(self.shape, seed + 450, 1300, rough=0.8)).astype(np.float32)
        flecks = fractal_noise(self.shape, seed + 430, 30, rough=0.8) + 0.6 * fractal_noise(self.shape, seed + 440, 240)
        self.light: Field = (reflectance_of(colour) * (1 + 0.03 * flecks)[..., None]).astype(np.float32)
        self.face = bristle_sheet(seed + 1)

    def hatch(self, scene: Scene, cover: Field, mark: Mark, colour: Field, seed: int) -> None:
        """Draw one layer of strokes in that linear colour where ``cover`` ``(H, W)`` calls for them."""
        for stroke in drags_of(scene, cover, mark, seed):
            self.drag(stroke, colour, mark)

    def drag(self, stroke: Drag, colour: Field, mark: Mark) -> None:
        """Drag a stick of that linear colour over the paper: it colours the hills, and the hollows that it reaches."""
        found = spread(stroke.path, stroke.width, self.scale)
        if found is None:
            return
        rows, columns, along, across = found
        inside = (rows >= 0) & (rows < self.shape[0]) & (columns >= 0) & (columns < self.shape[1])
        near = np.where(inside, rows * self.shape[1] + columns, 0)
        length = float(np.hypot(*np.diff(stroke.path, axis=0).T).sum())
        firmness = np.interp(along, np.linspace(0, 1, len(stroke.firmness)), stroke.firmness) * mark.pressure
        firmness = firmness * (1 - mark.fading * along)
        face = self._face(stroke, along * length, across)
        if mark.sharp:
            rim = np.abs(across) - np.minimum(1, 3.2 * np.sqrt(along * (1 - along)))[:, None] ** 0.7
            reach = firmness[:, None] + mark.streaks * (face - 0.5) - 1.5 * np.clip(rim + 0.25, 0, None)
        else:
            ends = length * np.minimum(along, 1 - along)[:, None] / (0.5 * stroke.width)
            ragged = np.clip(0.9 * face + 0.3 * np.abs(across) ** 3 - ends, 0, None)
            reach = firmness[:, None] + mark.streaks * (face - 0.5) - 0.25 * np.abs(across) ** 5 - 0.8 * ragged
        hold = 0.5 + mark.tooth * (self.tooth.ravel()[near] - 0.5)
        full = mark.opacity * (1 - 0.7 * mark.tooth * self.grain.ravel()[near] ** 3)
        deposit = smoothstep(-mark.soft, mark.soft, reach - hold) * full * inside
        touched = deposit > 0.01
        target, share = near[touched], deposit[touched][:, None]
        light = self.light.reshape(-1, 3)
        below = light[target]
        light[target] = (below + (colour - below) * share) * (1 - mark.veil) + below * colour**share * mark.veil

    def rub(self, amount: Field, colour: Field) -> None:
        """Rub a linear colour softly into the paper; ``amount`` ``(h, w)`` in 0..1 is a planned map."""
        rubbed = np.clip(enlarged(amount, self.shape), 0, 1) * (1.12 - 0.35 * self.tooth)
        self.light += (colour - self.light) * rubbed[..., None]

    def _face(self, stroke: Drag, travelled: Field, across: Field) -> Field:
        """How far the stick's face stands out at each place, 0..1: it leaves streaks ten times as long as broad."""
        first, second = stroke.place_on_face
        row = (first + travelled * FACE_PITCH * 0.30).astype(np.intp) % self.face.shape[0]
        column = (second + across * stroke.width * 0.5 * FACE_PITCH * 1.6).astype(np.intp) % self.face.shape[1]
        return np.asarray(self.face[row[:, None], column[None, :]])

    def picture(self) -> NDArray[np.uint8]:
        """The drawing as 8-bit sRGB."""
        rows, columns = self.shape[0] // SUPERSAMPLING, self.shape[1] // SUPERSAMPLING
        blocks = self.light.reshape(rows, SUPERSAMPLING, columns, SUPERSAMPLING, 3)
        return to_srgb8(blocks.mean(axis=(1, 3)))


def enlarged(plan: Field, shape: tuple[int, int]) -> Field:
    """A planned map at a sheet's size, smooth."""
    rows, columns = (n / m for n, m in zip(shape, plan.shape, strict=True))
    return np.asarray(ndimage.zoom(plan.astype(np.float32), (rows, columns), order=1, grid_mode=True, mode="nearest"))
