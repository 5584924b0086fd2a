"""The frames of an animation: which layers they are, and how each is seen when GIMP plays them."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from gi.repository import Gimp

from impasto_plugin.arguments import PAINT_FRAMES
from impasto_plugin.texts import _
from impasto_wire.errors import PictureError

from .layers import hidden_image, kind_of
from .pixels import is_opaque

_COMBINED, _ALONE = "(combine)", "(replace)"
"""What a frame's name says where it is shown over the frame before, or in place of it."""
_TIME = re.compile(r"\(\d+ ?ms\)")
"""What the name of a GIF's frame says of its time."""


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


def frames_below(frame: Gimp.Layer) -> tuple[Gimp.Layer, ...]:
    """The frames that are seen through or beside one that is shown over them, from the lowest up."""
    if not _is_over(frame):
        return ()
    found: list[Gimp.Layer] = []
    layers = frame.get_image().get_layers()
    place = [layer.get_id() for layer in layers].index(frame.get_id())
    for layer in layers[place + 1 :]:
        found.append(layer)
        if not _is_over(layer):
            break
    return tuple(reversed(found))


def whole_frame_name(name: str) -> str:
    """The name of a frame that holds all that is seen."""
    start = name.lower().find(_COMBINED)
    return f"{name} {_ALONE}" if start < 0 else f"{name[:start]}{_ALONE}{name[start + len(_COMBINED) :]}"


@contextmanager
def combined(frames: Sequence[Gimp.Layer]) -> Iterator[Gimp.Layer]:
    """Frames shown over each other, from the lowest up, as a layer of the canvas's size in a hidden image."""
    image = frames[0].get_image()
    with hidden_image(kind_of(image), image.get_width(), image.get_height()) as hidden:
        for frame in frames:
            copy = Gimp.Layer.new_from_drawable(frame, hidden)
            hidden.insert_layer(copy, None, 0)
            copy.set_visible(True)
        yield Gimp.Layer.new_from_visible(hidden, hidden, frames[-1].get_name())


def _is_over(frame: Gimp.Layer) -> bool:
    """Is a frame shown over others, so that some of them can be seen? GIMP does so with a GIF's unless they say not."""
    name = frame.get_name().lower()
    is_named_so = _COMBINED in name or (_ALONE not in name and _TIME.search(name) is not None)
    return is_named_so and not _covers_canvas(frame)


def _covers_canvas(frame: Gimp.Layer) -> bool:
    """Does a frame hide all that lies below?"""
    image = frame.get_image()
    if (frame.get_width(), frame.get_height()) != (image.get_width(), image.get_height()) or frame.get_filters():
        return False
    is_plain = frame.get_opacity() == 100 and (frame.get_mask() is None or not frame.get_apply_mask())
    if not is_plain or any(frame.get_offsets()[1:]):
        return False
    return not frame.has_alpha() or is_opaque(frame)
