"""Which layers can be painted, and how they look with their live effects."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from gi.repository import Gimp

from impasto_plugin.texts import _
from impasto_wire.errors import PictureError

from .pixels import check_area


def check_paintable(image: Gimp.Image, drawables: Sequence[Gimp.Drawable]) -> None:
    """Raises `PictureError` unless there are drawables and each is a layer that can be painted."""
    if not drawables:
        raise PictureError(_("no layer is selected; select one in the Layers dock"))
    for drawable in drawables:
        _check_drawable(drawable)


def _check_drawable(drawable: Gimp.Drawable) -> None:
    name = drawable.get_name()
    if isinstance(drawable, Gimp.LayerMask):
        sentence = _("“{name}” is a layer mask; Impasto paints layers, select one in the Layers dock")
        raise PictureError(sentence.format(name=name))
    if not isinstance(drawable, Gimp.Layer):
        sentence = _("“{name}” is a channel; Impasto paints layers, select one in the Layers dock")
        raise PictureError(sentence.format(name=name))
    if drawable.is_floating_sel():
        sentence = _("“{name}” is a floating selection; anchor it with Layer ▸ Anchor Layer first")
        raise PictureError(sentence.format(name=name))
    check_area(drawable)


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
    item = layer
    while item is not None:
        if item.get_lock_content():
            sentence = _("the pixels of “{name}” are locked; unlock them, or choose Result: New layer")
            raise PictureError(sentence.format(name=item.get_name()))
        item = item.get_parent()


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
