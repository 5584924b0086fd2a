"""Checks of what the filter does to an image, with a painter that turns every sample into its opposite."""

from array import array

from gi.repository import Babl, Gegl, Gimp
from kit import (
    GREY,
    RGB,
    SUCCESS,
    add_layer,
    call,
    largest_difference,
    native_alpha,
    new_image,
    opposite,
    paint,
    read,
    style_layer,
    whole,
    write,
)

ENGINE = "fake"
IS_HERE = True
PRECISIONS = [
    getattr(Gimp.Precision, f"{kind}_{curve}")
    for kind in ("U8", "U16", "U32", "HALF", "FLOAT", "DOUBLE")
    for curve in ("LINEAR", "NON_LINEAR")
]


SOME_PRECISIONS = [Gimp.Precision.U8_NON_LINEAR, Gimp.Precision.U16_LINEAR, Gimp.Precision.FLOAT_LINEAR]


def _difference(layer, new):
    """How far the new layer is from the opposite of the old one, where there is something to see."""
    old, painted = read(layer), read(new)
    places = [place for place in range(len(old)) if old[place | 3] > 0 and place % 4 != 3]
    assert places
    return max(abs(255 - old[place] - painted[place]) for place in places)


def _check_kinds(kind, precisions, alphas):
    for precision in precisions:
        for alpha in alphas:
            with new_image(kind=kind, precision=precision) as image:
                layer = add_layer(image, alpha=alpha)
                new = paint(image, layer)
                # 8 linear bits have few dark tones: reading them back is coarse, whoever wrote them.
                allowed = 13 if precision == Gimp.Precision.U8_LINEAR else 1
                assert _difference(layer, new) <= allowed, (precision, alpha)
                assert new.type() == layer.type()
                if alpha:
                    assert native_alpha(new) == native_alpha(layer), precision


def every_precision_is_repainted_with_its_alpha_bit_for_bit():
    _check_kinds(RGB, PRECISIONS, [True])


def layers_without_alpha_stay_so():
    _check_kinds(RGB, SOME_PRECISIONS, [False])


def grey_layers_stay_grey():
    _check_kinds(GREY, SOME_PRECISIONS, [True, False])


def a_16_bit_layer_keeps_every_level():
    with new_image(256, 4, precision=Gimp.Precision.U16_NON_LINEAR) as image:
        layer = add_layer(image, alpha=False)
        levels = array("H", [value for place in range(1024) for value in (place * 64, 65535 - place, place)])
        write(layer, "R'G'B' u16", levels.tobytes())
        painted = array("H", read(paint(image, layer), "R'G'B' u16"))
        assert list(painted) == [65535 - value for value in levels]


def a_float_layer_keeps_what_8_bits_would_round():
    with new_image(64, 4, precision=Gimp.Precision.FLOAT_LINEAR) as image:
        layer = add_layer(image, alpha=False)
        levels = array("f", [place / 768 for place in range(768)])
        write(layer, "R'G'B' float", levels.tobytes())
        painted = array("f", read(paint(image, layer), "R'G'B' float"))
        assert largest_difference(painted, [1 - value for value in levels]) < 1e-4


def the_new_layer_lies_above_in_the_same_place():
    for size, offsets in (((20, 10), (7, 9)), ((40, 30), (-9, -5)), ((3, 2), (0, 0))):
        with new_image() as image:
            layer = add_layer(image, *size, offsets=offsets)
            add_layer(image, name="Above")
            new = paint(image, layer)
            assert (new.get_width(), new.get_height()) == size
            assert tuple(new.get_offsets())[1:] == offsets
            assert image.get_item_position(new) == image.get_item_position(layer) - 1 == 1
            assert new.get_name() == "Canvas, 50 % — Photo"


def mode_and_opacity_are_the_layers_own():
    with new_image() as image:
        layer = add_layer(image)
        layer.set_mode(Gimp.LayerMode.MULTIPLY)
        layer.set_opacity(40)
        new = paint(image, layer)
        assert new.get_mode() == Gimp.LayerMode.MULTIPLY
        assert round(new.get_opacity()) == 40


def the_layer_itself_is_not_touched():
    with new_image() as image:
        layer = add_layer(image)
        before = read(layer)
        paint(image, layer)
        assert read(layer) == before


def a_selection_becomes_the_new_layers_mask():
    with new_image() as image:
        layer = add_layer(image, 16, 12, offsets=(2, 1))
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 5, 4, 6, 5)
        new = paint(image, layer)
        mask, painted = new.get_mask(), read(new, "R'G'B' u8")
        expected = [255 if 3 <= x < 9 and 3 <= y < 8 else 0 for y in range(12) for x in range(16)]
        assert list(read(mask, "Y u8")) == expected
        assert not Gimp.Selection.is_empty(image)
        before = read(layer, "R'G'B' u8")
        kept = [painted[3 * place] == before[3 * place] for place in range(192)]
        assert all(kept[place] == (expected[place] == 0) for place in range(192)), "what isn't selected stays"


def a_layers_own_mask_is_copied():
    with new_image() as image:
        layer = add_layer(image)
        layer.add_mask(layer.create_mask(Gimp.AddMaskType.WHITE))
        write(layer.get_mask(), "Y u8", bytes(range(140)) * 2)
        new = paint(image, layer)
        assert read(new.get_mask(), "Y u8") == bytes(range(140)) * 2


