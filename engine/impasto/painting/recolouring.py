"""The latest small paintings in the styles' own colours: the slider *Original colours* needs no painting then."""

from dataclasses import replace

from torch import Tensor

from impasto.request import PaintRequest
from impasto.transfer import FORGOTTEN, Recipe, Uncoloured
from impasto.transfer.areas import part_asked_for

from .digests import request_digest

MOST_PIXELS = 1 << 20
"""Of a painting that is kept: previews are smaller, and to paint is what a large picture is sent for."""
_MOST = 4
"""How many are kept; each takes at most 12 MiB."""


class LatestPaintings:
    """The paintings that were finished last."""

    def __init__(self) -> None:
        self._kept: dict[str, Tensor] = {}

    def of(self, request: PaintRequest, recipe: Recipe) -> Uncoloured:
        """Where the request's painting is kept."""
        part = part_asked_for(request)
        if part.width * part.height > MOST_PIXELS:
            return FORGOTTEN
        return _One(self._kept, request_digest(_without_colours(request), recipe))


class _One:
    """The place of one painting among the latest."""

    def __init__(self, kept: dict[str, Tensor], key: str) -> None:
        self._kept, self._key = kept, key

    def known(self) -> Tensor | None:
        return self._kept.get(self._key)

    def keep(self, picture: Tensor) -> None:
        self._kept[self._key] = picture
        for oldest in list(self._kept)[:-_MOST]:
            del self._kept[oldest]


def _without_colours(request: PaintRequest) -> PaintRequest:
    """The request in the styles' own colours alone."""
    regions = (replace(region, settings=replace(region.settings, original_colours=0.0)) for region in request.regions)
    return replace(request, settings=replace(request.settings, original_colours=0.0), regions=tuple(regions))
