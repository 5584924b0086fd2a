"""Dry brush: a wave in a few long, hungry strokes of black, iron red and white that leave the raw linen bare."""

from dataclasses import replace

from .brushwork import Brush
from .oil import OilPainting
from .pigments import Palette, Recipe
from .scenes.wave import wave

PALETTE = Palette("warm white", "ivory black", "burnt sienna", "yellow ochre", "payne's grey")
LINEN: Recipe = {"warm white": 3, "yellow ochre": 1.2, "burnt sienna": 0.9}
RECIPES: dict[str, tuple[Recipe, ...]] = {
    "sky": (
        {"burnt sienna": 5, "yellow ochre": 1},
        {"yellow ochre": 4, "warm white": 2},
        {"warm white": 5, "yellow ochre": 1},
    ),
    "moon": ({"burnt sienna": 6},),
    "mountain": ({"payne's grey": 4, "warm white": 0.6}, {"payne's grey": 2, "warm white": 2}),
    "snow": ({"warm white": 8},),
    "sea": ({"ivory black": 6}, {"payne's grey": 5, "warm white": 0.5}, {"warm white": 5, "payne's grey": 0.6}),
    "wave": ({"ivory black": 7}, {"ivory black": 4, "payne's grey": 3}),
    "band": ({"payne's grey": 3, "warm white": 1.5}, {"warm white": 6, "payne's grey": 0.3}),
    "foam": ({"warm white": 8},),
    "boat": ({"burnt sienna": 6}, {"burnt sienna": 4, "yellow ochre": 3}),
}
BRISTLE = Brush(
    0.036,
    0.30,
    2.2,
    body=0.7,
    load=0.72,
    dryness=0.65,
    pickup=0.06,
    streaks=0.25,
    wander=0.08,
    colour_jitter=0.30,
    tooth=1.0,
)

dry_brush = OilPainting(
    wave,
    PALETTE,
    RECIPES,
    (
        replace(BRISTLE, width=0.055, coverage=1.8),
        BRISTLE,
        replace(BRISTLE, width=0.016, length=0.12, coverage=1.0, load=0.8),
        replace(BRISTLE, width=0.009, length=0.03, coverage=1.2, load=1.0, dryness=0.4, only_focus=True),
    ),
    ground=LINEN,
    relief=0.8,
    gloss=0.0,
    weave=1.6,
)
