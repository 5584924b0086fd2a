"""A layer's pixels with its maps, as a painting is made of them."""

from dataclasses import dataclass, replace

from impasto_wire.pictures import Pixels
from impasto_wire.request import Region

from .scaling import resized


@dataclass(frozen=True)
class LayerPixels:
    """A layer to be painted, what of it is selected, where its drawing is kept, and its regions."""

    layer: Pixels
    selection: Pixels | None = None
    detail_map: Pixels | None = None
    regions: tuple[Region[Pixels], ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.layer.width, self.layer.height

    def at_size(self, width: int, height: int) -> "LayerPixels":
        """The layer and its maps at that size."""
        maps = (map_ if map_ is None else resized(map_, width, height) for map_ in (self.selection, self.detail_map))
        regions = tuple(replace(region, map=resized(region.map, width, height)) for region in self.regions)
        return LayerPixels(resized(self.layer, width, height), *maps, regions)
