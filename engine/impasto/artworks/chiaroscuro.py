"""Dark chiaroscuro: a still life by candlelight in umber, ochre and white, thin in the shadows, thick in the lights."""

from dataclasses import replace

from .brushwork import Brush
from .oil import OilPainting
from .pigments import Palette, Recipe
from .scenes.still_life import still_life

PALETTE = Palette("warm white", "naples yellow", "yellow ochre", "vermilion", "alizarin", "burnt umber", "ivory black")
DARK: Recipe = {"ivory black": 5, "burnt umber": 5}
RECIPES: dict[str, tuple[Recipe, ...]] = {
    "wall": (
        DARK,
        {"burnt umber": 8, "ivory black": 1},
        {"burnt umber": 5, "yellow ochre": 3},
        {"yellow ochre": 5, "burnt umber": 3},
    ),
    "table": (
        DARK,
        {"burnt umber": 6, "alizarin": 1},
        {"burnt umber": 4, "yellow ochre": 3, "vermilion": 0.5},
        {"yellow ochre": 5, "naples yellow": 1},
    ),
    "cloth": (
        {"burnt umber": 5, "ivory black": 2},
        {"burnt umber": 3, "yellow ochre": 2, "warm white": 0.8},
        {"naples yellow": 3, "warm white": 3, "burnt umber": 0.5},
        {"warm white": 8},
    ),
    "jug": (
        DARK,
        {"burnt umber": 5, "alizarin": 2},
        {"vermilion": 2, "burnt umber": 3, "yellow ochre": 2},
        {"yellow ochre": 3, "vermilion": 2, "naples yellow": 2},
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
        {"alizarin": 5, "ivory black": 2},
        {"alizarin": 5, "vermilion": 1},
        {"alizarin": 2, "warm white": 2},
    ),
    "apple": (
        {"alizarin": 3, "burnt umber": 4},
        {"alizarin": 5, "vermilion": 2},
        {"vermilion": 6, "alizarin": 1},
        {"vermilion": 4, "yellow ochre": 2, "naples yellow": 2},
        {"warm white": 6, "naples yellow": 2},
    ),
    "flame": ({"vermilion": 2, "yellow ochre": 5}, {"naples yellow": 5, "warm white": 5}, {"warm white": 9}),
    "candle": (
        {"burnt umber": 4, "yellow ochre": 3},
        {"yellow ochre": 4, "warm white": 3},
        {"warm white": 8, "naples yellow": 2},
    ),
}
BRUSH = Brush(0.022, 0.075, 1.8, body=0.8, dryness=0.5, pickup=0.30, streaks=0.45, wander=0.12, colour_jitter=0.30)

chiaroscuro = OilPainting(
    still_life,
    PALETTE,
    RECIPES,
    (
        replace(BRUSH, width=0.050, length=0.14, coverage=1.6, body=0.35, dryness=0.75),
        BRUSH,
        replace(BRUSH, width=0.011, length=0.040, coverage=1.6, body=1.0, only_focus=True),
        replace(BRUSH, width=0.0065, length=0.020, coverage=1.6, body=1.2, dryness=0.3, only_focus=True),
    ),
    ground={"burnt umber": 6, "vermilion": 1.2, "yellow ochre": 1.5},
    relief=1.0,
    gloss=0.4,
)
