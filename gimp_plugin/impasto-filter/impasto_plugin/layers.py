"""Which layers can be painted, how they look, and where their paintings go."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from gi.repository import Gimp

from impasto_wire.errors import PictureError
from impasto_wire.pictures import Pixels
from impasto_wire.settings import Settings

from .pixels import check_size, multiply, write_result
from .styles import Style

RECORD = "impasto"
"""Name of the parasite that says how a layer was painted."""


def paintable_layers(image: Gimp.Image, drawables: Sequence[Gimp.Drawable]) -> list[Gimp.Layer]:
    """The drawables, if each is a layer that can be painted. Raises `PictureError`."""
    if not drawables:
        raise PictureError("no layer is selected; select one in the Layers dock")
    if image.get_base_type() == Gimp.ImageBaseType.INDEXED:
        raise PictureError(
            "the image is indexed, and its palette can't hold a painting; convert it with Image ▸ Mode ▸ RGB first"
        )
    for drawable in drawables:
        _check(drawable)
    return list(drawables)


def _check(drawable: Gimp.Drawable) -> None:
    if not isinstance(drawable, Gimp.Layer):
        kind = "layer mask" if isinstance(drawable, Gimp.LayerMask) else "channel"
        raise PictureError(f"“{drawable.get_name()}” is a {kind}; Impasto paints layers, select one in the Layers dock")
    if drawable.is_floating_sel():
        raise PictureError(
            f"“{drawable.get_name()}” is a floating selection; anchor it with Layer ▸ Anchor Layer first"
        )
    check_size(drawable)


@contextmanager
def as_it_looks(layer: Gimp.Layer) -> Iterator[Gimp.Drawable]:
    """The layer with its live effects merged in, on a copy in an image that nobody sees."""
    if layer.is_group() or not layer.get_filters():
        yield layer
        return
    image = layer.get_image()
    hidden = Gimp.Image.new_with_precision(
        layer.get_width(), layer.get_height(), image.get_base_type(), image.get_precision()
    )
    try:
        hidden.undo_disable()
        hidden.set_color_profile(image.get_effective_color_profile())
        copy = Gimp.Layer.new_from_drawable(layer, hidden)
        hidden.insert_layer(copy, None, 0)
        copy.merge_filters()
        yield copy
    finally:
        hidden.delete()


@dataclass(frozen=True)
class Painting:
    """A finished picture of a layer: a layer of the image, not yet in its stack."""

    source: Gimp.Layer
    layer: Gimp.Layer


def make_painting(source: Gimp.Layer, result: Pixels, name: str) -> Painting:
    """The result as a layer like its source: same kind, mode, opacity and place. The image is not touched yet."""
    layer = Gimp.Layer.new(
        source.get_image(),
        name,
        source.get_width(),
        source.get_height(),
        source.type(),
        source.get_opacity(),
        source.get_mode(),
    )
    with as_it_looks(source) as seen:
        write_result(layer, result, seen)
    _, x, y = source.get_offsets()
    layer.set_offsets(x, y)
    return Painting(source, layer)


def record_of(style: Style, settings: Settings) -> bytes:
    """How a layer was painted, as JSON."""
    name = style.preset.name if style.preset else ""
    return json.dumps({"style": style.title, "preset": name, "settings": settings.as_dict()}).encode()


def hang(image: Gimp.Image, paintings: Sequence[Painting], record: bytes) -> None:
    """Put each painting above its source, the selection as its mask, the record as its parasite: one undo step."""
    image.undo_group_start()
    try:
        for painting in paintings:
            source, layer = painting.source, painting.layer
            image.insert_layer(layer, source.get_parent(), image.get_item_position(source))
            layer.attach_parasite(Gimp.Parasite.new(RECORD, Gimp.PARASITE_PERSISTENT | Gimp.PARASITE_UNDOABLE, record))
            if (mask := _mask_for(layer, source)) is not None:
                layer.add_mask(mask)
    finally:
        image.undo_group_end()


def _mask_for(layer: Gimp.Layer, source: Gimp.Layer) -> Gimp.LayerMask | None:
    """The selection, times the source's own mask if it has one."""
    is_selected, own = not Gimp.Selection.is_empty(source.get_image()), source.get_mask()
    if not is_selected and own is None:
        return None
    mask = layer.create_mask(Gimp.AddMaskType.SELECTION if is_selected else Gimp.AddMaskType.WHITE)
    if own is not None:
        multiply(mask, own)
    return mask
