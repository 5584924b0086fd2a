"""Checks of locked pixels, positions and alpha, of a layer or its group: respected, or named before painting."""

from gi.repository import Gimp
from kit import SUCCESS, add_layer, call, native_alpha, new_image, opposite, paint, read, refusal, style_layer

ENGINE = "fake"
IS_HERE = True


def _in_a_group(image, layer):
    group = Gimp.GroupLayer.new(image, "Group")
    image.insert_layer(group, None, 0)
    image.reorder_item(layer, group, 0)
    return group


def a_painting_lies_in_a_locked_group_where_its_layer_lies():
    for lock in ("position", "content", "visibility"):
        with new_image() as image:
            layer = add_layer(image, 9, 8, alpha=False, offsets=(5, 4))
            layer.add_mask(layer.create_mask(Gimp.AddMaskType.WHITE))
            group = _in_a_group(image, layer)
            getattr(group, f"set_lock_{lock}")(True)
            new = paint(image, layer)
            assert new.get_parent() == group
            assert tuple(new.get_offsets())[1:] == (5, 4), lock
            assert new.get_mask() is not None
            assert list(read(new)) == opposite(read(layer)), lock


def a_painting_whose_pixels_are_locked_is_not_painted_over():
    with new_image() as image:
        new = paint(image, add_layer(image))
        before = read(new)
        new.set_lock_content(True)
        sentence = refusal(image, new)
        assert "locked" in sentence and new.get_name() in sentence
        new.set_lock_content(False)
        group = _in_a_group(image, new)
        group.set_lock_content(True)
        assert "“Group”" in refusal(image, new)
        assert read(new) == before


def a_painting_whose_position_is_locked_is_not_moved():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        new = paint(image, layer)
        new.set_lock_position(True)
        status, sentence = call(image, new, style_drawable=style_layer())
        assert status == SUCCESS, sentence
        layer.set_offsets(3, 2)
        sentence = refusal(image, new)
        assert "position" in sentence and new.get_name() in sentence
        layer.set_offsets(0, 0)
        layer.resize(24, 16, 0, 0)
        assert "position" in refusal(image, new)
        new.set_lock_position(False)
        group = _in_a_group(image, new)
        group.set_lock_position(True)
        assert "“Group”" in refusal(image, new)


def locked_alpha_stays():
    with new_image() as image:
        layer = add_layer(image)
        new = paint(image, layer)
        alpha = native_alpha(new)
        new.set_lock_alpha(True)
        layer.fill(Gimp.FillType.WHITE)
        status, sentence = call(image, new, style_drawable=style_layer())
        assert status == SUCCESS, sentence
        assert native_alpha(new) == alpha
        assert read(new)[:3] == bytes(3) or read(new)[3] == 0


def pixels_locked_by_a_group_are_not_replaced():
    with new_image() as image:
        layer = add_layer(image)
        _in_a_group(image, layer).set_lock_content(True)
        assert "“Group”" in refusal(image, layer, result="replace")
