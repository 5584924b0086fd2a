"""Daylight impression: orchard hills at noon in quick commas of lilac, apricot and leaf green on a pale ground."""

from dataclasses import replace

from .brushwork import Brush
from .oil import OilPainting
from .pigments import Palette, Recipe
from .scenes.orchard import orchard

PALETTE = Palette("titanium white", "lemon yellow", "cadmium orange", "rose", "emerald", "cerulean", "ultramarine")
RECIPES: dict[str, tuple[Recipe, ...]] = {
    "sky": (
        {"cerulean": 2, "ultramarine": 1, "titanium white": 4},
        {"cerulean": 1.5, "rose": 0.4, "titanium white": 5},
        {"rose": 0.6, "cadmium orange": 0.2, "titanium white": 6},
        {"lemon yellow": 1, "cadmium orange": 0.2, "titanium white": 7},
    ),
    "sun": ({"lemon yellow": 3, "titanium white": 7},),
    "cloud": ({"ultramarine": 1, "rose": 0.8, "titanium white": 5}, {"titanium white": 8, "rose": 0.2}),
    "far hill": (
        {"ultramarine": 3, "rose": 1.5, "titanium white": 4},
        {"ultramarine": 1, "rose": 0.9, "titanium white": 5},
    ),
    "field": (
        {"emerald": 3, "ultramarine": 3, "titanium white": 1.5},
        {"emerald": 4, "cerulean": 1, "lemon yellow": 1, "titanium white": 2},
        {"emerald": 2, "lemon yellow": 4, "titanium white": 2},
        {"lemon yellow": 4, "titanium white": 4, "emerald": 0.4},
    ),
    "stubble": (
        {"rose": 3, "ultramarine": 1.5, "titanium white": 2},
        {"cadmium orange": 2, "rose": 1.5, "titanium white": 3},
        {"cadmium orange": 1, "lemon yellow": 2, "titanium white": 5},
        {"lemon yellow": 2, "titanium white": 6},
    ),
    "tree": (
        {"ultramarine": 5, "rose": 1.5, "emerald": 2, "titanium white": 0.6},
        {"emerald": 5, "ultramarine": 2, "titanium white": 1},
        {"emerald": 4, "lemon yellow": 2.5, "titanium white": 1.5},
        {"lemon yellow": 5, "emerald": 1, "titanium white": 3},
    ),
    "trunk": (
        {"ultramarine": 3, "rose": 2, "titanium white": 0.8},
        {"rose": 2, "cadmium orange": 2, "titanium white": 2},
    ),
    "barn": ({"ultramarine": 2.5, "rose": 1.5, "titanium white": 2.5}, {"titanium white": 8, "lemon yellow": 0.4}),
    "roof": ({"rose": 3, "cadmium orange": 2, "titanium white": 1}, {"cadmium orange": 2, "titanium white": 3}),
    "bird": ({"ultramarine": 3, "rose": 1, "titanium white": 1},),
}
COMMA = Brush(
    0.0115,
    0.036,
    2.0,
    body=1.2,
    dryness=0.55,
    pickup=0.16,
    streaks=0.5,
    wander=0.42,
    colour_jitter=0.75,
    heavy_tail=0.30,
)

impression = OilPainting(
    orchard,
    PALETTE,
    RECIPES,
    (
        replace(COMMA, width=0.034, length=0.09, coverage=1.4, body=0.5, colour_jitter=0.4),
        COMMA,
        replace(COMMA, coverage=0.9, divided=0.45, colour_jitter=0.4),
        replace(COMMA, width=0.0075, length=0.020, coverage=1.3, wander=0.3, only_focus=True),
    ),
    ground={"titanium white": 6, "cadmium orange": 0.5, "rose": 0.5},
    relief=1.0,
    gloss=0.2,
)
