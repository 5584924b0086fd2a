"""Expressionist: orchard hills in broad, wilful strokes of vermilion, orange, rose and blue, with dark contours."""

from .brushwork import Brush
from .oil import OilPainting
from .pigments import PaintMix, Palette
from .scenes.orchard import orchard

PALETTE = Palette(
    "titanium white", "cadmium yellow", "cadmium orange", "vermilion", "rose", "cobalt blue", "prussian blue"
)
DARK: PaintMix = {"prussian blue": 5, "rose": 2, "vermilion": 0.6}
RECIPES: dict[str, tuple[PaintMix, ...]] = {
    "sky": (
        {"cobalt blue": 5, "prussian blue": 2, "rose": 1},
        {"vermilion": 6, "rose": 2},
        {"vermilion": 4, "cadmium orange": 4},
        {"cadmium orange": 5, "cadmium yellow": 2, "titanium white": 2},
        {"cadmium yellow": 2, "cadmium orange": 1, "titanium white": 7},
    ),
    "sun": ({"cadmium yellow": 4, "titanium white": 5}, {"titanium white": 8, "cadmium yellow": 1.5}),
    "cloud": (
        {"cobalt blue": 5, "rose": 1, "titanium white": 2},
        {"cobalt blue": 1.5, "rose": 0.8, "titanium white": 6},
        {"titanium white": 8, "cadmium orange": 0.5},
    ),
    "far hill": (DARK, {"cobalt blue": 6, "rose": 1.5, "titanium white": 0.8}, {"cobalt blue": 3, "titanium white": 4}),
    "field": (
        DARK,
        {"cobalt blue": 6, "prussian blue": 1.5},
        {"cobalt blue": 4, "rose": 1.5, "titanium white": 2.5},
        {"rose": 3, "cobalt blue": 0.6, "titanium white": 4},
        {"rose": 1, "cadmium orange": 1.2, "titanium white": 6},
    ),
    "stubble": (
        {"vermilion": 5, "prussian blue": 0.6},
        {"vermilion": 6, "cadmium orange": 2},
        {"cadmium orange": 5, "cadmium yellow": 2, "titanium white": 1},
        {"cadmium yellow": 3, "cadmium orange": 1, "titanium white": 5},
    ),
    "tree": (
        DARK,
        {"prussian blue": 4, "cobalt blue": 3},
        {"cobalt blue": 5, "rose": 2, "titanium white": 1},
        {"rose": 5, "vermilion": 2, "titanium white": 1},
        {"rose": 2, "cadmium orange": 2, "titanium white": 4},
    ),
    "trunk": (DARK, {"vermilion": 6, "rose": 2}),
    "barn": (DARK, {"cobalt blue": 2, "titanium white": 6}, {"titanium white": 9}),
    "roof": ({"vermilion": 7, "rose": 1}, {"cadmium orange": 6, "titanium white": 1}),
    "bird": (DARK,),
}

expressionist = OilPainting(
    orchard,
    PALETTE,
    RECIPES,
    (
        Brush(0.044, 0.17, 2.8, body=0.7, dryness=0.6, pickup=0.10, streaks=0.8, wander=0.15, colour_jitter=0.6),
        Brush(0.026, 0.12, 1.5, body=1.2, dryness=0.75, pickup=0.10, streaks=0.9, wander=0.18, colour_jitter=0.7),
        Brush(0.014, 0.065, 0.9, body=1.3, dryness=0.7, pickup=0.08, streaks=0.7, colour_jitter=0.6),
        Brush(0.010, 0.030, 1.3, body=1.3, dryness=0.3, pickup=0.03, colour_jitter=0.4, only_focus=True),
    ),
    ground={"vermilion": 3, "rose": 3, "prussian blue": 0.15, "titanium white": 0.6},
    relief=1.2,
    contour=(
        Brush(0.0085, 0.075, 1.1, body=1.0, dryness=0.5, pickup=0.05, wander=0.05, heavy_tail=0.45, only_focus=True),
        DARK,
    ),
)
