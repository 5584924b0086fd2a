"""Expressionist: orchard hills in broad, wilful strokes of unmixed vermilion, violet, emerald and orange."""

from .brushwork import Brush
from .oil import OilPainting
from .pigments import Palette, Recipe
from .scenes.orchard import orchard

PALETTE = Palette(
    "titanium white", "vermilion", "cadmium orange", "cadmium yellow", "emerald", "cobalt blue", "dioxazine violet"
)
RECIPES: dict[str, tuple[Recipe, ...]] = {
    "sky": (
        {"dioxazine violet": 5, "vermilion": 2},
        {"vermilion": 8, "dioxazine violet": 0.3},
        {"vermilion": 4, "cadmium orange": 5},
        {"cadmium orange": 6, "cadmium yellow": 3},
        {"cadmium yellow": 6, "titanium white": 3},
    ),
    "sun": ({"cadmium yellow": 6, "titanium white": 5},),
    "cloud": (
        {"dioxazine violet": 5, "cobalt blue": 4, "titanium white": 1},
        {"cobalt blue": 4, "titanium white": 5, "dioxazine violet": 0.5},
        {"titanium white": 8, "vermilion": 0.8},
    ),
    "far hill": ({"dioxazine violet": 8}, {"dioxazine violet": 4, "cobalt blue": 5, "titanium white": 1.5}),
    "field": (
        {"dioxazine violet": 4, "emerald": 3},
        {"emerald": 8, "cobalt blue": 2},
        {"emerald": 7, "cadmium yellow": 2},
        {"cadmium yellow": 6, "emerald": 1.5},
    ),
    "stubble": (
        {"vermilion": 5, "dioxazine violet": 1},
        {"vermilion": 6, "cadmium orange": 3},
        {"cadmium orange": 4, "cadmium yellow": 5},
        {"cadmium yellow": 6, "titanium white": 2},
    ),
    "tree": (
        {"dioxazine violet": 6, "cobalt blue": 2},
        {"cobalt blue": 8, "titanium white": 0.5},
        {"emerald": 6, "cobalt blue": 3},
        {"emerald": 5, "cadmium yellow": 4, "titanium white": 1},
    ),
    "trunk": ({"dioxazine violet": 8}, {"vermilion": 7, "cadmium orange": 2}),
    "barn": ({"dioxazine violet": 4, "cobalt blue": 6}, {"cobalt blue": 3, "titanium white": 6}, {"titanium white": 9}),
    "roof": ({"vermilion": 8}, {"cadmium orange": 8}),
    "bird": ({"dioxazine violet": 8},),
}

expressionist = OilPainting(
    orchard,
    PALETTE,
    RECIPES,
    (
        Brush(0.046, 0.19, 3.2, body=0.7, dryness=0.6, pickup=0.10, streaks=0.7, wander=0.22, colour_jitter=0.8),
        Brush(0.030, 0.12, 1.8, body=1.2, dryness=0.75, pickup=0.12, streaks=0.8, wander=0.25, colour_jitter=0.9),
        Brush(0.016, 0.06, 1.2, body=1.3, dryness=0.7, pickup=0.08, streaks=0.6, colour_jitter=0.6, only_focus=True),
        Brush(0.010, 0.022, 1.3, body=1.3, dryness=0.3, pickup=0.03, colour_jitter=0.4, only_focus=True),
    ),
    ground={"dioxazine violet": 3, "cobalt blue": 5, "titanium white": 1.2},
    relief=1.1,
)
