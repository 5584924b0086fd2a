"""Soft pastel: a harbour at dusk in peach, lavender and sea green, dragged over the tooth of a plum paper."""

from dataclasses import replace

from .brushwork import Brush
from .oil import OilPainting
from .pigments import Palette, Recipe
from .scenes.lighthouse import lighthouse

PALETTE = Palette(
    "titanium white", "rose", "cadmium orange", "naples yellow", "turquoise", "cobalt blue", "dioxazine violet"
)
RECIPES: dict[str, tuple[Recipe, ...]] = {
    "sky": (
        {"dioxazine violet": 2, "rose": 3, "titanium white": 2.5},
        {"rose": 4, "titanium white": 4, "dioxazine violet": 0.3},
        {"cadmium orange": 1.2, "rose": 1.5, "titanium white": 5},
        {"naples yellow": 3, "cadmium orange": 0.6, "titanium white": 5},
    ),
    "halo": (
        {"rose": 3, "titanium white": 5},
        {"naples yellow": 4, "titanium white": 4, "rose": 0.4},
        {"titanium white": 8, "naples yellow": 3},
    ),
    "light": ({"titanium white": 9, "naples yellow": 1},),
    "shore": (
        {"dioxazine violet": 3, "cobalt blue": 3, "titanium white": 1.5},
        {"cobalt blue": 3, "rose": 1.5, "titanium white": 4},
        {"rose": 1.5, "cobalt blue": 1, "titanium white": 5},
    ),
    "window": ({"cadmium orange": 5, "naples yellow": 3},),
    "sea": (
        {"cobalt blue": 3, "dioxazine violet": 1, "turquoise": 2, "titanium white": 1.5},
        {"turquoise": 4, "cobalt blue": 1, "titanium white": 4},
        {"turquoise": 2, "titanium white": 6},
        {"rose": 1, "titanium white": 7},
    ),
    "glitter": ({"naples yellow": 5, "rose": 1, "titanium white": 3}, {"naples yellow": 3, "titanium white": 6}),
    "rock": (
        {"dioxazine violet": 5, "cobalt blue": 2, "titanium white": 0.4},
        {"dioxazine violet": 3, "rose": 3, "titanium white": 1.5},
        {"rose": 3, "cadmium orange": 2, "titanium white": 3},
        {"naples yellow": 4, "cadmium orange": 1, "titanium white": 2},
    ),
    "tower": (
        {"dioxazine violet": 4, "rose": 2},
        {"rose": 5, "titanium white": 1.5},
        {"titanium white": 8, "rose": 0.3},
    ),
}
STICK = Brush(
    0.024, 0.11, 1.5, body=0.1, dryness=0.25, pickup=0.10, streaks=0.4, wander=0.16, colour_jitter=0.45, bristles=0.9,
    tooth=1.2, load=0.66, heavy_tail=0.30,
)  # fmt: skip

pastel = OilPainting(
    lighthouse,
    PALETTE,
    RECIPES,
    (
        replace(STICK, width=0.042, length=0.16),
        STICK,
        replace(STICK, width=0.012, length=0.06, coverage=1.0),
        replace(STICK, width=0.008, length=0.026, coverage=1.8, dryness=0.25, tooth=0.9, load=0.8, only_focus=True),
    ),
    ground={"dioxazine violet": 3, "rose": 2, "titanium white": 0.35},
    relief=0.30,
    gloss=0.0,
    weave=None,
)
