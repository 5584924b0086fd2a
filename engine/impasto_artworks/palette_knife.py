"""Palette knife: a street after rain, laid on in slabs of slate, cream, amber and brick without a hair of brush."""

from dataclasses import replace

from .brushwork import Brush
from .oil import OilPainting
from .pigments import PaintMix, Palette
from .scenes.street import street

PALETTE = Palette(
    "titanium white", "naples yellow", "cadmium orange", "burnt sienna", "alizarin", "ultramarine", "payne's grey"
)
DARK: PaintMix = {"payne's grey": 5, "burnt sienna": 2}
RECIPES: dict[str, tuple[PaintMix, ...]] = {
    "sky": (
        {"payne's grey": 4, "ultramarine": 2, "titanium white": 0.8},
        {"ultramarine": 2, "payne's grey": 1.5, "titanium white": 2.5},
        {"ultramarine": 1, "payne's grey": 0.5, "alizarin": 0.3, "titanium white": 4},
        {"naples yellow": 2.5, "titanium white": 5, "cadmium orange": 0.3},
        {"naples yellow": 3, "titanium white": 6},
    ),
    "wall": (
        {"payne's grey": 4, "burnt sienna": 2.5, "ultramarine": 1},
        {"burnt sienna": 4, "payne's grey": 1, "naples yellow": 0.8},
        {"burnt sienna": 2.5, "naples yellow": 3, "alizarin": 0.3},
        {"burnt sienna": 1, "naples yellow": 4, "titanium white": 2},
        {"titanium white": 6, "naples yellow": 2.5, "payne's grey": 0.1},
    ),
    "roof": (
        {"alizarin": 4, "payne's grey": 4},
        {"burnt sienna": 5, "alizarin": 2},
        {"cadmium orange": 2, "burnt sienna": 3, "titanium white": 1},
    ),
    "window": (
        DARK,
        {"ultramarine": 3, "payne's grey": 3, "titanium white": 1.5},
        {"cadmium orange": 2, "naples yellow": 5},
        {"cadmium orange": 1, "naples yellow": 5, "titanium white": 2},
    ),
    "road": (
        {"payne's grey": 4, "ultramarine": 2, "titanium white": 0.4},
        {"payne's grey": 3, "ultramarine": 2, "titanium white": 2},
        {"payne's grey": 1, "ultramarine": 0.8, "titanium white": 4},
        {"titanium white": 6, "naples yellow": 2, "alizarin": 0.1},
    ),
    "reflection": (
        {"burnt sienna": 5, "payne's grey": 1},
        {"cadmium orange": 3, "burnt sienna": 1.5, "naples yellow": 1},
        {"naples yellow": 5, "cadmium orange": 1.5},
        {"naples yellow": 4, "titanium white": 5},
    ),
    "kerb": ({"titanium white": 4, "naples yellow": 1.5, "payne's grey": 0.5},),
    "glow": (
        {"ultramarine": 2, "burnt sienna": 2, "titanium white": 1.5},
        {"cadmium orange": 1.5, "burnt sienna": 1.5, "titanium white": 1.5},
        {"naples yellow": 5, "cadmium orange": 1.2},
        {"naples yellow": 4, "titanium white": 4},
    ),
    "lamp": ({"titanium white": 8, "naples yellow": 2},),
    "post": (DARK,),
    "figure": (DARK, {"payne's grey": 3, "ultramarine": 3, "titanium white": 0.8}),
    "umbrella": (DARK, {"alizarin": 4, "burnt sienna": 2}, {"cadmium orange": 3, "alizarin": 1, "titanium white": 2}),
}
KNIFE = Brush(
    0.034, 0.080, 2.6, body=1.2, dryness=0.40, pickup=0.22, streaks=0.9, wander=0.18, colour_jitter=0.55, bristles=0.30,
    heavy_tail=0.40, tooth=0.6, bend=0.35,
)  # fmt: skip

palette_knife = OilPainting(
    street,
    PALETTE,
    RECIPES,
    (
        replace(KNIFE, width=0.050, length=0.11, coverage=1.8, body=0.8),
        replace(KNIFE, coverage=1.2),
        replace(KNIFE, width=0.016, length=0.046, coverage=1.5, body=1.4, heavy_tail=0.3),
        replace(KNIFE, width=0.0095, length=0.028, coverage=2.2, body=1.3, dryness=0.25, only_focus=True),
    ),
    ground={"burnt sienna": 5, "ultramarine": 1.5, "titanium white": 0.6},
    relief=1.2,
    gloss=0.35,
)
