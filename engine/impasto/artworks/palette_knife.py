"""Palette knife: an estuary in autumn, laid on in slabs of slate, cream, brick and ochre without a hair of brush."""

from dataclasses import replace

from .brushwork import Brush
from .oil import OilPainting
from .pigments import Palette, Recipe
from .scenes.estuary import estuary

PALETTE = Palette(
    "titanium white", "payne's grey", "cerulean", "naples yellow", "yellow ochre", "burnt sienna", "alizarin"
)
RECIPES: dict[str, tuple[Recipe, ...]] = {
    "sky": (
        {"payne's grey": 4, "cerulean": 3, "titanium white": 2},
        {"cerulean": 2, "payne's grey": 1.2, "titanium white": 5},
        {"titanium white": 8, "naples yellow": 2, "payne's grey": 0.2},
    ),
    "far hill": ({"payne's grey": 4, "alizarin": 1.5, "titanium white": 3},),
    "hill": ({"payne's grey": 5, "burnt sienna": 2}, {"burnt sienna": 3, "payne's grey": 1, "titanium white": 2}),
    "wood": (
        {"alizarin": 5, "payne's grey": 3},
        {"burnt sienna": 6, "alizarin": 2},
        {"burnt sienna": 3, "yellow ochre": 5},
        {"yellow ochre": 5, "naples yellow": 4},
    ),
    "field": ({"naples yellow": 5, "yellow ochre": 3},),
    "river": (
        {"payne's grey": 5, "cerulean": 2},
        {"cerulean": 2, "payne's grey": 1.5, "titanium white": 3},
        {"titanium white": 8, "naples yellow": 1.5},
    ),
    "reflection": ({"alizarin": 3, "payne's grey": 4}, {"burnt sienna": 4, "payne's grey": 1.5, "titanium white": 1}),
    "bank": (
        {"payne's grey": 4, "burnt sienna": 4},
        {"burnt sienna": 6, "alizarin": 1},
        {"yellow ochre": 6, "burnt sienna": 1.5},
        {"naples yellow": 6, "yellow ochre": 2, "titanium white": 1},
    ),
    "boat": ({"payne's grey": 6}, {"alizarin": 4, "titanium white": 0.6}),
    "sail": ({"burnt sienna": 5, "alizarin": 2}, {"titanium white": 7, "naples yellow": 3}),
    "roof": ({"alizarin": 4, "burnt sienna": 3}, {"burnt sienna": 5, "naples yellow": 1}),
    "wall": ({"payne's grey": 5}, {"titanium white": 8, "naples yellow": 2}),
}
KNIFE = Brush(
    0.060, 0.085, 3.0, body=1.2, dryness=0.45, pickup=0.30, streaks=0.9, wander=0.35, colour_jitter=0.6, bristles=0.28,
    heavy_tail=0.30, tooth=0.5,
)  # fmt: skip

palette_knife = OilPainting(
    estuary,
    PALETTE,
    RECIPES,
    (
        KNIFE,
        replace(KNIFE, width=0.036, length=0.060, coverage=1.5, body=1.7),
        replace(KNIFE, width=0.018, length=0.030, coverage=1.2, body=1.6, dryness=0.3, only_focus=True),
    ),
    ground={"burnt sienna": 5, "alizarin": 2, "titanium white": 0.6},
    relief=1.25,
    gloss=0.4,
)
