"""A layer's pixels with its maps, as a painting is made of them."""

from dataclasses import dataclass, replace

from impasto_wire.pictures import Pixels
from impasto_wire.request import Region

from .scaling import resized


@dataclass(frozen=True)
class LayerPixels:
    """A layer to be painted, what of it is selected, where its drawing is kept, its regions, and the mask through which
    the painting will be seen.
    """

    layer: Pixels
    selection: Pixels | None = None
    detail_map: Pixels | None = None
    regions: tuple[Region[Pixels], ...] = ()
    mask: Pixels | None = None
    """None: what is selected becomes the mask."""

    @property
    def seen(self) -> Pixels | None:
        """Where the painting will be seen; None: everywhere."""
        return self.selection if self.mask is None else self.mask

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.layer.width, self.layer.height

    def at_size(self, width: int, height: int) -> "LayerPixels":
        """The layer and its maps at that size."""
        selection, detail_map, mask = (
            map_ and resized(map_, width, height) for map_ in (self.selection, self.detail_map, self.mask)
        )
        regions = tuple(replace(region, map=resized(region.map, width, height)) for region in self.regions)
        return LayerPixels(resized(self.layer, width, height), selection, detail_map, regions, mask)
