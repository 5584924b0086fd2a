"""Checks of what the dialog lets one choose: several styles at once, another size, a mask as the detail map."""

from gi.repository import Gimp
from kit import (
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
