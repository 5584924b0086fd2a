"""What was computed of a style for one job and serves the next: several layers, or a slider that was moved."""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from impasto.transfer import Recipe, SharedTargets, StylePicture
from impasto_wire.settings import Settings

MOST = 8
"""Mixes of styles that are remembered; the one used longest ago goes first."""
MOST_SIZES = 12
"""Of a mix, at most so many sizes; they are some 2 MB each."""


class KnownStyles:
    """Style targets by the pictures, their shares and whatever else decides them."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[object, ...], SharedTargets] = OrderedDict()

    def targets_of(self, styles: Sequence[StylePicture], settings: Settings, recipe: Recipe) -> SharedTargets:
        """Where a painting in these styles looks for targets, and puts its own."""
        pictures = tuple((_digest(style), style.picture.shape, style.weight) for style in styles)
        key = (pictures, settings.brush_size, recipe.name)
        targets = self._known.setdefault(key, {})
        self._known.move_to_end(key)
        if len(targets) > MOST_SIZES:
            targets.clear()
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return targets

    def forget(self) -> None:
        """Let go of everything."""
        self._known.clear()


def _digest(style: StylePicture) -> bytes:
    return blake2b(np.ascontiguousarray(style.picture).data.cast("B"), digest_size=32).digest()
