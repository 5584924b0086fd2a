"""Batik: mountains in indigo and soga brown on cotton, cracked where the wax broke, dotted by the canting."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from .noise import Field, fractal_noise, grid, smoothstep
from .print import Press
from .scenes import Scene
from .scenes.mountains import mountains

INDIGO, BROWN, GOLD = "1c2f6b", "7a3d1a", "d9a648"
# The dye baths that each mass went through.
DYES: dict[str, tuple[str, ...]] = {
    "sky": (GOLD,),
    "sun": (BROWN,),
    "mist": (),
    "far ridge": (INDIGO,),
    "ridge": (GOLD, BROWN),
    "near ridge": (INDIGO, BROWN),
    "water": (INDIGO,),
    "rock": (GOLD, BROWN),
    "trunk": (BROWN,),
    "needles": (GOLD, INDIGO),
    "hut": (BROWN,),
    "ferry": (BROWN, INDIGO),
}


def batik(long_side: int, seed: int) -> NDArray[np.uint8]:
    """The picture, ``(H, W, 3)``."""
    scene = mountains()
    press = Press(scene.size_at(long_side), "f2e8d2", seed)
    wax = press.enlarged(_canting(scene)) + press.rough_edge(0.05, 200)
    cracks = crackle(press.size, seed)
    for bath, dye in enumerate((GOLD, BROWN, INDIGO)):
        masses = [index for index, name in enumerate(scene.masses) if dye in DYES[name]]
        dyed = np.isin(scene.mass, masses).astype(np.float32)
        open_cloth = np.minimum(press.enlarged(dyed) - 0.5 + press.rough_edge(0.05), -wax)
        depth = 0.70 + 0.15 * fractal_noise(press.size, seed + 60 + bath, 5)
        press.ink(open_cloth, dye, float(depth.mean()), grain=0.45, salt=0.0)
        if dye != GOLD:
            press.ink(np.maximum(cracks - 0.25 * bath, -1) - 0.3, dye, 0.75, grain=0.2, salt=0.0)
    return press.picture()


def _canting(scene: Scene) -> Field:
    """Where wax was drawn, above 0: lines round every mass, and rows of dots along the flow inside."""
    edge = ndimage.morphological_gradient(scene.mass, size=3) > 0
    line = ndimage.gaussian_filter(edge.astype(np.float32), 1.1) - 0.42
    x, y = grid(scene.mass.shape)
    contour = ndimage.distance_transform_edt(~edge) / max(scene.mass.shape)
    rows = np.cos(contour * 2 * np.pi / 0.021)
    along = np.where(np.abs(np.cos(scene.flow)) > 0.7, x, y)
    dots = rows + np.cos(along * 2 * np.pi / 0.019) - 1.15
    return np.asarray(np.maximum(line, np.where(contour > 0.010, 0.5 * dots, -1)), dtype=np.float32)


def crackle(size: tuple[int, int], seed: int) -> Field:
    """Cracks in wax, above 0.3: the borders of cells of two sizes, bent a little and not all open."""
    x, y = grid(size)
    x, y = x + 0.004 * fractal_noise(size, seed + 70, 12), y + 0.004 * fractal_noise(size, seed + 71, 12)
    places = np.stack([x, y], axis=-1)
    rng = np.random.default_rng([seed, 21])
    cracks = np.full(size, -1.0, dtype=np.float32)
    for cells, thickness in ((90, 0.0011), (420, 0.0007)):
        near, _ = cKDTree(rng.random((cells, 2))).query(places.reshape(-1, 2), k=2)
        border = (near[:, 1] - near[:, 0]).reshape(size)
        opened = 0.7 + 0.8 * fractal_noise(size, seed + cells, 5, 30)
        cracks = np.maximum(cracks, smoothstep(1.6, 0.2, border / thickness) * opened)
    return cracks
