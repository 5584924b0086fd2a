"""Places paintings above their layers, into them, or into new images: all of them in one undo step, or none."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from gi.repository import Babl, Gegl, Gimp, Gio

from impasto_plugin.arguments import Output
from impasto_plugin.regions import ChosenRegion
from impasto_plugin.texts import _
from impasto_wire.errors import PictureError
from impasto_wire.pictures import Pixels

from .brushed import Brushed, described
from .layers import file_of, hidden_image
from .masks import copy_mask, give_mask, leave_active, renew_mask, write_map
from .pixels import read_pixels, with_alpha, write_alpha, write_picture
from .records import Record
from .regions import with_channels
from .sources import source_of
from .subjects import Subject

_TYPES = {
    Gimp.ImageBaseType.RGB: (Gimp.ImageType.RGB_IMAGE, Gimp.ImageType.RGBA_IMAGE),
    Gimp.ImageBaseType.GRAY: (Gimp.ImageType.GRAY_IMAGE, Gimp.ImageType.GRAYA_IMAGE),
}
LONGEST_NAME = 80
"""Characters of a new image's name."""


@dataclass(frozen=True)
class Painting:
    """A finished picture of a subject, the name of the painting's layer, how it was made, and where it goes."""

    subject: Subject
    picture: Pixels
    name: str
    record: Record
    output: Output
    brushed: Brushed = field(default_factory=Brushed)
    regions: tuple[ChosenRegion, ...] = ()


@dataclass(frozen=True)
class Placed:
    """The image that holds the paintings, the last one if there are several, and sentences for the person."""

    image: Gimp.Image
    sentences: tuple[str, ...]


def place(
    image: Gimp.Image,
    paintings: Sequence[Painting],
    has_screen: bool,
    are_frames: bool = False,
    also: Callable[[], None] | None = None,
) -> Placed:
    """Place all paintings; frames that go into a new image become its layers. `also` is part of the same undo step.

    Raises `PictureError`, with nothing changed.
    """
    if not image.is_valid() and not has_screen:
        raise PictureError(_("the image was closed while it was being painted; nothing was changed"))
    changes = [painting.subject.change(image) for painting in paintings]
    sentences = tuple(dict.fromkeys(filter(None, changes)))
    if not _can_hold(image) or paintings[0].output.result == "new-image":
        images = [_animation(image, paintings)] if are_frames else [_new_image(painting) for painting in paintings]
        for new in images if has_screen else []:
            _show(new)
        return Placed(images[-1], sentences)
    image.undo_group_start()
    try:
        paintings = _with_channels(_with_region_channels(image, paintings))
        steps = [_step(image, painting, bool(change)) for painting, change in zip(paintings, changes, strict=True)]
        for step in steps:
            step()
        if also:
            also()
    finally:
        image.undo_group_end()
    return Placed(image, sentences)


def _can_hold(image: Gimp.Image) -> bool:
    return image.is_valid() and image.get_base_type() in _TYPES


def _with_channels(paintings: Sequence[Painting]) -> list[Painting]:
    """The paintings, with what was brushed for them kept as channels, each once; their records name these."""
    kept: dict[int, dict[str, Gimp.Channel]] = {}
    known: list[Brushed] = []
    found = []
    for painting in paintings:
        layer = painting.subject.target.layer
        if painting.brushed == Brushed() or not layer.is_valid():
            found.append(painting)
            continue
        if painting.brushed not in known:
            known.append(painting.brushed)
            kept[len(known) - 1] = painting.brushed.keep(layer)
        channels = kept[known.index(painting.brushed)]
        told = {name: described(channel) for name, channel in channels.items()}
        arguments = {name: tattoo for name, (tattoo, _size) in told.items()}
        drawables = {name: size for name, (_tattoo, size) in told.items()}
        record = painting.record
        record = replace(
            record, arguments={**record.arguments, **arguments}, drawables={**record.drawables, **drawables}
        )
        found.append(replace(painting, record=record))
    return found


def _with_region_channels(image: Gimp.Image, paintings: Sequence[Painting]) -> list[Painting]:
    """The paintings, with regions' maps that are no drawables kept as channels, each once; their records name these."""
    kept: dict[int, Gimp.Channel] = {}
    found = []
    for painting in paintings:
        regions, kept = with_channels(painting.regions, image, kept)
        found.append(replace(painting, record=painting.record.with_regions(regions)) if regions else painting)
    return found


def _step(image: Gimp.Image, painting: Painting, is_changed: bool) -> Callable[[], None]:
    """A function that places a painting; everything that may fail is done before it is returned."""
    target = painting.subject.target
    if target.earlier is not None and target.earlier.is_valid():
        return partial(_paint_again, image, painting, target.earlier)
    output = painting.output
    if output.result == "replace" and not is_changed and target.below:
        return partial(_replace_frame, image, _blended(painting, painting.subject.pixels.selection))
    if output.result == "replace" and not is_changed and painting.brushed.area:
        return partial(_replace, image, _blended(painting, painting.subject.pixels.selection), False)
    if output.result == "replace" and not is_changed:
        return partial(_replace, image, _blended(painting), output.uses_selection)
    return partial(_insert, image, painting, _layer_of(image, painting))


