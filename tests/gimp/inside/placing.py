"""Checks of where a painting goes: new layer, the layer's own place, a new image; selection, blend mode, opacity."""

from array import array

from gi.repository import Babl, Gimp
from kit import (
    SUCCESS,
    add_layer,
    call,
    largest_difference,
    native_alpha,
    new_image,
    opposite,
    paint,
    read,
    refusal,
    style_layer,
    write,
)

ENGINE = "fake"
IS_HERE = True


def _replace(image, layer, **arguments):
    """Have a layer replaced, which must succeed."""
    layers = image.get_layers()
    status, sentence = call(image, layer, style_drawable=style_layer(), result="replace", **arguments)
    assert status == SUCCESS, sentence
    assert [found.get_id() for found in image.get_layers()] == [found.get_id() for found in layers]


def _in_new_image(image, layer, **arguments):
    """Have a layer painted into a new image: that image."""
    before = {found.get_id() for found in Gimp.get_images()} | {style_layer().get_image().get_id()}
    layers = [(found.get_id(), read(found)) for found in image.get_layers()]
    status, sentence = call(image, layer, style_drawable=style_layer(), result="new-image", **arguments)
    assert status == SUCCESS, sentence
    assert [(found.get_id(), read(found)) for found in image.get_layers()] == layers
    (new,) = [found for found in Gimp.get_images() if found.get_id() not in before]
    return new


def a_replaced_layer_keeps_its_alpha_bit_for_bit():
    for precision in (Gimp.Precision.U8_NON_LINEAR, Gimp.Precision.U32_LINEAR, Gimp.Precision.DOUBLE_NON_LINEAR):
        with new_image(precision=precision) as image:
            layer = add_layer(image)
            before, alpha = read(layer), native_alpha(layer)
            _replace(image, layer)
            assert native_alpha(layer) == alpha, precision
            seen = [place for place in range(len(before)) if before[place | 3] and place % 4 != 3]
            painted = read(layer)
            assert max(abs(255 - before[place] - painted[place]) for place in seen) <= 1


def a_replaced_layer_changes_only_where_it_is_selected():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        before = read(layer)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 10, 14)
        _replace(image, layer)
        after, expected = read(layer), opposite(before)
        for place in range(len(before)):
            assert after[place] == (expected if place % 80 < 40 else before)[place]
        assert not image.get_channels()
        assert not Gimp.Selection.is_empty(image)


def the_entire_layer_is_painted_whatever_is_selected():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 10, 14)
        new = paint(image, layer, region="layer")
        assert new.get_mask() is None
        assert list(read(new)) == opposite(read(layer))
        before = read(layer)
        _replace(image, layer, region="layer")
        assert list(read(layer)) == opposite(before)
        assert Gimp.Selection.bounds(image)[2:] == (0, 0, 10, 14)
        assert not image.get_channels()


def a_soft_selection_blends():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        write(layer, "R'G'B' u8", bytes([40]) * 840)
        write(image.get_selection(), "Y u8", bytes(range(256)) + bytes([255]) * 24)
        mask = read(paint(image, layer).get_mask(), "Y u8")
        assert mask == bytes(range(256)) + bytes([255]) * 24


def blend_mode_and_opacity_are_those_that_are_asked_for():
    with new_image() as image:
        layer = add_layer(image)
        layer.set_opacity(50)
        new = paint(image, layer, blend_mode="multiply", opacity=40)
        assert new.get_mode() == Gimp.LayerMode.MULTIPLY
        assert round(new.get_opacity()) == 20
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        before = read(layer)
        _replace(image, layer, blend_mode="difference", opacity=100)
        assert largest_difference(read(layer)[:3], [abs(255 - 2 * value) for value in before[:3]]) <= 1


def a_new_image_is_like_the_old_one():
    with new_image(precision=Gimp.Precision.U16_NON_LINEAR) as image:
        image.set_color_profile(Gimp.ColorProfile.new_rgb_adobe())
        layer = add_layer(image, 16, 12, offsets=(3, 1))
        new = _in_new_image(image, layer)
        (painted,) = new.get_layers()
        assert (new.get_width(), new.get_height()) == (16, 12)
        assert tuple(painted.get_offsets())[1:] == (0, 0)
        assert new.get_precision() == image.get_precision()
        assert native_alpha(painted) == native_alpha(layer)
        form = Babl.get_name(Babl.format_with_space("R'G'B'A u16", layer.get_format()))
        one, other = array("H", read(painted, form)), array("H", read(layer, form))
        assert all(one[place] == 65535 - other[place] for place in range(4 * 16, 4 * 20) if place % 4 != 3)
        new.delete()


def a_new_image_shows_the_selection_blended():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 10, 14)
        new = _in_new_image(image, layer)
        before, after = read(layer), read(new.get_layers()[0])
        expected = [value if place % 80 >= 40 else 255 - value for place, value in enumerate(before)]
        expected[3::4] = before[3::4]
        assert largest_difference(after, expected) <= 1
        new.delete()


def an_indexed_image_becomes_a_new_one():
    with new_image() as image:
        layer = add_layer(image)
        image.convert_indexed(Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 8, False, False, "")
        new = _in_new_image(image, layer)
        assert new.get_base_type() == Gimp.ImageBaseType.RGB
        old, painted = read(layer), read(new.get_layers()[0])
        assert painted[3::4] == old[3::4]
        seen = [place for place in range(len(old)) if old[place | 3] and place % 4 != 3]
        assert all(painted[place] == 255 - old[place] for place in seen)
        new.delete()


def locked_pixels_are_not_replaced():
    with new_image() as image:
        layer = add_layer(image)
        layer.set_lock_content(True)
        assert "locked" in refusal(image, layer, result="replace")
        assert paint(image, layer)


def a_group_is_not_replaced():
    with new_image() as image:
        group = Gimp.GroupLayer.new(image, "Group")
        image.insert_layer(group, None, 0)
        assert "layer group" in refusal(image, group, result="replace")
