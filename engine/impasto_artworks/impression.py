"""Daylight impression: a lily pond in quick commas of lilac, apricot, rose and blue on a pale ground."""

from dataclasses import replace

from .brushwork import Brush
from .oil import OilPainting
from .pigments import PaintMix, Palette
from .scenes.pond import pond

PALETTE = Palette(
    "titanium white", "naples yellow", "yellow ochre", "cadmium orange", "rose", "cobalt blue", "ultramarine"
)
DUSK: PaintMix = {"ultramarine": 4, "rose": 2, "yellow ochre": 2}
RECIPES: dict[str, tuple[PaintMix, ...]] = {
    "sky": (
        {"cobalt blue": 2, "rose": 0.7, "titanium white": 4},
        {"rose": 0.7, "naples yellow": 2, "titanium white": 5},
        {"naples yellow": 3, "cadmium orange": 0.25, "titanium white": 6},
    ),
    "trees": (
        DUSK,
        {"ultramarine": 2, "yellow ochre": 3, "rose": 1.6, "titanium white": 0.8},
        {"cobalt blue": 0.6, "yellow ochre": 3, "rose": 0.5, "naples yellow": 3},
        {"naples yellow": 6, "yellow ochre": 1, "titanium white": 2},
    ),
    "bank": (
        {"ultramarine": 2, "rose": 2, "titanium white": 1.5},
        {"cadmium orange": 1, "rose": 1, "naples yellow": 3, "titanium white": 2},
        {"naples yellow": 5, "cadmium orange": 0.4, "titanium white": 4},
    ),
    "bridge": (
        {"ultramarine": 3, "rose": 1.5, "yellow ochre": 0.5, "titanium white": 1},
        {"cobalt blue": 2, "rose": 0.8, "titanium white": 4},
        {"titanium white": 6, "cobalt blue": 0.4, "rose": 0.3},
    ),
    "water": (
        {"ultramarine": 3, "rose": 1.2, "yellow ochre": 1, "titanium white": 1.2},
        {"ultramarine": 1.5, "cobalt blue": 0.8, "rose": 0.9, "yellow ochre": 0.5, "titanium white": 3.5},
        {"cobalt blue": 1.2, "rose": 0.6, "titanium white": 5},
        {"rose": 0.9, "cobalt blue": 0.6, "titanium white": 6},
        {"rose": 0.5, "naples yellow": 1.5, "titanium white": 6},
    ),
    "cloud": (
        {"rose": 1.5, "cobalt blue": 0.7, "titanium white": 5},
        {"rose": 0.9, "naples yellow": 2, "titanium white": 5},
        {"naples yellow": 2.5, "cadmium orange": 0.2, "titanium white": 6},
    ),
    "mirror": (
        DUSK,
        {"ultramarine": 3, "yellow ochre": 2, "rose": 1.8, "titanium white": 1},
        {"ultramarine": 1, "yellow ochre": 2.5, "rose": 1, "naples yellow": 2, "titanium white": 1},
    ),
    "pad": (
        {"ultramarine": 3, "yellow ochre": 2, "rose": 1.4},
        {"cobalt blue": 0.9, "yellow ochre": 3, "rose": 0.7, "titanium white": 1.5},
        {"naples yellow": 5, "yellow ochre": 1, "cobalt blue": 0.3},
        {"naples yellow": 4, "titanium white": 4, "rose": 0.3},
    ),
    "lily": ({"rose": 3, "titanium white": 2}, {"rose": 1.2, "titanium white": 5}, {"titanium white": 9, "rose": 0.2}),
    "heart": ({"cadmium orange": 3, "naples yellow": 3},),
    "willow": (
        DUSK,
        {"cobalt blue": 0.8, "yellow ochre": 4, "rose": 0.8, "naples yellow": 1},
        {"naples yellow": 6, "yellow ochre": 1.5, "titanium white": 1.5},
    ),
}
COMMA = Brush(
    0.0125, 0.046, 3.0, body=1.2, dryness=0.55, pickup=0.14, streaks=0.6, wander=0.25, colour_jitter=0.6,
    heavy_tail=0.35,
)  # fmt: skip

impression = OilPainting(
    pond,
    PALETTE,
    RECIPES,
    (
        replace(COMMA, width=0.034, length=0.10, coverage=1.4, body=0.5, colour_jitter=0.4),
        COMMA,
        replace(COMMA, width=0.0095, length=0.032, coverage=0.9, divided=0.40, colour_jitter=0.4, wander=0.4),
        replace(COMMA, width=0.0070, length=0.020, coverage=1.5, wander=0.2, only_focus=True),
    ),
    ground={"titanium white": 6, "naples yellow": 2, "rose": 0.5, "cobalt blue": 0.15},
    relief=1.0,
    gloss=0.2,
)