def _insert(image: Gimp.Image, painting: Painting, layer: Gimp.Layer) -> None:
    """Insert the painting above its layer, or above an earlier painting, or on top if both are gone.

    What was selected becomes its mask."""
    subject = painting.subject
    source = subject.target.layer
    # Before it lies in a group, whose locks would hold for it too.
    is_there = source.is_valid() and not subject.target.below
    layer.set_offsets(*(source.get_offsets()[1:] if is_there else subject.offsets))
    give_mask(layer, subject)
    beside = subject.target.beside
    below = beside if beside is not None and beside.is_valid() else source
    if below.is_valid():
        image.insert_layer(layer, below.get_parent(), image.get_item_position(below))
    else:
        image.insert_layer(layer, None, 0)
    if painting.output.hides_original and source.is_valid():
        source.set_visible(False)
    record = replace(painting.record, name=layer.get_name(), is_masked=subject.pixels.selection is not None)
    replace(record, source=_source_of(subject)).attach(layer)


def _source_of(subject: Subject) -> dict[str, Any]:
    """A record's description of the layer that was painted, as it was; empty if it is gone."""
    layer = subject.target.layer
    return {**source_of(layer), "digest": subject.digest} if layer.is_valid() else {}


def _replace(image: Gimp.Image, painting: Painting, uses_selection: bool) -> None:
    """Write the painting into its layer, as far as that is selected."""
    layer = painting.subject.target.layer
    with nullcontext() if uses_selection else _nothing_selected(image):
        _replace_pixels(layer, painting)
    replace(painting.record, name=layer.get_name()).attach(layer)


def _replace_frame(image: Gimp.Image, painting: Painting) -> None:
    """Write all that is seen of a frame that was shown over others into its layer, which then is shown alone."""
    subject, layer = painting.subject, painting.subject.target.layer
    if layer.get_mask() is not None:
        layer.remove_mask(Gimp.MaskApplyMode.DISCARD)
    if not layer.has_alpha():
        layer.add_alpha()
    layer.resize(*subject.size, *layer.get_offsets()[1:])
    layer.set_lock_alpha(False)
    layer.set_mode(subject.mode)
    layer.set_opacity(subject.opacity)
    layer.set_name(subject.name)
    _replace(image, painting, uses_selection=False)


def _paint_again(image: Gimp.Image, painting: Painting, old: Gimp.Layer) -> None:
    """Write the painting into the layer of an earlier one, whose mask, mode and opacity stay."""
    subject = painting.subject
    before = subject.target.record
    source = subject.target.layer
    with _nothing_selected(image):
        if (old.get_width(), old.get_height()) != subject.size:
            old.resize(*subject.size, 0, 0)
        _replace_pixels(old, painting)
    offsets = tuple(source.get_offsets()[1:]) if source.is_valid() else subject.offsets
    if tuple(old.get_offsets()[1:]) != offsets:
        old.set_offsets(*offsets)
    if painting.brushed.area and subject.pixels.selection:
        renew_mask(old, subject.pixels.selection)
    leave_active(old)
    if before is not None and old.get_name() == before.name:
        old.set_name(painting.name)
    is_masked = bool(painting.brushed.area) or (before is not None and before.is_masked)
    replace(painting.record, name=old.get_name(), source=_source_of(subject), is_masked=is_masked).attach(old)


def _new_image(painting: Painting) -> Gimp.Image:
    """A new image with only the painting, as it would look in its layer's place."""
    image = painting.subject.image_kind.new_image(*painting.subject.size)
    image.undo_disable()
    _add_in_place(image, painting, Gimp.LayerMode.NORMAL).set_opacity(100)
    image.undo_enable()
    _name_after(image, painting.subject.target.layer, painting.name)
    return image


def _name_after(image: Gimp.Image, source: Gimp.Layer, name: str) -> None:
    """Give a new image the name of a file beside its source's, where there is none yet; it isn't written.

    Without a file of its source's it stays unnamed: GIMP would save it where nobody looks for it.
    """
    file = file_of(source.get_image()) if source.is_valid() else None
    folder = file and file.get_path() and Path(file.get_path()).parent
    if not folder:
        return
    plain = re.sub(r'[<>:"/\\|?*\x00-\x1f]', "-", name)[:LONGEST_NAME]
    for number in count(1):
        place = folder / (f"{plain}.xcf" if number == 1 else f"{plain} {number}.xcf")
        if not place.exists():
            image.set_file(Gio.File.new_for_path(str(place)))
            return


def _animation(source: Gimp.Image, paintings: Sequence[Painting]) -> Gimp.Image:
    """A new image whose layers are the paintings of frames, with the frames' names, places and modes."""
    subjects = [painting.subject for painting in paintings]
    size = tuple(max(subject.offsets[axis] + subject.size[axis] for subject in subjects) for axis in (0, 1))
    if source.is_valid():
        size = source.get_width(), source.get_height()
    image = subjects[0].image_kind.new_image(*size)
    image.undo_disable()
    for painting, subject in zip(paintings, subjects, strict=True):
        # By its name a frame says how long it is shown: "frame 3 (100ms)".
        layer = _add_in_place(image, replace(painting, name=subject.name), subject.mode)
        layer.set_offsets(*subject.offsets)
    image.undo_enable()
    _name_after(image, subjects[0].target.layer, paintings[0].name)
    return image


