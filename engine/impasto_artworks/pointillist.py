"""Pointillist: an estuary in round touches of almost unmixed colour that mix in the eye."""

from dataclasses import replace

from .brushwork import Brush
from .oil import OilPainting
from .pigments import PaintMix, Palette
from .scenes.estuary import estuary

PALETTE = Palette(
    "titanium white", "naples yellow", "cadmium yellow", "cadmium orange", "rose", "cerulean", "ultramarine"
)
SHADE: PaintMix = {"ultramarine": 7, "rose": 2.5, "cadmium orange": 1}
RECIPES: dict[str, tuple[PaintMix, ...]] = {
    "sky": (
        {"cerulean": 5, "ultramarine": 2, "rose": 1, "titanium white": 2},
        {"cerulean": 3, "rose": 0.8, "titanium white": 5},
        {"cerulean": 1, "rose": 1.2, "naples yellow": 1.5, "titanium white": 6},
        {"titanium white": 7, "rose": 1, "cadmium orange": 0.4, "naples yellow": 2},
    ),
    "far hill": (
        {"ultramarine": 5, "rose": 3, "titanium white": 1.5},
        {"rose": 2, "cerulean": 3, "titanium white": 4},
    ),
    "hill": (
        {"ultramarine": 5, "rose": 2, "cadmium orange": 1},
        {"cerulean": 4, "rose": 1.5, "cadmium yellow": 2, "titanium white": 2},
    ),
    "wood": (
        SHADE,
        {"ultramarine": 5, "cadmium yellow": 2, "rose": 2, "cadmium orange": 1},
        {"cerulean": 2, "cadmium yellow": 3, "cadmium orange": 2.5, "rose": 1.6},
        {"cadmium yellow": 3, "naples yellow": 4, "cerulean": 0.8, "cadmium orange": 1.5, "rose": 0.6},
    ),
    "field": ({"naples yellow": 5, "cadmium orange": 2, "rose": 0.8, "titanium white": 2},),
    "river": (
        {"ultramarine": 5, "cerulean": 3, "rose": 1},
        {"cerulean": 4, "rose": 0.8, "titanium white": 3},
        {"cerulean": 1.5, "rose": 0.8, "naples yellow": 1, "titanium white": 5},
        {"titanium white": 7, "naples yellow": 2, "cadmium orange": 0.6, "rose": 0.6},
    ),
    "reflection": (SHADE, {"ultramarine": 4, "cerulean": 2, "rose": 1.5, "cadmium orange": 1.2}),
    "bank": (
        SHADE,
        {"ultramarine": 3, "cadmium orange": 3, "rose": 2.2, "cadmium yellow": 0.8},
        {"naples yellow": 3, "cadmium orange": 3, "rose": 2, "cerulean": 0.8, "ultramarine": 0.8},
        {"naples yellow": 5, "cadmium yellow": 0.5, "cadmium orange": 1.8, "cerulean": 0.4, "rose": 1.2},
        {"naples yellow": 4, "titanium white": 4, "cadmium orange": 0.8, "rose": 0.9},
    ),
    "boat": ({"ultramarine": 6, "rose": 3}, {"cadmium orange": 5, "rose": 3}),
    "sail": ({"cadmium orange": 4, "rose": 4}, {"cadmium orange": 5, "naples yellow": 2, "titanium white": 1.5}),
    "roof": ({"rose": 5, "cadmium orange": 3}, {"cadmium orange": 6, "rose": 2}),
    "wall": ({"cerulean": 4, "rose": 3}, {"titanium white": 8, "naples yellow": 1, "cadmium orange": 0.6}),
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
    divided=0.62,
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
        replace(DABS, width=0.0095, length=0.0098, coverage=1.1, body=1.4, divided=0.70),
    ),
    ground={"titanium white": 9, "cadmium orange": 0.3, "naples yellow": 1},
    relief=0.9,
    gloss=0.15,
)
