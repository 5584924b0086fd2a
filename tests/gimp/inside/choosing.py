"""Checks of what the dialog lets one choose: several styles at once, another size, a mask as the detail map."""

import sys

from gi.repository import Gimp
from kit import (
    PLUG_IN,
    add_layer,
    largest_difference,
    native_alpha,
    new_image,
    opposite,
    paint,
    read,
    refusal,
    use_engine,
    write,
)

use_engine("fake")
sys.path.append(PLUG_IN)

from impasto_plugin.arguments import StyleChoice  # noqa: E402
from impasto_plugin.layer_reader import LayerReader  # noqa: E402
from impasto_plugin.styles import LONGEST, read_style  # noqa: E402


def _flat(image, colour=(200, 100, 50, 255)):
    """A layer of one colour, so that making it smaller and larger again changes nothing."""
    layer = add_layer(image)
    write(layer, "R'G'B'A u8", bytes(colour) * (image.get_width() * image.get_height()))
    return layer


def a_layer_painted_at_half_size_comes_back_whole():
    with new_image(40, 30) as image:
        layer = _flat(image)
        new = paint(image, layer, paint_at="half")
        assert (new.get_width(), new.get_height()) == (40, 30)
        assert largest_difference(read(new), opposite(read(layer))) <= 1, set(zip(*[iter(read(new))] * 4, strict=True))


def a_high_precision_layer_painted_at_a_quarter_keeps_its_alpha_bit_for_bit():
    for precision in (Gimp.Precision.U16_NON_LINEAR, Gimp.Precision.FLOAT_LINEAR):
        with new_image(67, 45, precision=precision) as image:
            layer = add_layer(image)
            new = paint(image, layer, paint_at="quarter")
            assert native_alpha(new) == native_alpha(layer)


def a_layer_too_small_for_a_quarter_is_painted_as_it_is():
    with new_image(9, 9) as image:
        layer = add_layer(image, alpha=False)
        assert list(read(paint(image, layer, paint_at="quarter"))) == opposite(read(layer))


def no_image_is_left_behind_by_another_size():
    with new_image(40, 30) as image:
        layer = _flat(image)
        paint(image, layer)
        before = len(Gimp.get_images())
        paint(image, layer, paint_at="half")
        assert len(Gimp.get_images()) == before


def several_styles_are_mixed_under_their_names():
    with new_image() as image:
        new = paint(image, add_layer(image), style_drawable=None, preset="woodcut:60+batik:40")
        assert new.get_name() == "Photo (Woodcut + Batik, 55 %)"


def a_mix_with_a_style_that_is_not_there_gets_one_sentence():
    with new_image() as image:
        assert "no-such" in refusal(image, add_layer(image), style_drawable=None, preset="woodcut+no-such")


def a_layers_mask_can_be_the_detail_map_at_half_size():
    with new_image(40, 30) as image:
        layer, other = add_layer(image), add_layer(image, name="Other")
        other.add_mask(other.create_mask(Gimp.AddMaskType.WHITE))
        paint(image, layer, detail_map=other.get_mask(), paint_at="half")


def _as_style(layer):
    return read_style(StyleChoice("", None, layer), layer.get_format()).pictures[0][0]


def a_style_layer_gives_what_is_selected_of_it():
    with new_image(40, 30) as image:
        layer = _flat(image)
        layer.set_offsets(5, 0)
        assert (_as_style(layer).width, _as_style(layer).height) == (40, 30)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 10, 4, 20, 10)
        style = _as_style(layer)
        assert (style.width, style.height) == (20, 10)
        assert bytes(style.data) == bytes((200, 100, 50, 255)) * 200
        image.select_ellipse(Gimp.ChannelOps.REPLACE, 10, 4, 20, 10)
        alpha = bytes(_as_style(layer).data)[3::4]
        assert (alpha[0], alpha[5 * 20 + 10]) == (0, 255)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 4, 4)
        assert _as_style(layer).width == 40


def a_style_layer_that_is_longer_than_needed_is_made_smaller_in_its_colours():
    with new_image(LONGEST + 900, 40) as image:
        style = _as_style(_flat(image))
        assert style.width == LONGEST
        assert max(abs(a - b) for a, b in zip(bytes(style.data)[:4], (200, 100, 50, 255), strict=True)) <= 1


def the_preview_of_the_entire_layer_leaves_the_selection_alone():
    with new_image(40, 30) as image:
        reader = LayerReader(_flat(image))
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 20, 30)
        assert reader.sitting(480, None, uses_selection=True).selection is not None
        assert reader.sitting(480, None, uses_selection=False).selection is None