def _add_in_place(image: Gimp.Image, painting: Painting, mode: Gimp.LayerMode) -> Gimp.Layer:
    """Put a painting on top of a new image, as it would look in its layer's place."""
    subject, source = painting.subject, painting.subject.target.layer
    whole = replace(painting.output, mode=mode, opacity=100.0)
    layer = _layer_of(image, replace(_blended(painting, subject.pixels.selection), output=whole))
    image.insert_layer(layer, None, 0)
    if source.is_valid() and not subject.target.below:
        copy_mask(source, layer)
    replace(painting.record, name=layer.get_name()).attach(layer)
    return layer


def _show(image: Gimp.Image) -> None:
    try:
        Gimp.Display.new(image)
    except TypeError:  # this GIMP has no windows; a script finds the image among those that are open
        return


def _layer_of(image: Gimp.Image, painting: Painting) -> Gimp.Layer:
    """The painting as a layer of an image, not yet inserted."""
    subject, output = painting.subject, painting.output
    mode = subject.mode if output.mode is None else output.mode
    if mode == Gimp.LayerMode.PASS_THROUGH:  # only a group can have that
        mode = Gimp.LayerMode.NORMAL
    kind = _TYPES[image.get_base_type()][subject.has_alpha]
    opacity = subject.opacity * output.opacity / 100
    layer = Gimp.Layer.new(image, painting.name, *subject.size, kind, opacity, mode)
    _fill(layer, painting)
    return layer


def _fill(layer: Gimp.Layer, painting: Painting, buffer: Gegl.Buffer | None = None) -> None:
    """Write the painting into a layer, or into its shadow; alpha in the same precision is kept bit for bit."""
    subject, picture = painting.subject, painting.picture
    target = layer.get_buffer() if buffer is None else buffer
    if layer.has_alpha():
        picture = with_alpha(picture, subject.pixels.layer)
    write_picture(target, picture, subject.space)
    if buffer is None:
        _restore_alpha(layer, subject)
        layer.update(0, 0, *subject.size)


def _restore_alpha(layer: Gimp.Layer, subject: Subject) -> None:
    if subject.alpha is not None and subject.alpha.form == Babl.get_name(layer.get_format()):
        write_alpha(layer, subject.alpha)


def _replace_pixels(layer: Gimp.Layer, painting: Painting) -> None:
    """Write the painting over a layer, as far as it is selected, so that it can be undone."""
    if hasattr(layer, "rasterize") and not layer.is_rasterized():
        layer.rasterize()
    if layer.get_filters():
        layer.merge_filters()
    _fill(layer, painting, layer.get_shadow_buffer())
    layer.merge_shadow(True)
    if not layer.get_lock_alpha():
        _restore_alpha(layer, painting.subject)
    layer.update(0, 0, *painting.subject.size)


@contextmanager
def _nothing_selected(image: Gimp.Image) -> Iterator[None]:
    """Remove the selection, and restore it in the end."""
    if Gimp.Selection.is_empty(image):
        yield
        return
    layers = image.get_selected_layers()
    saved = Gimp.Selection.save(image)
    Gimp.Selection.none(image)
    try:
        yield
    finally:
        image.select_item(Gimp.ChannelOps.REPLACE, saved)
        image.remove_channel(saved)
        image.set_selected_layers(layers)


def _blended(painting: Painting, mask: Pixels | None = None) -> Painting:
    """The painting blended with its layer, as if both were opaque."""
    output = painting.output
    mode = Gimp.LayerMode.NORMAL if output.mode is None else output.mode
    if mode == Gimp.LayerMode.NORMAL and output.opacity == 100 and mask is None:
        return painting
    subject = painting.subject
    with hidden_image(subject.image_kind, *subject.size) as hidden:
        _opaque(hidden, subject.pixels.layer, subject.space, 100, Gimp.LayerMode.NORMAL)
        above = _opaque(hidden, painting.picture, subject.space, output.opacity, mode)
        if mask is not None:
            above.add_mask(above.create_mask(Gimp.AddMaskType.WHITE))
            write_map(above.get_mask(), mask)
        seen = Gimp.Layer.new_from_visible(hidden, hidden, "")
        picture = read_pixels(seen, subject.space, subject.pixels.layer.samples)
        seen.delete()
    return replace(painting, picture=picture)


def _opaque(
    hidden: Gimp.Image, picture: Pixels, space: Babl.Object, opacity: float, mode: Gimp.LayerMode
) -> Gimp.Layer:
    kind = _TYPES[hidden.get_base_type()][False]
    layer = Gimp.Layer.new(hidden, "", picture.width, picture.height, kind, opacity, mode)
    write_picture(layer.get_buffer(), picture, space)
    hidden.insert_layer(layer, None, 0)
    return layer
