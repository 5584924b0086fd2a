"""What is painted: the layers of a call, and each as it was when its painting began."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from gi.repository import Babl, Gegl, Gimp

from impasto_plugin.texts import _
from impasto_wire.errors import PictureError
from impasto_wire.pictures import SMALLEST_SIDE, Pixels, digest_of
from impasto_wire.request import Region

from .brushed import Brushed
from .frames import combined, frames_below, whole_frame_name
from .layer_pixels import LayerPixels
from .layers import ImageKind, as_it_looks, kind_of
from .pixels import Alpha, read_alpha, read_map, read_pixels, read_selection, samples_of, space_of
from .records import Record, read_record
from .sources import SourceGone

RegionReader = Callable[[Gimp.Layer], tuple[Region[Pixels], ...]]
"""Reads the regions of a layer at its place."""


@dataclass(frozen=True)
class Target:
    """A layer to be painted, and the earlier painting of it that the new one replaces."""

    layer: Gimp.Layer
    earlier: Gimp.Layer | None = None
    """The layer of the earlier painting."""
    record: Record | None = None
    """The record of the earlier painting."""
    beside: Gimp.Layer | None = None
    """An earlier painting that stays; the new one lies above it."""
    below: tuple[Gimp.Layer, ...] = ()
    """The frames over which this one is shown, if it is such a frame, from the lowest up."""

    @property
    def called(self) -> Gimp.Layer:
        """The layer that the person has selected: the earlier painting, if there is one."""
        return self.earlier or self.beside or self.layer

    def adding(self) -> "Target":
        """The same, where the earlier painting stays beside the new one."""
        return self if self.earlier is None else replace(self, earlier=None, beside=self.earlier)

    @contextmanager
    def seen(self) -> Iterator[Gimp.Drawable]:
        """What is to be painted, as it looks."""
        with combined((*self.below, self.layer)) if self.below else as_it_looks(self.layer) as drawable:
            yield drawable


def frame_target(frame: Gimp.Layer) -> Target:
    """What is painted of a frame: the layer, or where it is shown over other frames all that is seen."""
    return Target(frame, below=frames_below(frame))


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

    @property
    def digest(self) -> str:
        """A name for its pixels, as they were."""
        return digest_of(self.pixels.layer.data)

    def change(self, image: Gimp.Image) -> str:
        """How the layer has changed since, as a sentence; empty if it has not."""
        layer, name = self.target.layer, self.name
        if not image.is_valid():
            return _("The image of “{name}” was closed while it was painted; its painting is a new image.").format(
                name=name
            )
        if not layer.is_valid():
            return _("“{name}” was deleted while it was painted; its painting is here all the same.").format(name=name)
        with self.target.seen() as seen:
            now = read_pixels(seen, self.space, self.pixels.layer.samples)
        if (now.width, now.height) == self.size and now.data == self.pixels.layer.data:
            return ""
        return _("“{name}” was changed while it was painted; its painting shows it as it was before.").format(name=name)


def has_changed(target: Target) -> bool:
    """Has the source of an earlier painting changed since? False where the painting doesn't tell."""
    known = target.record.source.get("digest") if target.record else None
    if not known:
        return False
    with target.seen() as seen:
        now = read_pixels(seen, space_of(target.layer), samples_of(target.layer.get_image()))
    return bool(digest_of(now.data) != known)


def subject_of(
    target: Target,
    uses_selection: bool,
    detail_map: Gimp.Drawable | None,
    brushed: Brushed | None = None,
    regions: RegionReader = lambda _layer: (),
) -> Subject:
    """The subject: a target as it is now; what was painted with the brush takes the place of its maps."""
    layer, is_whole = target.layer, bool(target.below)
    image, space = layer.get_image(), space_of(layer)
    with target.seen() as seen:
        placed = seen if is_whole else layer
        pixels = read_pixels(seen, space, samples_of(image))
        detail = None if detail_map is None else read_map(detail_map, placed)
        selection = selected_part(target, placed, uses_selection)
        return Subject(
            target,
            whole_frame_name(layer.get_name()) if is_whole else layer.get_name(),
            kind_of(image),
            placed.has_alpha(),
            space,
            read_alpha(seen),
            tuple(placed.get_offsets()[1:]),
            Gimp.LayerMode.NORMAL if is_whole else layer.get_mode(),
            100.0 if is_whole else layer.get_opacity(),
            (brushed or Brushed()).over(LayerPixels(pixels, selection, detail, regions(placed))),
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


def selected_part(target: Target, placed: Gimp.Layer, uses_selection: bool) -> Pixels | None:
    """The part that is painted of a layer at its place: what is selected, or what an earlier painting's mask shows."""
    if target.earlier is None:
        return read_selection(target.layer.get_image(), placed) if uses_selection else None
    return mask_of(target, placed) if target.record is not None and target.record.is_masked else None


def mask_of(target: Target, placed: Gimp.Layer) -> Pixels | None:
    """The mask that stays on an earlier painting when it is painted again, also one that a person has made; None if it
    has none, or one that is switched off. It moves to the source together with the painting.
    """
    if not has_mask(target):
        return None
    assert target.earlier
    area = Gegl.Rectangle.new(0, 0, placed.get_width(), placed.get_height())
    data = bytes(target.earlier.get_mask().get_buffer().get(area, 1.0, "Y u8", Gegl.AbyssPolicy.NONE))
    return Pixels(area.width, area.height, 1, "u8", data)


def has_mask(target: Target) -> bool:
    """Is an earlier painting seen through a mask?"""
    earlier = target.earlier
    return earlier is not None and earlier.get_mask() is not None and bool(earlier.get_apply_mask())
