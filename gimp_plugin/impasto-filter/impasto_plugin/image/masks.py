"""Layers' masks: read from the layer that is painted, and given to its painting."""

from gi.repository import Gegl, Gimp

from impasto_wire.pictures import Pixels

from .pixels import multiply
from .subjects import Subject


def give_mask(layer: Gimp.Layer, subject: Subject) -> None:
    """Give a new layer a mask: what was selected, multiplied by its source's own mask.

    A mask that is switched off there is so here too; beside a selection it doesn't count.
    """
    source, selection = subject.target.layer, subject.pixels.selection
    own = source.get_mask() if source.is_valid() and not subject.target.below else None
    if selection is None and own is None:
        return
    is_on = own is None or source.get_apply_mask()
    mask = layer.create_mask(Gimp.AddMaskType.WHITE)
    if selection is not None:
        write_map(mask, selection)
    is_copied = own is not None and (is_on or selection is None)
    if is_copied and (own.get_width(), own.get_height()) == subject.size:
        multiply(mask, own)
    layer.add_mask(mask)
    layer.set_apply_mask(is_on or selection is not None)
    leave_active(layer)


def copy_mask(source: Gimp.Layer, layer: Gimp.Layer) -> None:
    """Give a layer the mask of its source, if that has one: switched off where that is."""
    if source.get_mask() is None:
        return
    mask = layer.create_mask(Gimp.AddMaskType.WHITE)
    multiply(mask, source.get_mask())
    layer.add_mask(mask)
    layer.set_apply_mask(source.get_apply_mask())
    leave_active(layer)


def renew_mask(layer: Gimp.Layer, values: Pixels) -> None:
    """Give a layer these values as its mask, in place of the one that it has."""
    if layer.get_mask() is not None:
        layer.remove_mask(Gimp.MaskApplyMode.DISCARD)
    mask = layer.create_mask(Gimp.AddMaskType.WHITE)
    write_map(mask, values)
    layer.add_mask(mask)


def leave_active(layer: Gimp.Layer) -> None:
    """Let the layer itself be active, rather than its mask: a person goes on with the painting."""
    if layer.get_mask() is not None:
        layer.set_edit_mask(False)


def write_map(mask: Gimp.LayerMask, values: Pixels) -> None:
    """Write the values of one channel into a mask of that size."""
    buffer = mask.get_buffer()
    buffer.set(Gegl.Rectangle.new(0, 0, values.width, values.height), "Y u8", bytes(values.data))
    buffer.flush()
