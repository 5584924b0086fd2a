"""An image's layers as the frames of an animation, from the lowest up, as GIMP plays and exports them."""

from collections.abc import Sequence

from gi.repository import Gimp

from impasto_plugin.texts import _
from impasto_wire.errors import PictureError

PROCEDURE = "plug-in-impasto-layers-as-frames"


def title_of(procedure: Gimp.Procedure) -> str:
    """What the dialog is called."""
    return _("Layers as Frames") if procedure.get_name() == PROCEDURE else _("Impasto Style Transfer")


def frame_count(procedure: Gimp.Procedure, image: Gimp.Image) -> int:
    """How many frames the procedure would paint of what is selected; 1 where it paints no animation."""
    if procedure.get_name() != PROCEDURE:
        return 1
    return len(frames_of(image, image.get_selected_layers()))


def frames_of(image: Gimp.Image, selected: Sequence[Gimp.Drawable]) -> list[Gimp.Layer]:
    """The frames, first to last: the layers that are selected where they are several, else all of the image's.

    Raises `PictureError` where one can't begin from another, for there is only one.
    """
    layers = image.get_layers()
    if len(selected) > 1:
        chosen = {item.get_id() for item in selected}
        layers = [layer for layer in layers if layer.get_id() in chosen]
    if len(layers) < 2:
        sentence = _("an animation has several frames, and there is one layer; open the animation with all its layers")
        raise PictureError(sentence)
    return list(reversed(layers))
