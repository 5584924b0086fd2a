"""A scene as a painter plans it; media read it at any place and paint it at any size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..noise import Field, grid
from ..pigments import PaintMix, Palette

# The plan is drawn at one size, so that every size of the picture has the same strokes.
PLAN_LONG_SIDE = 768


@dataclass(frozen=True)
class Scene:
    """Maps of one picture, all ``(H, W)``.

    ``mass`` counts into ``masses``; ``tone`` is the light, 0..1; ``flow`` is the angle that strokes follow,
    radians, y downwards; ``focus`` is 1 where the eye shall rest.
    """

    masses: tuple[str, ...]
    mass: NDArray[np.int8]
    tone: Field
    flow: Field
    focus: Field

    @property
    def aspect(self) -> float:
        """Height over width."""
        return float(self.mass.shape[0] / self.mass.shape[1])

    def size_at(self, long_side: int) -> tuple[int, int]:
        """Height and width of a picture of this scene."""
        height, width = self.mass.shape
        return round(long_side * height / max(height, width)), round(long_side * width / max(height, width))

    def index(self, xy: Field) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Where in the maps points in artwork units lie; ``(..., 2)``, points outside are moved to the border."""
        height, width = self.mass.shape
        long_side = max(height, width)
        column = np.clip((xy[..., 0] * long_side).astype(np.intp), 0, width - 1)
        row = np.clip((xy[..., 1] * long_side).astype(np.intp), 0, height - 1)
        return row, column

    def where(self, mass: str) -> NDArray[np.bool_]:
        """The places of one mass."""
        return np.asarray(self.mass == self.masses.index(mass))

    def paint_parts(self, palette: Palette, recipes: Mapping[str, Sequence[PaintMix]]) -> Field:
        """Amounts of each tube at every place, ``(H, W, T)``: each mass's recipes, dark to light, by tone."""
        parts = np.zeros((*self.mass.shape, len(palette.names)), dtype=np.float32)
        for name in self.masses:
            ramp = np.stack([palette.parts(recipe) for recipe in recipes[name]])
            here = self.where(name)
            place = np.clip(self.tone[here], 0, 1) * (len(ramp) - 1)
            lower = np.minimum(place.astype(np.intp), max(len(ramp) - 2, 0))
            upper = np.minimum(lower + 1, len(ramp) - 1)
            share = (place - lower)[:, None]
            parts[here] = ramp[lower] * (1 - share) + ramp[upper] * share
        return parts


class Sketch:
    """A scene in the making: masses are put one over another, back to front."""

    def __init__(self, masses: tuple[str, ...], aspect: float) -> None:
        height, width = (1.0, 1 / aspect) if aspect > 1 else (aspect, 1.0)
        self.shape = (round(PLAN_LONG_SIDE * height), round(PLAN_LONG_SIDE * width))
        self.masses = masses
        self.x, self.y = grid(self.shape)
        self.mass = np.zeros(self.shape, dtype=np.int8)
        self.tone = np.zeros(self.shape, dtype=np.float32)
        self.flow = np.zeros(self.shape, dtype=np.float32)

    def put(
        self, mass: str, where: NDArray[np.bool_], tone: Field | float | None = None, flow: Field | float | None = None
    ) -> None:
        """Lay a mass over what is there; without a tone or a flow it keeps what lies under it."""
        self.mass[where] = self.masses.index(mass)
        for field, value in ((self.tone, tone), (self.flow, flow)):
            if value is not None:
                field[where] = np.broadcast_to(np.asarray(value, dtype=np.float32), self.shape)[where]

    def distance(self, centre: tuple[float, float]) -> Field:
        """How far each place is from a point."""
        return np.asarray(np.hypot(self.x - centre[0], self.y - centre[1]), dtype=np.float32)

    def around(self, centre: tuple[float, float]) -> Field:
        """The angle that circles a point."""
        return np.asarray(np.arctan2(self.y - centre[1], self.x - centre[0]) + np.pi / 2, dtype=np.float32)

    def is_any(self, *masses: str) -> NDArray[np.bool_]:
        """The places of several masses."""
        return np.isin(self.mass, [self.masses.index(name) for name in masses])

    def scene(self, focus: Field) -> Scene:
        """The finished plan."""
        return Scene(self.masses, self.mass, self.tone, self.flow, np.clip(focus, 0, 1).astype(np.float32))
