"""Charcoal: mountains in broken black and a little white chalk on grey laid paper."""

from dataclasses import replace

from .brushwork import Brush
from .oil import OilPainting
from .pigments import Palette, Recipe
from .scenes.mountains import MASSES, mountains

PALETTE = Palette("titanium white", "ivory black", "burnt umber", "payne's grey", "raw sienna")
PAPER: Recipe = {"titanium white": 5, "payne's grey": 0.9, "raw sienna": 0.9}
BLACK: Recipe = {"ivory black": 8, "burnt umber": 1}
RUBBED: Recipe = {"titanium white": 2, "ivory black": 2, "burnt umber": 0.4}
CHALK: Recipe = {"titanium white": 9}
RECIPES: dict[str, tuple[Recipe, ...]] = {
    **dict.fromkeys(MASSES, (BLACK, BLACK, RUBBED, PAPER, CHALK)),
    "sky": (RUBBED, RUBBED, RUBBED, PAPER, CHALK),
    "mist": (PAPER, PAPER, CHALK),
    "sun": (CHALK,),
}
STICK = Brush(
    0.014,
    0.075,
    2.2,
    body=0.06,
    load=0.52,
    dryness=0.25,
    pickup=0.12,
    streaks=0.15,
    wander=0.10,
    colour_jitter=0.30,
    tooth=1.5,
    heavy_tail=0.40,
)

charcoal = OilPainting(
    mountains,
    PALETTE,
    RECIPES,
    (
        replace(STICK, width=0.055, length=0.13, coverage=1.0, load=0.46),
        STICK,
        replace(STICK, width=0.0075, length=0.06, coverage=1.4, dryness=0.2, load=0.6),
        replace(STICK, width=0.005, length=0.035, coverage=1.6, dryness=0.1, load=0.8, tooth=1.0, only_focus=True),
    ),
    ground=PAPER,
    relief=0.25,
    gloss=0.0,
    weave=None,
)
