"""The styles' statistics, kept from one painting to the next in the same styles: frames and previews share them."""

import hashlib
from collections.abc import Sequence

import numpy as np

from impasto.transfer import Recipe, SharedTargets, StylePicture
from impasto_wire.settings import Settings

_MOST_LOOKS = 4
_MOST_SIZES = 24
"""Entries of one look; each is a few megabytes at most."""


class KeptTargets:
    """What was computed for the looks that were painted last."""

    def __init__(self) -> None:
        self._looks: dict[bytes, SharedTargets] = {}

    def targets(self, styles: Sequence[StylePicture], settings: Settings, recipe: Recipe) -> SharedTargets:
        """What paintings of that look share; `stylize` takes it and fills it."""
        key = _key(styles, settings, recipe)
        shared = self._looks.pop(key, {})
        if len(shared) > _MOST_SIZES:
            shared = {}
        self._looks[key] = shared
        for oldest in list(self._looks)[:-_MOST_LOOKS]:
            del self._looks[oldest]
        return shared


def _key(styles: Sequence[StylePicture], settings: Settings, recipe: Recipe) -> bytes:
    """Names all that statistics depend on, beside the sizes."""
    digest = hashlib.blake2b(repr((recipe, settings.brush_size, settings.strength == 0)).encode(), digest_size=16)
    for style in styles:
        digest.update(repr((style.picture.shape, style.picture.dtype.str, style.weight)).encode())
        digest.update(np.ascontiguousarray(style.picture).data.cast("B"))
    return digest.digest()
