"""Dark chiaroscuro: a still life by candlelight in umber, ochre and white, thin in the shadows, thick in the lights."""

from dataclasses import replace

from .brushwork import Brush
from .oil import OilPainting
from .pigments import PaintMix, Palette
from .scenes.still_life import still_life

PALETTE = Palette("warm white", "naples yellow", "yellow ochre", "vermilion", "alizarin", "burnt umber", "ivory black")
DARK: PaintMix = {"ivory black": 5, "burnt umber": 5}
RECIPES: dict[str, tuple[PaintMix, ...]] = {
    "wall": (
        DARK,
        {"burnt umber": 7, "ivory black": 1.5},
        {"burnt umber": 5, "yellow ochre": 2, "vermilion": 0.3},
        {"yellow ochre": 4, "burnt umber": 2, "naples yellow": 1},
        {"yellow ochre": 2.5, "naples yellow": 2.5, "vermilion": 0.35, "warm white": 2},
        {"naples yellow": 2.5, "warm white": 5, "vermilion": 0.12},
    ),
    "table": (
        DARK,
        {"burnt umber": 6, "ivory black": 1},
        {"burnt umber": 4, "yellow ochre": 2, "vermilion": 0.7},
        {"yellow ochre": 4, "naples yellow": 2, "vermilion": 0.4},
        {"naples yellow": 5, "warm white": 2},
    ),
    "cloth": (
        {"burnt umber": 5, "ivory black": 2},
        {"burnt umber": 3, "yellow ochre": 2, "warm white": 0.8},
        {"naples yellow": 3, "warm white": 3, "burnt umber": 0.5},
        {"warm white": 8},
    ),
    "jug": (
        DARK,
        {"burnt umber": 5, "alizarin": 1},
        {"vermilion": 1.4, "burnt umber": 3.5, "yellow ochre": 2},
        {"yellow ochre": 3, "vermilion": 1.2, "naples yellow": 2, "warm white": 1},
        {"warm white": 6, "naples yellow": 2},
    ),
    "bowl": (
        DARK,
        {"burnt umber": 4, "ivory black": 2, "warm white": 0.3},
        {"warm white": 2, "burnt umber": 1.5, "yellow ochre": 1},
        {"warm white": 6, "yellow ochre": 1},
        {"warm white": 9},
    ),
    "lemon": (
        {"burnt umber": 5, "yellow ochre": 2},
        {"yellow ochre": 6, "burnt umber": 1},
        {"yellow ochre": 4, "naples yellow": 4},
        {"naples yellow": 6, "warm white": 3},
    ),
    "plum": (
        DARK,
        {"alizarin": 3, "ivory black": 3, "burnt umber": 2},
        {"alizarin": 3, "burnt umber": 2, "warm white": 0.6},
        {"alizarin": 0.8, "warm white": 3, "ivory black": 0.3},
    ),
    "apple": (
        {"alizarin": 1.5, "burnt umber": 4},
        {"vermilion": 2, "burnt umber": 3, "alizarin": 0.6},
        {"vermilion": 3, "yellow ochre": 2},
        {"vermilion": 1.2, "yellow ochre": 3, "naples yellow": 3},
        {"warm white": 6, "naples yellow": 2},
    ),
    "flame": ({"vermilion": 2, "yellow ochre": 5}, {"naples yellow": 5, "warm white": 5}, {"warm white": 9}),
    "candle": (
        {"burnt umber": 4, "yellow ochre": 3},
        {"yellow ochre": 4, "warm white": 3},
        {"warm white": 8, "naples yellow": 2},
    ),
}
BRUSH = Brush(
    0.022, 0.085, 1.9, body=0.9, dryness=0.5, pickup=0.22, streaks=0.7, wander=0.14, colour_jitter=0.50, heavy_tail=0.45
)

chiaroscuro = OilPainting(
    still_life,
    PALETTE,
    RECIPES,
    (
        replace(BRUSH, width=0.050, length=0.15, coverage=1.7, body=0.4, dryness=0.75),
        BRUSH,
        replace(BRUSH, width=0.0115, length=0.050, coverage=0.8, body=1.1),
        replace(BRUSH, width=0.0080, length=0.026, coverage=2.0, body=1.2, dryness=0.3, only_focus=True),
    ),
    ground={"burnt umber": 5, "vermilion": 0.8, "yellow ochre": 2},
    relief=1.1,
    gloss=0.4,
)
