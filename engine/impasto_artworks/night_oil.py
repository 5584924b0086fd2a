"""Impasto by night: a lighthouse under a turning sky, ultramarine and Prussian blue against ochre and lemon."""

from .brushwork import Brush
from .oil import OilPainting
from .pigments import PaintMix, Palette
from .scenes.lighthouse import lighthouse

PALETTE = Palette(
    "titanium white", "ultramarine", "prussian blue", "cerulean", "naples yellow", "cadmium yellow", "burnt sienna"
)
RECIPES: dict[str, tuple[PaintMix, ...]] = {
    "sky": (
        {"prussian blue": 6, "ultramarine": 4, "burnt sienna": 0.5},
        {"ultramarine": 8, "prussian blue": 1, "titanium white": 0.5},
        {"ultramarine": 7, "titanium white": 1.6},
        {"ultramarine": 3, "cerulean": 2, "titanium white": 3},
        {"cerulean": 2, "titanium white": 6, "naples yellow": 1},
        {"titanium white": 8, "naples yellow": 3},
    ),
    "halo": (
        {"ultramarine": 4, "cerulean": 3, "titanium white": 2.5},
        {"cerulean": 1.2, "titanium white": 6, "ultramarine": 0.8},
        {"naples yellow": 6, "titanium white": 5},
        {"cadmium yellow": 3, "naples yellow": 6, "titanium white": 1},
        {"cadmium yellow": 2, "naples yellow": 3, "titanium white": 6},
    ),
    "light": (
        {"cadmium yellow": 6, "burnt sienna": 0.6},
        {"cadmium yellow": 6, "naples yellow": 3},
        {"titanium white": 8, "cadmium yellow": 1, "naples yellow": 4},
    ),
    "shore": (
        {"prussian blue": 6, "burnt sienna": 3},
        {"prussian blue": 3, "ultramarine": 5, "naples yellow": 0.5},
        {"ultramarine": 4, "cerulean": 3, "naples yellow": 2, "titanium white": 1},
        {"naples yellow": 4, "titanium white": 3, "ultramarine": 1.5, "burnt sienna": 1},
    ),
    "window": ({"cadmium yellow": 5, "burnt sienna": 3}, {"cadmium yellow": 5, "burnt sienna": 0.4}),
    "sea": (
        {"prussian blue": 6, "ultramarine": 3, "burnt sienna": 1},
        {"prussian blue": 3, "ultramarine": 5, "cerulean": 1},
        {"ultramarine": 4, "cerulean": 4, "titanium white": 2},
        {"cerulean": 3, "titanium white": 6, "ultramarine": 1},
    ),
    "glitter": (
        {"naples yellow": 3, "cerulean": 1.5, "titanium white": 3},
        {"naples yellow": 7, "cadmium yellow": 2},
        {"naples yellow": 5, "titanium white": 5},
    ),
    "rock": (
        {"prussian blue": 5, "burnt sienna": 5},
        {"burnt sienna": 6, "ultramarine": 4},
        {"burnt sienna": 6, "ultramarine": 2, "naples yellow": 1.5},
        {"burnt sienna": 3, "naples yellow": 4, "cadmium yellow": 1},
        {"cerulean": 2, "titanium white": 3, "naples yellow": 2},
    ),
    "tower": (
        {"ultramarine": 4, "burnt sienna": 6},
        {"burnt sienna": 6, "cadmium yellow": 1},
        {"titanium white": 5, "naples yellow": 3, "ultramarine": 0.9},
        {"titanium white": 8, "naples yellow": 3},
    ),
}
BRUSHES = (
    Brush(width=0.036, length=0.17, coverage=2.0, body=0.5, dryness=0.55, pickup=0.15),
    Brush(width=0.021, length=0.13, coverage=1.7, body=1.0, dryness=0.65),
    Brush(width=0.013, length=0.085, coverage=1.6, body=1.1, dryness=0.65, pickup=0.18),
    Brush(width=0.0080, length=0.045, coverage=2.0, body=1.3, dryness=0.6, pickup=0.08, only_focus=True),
    Brush(width=0.0065, length=0.020, coverage=1.5, body=1.5, dryness=0.2, pickup=0.03, only_focus=True),
)


night_oil = OilPainting(
    lighthouse,
    PALETTE,
    RECIPES,
    BRUSHES,
    ground={"burnt sienna": 6, "cadmium yellow": 0.6, "ultramarine": 0.8, "titanium white": 0.9},
)
