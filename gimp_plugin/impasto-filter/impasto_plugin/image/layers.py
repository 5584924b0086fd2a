"""Which layers can be painted, and how they look with their live effects."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from gi.repository import Gimp, Gio

from impasto_plugin.texts import _
from impasto_wire.errors import PictureError

from .pixels import check_area, has_partial_alpha


def paintable_layers(drawables: Sequence[Gimp.Drawable]) -> list[Gimp.Layer]:
    """The layers that are selected; a layer whose mask is active counts as one.

    Raises `PictureError` unless there are some and each can be painted.
    """
    if not drawables:
        raise PictureError(_("no layer is selected; select one in the Layers dock"))
    return [_paintable(drawable) for drawable in drawables]


def layer_for(drawable: Gimp.Drawable) -> Gimp.Drawable:
    """What a person means who has a channel active: the image's only layer, or the only one selected. GIMP leaves a
    channel active after an undo. Anything else is what it is."""
    if not isinstance(drawable, Gimp.Channel) or isinstance(drawable, Gimp.LayerMask):
        return drawable
    image = drawable.get_image()
    found = image.get_selected_layers() or image.get_layers()
    return found[0] if len(found) == 1 else drawable


def _paintable(drawable: Gimp.Drawable) -> Gimp.Layer:
    layer = Gimp.Layer.from_mask(drawable) if isinstance(drawable, Gimp.LayerMask) else drawable
    name = drawable.get_name()
    if not isinstance(layer, Gimp.Layer):
        sentence = _("“{name}” is a channel; Impasto paints layers, select one in the Layers dock")
        raise PictureError(sentence.format(name=name))
    if layer.is_floating_sel():
        sentence = _("“{name}” is a floating selection; anchor it with Layer ▸ Anchor Layer first")
        raise PictureError(sentence.format(name=name))
    check_area(layer)
    return layer


def check_result(image: Gimp.Image, layers: Sequence[Gimp.Layer], result: str) -> None:
    """Raises `PictureError` if the paintings of these layers can't go where `result` says."""
    if image.get_base_type() == Gimp.ImageBaseType.INDEXED and result != "new-image":
        raise PictureError(
            _(
                "the image is indexed, and its palette can't hold a painting; "
                "choose Result: New image, or convert it with Image ▸ Mode ▸ RGB first"
            )
        )
    if result == "replace":
        for layer in layers:
            if layer.is_group():
                sentence = _("“{name}” is a layer group, which has no pixels to replace; choose Result: New layer")
                raise PictureError(sentence.format(name=layer.get_name()))
            check_unlocked(layer)


def check_unlocked(layer: Gimp.Layer) -> None:
    """Raises `PictureError` for a layer whose pixels are locked, itself or by a group around it."""
    for item in _with_groups(layer):
        if item.get_lock_content():
            sentence = _("the pixels of “{name}” are locked; unlock them, or choose Result: New layer")
            raise PictureError(sentence.format(name=item.get_name()))


def check_repaintable(painting: Gimp.Layer, source: Gimp.Layer) -> None:
    """Raises `PictureError` for an earlier painting whose locks forbid it to be painted again from its source."""
    check_unlocked(painting)
    if _place_of(painting) == _place_of(source):
        return
    for item in _with_groups(painting):
        if item.get_lock_position():
            sentence = _("the position of “{name}” is locked, and “{painting}” has to move to its source; unlock it")
            raise PictureError(sentence.format(name=item.get_name(), painting=painting.get_name()))


def check_growable(frame: Gimp.Layer) -> None:
    """Raises `PictureError` for a frame that can't be made as large as the canvas."""
    if frame.get_lock_position():
        sentence = _("the position of “{name}” is locked, and the painted frame fills the canvas; unlock it")
        raise PictureError(sentence.format(name=frame.get_name()))


def _with_groups(layer: Gimp.Layer) -> Iterator[Gimp.Layer]:
    """A layer and the groups around it: what locks one of them locks the layer too."""
    item: Gimp.Layer | None = layer
    while item is not None:
        yield item
        item = item.get_parent()


def _place_of(layer: Gimp.Layer) -> tuple[int, ...]:
    return (layer.get_width(), layer.get_height(), *layer.get_offsets()[1:])


def file_of(image: Gimp.Image) -> Gio.File | None:
    """The file that an image was saved in, or else opened from; None for a new one."""
    return image.get_file() or image.get_xcf_file() or image.get_imported_file()


@dataclass(frozen=True)
class ImageKind:
    """Colours, precision and resolution: what a new image takes over from another."""

    base: Gimp.ImageBaseType
    """RGB also for an indexed image."""
    precision: Gimp.Precision
    profile: Gimp.ColorProfile
    resolution: tuple[float, float]

    def new_image(self, width: int, height: int) -> Gimp.Image:
        """An empty image of this kind."""
        image = Gimp.Image.new_with_precision(width, height, self.base, self.precision)
        image.set_color_profile(self.profile)
        image.set_resolution(*self.resolution)
        return image


def kind_of(image: Gimp.Image) -> ImageKind:
    """The kind of an image."""
    is_grey = image.get_base_type() == Gimp.ImageBaseType.GRAY
    base = Gimp.ImageBaseType.GRAY if is_grey else Gimp.ImageBaseType.RGB
    _, across, down = image.get_resolution()
    return ImageKind(base, image.get_precision(), image.get_effective_color_profile(), (across, down))


@contextmanager
def hidden_image(kind: ImageKind, width: int, height: int) -> Iterator[Gimp.Image]:
    """An image without a window, which is deleted in the end."""
    hidden = kind.new_image(width, height)
    try:
        hidden.undo_disable()
        yield hidden
    finally:
        hidden.delete()


@contextmanager
def as_it_looks(layer: Gimp.Layer) -> Iterator[Gimp.Drawable]:
    """The layer as it is displayed: if it has live effects, a copy in a hidden image with the effects merged."""
    if not layer.get_filters():
        yield layer
        return
    with hidden_image(kind_of(layer.get_image()), layer.get_width(), layer.get_height()) as hidden:
        copy = Gimp.Layer.new_from_drawable(layer, hidden)
        hidden.insert_layer(copy, None, 0)
        if type(copy) is Gimp.Layer:
            copy.merge_filters()
            yield copy
        else:
            yield _projection(hidden, copy)


def _projection(hidden: Gimp.Image, copy: Gimp.Layer) -> Gimp.Layer:
    """A copy of a group, text, link or vector layer, alone in its image, as a plain layer."""
    if copy.get_mask() is not None:
        copy.remove_mask(Gimp.MaskApplyMode.DISCARD)
    copy.set_visible(True)
    copy.set_opacity(100)
    copy.set_mode(Gimp.LayerMode.NORMAL)
    copy.set_offsets(0, 0)
    return Gimp.Layer.new_from_visible(hidden, hidden, copy.get_name())


def has_soft_edges(layer: Gimp.Layer) -> bool:
    """Can a layer be seen through in part, as the edges of a text can? A painting above it doesn't cover it there."""
    if not layer.has_alpha() or layer.get_image().get_base_type() == Gimp.ImageBaseType.INDEXED:
        return False
    return has_partial_alpha(layer)
