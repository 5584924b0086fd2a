"""Pointillist: an estuary in round touches of almost unmixed colour that mix in the eye."""

from dataclasses import replace

from .brushwork import Brush
from .oil import OilPainting
from .pigments import Palette, Recipe
from .scenes.estuary import estuary

PALETTE = Palette("titanium white", "cobalt blue", "turquoise", "emerald", "lemon yellow", "cadmium orange", "rose")
RECIPES: dict[str, tuple[Recipe, ...]] = {
    "sky": (
        {"cobalt blue": 5, "turquoise": 2, "rose": 1, "titanium white": 2},
        {"cobalt blue": 3, "turquoise": 2, "rose": 0.7, "titanium white": 5},
        {"titanium white": 8, "rose": 1.2, "cadmium orange": 0.6, "lemon yellow": 1.5},
    ),
    "far hill": (
        {"cobalt blue": 5, "rose": 3, "titanium white": 1.5},
        {"rose": 2, "cobalt blue": 3, "titanium white": 4},
    ),
    "hill": (
        {"cobalt blue": 5, "emerald": 3, "rose": 2},
        {"emerald": 3, "turquoise": 3, "cadmium orange": 1, "titanium white": 2},
    ),
    "wood": (
        {"cobalt blue": 6, "emerald": 3, "rose": 2},
        {"emerald": 6, "cobalt blue": 2, "cadmium orange": 1.5},
        {"emerald": 4, "lemon yellow": 5, "cadmium orange": 1.5},
    ),
    "field": ({"lemon yellow": 5, "cadmium orange": 2.5, "emerald": 1, "titanium white": 2},),
    "river": (
        {"cobalt blue": 6, "turquoise": 3, "emerald": 1},
        {"turquoise": 3, "cobalt blue": 2, "titanium white": 3, "rose": 0.6},
        {"titanium white": 7, "lemon yellow": 1.5, "cadmium orange": 0.8, "rose": 0.6},
    ),
    "reflection": ({"cobalt blue": 6, "emerald": 3, "rose": 1.5}, {"emerald": 5, "turquoise": 3, "cadmium orange": 1}),
    "bank": (
        {"cobalt blue": 4, "emerald": 3, "rose": 3},
        {"emerald": 6, "cadmium orange": 3, "cobalt blue": 1.5},
        {"lemon yellow": 4, "cadmium orange": 4, "emerald": 2},
        {"lemon yellow": 6, "cadmium orange": 2, "titanium white": 3, "rose": 0.6},
    ),
    "boat": ({"cobalt blue": 6, "rose": 3}, {"cadmium orange": 5, "rose": 3}),
    "sail": ({"cadmium orange": 4, "rose": 4}, {"cadmium orange": 5, "lemon yellow": 2, "titanium white": 1.5}),
    "roof": ({"rose": 5, "cadmium orange": 3}, {"cadmium orange": 6, "rose": 2}),
    "wall": ({"cobalt blue": 4, "rose": 3}, {"titanium white": 8, "lemon yellow": 1, "cadmium orange": 0.6}),
}

DABS = Brush(
    0.0125,
    0.0128,
    2.0,
    body=1.2,
    dryness=0.0,
    pickup=0.02,
    streaks=0.1,
    colour_jitter=0.3,
    divided=0.72,
    is_round=True,
    heavy_tail=0.12,
    wander=0.8,
    bristles=0.3,
)
pointillist = OilPainting(
    estuary,
    PALETTE,
    RECIPES,
    (
        Brush(0.030, 0.06, 1.7, body=0.3, dryness=0.4, pickup=0.2, colour_jitter=0.5),
        DABS,
        replace(DABS, width=0.0095, length=0.0098, coverage=1.1, body=1.4, divided=0.80),
    ),
    ground={"titanium white": 9, "cadmium orange": 0.3, "lemon yellow": 0.6},
    relief=0.9,
    gloss=0.15,
)
