"""The memory that paintings under way take, and whether it holds one more beside them."""

import contextlib
import itertools
from collections.abc import Iterator

import psutil
import torch

from impasto.transfer import Recipe
from impasto.transfer.forecasts import base_bytes, memory_of, share_of_gpu, usual_tile_side
from impasto.transfer.tiles import SMALLEST_TILE, WHOLE_PIXELS
from impasto_wire.settings import Quality

_LEFT_FREE = 1 << 30
"""Bytes of this machine's memory that a second painting leaves to other programs."""


class Room:
    """What each painting that was begun on a device will take in the end, the network and the libraries not counted."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._numbers = itertools.count()
        self._taken: dict[int, int] = {}

    @property
    def is_empty(self) -> bool:
        """Is no painting under way?"""
        return not self._taken

    def holds_one_more(self, width: int, height: int, quality: Quality, recipe: Recipe) -> bool:
        """Is there memory for one of that size beside those under way? Always for a small one, and for one alone:
        what is too large for that is told by its own error."""
        if not self._taken or width * height <= WHOLE_PIXELS:
            return True
        side = SMALLEST_TILE if self._device.type == "cuda" else self._usual_side(width, height, quality, recipe)
        return self._bytes(width, height, quality, recipe, side) <= self._left()

    def budget(self, width: int, height: int, quality: Quality, recipe: Recipe) -> int | None:
        """The memory budget of a painting of that size beside those under way; None: it needs none.

        On a CPU its tiles never depend on what else is painted, and neither does the painting.
        """
        if not self._taken or self._device.type != "cuda":
            return None
        least = self._bytes(width, height, quality, recipe, SMALLEST_TILE)
        return base_bytes(self._device) + max(least, self._left())

    @contextlib.contextmanager
    def taken_by(self, width: int, height: int, quality: Quality, recipe: Recipe) -> Iterator[None]:
        """Count a painting of that size as long as it is under way."""
        number = next(self._numbers)
        side = self._usual_side(width, height, quality, recipe)
        taken = self._bytes(width, height, quality, recipe, side)
        self._taken[number] = min(taken, max(0, self._left())) if self._device.type == "cuda" else taken
        try:
            yield
        finally:
            del self._taken[number]

    def _left(self) -> int:
        """Bytes that are left to one more painting once those under way have taken all that they will take."""
        return _bytes_for_paintings(self._device) - sum(self._taken.values())

    def _usual_side(self, width: int, height: int, quality: Quality, recipe: Recipe) -> int:
        return usual_tile_side(width, height, quality, recipe, self._device)

    def _bytes(self, width: int, height: int, quality: Quality, recipe: Recipe, side: int) -> int:
        return memory_of(width, height, quality, recipe, side, self._device) - base_bytes(self._device)


def _bytes_for_paintings(device: torch.device) -> int:
    """Bytes that this process's paintings can take on a device, with what they have taken already."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        mine = torch.cuda.memory_reserved(device)
        return min(share_of_gpu(device), free + mine) - base_bytes(device)
    mine = int(psutil.Process().memory_info().rss)
    return int(psutil.virtual_memory().available) + mine - _LEFT_FREE - base_bytes(device)
