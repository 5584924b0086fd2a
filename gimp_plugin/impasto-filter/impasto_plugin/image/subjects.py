"""What is painted: the layers of a call, and each as it was when its painting began."""

from collections.abc import Sequence
from dataclasses import dataclass

from gi.repository import Babl, Gimp

from impasto_plugin.arguments import PAINT_FRAMES
from impasto_plugin.texts import _
from impasto_wire.errors import PictureError
from impasto_wire.pictures import SMALLEST_SIDE, Pixels

from .layer_pixels import LayerPixels
from .layers import ImageKind, as_it_looks, kind_of
from .pixels import Alpha, read_alpha, read_map, read_pixels, read_selection, samples_of, space_of
from .records import Record, read_record
from .sources import SourceGone


@dataclass(frozen=True)
class Target:
    """A layer to be painted, and the earlier painting of it that the new one replaces."""

    layer: Gimp.Layer
    earlier: Gimp.Layer | None = None
    """The layer of the earlier painting."""
    record: Record | None = None
    """The record of the earlier painting."""


def target_of(layer: Gimp.Layer, source: Gimp.Layer | None = None) -> Target:
    """What a call on this layer paints: the layer, or if it is a painting its source, which a person may have named.

    Raises `SourceGone`, `SourceUnclear`.
    """
    record = read_record(layer)
    if record is None:
        return Target(layer)
    source = source or record.source_for(layer)
    if source is None:
        raise SourceGone(layer)
    return Target(layer) if source.get_id() == layer.get_id() else Target(source, layer, record)


@dataclass(frozen=True)
class Subject:
    """A layer as it was when its painting began."""

    target: Target
    name: str
    image_kind: ImageKind
    has_alpha: bool
    space: Babl.Object
    """The colour space of the layer's samples."""
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
        pixels = read_pixels(seen, space_of(layer), samples_of(layer.get_image()))
        alpha = read_alpha(seen)
    detail = None if detail_map is None else read_map(detail_map, layer)
    return Subject(
        target,
        layer.get_name(),
        kind_of(layer.get_image()),
        layer.has_alpha(),
        space_of(layer),
        alpha,
        tuple(layer.get_offsets()[1:]),
        layer.get_mode(),
        layer.get_opacity(),
        LayerPixels(pixels, _selected(target, uses_selection), detail),
    )


def check_subject(subject: Subject) -> None:
    """Raises `PictureError`, as the engine would at its turn, for a layer with too little to paint."""
    name, (width, height), selection = subject.name, subject.size, subject.pixels.selection
    if min(subject.size) < SMALLEST_SIDE:
        sentence = _("“{name}” is {width}x{height}; both sides must be at least {least} pixels")
        raise PictureError(sentence.format(name=name, width=width, height=height, least=SMALLEST_SIDE))
    if subject.alpha is not None and not any(map(any, subject.alpha.planes)):
        raise PictureError(_("“{name}” is fully transparent; there is nothing to paint").format(name=name))
    if selection is not None and not any(selection.data):
        sentence = _("nothing of “{name}” is selected; select some of it, or choose Area: Entire layer")
        raise PictureError(sentence.format(name=name))


def _selected(target: Target, uses_selection: bool) -> Pixels | None:
    """The part of the layer that is painted: what is selected, or for an earlier painting what its mask shows."""
    earlier, record = target.earlier, target.record
    if earlier is None:
        return read_selection(target.layer) if uses_selection else None
    if record is None or not record.is_masked or earlier.get_mask() is None or not earlier.get_apply_mask():
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