def a_selection_and_a_mask_both_count():
    with new_image() as image:
        layer = add_layer(image)
        layer.add_mask(layer.create_mask(Gimp.AddMaskType.WHITE))
        write(layer.get_mask(), "Y u8", bytes([200]) * 280)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 10, 14)
        mask = read(paint(image, layer).get_mask(), "Y u8")
        assert mask == (bytes([200]) * 10 + bytes(10)) * 14


def a_layer_in_a_group_is_painted_inside_the_group():
    with new_image() as image:
        layer = add_layer(image)
        group = Gimp.GroupLayer.new(image, "Group")
        image.insert_layer(group, None, 0)
        image.reorder_item(layer, group, 0)
        new = paint(image, layer)
        assert new.get_parent() == group
        assert _difference(layer, new) <= 1


def a_group_is_painted_as_it_looks():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        group = Gimp.GroupLayer.new(image, "Group")
        image.insert_layer(group, None, 0)
        image.reorder_item(layer, group, 0)
        new = paint(image, group)
        assert not new.is_group()
        assert new.get_parent() is None
        assert list(read(new)) == opposite(read(group))


def live_effects_are_painted_as_they_look():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        before = read(layer)
        layer.append_filter(Gimp.DrawableFilter.new(layer, "gegl:invert-gamma", "Invert"))
        new = paint(image, layer)
        assert read(new) == before  # turned over twice
        assert len(layer.get_filters()) == 1
        assert not new.get_filters()


def a_text_layer_is_painted_as_it_looks():
    with new_image(120, 60) as image:
        layer = Gimp.TextLayer.new(image, "Impasto", Gimp.context_get_font(), 30, Gimp.Unit.pixel())
        image.insert_layer(layer, None, 0)
        new = paint(image, layer)
        assert not isinstance(new, Gimp.TextLayer)
        assert native_alpha(new) == native_alpha(layer)
        assert any(sample != b"\0" for sample in native_alpha(new))


def a_wide_gamut_image_is_painted_in_its_own_space():
    with new_image() as image:
        image.set_color_profile(Gimp.ColorProfile.new_rgb_adobe())
        layer = add_layer(image, alpha=False)
        own = Babl.get_name(Babl.format_with_space("R'G'B' u8", layer.get_format()))
        assert own != "R'G'B' u8"
        write(layer, own, bytes((255, 0, 255)) * 280)
        painted = read(paint(image, layer), own)
        assert painted == bytes((0, 255, 0)) * 280  # a green that sRGB doesn't have


def a_profile_of_its_own_doesnt_shift_grey():
    with new_image(kind=GREY) as image:
        image.set_color_profile(Gimp.ColorProfile.new_d50_gray_lab_trc())
        layer = add_layer(image, alpha=False)
        own = Babl.get_name(Babl.format_with_space("Y' u8", layer.get_format()))
        before = read(layer, own)
        assert largest_difference(read(paint(image, layer), own), [255 - value for value in before]) <= 1


def several_layers_are_painted_each():
    with new_image() as image:
        layers = [add_layer(image, alpha=False, name=name) for name in ("One", "Two")]
        status, sentence = call(image, layers, style_drawable=style_layer())
        assert status == SUCCESS, sentence
        names = [layer.get_name() for layer in image.get_layers()]
        assert names == ["Canvas, 50 % — Two", "Two", "Canvas, 50 % — One", "One"]
        for new, old in (image.get_layers()[:2], image.get_layers()[2:]):
            assert list(read(new)) == opposite(read(old))


def a_layer_larger_than_a_band_is_whole():
    with new_image(700, 900) as image:
        layer = add_layer(image)
        new = paint(image, layer)
        assert _difference(layer, new) == 0
        assert native_alpha(new) == native_alpha(layer)


def a_layer_of_one_pixel_is_painted():
    with new_image(1, 1) as image:
        layer = add_layer(image, alpha=False)
        assert list(read(paint(image, layer))) == opposite(read(layer))


def no_image_is_left_behind():
    style_layer()
    before = len(Gimp.get_images())
    with new_image() as image:
        layer = add_layer(image)
        layer.append_filter(Gimp.DrawableFilter.new(layer, "gegl:invert-gamma", "Invert"))
        paint(image, layer)
        assert len(Gimp.get_images()) == before + 1


def a_grey_layer_can_be_painted_like_a_coloured_one_and_the_reverse():
    with new_image() as image, new_image(30, 20, kind=GREY) as grey:
        coloured, uncoloured = add_layer(image), add_layer(grey, name="Grey")
        assert paint(image, coloured, style_drawable=uncoloured).get_name() == "Grey, 50 % — Photo"
        assert paint(grey, uncoloured, style_drawable=coloured).is_gray()


def part_of_a_layer_outside_the_canvas_is_painted_too():
    with new_image() as image:
        layer = add_layer(image, 30, 20, alpha=False, offsets=(-5, -3))
        corner = Gegl.Rectangle.new(0, 0, 1, 1)
        new = paint(image, layer)
        old = layer.get_buffer().get(corner, 1.0, "R'G'B' u8", Gegl.AbyssPolicy.NONE)
        painted = new.get_buffer().get(corner, 1.0, "R'G'B' u8", Gegl.AbyssPolicy.NONE)
        assert [255 - value for value in old] == list(painted)
        assert whole(new).width == 30


def a_channel_can_be_the_detail_map():
    with new_image() as image:
        layer = add_layer(image, 30, 20, offsets=(-3, 4))
        channel = Gimp.Channel.new(image, "Detail", 20, 14, 50, Gimp.context_get_foreground())
        image.insert_channel(channel, None, 0)
        assert _difference(layer, paint(image, layer, detail_map=channel)) <= 1
