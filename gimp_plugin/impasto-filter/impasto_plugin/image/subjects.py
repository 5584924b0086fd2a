"""What is painted: a layer as it is when the painting begins, whatever becomes of it until the painting is there."""

from collections.abc import Sequence
from dataclasses import dataclass

from gi.repository import Babl, Gimp

from impasto_plugin.image.layer_pixels import LayerPixels
from impasto_plugin.texts import _
from impasto_wire.errors import PictureError
from impasto_wire.pictures import Pixels

from .layers import ImageKind, as_it_looks, kind_of
from .pixels import Alpha, read_alpha, read_map, read_pixels, read_selection, samples_for
from .records import Record, read_record


@dataclass(frozen=True)
class Target:
    """A layer to be painted, and the earlier painting of it whose pixels the new one replaces."""

    layer: Gimp.Layer
    painting: Gimp.Layer | None = None
    record: Record | None = None
    """The earlier painting's."""


def targets_of(layers: Sequence[Gimp.Layer], paints_paintings: bool) -> list[Target]:
    """What a call on these layers paints: itself each, but of a painting its source. Raises `SourceGone`."""
    return [_target(layer, None if paints_paintings else read_record(layer)) for layer in layers]


def _target(layer: Gimp.Layer, record: Record | None) -> Target:
    if record is None:
        return Target(layer)
    source = record.source_in(layer.get_image())
    if source is None:
        raise SourceGone(layer)
    return Target(source, layer, record)


class SourceGone(PictureError):
    """A layer is a painting, and what it was painted from is no longer there."""

    def __init__(self, layer: Gimp.Layer) -> None:
        sentence = _("“{name}” is a painting, and the layer that it was painted from is gone; set paint-painting")
        super().__init__(sentence.format(name=layer.get_name()))
        self.question = _(
            "“{name}” is a painting, and the layer that it was painted from is gone. Paint this layer instead?"
        ).format(name=layer.get_name())


@dataclass(frozen=True)
class Subject:
    """A layer as it was when its painting began."""

    target: Target
    name: str
    image_kind: ImageKind
    has_alpha: bool
    space: Babl.Object
    """The format whose colour space the layer is in."""
    alpha: Alpha | None
    offsets: tuple[int, int]
    mode: Gimp.LayerMode
    opacity: float
    pixels: LayerPixels

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.pixels.size

    def change(self, image: Gimp.Image) -> str:
        """What has become of the layer meanwhile, as a sentence; empty where it is as it was."""
        layer, name = self.target.layer, self.name
        if not image.is_valid():
            return _("The image of “{name}” was closed while it was painted; its painting is a new image.").format(
                name=name
            )
        if not layer.is_valid():
            return _("“{name}” was deleted while it was painted; its painting is here all the same.").format(name=name)
        with as_it_looks(layer) as seen:
            now = read_pixels(seen, self.space, self.pixels.layer.samples)
        if (now.width, now.height) == self.size and now.data == self.pixels.layer.data:
            return ""
        return _("“{name}” was changed while it was painted; its painting shows it as it was before.").format(name=name)


def subject_of(target: Target, uses_selection: bool, detail_map: Gimp.Drawable | None) -> Subject:
    """Take down what a layer is like now."""
    layer = target.layer
    with as_it_looks(layer) as seen:
        pixels = read_pixels(seen, layer.get_format(), samples_for(layer.get_image().get_precision()))
        alpha = read_alpha(seen)
    detail = None if detail_map is None else read_map(detail_map, layer)
    return Subject(
        target,
        layer.get_name(),
        kind_of(layer.get_image()),
        layer.has_alpha(),
        layer.get_format(),
        alpha,
        tuple(layer.get_offsets()[1:]),
        layer.get_mode(),
        layer.get_opacity(),
        LayerPixels(pixels, _selected(target, uses_selection), detail),
    )


def _selected(target: Target, uses_selection: bool) -> Pixels | None:
    """What of the layer is painted: what is selected, or for a painting what its mask lets through."""
    painting, record = target.painting, target.record
    if painting is None:
        return read_selection(target.layer) if uses_selection else None
    if record is None or not record.is_masked or painting.get_mask() is None:
        return None
    return read_map(painting.get_mask(), target.layer)
