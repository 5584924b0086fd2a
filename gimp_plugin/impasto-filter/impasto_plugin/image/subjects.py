"""What is painted: the layers of a call, and each as it was when its painting began."""

from collections.abc import Sequence
from dataclasses import dataclass

from gi.repository import Babl, Gimp

from impasto_plugin.arguments import PAINT_FRAMES
from impasto_plugin.texts import _
from impasto_wire.errors import PictureError
from impasto_wire.pictures import Pixels

from .layer_pixels import LayerPixels
from .layers import ImageKind, as_it_looks, kind_of
from .pixels import Alpha, read_alpha, read_map, read_pixels, read_selection, samples_for
from .records import Record, read_record


@dataclass(frozen=True)
class Target:
    """A layer to be painted, and the earlier painting of it that the new one replaces."""

    layer: Gimp.Layer
    earlier: Gimp.Layer | None = None
    """The layer of the earlier painting."""
    record: Record | None = None
    """The record of the earlier painting."""


def targets_of(layers: Sequence[Gimp.Layer], paints_paintings: bool) -> list[Target]:
    """What a call on these layers paints: each layer, or for a painting its source. Raises `SourceGone`."""
    return [_target(layer, None if paints_paintings else read_record(layer)) for layer in layers]


def _target(layer: Gimp.Layer, record: Record | None) -> Target:
    if record is None:
        return Target(layer)
    source = record.source_in(layer.get_image())
    if source is None:
        raise SourceGone(layer)
    return Target(source, layer, record)


class SourceGone(PictureError):
    """A layer is a painting, and the layer that it was painted from no longer exists."""

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
        """How the layer has changed since, as a sentence; empty if it has not."""
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
    """The subject: a target as it is now."""
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
    """The part of the layer that is painted: what is selected, or for an earlier painting what its mask shows."""
    earlier, record = target.earlier, target.record
    if earlier is None:
        return read_selection(target.layer) if uses_selection else None
    if record is None or not record.is_masked or earlier.get_mask() is None:
        return None
    return read_map(earlier.get_mask(), target.layer)


def frame_count(procedure: Gimp.Procedure, image: Gimp.Image) -> int:
    """How many frames the procedure would paint; 1 if it paints no animation."""
    if procedure.get_name() != PAINT_FRAMES:
        return 1
    return len(frames_of(image, image.get_selected_layers()))


def frames_of(image: Gimp.Image, selected: Sequence[Gimp.Drawable]) -> list[Gimp.Layer]:
    """The frames of an animation, from the lowest layer up, as GIMP plays them.

    They are the selected layers if there are several, else all layers of the image. Raises `PictureError` if there is
    only one.
    """
    layers = image.get_layers()
    if len(selected) > 1:
        chosen = {item.get_id() for item in selected}
        layers = [layer for layer in layers if layer.get_id() in chosen]
    if len(layers) < 2:
        sentence = _("an animation has several frames, and there is one layer; open the animation with all its layers")
        raise PictureError(sentence)
    return list(reversed(layers))
