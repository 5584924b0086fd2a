"""Dry brush: a wave in long, hungry strokes of black, slate, iron red and white that leave the raw linen bare."""

from dataclasses import replace

from .brushwork import Brush
from .oil import OilPainting
from .pigments import PaintMix, Palette
from .scenes.wave import wave

PALETTE = Palette("warm white", "ivory black", "burnt sienna", "yellow ochre", "payne's grey")
LINEN: PaintMix = {"warm white": 5, "yellow ochre": 0.8, "burnt sienna": 0.45, "ivory black": 0.25}
RECIPES: dict[str, tuple[PaintMix, ...]] = {
    "sky": (
        {"burnt sienna": 4, "payne's grey": 2},
        {"burnt sienna": 4, "yellow ochre": 1.5, "warm white": 0.8},
        {"yellow ochre": 2.5, "burnt sienna": 0.6, "warm white": 3},
        {"warm white": 6, "yellow ochre": 0.8, "payne's grey": 0.15},
        {"warm white": 8, "burnt sienna": 0.15},
    ),
    "moon": ({"burnt sienna": 6, "yellow ochre": 0.5},),
    "mountain": ({"payne's grey": 5, "ivory black": 2}, {"payne's grey": 3, "warm white": 1.5}),
    "snow": ({"warm white": 8},),
    "sea": (
        {"ivory black": 6},
        {"payne's grey": 5, "ivory black": 1},
        {"payne's grey": 3, "warm white": 1.5},
        {"warm white": 5, "payne's grey": 0.6},
    ),
    "wave": ({"ivory black": 7}, {"ivory black": 4, "payne's grey": 3}),
    "band": ({"payne's grey": 3, "warm white": 1.2}, {"warm white": 5, "payne's grey": 0.6}),
    "foam": ({"warm white": 8},),
    "boat": ({"burnt sienna": 6}, {"burnt sienna": 4, "yellow ochre": 3}),
}
BRISTLE = Brush(
    0.030, 0.20, 1.15, body=0.7, load=0.62, dryness=0.45, pickup=0.05, streaks=0.35, wander=0.10, colour_jitter=0.6,
    tooth=0.7, bristles=2.4, heavy_tail=0.40,
)  # fmt: skip

dry_brush = OilPainting(
    wave,
    PALETTE,
    RECIPES,
    (
        replace(BRISTLE, width=0.060, length=0.26, coverage=1.0, wander=0.16),
        BRISTLE,
        replace(BRISTLE, width=0.014, length=0.11, coverage=0.9, load=0.72, wander=0.16),
        replace(
            BRISTLE, width=0.009, length=0.034, coverage=1.2, load=0.95, dryness=0.4, bristles=1.4, only_focus=True
        ),
    ),
    ground=LINEN,
    relief=0.8,
    gloss=0.0,
    weave=1.6,
)
