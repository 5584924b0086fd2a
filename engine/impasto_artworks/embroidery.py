"""Embroidery: mountains in satin stitch of silk thread on indigo linen."""

from dataclasses import replace

from .brushwork import Brush
from .oil import OilPainting
from .pigments import PaintMix, Palette
from .scenes.mountains import mountains

PALETTE = Palette("titanium white", "rose", "cadmium red", "naples yellow", "turquoise", "indigo", "sap green")
RECIPES: dict[str, tuple[PaintMix, ...]] = {
    "sky": (
        {"rose": 2, "titanium white": 4},
        {"titanium white": 6, "naples yellow": 2, "rose": 0.5},
        {"titanium white": 7, "naples yellow": 2},
    ),
    "sun": ({"cadmium red": 6},),
    "mist": ({"titanium white": 7, "turquoise": 0.4},),
    "far ridge": (
        {"turquoise": 5, "indigo": 1},
        {"turquoise": 4, "titanium white": 2},
        {"titanium white": 6, "turquoise": 1},
    ),
    "ridge": ({"indigo": 5, "turquoise": 3}, {"turquoise": 6, "indigo": 1}, {"turquoise": 3, "titanium white": 4}),
    "near ridge": (
        {"indigo": 7},
        {"indigo": 3, "turquoise": 4},
        {"turquoise": 4, "naples yellow": 2, "titanium white": 2},
    ),
    "water": (
        {"indigo": 5, "turquoise": 2},
        {"turquoise": 6, "titanium white": 1},
        {"titanium white": 6, "turquoise": 1.2},
    ),
    "rock": (
        {"indigo": 4, "rose": 3},
        {"rose": 6, "indigo": 1},
        {"rose": 4, "naples yellow": 3, "titanium white": 1},
        {"naples yellow": 5, "titanium white": 3},
    ),
    "trunk": ({"cadmium red": 3, "indigo": 3}, {"cadmium red": 5, "naples yellow": 3}),
    "needles": ({"indigo": 4, "sap green": 4}, {"sap green": 6}, {"sap green": 4, "naples yellow": 5}),
    "hut": ({"cadmium red": 5, "indigo": 1}, {"naples yellow": 6}),
    "ferry": ({"cadmium red": 5},),
}
STITCH = Brush(
    0.0075,
    0.044,
    2.6,
    body=2.6,
    dryness=0.0,
    pickup=0.0,
    streaks=0.15,
    wander=0.05,
    colour_jitter=0.28,
    heavy_tail=0.05,
    bristles=0.15,
    is_round=True,
    twist=0.0048,
)

embroidery = OilPainting(
    mountains,
    PALETTE,
    RECIPES,
    (STITCH, replace(STITCH, coverage=1.2), replace(STITCH, width=0.0062, length=0.024, coverage=1.6, only_focus=True)),
    ground={"indigo": 5, "titanium white": 0.8},
    relief=0.9,
    gloss=0.5,
    weave=2.0,
)
