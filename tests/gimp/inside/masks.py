"""Checks of layer masks: one that is switched off stays so, and an active one doesn't hide its layer."""

from gi.repository import Gimp
from kit import SUCCESS, add_layer, call, new_image, opposite, paint, read, record_of, style_layer, write

ENGINE = "fake"
IS_HERE = True

_RAMP = bytes(range(140)) * 2


def _masked(image, is_on=True, **arguments):
    layer = add_layer(image, alpha=False, **arguments)
    layer.add_mask(layer.create_mask(Gimp.AddMaskType.WHITE))
    write(layer.get_mask(), "Y u8", _RAMP)
    layer.set_apply_mask(is_on)
    return layer


def _in_new_image(image, layer):
    """The only layer of the new image into which a layer is painted."""
    before = {found.get_id() for found in Gimp.get_images()} | {style_layer().get_image().get_id()}
    status, sentence = call(image, layer, style_drawable=style_layer(), result="new-image")
    assert status == SUCCESS, sentence
    (new,) = [found for found in Gimp.get_images() if found.get_id() not in before]
    return new.get_layers()[0]


def a_mask_that_is_switched_off_stays_off():
    with new_image() as image:
        new = paint(image, _masked(image, is_on=False))
        assert read(new.get_mask(), "Y u8") == _RAMP
        assert not new.get_apply_mask()
    with new_image() as image:
        new = paint(image, _masked(image))
        assert new.get_apply_mask()


def a_mask_that_is_switched_off_stays_off_in_a_new_image():
    for is_on in (False, True):
        with new_image() as image:
            new = _in_new_image(image, _masked(image, is_on))
            assert read(new.get_mask(), "Y u8") == _RAMP
            assert new.get_apply_mask() == is_on
            new.get_image().delete()


def a_mask_that_is_switched_off_takes_nothing_from_a_selection():
    with new_image() as image:
        layer = _masked(image, is_on=False)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 10, 14)
        new = paint(image, layer)
        assert read(new.get_mask(), "Y u8") == (bytes([255]) * 10 + bytes(10)) * 14
        assert new.get_apply_mask()


def a_group_whose_mask_is_switched_off_is_painted_whole():
    with new_image() as image:
        layer, group = add_layer(image, alpha=False), Gimp.GroupLayer.new(image, "Group")
        image.insert_layer(group, None, 0)
        image.reorder_item(layer, group, 0)
        group.add_mask(group.create_mask(Gimp.AddMaskType.BLACK))
        group.set_apply_mask(False)
        new = paint(image, group)
        assert list(read(new)) == opposite(read(layer))
        assert not new.get_apply_mask()


def a_paintings_mask_that_was_switched_off_hides_nothing_of_the_next():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 10, 14)
        new = paint(image, layer)
        assert record_of(new)["is_masked"]
        new.set_apply_mask(False)
        status, sentence = call(image, new, style_drawable=style_layer())
        assert status == SUCCESS, sentence
        assert list(read(new)) == opposite(read(layer)), "what is seen now is painted, not what was selected"
        assert not new.get_apply_mask()


def a_layer_whose_mask_is_active_is_painted():
    with new_image() as image:
        layer = _masked(image)
        assert layer.get_edit_mask()
        status, sentence = call(image, layer.get_mask(), style_drawable=style_layer())
        assert status == SUCCESS, sentence
        new = image.get_layers()[0]
        assert list(read(new)) == opposite(read(layer))
        assert read(new.get_mask(), "Y u8") == _RAMP


def a_painting_is_active_itself_and_not_its_mask():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 10, 14)
        new = paint(image, layer)
        assert not new.get_edit_mask()
        assert [found.get_id() for found in image.get_selected_drawables()] == [new.get_id()]


def select_paint_change_paint():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 10, 14)
        new = paint(image, layer)
        new.set_edit_mask(True)
        (active,) = image.get_selected_drawables()
        assert isinstance(active, Gimp.LayerMask)
        status, sentence = call(image, active, style_drawable=style_layer(), strength=0.75)
        assert status == SUCCESS, sentence
        assert len(image.get_layers()) == 2 and new.get_name() == "Canvas, 75 % — Photo"
        assert not new.get_edit_mask()
