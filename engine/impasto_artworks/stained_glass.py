"""Stained glass: a lighthouse in panes of pot-metal glass, lit from behind, between black leads."""

import numpy as np
from numpy.typing import NDArray

from .mosaic import SUPERSAMPLING, settle, tesserae
from .noise import Field, fractal_noise, smoothstep
from .pigments import reflectance_of, to_srgb8
from .scenes.lighthouse import lighthouse

# Glass of each mass, dark to light, in hexadecimal, as it glows.
GLASS: dict[str, tuple[str, ...]] = {
    "sky": ("1c1458", "3a2490", "6a4cc0", "c8a8e8"),
    "halo": ("e0308c", "ff7a3c", "ffc23a", "ffe98a"),
    "light": ("fff3c0",),
    "shore": ("0a3a4c", "14706e", "8fc4a0"),
    "window": ("ffb020",),
    "sea": ("083a8c", "0f66c8", "2fb0dc", "b8ecf0"),
    "glitter": ("ffb83a", "ffe08a"),
    "rock": ("5c1010", "a81c18", "d8421c", "f08c2c"),
    "tower": ("8c1018", "d02020", "fff4e0"),
}
SIDE = 0.036


def stained_glass(long_side: int, seed: int) -> NDArray[np.uint8]:
    """The picture, ``(H, W, 3)``."""
    scene = lighthouse()
    rng = np.random.default_rng([seed, 15])
    centres = settle(scene, SIDE, rng, rounds=6)
    row, column = scene.index(centres)
    panes = np.stack(
        [_glass(scene.masses[scene.mass[place]], float(scene.tone[place])) for place in zip(row, column, strict=True)]
    )
    panes = panes * np.exp(0.16 * rng.standard_normal((len(panes), 1)))
    rows, columns = scene.size_at(long_side)
    owner, rim = tesserae(scene, centres, SIDE, (rows * SUPERSAMPLING, columns * SUPERSAMPLING), seed)
    light = _lit_from_behind(panes, owner, rim, seed)
    return to_srgb8(light.reshape(rows, SUPERSAMPLING, columns, SUPERSAMPLING, 3).mean(axis=(1, 3)))


def _glass(mass: str, tone: float) -> Field:
    """The linear colour of a pane."""
    sheets = GLASS[mass]
    return reflectance_of(sheets[min(int(np.clip(tone, 0, 0.999) * len(sheets)), len(sheets) - 1)])


def _lit_from_behind(panes: Field, owner: NDArray[np.intp], rim: Field, seed: int) -> Field:
    """Uneven glass with seeds and streaks, darker towards the leads; leads are round and catch a little light."""
    size = owner.shape
    thick = 0.30 * fractal_noise(size, seed + 1, 26, rough=0.6, stretch=2.0) + 0.12 * fractal_noise(
        size, seed + 2, 160, rough=0.8
    )
    bubbles = smoothstep(2.1, 2.5, fractal_noise(size, seed + 3, 130, 300))
    near = np.exp(-np.clip(rim - 0.10, 0, None) / 0.10)
    density = np.clip(1 + thick + 0.55 * near - 0.5 * bubbles, 0.3, 3)
    glow = np.clip(panes[owner], 0.004, 0.98) ** density[..., None]
    lead = smoothstep(0.105, 0.085, rim)[..., None]
    bead = 0.012 + 0.05 * np.exp(-((rim / 0.035) ** 2)) * (1 + 0.5 * fractal_noise(size, seed + 4, 90))
    return np.asarray(glow * (1 - lead) + np.clip(bead, 0, 1)[..., None] * lead)
