"""Mosaic: tesserae of gold, lapis and terracotta laid along every contour, in pale mortar."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from .noise import Field, fractal_noise, grid, smoothstep
from .pigments import PaintMix, Palette, reflectance, reflectance_of, to_srgb8
from .scenes import Scene
from .scenes.orchard import orchard

SUPERSAMPLING = 2
PALETTE = Palette("titanium white", "cobalt blue", "turquoise", "emerald", "yellow ochre", "burnt sienna", "vermilion")
RECIPES: Mapping[str, Sequence[PaintMix]] = {
    "sky": (
        {"burnt sienna": 5, "yellow ochre": 2},
        {"yellow ochre": 4, "burnt sienna": 2},
        {"yellow ochre": 4, "burnt sienna": 0.9, "titanium white": 2},
        {"yellow ochre": 2, "burnt sienna": 0.9, "titanium white": 5},
        {"titanium white": 8, "yellow ochre": 0.8, "burnt sienna": 0.5},
    ),
    "sun": ({"vermilion": 7, "burnt sienna": 0.5},),
    "cloud": ({"burnt sienna": 2, "titanium white": 4}, {"titanium white": 8, "burnt sienna": 0.15}),
    "far hill": ({"cobalt blue": 7, "vermilion": 0.7}, {"cobalt blue": 5, "vermilion": 0.2, "titanium white": 2}),
    "field": (
        {"cobalt blue": 6, "vermilion": 1.6},
        {"cobalt blue": 8, "vermilion": 0.5},
        {"cobalt blue": 7, "turquoise": 1, "titanium white": 0.6},
        {"cobalt blue": 3, "turquoise": 3, "titanium white": 2},
        {"turquoise": 2, "titanium white": 5},
    ),
    "stubble": (
        {"burnt sienna": 7, "cobalt blue": 0.5},
        {"burnt sienna": 5, "vermilion": 3},
        {"burnt sienna": 3, "vermilion": 1, "titanium white": 3},
        {"titanium white": 7, "burnt sienna": 1},
    ),
    "tree": (
        {"cobalt blue": 4, "vermilion": 2, "burnt sienna": 1},
        {"cobalt blue": 5, "emerald": 1, "vermilion": 0.8},
        {"emerald": 1.2, "burnt sienna": 3, "yellow ochre": 2.5},
        {"yellow ochre": 4, "burnt sienna": 0.8, "titanium white": 2.5},
    ),
    "trunk": ({"burnt sienna": 5, "vermilion": 0.5, "cobalt blue": 2}, {"burnt sienna": 6, "titanium white": 0.6}),
    "barn": (
        {"burnt sienna": 5, "vermilion": 0.6, "cobalt blue": 2},
        {"titanium white": 6, "burnt sienna": 1},
        {"titanium white": 9},
    ),
    "roof": ({"vermilion": 7},),
    "bird": ({"cobalt blue": 6, "vermilion": 1.6},),
}
# Side of a tessera, in artwork units.
SIDE = 0.0135


def mosaic(long_side: int, seed: int) -> NDArray[np.uint8]:
    """The picture, ``(H, W, 3)``."""
    scene = orchard()
    rng = np.random.default_rng([seed, 5])
    centres = settle(scene, SIDE, rng)
    parts = scene.paint_parts(PALETTE, RECIPES)[scene.index(centres)]
    colours = PALETTE.mix(parts * np.exp(0.45 * rng.standard_normal(parts.shape)))
    rows, columns = scene.size_at(long_side)
    owner, rim = tesserae(scene, centres, SIDE, (rows * SUPERSAMPLING, columns * SUPERSAMPLING), seed)
    light = _set_in_mortar(reflectance(colours), owner, rim, seed, rng)
    blocks = light.reshape(rows, SUPERSAMPLING, columns, SUPERSAMPLING, 3)
    return to_srgb8(blocks.mean(axis=(1, 3)))


def settle(scene: Scene, side: float, rng: np.random.Generator, rounds: int = 14) -> Field:
    """Centres of tesserae, ``(N, 2)``, moved apart until they lie about evenly, in rows along the flow."""
    height, width = (n / max(scene.mass.shape) for n in scene.mass.shape)
    count = int(width * height / side**2)
    points = rng.random((count, 2)) * (width, height)
    samples = np.stack(np.meshgrid(np.arange(0, width, side / 6), np.arange(0, height, side / 6)), -1).reshape(-1, 2)
    for _ in range(rounds):
        nearest, _ = _nearest(scene, points, samples, side, 5)
        weight = np.bincount(nearest, minlength=count)
        middle = np.stack([np.bincount(nearest, samples[:, i], count) for i in (0, 1)], axis=1)
        points = np.where(weight[:, None] > 0, middle / np.maximum(weight, 1)[:, None], points)
    return np.asarray(points)


def _nearest(
    scene: Scene, centres: Field, places: Field, side: float, neighbours: int
) -> tuple[NDArray[np.intp], Field]:
    """Whose tessera each place belongs to, and how far it is from the joint, both by squares turned with the flow."""
    tree = cKDTree(centres)
    _, near = tree.query(places, k=neighbours)
    angle = scene.flow[scene.index(centres)]
    offset = places[:, None] - centres[near]
    cos, sin = np.cos(angle)[near], np.sin(angle)[near]
    along, across = offset[..., 0] * cos + offset[..., 1] * sin, offset[..., 1] * cos - offset[..., 0] * sin
    distance = (np.abs(along) ** 4 + np.abs(across) ** 4) ** 0.25
    order = np.argsort(distance, axis=1)
    first, second = (np.take_along_axis(distance, order[:, i : i + 1], 1)[:, 0] for i in (0, 1))
    return np.take_along_axis(near, order[:, :1], 1)[:, 0], (second - first) / side


def tesserae(
    scene: Scene, centres: Field, side: float, size: tuple[int, int], seed: int
) -> tuple[NDArray[np.intp], Field]:
    """Of each pixel the tessera that it lies in, and its distance from the joint, in sides."""
    x, y = grid(size)
    x = x + 0.0009 * fractal_noise(size, seed + 3, 90, rough=0.6)
    y = y + 0.0009 * fractal_noise(size, seed + 4, 90, rough=0.6)
    owner, rim = np.empty(size, dtype=np.intp), np.empty(size, dtype=np.float32)
    for top in range(0, size[0], 64):
        strip = slice(top, top + 64)
        places = np.stack([x[strip], y[strip]], axis=-1).reshape(-1, 2)
        found, far = _nearest(scene, centres, places, side, 6)
        owner[strip], rim[strip] = found.reshape(x[strip].shape), far.reshape(x[strip].shape)
    return owner, rim


def _set_in_mortar(colours: Field, owner: NDArray[np.intp], rim: Field, seed: int, rng: np.random.Generator) -> Field:
    """Glass that leans a little, each piece its own way, catches the light; the mortar between doesn't."""
    size, scale = owner.shape, max(owner.shape)
    lean = rng.standard_normal((len(colours), 2))
    glass = 1 + 0.10 * lean[owner, 0] + 0.10 * fractal_noise(size, seed + 9, 70, rough=0.7)
    height = smoothstep(0.10, 0.42, rim) + 0.05 * fractal_noise(size, seed + 11, 160, rough=0.7)
    height = ndimage.gaussian_filter(height, 0.0006 * scale)
    down, across = np.gradient(height)
    raking = np.clip(1 + (across + down) * 0.0022 * scale, 0.45, 1.7)
    shine = np.clip(lean[owner, 1] - 1.1, 0, 1) * 0.30 * smoothstep(0.15, 0.6, rim)
    mortar = reflectance_of("cfc3ac") * (0.80 + 0.10 * fractal_noise(size, seed + 12, 120, rough=0.8))[..., None]
    piece = colours[owner] * np.clip(glass, 0.6, 1.5)[..., None] + shine[..., None] * 0.5
    here = smoothstep(0.12, 0.20, rim)[..., None]
    return np.asarray((mortar * 0.75 * (1 - here) + piece * here) * raking[..., None])
