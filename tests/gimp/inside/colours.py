"""Checks that layers and style pictures are painted as they are seen, whatever their profile and their orientation."""

from pathlib import Path

from gi.repository import Babl, Gimp
from kit import GREY, RGB, SUCCESS, add_layer, call, new_image, paint, picture, read, style_layer, write

from impasto_plugin.arguments import StyleChoice
from impasto_plugin.dialog.current_look import LayerReader
from impasto_plugin.image.pixels import read_pixels, samples_of, space_of
from impasto_plugin.image.styles import read_picture, read_style
from impasto_plugin.image.subjects import Target

ENGINE = "fake"
IS_HERE = True

_GREY = 118
_PRECISIONS = (Gimp.Precision.U8_NON_LINEAR, Gimp.Precision.U16_NON_LINEAR, Gimp.Precision.FLOAT_LINEAR)


def _linear_profiles():
    adobe = Gimp.ColorProfile.new_rgb_adobe()
    yield RGB, Gimp.ColorProfile.new_rgb_srgb_linear()
    yield RGB, Gimp.ColorProfile.new_linear_from_color_profile(adobe)
    yield GREY, Gimp.ColorProfile.new_d65_gray_linear()


def _grey_layer(image, alpha=False):
    layer = add_layer(image, alpha=alpha)
    write(layer, "R'G'B'A u8", bytes((_GREY, _GREY, _GREY, 255)) * 280)
    return layer


def _worst(samples, expected):
    return max(abs(value - expected) for place, value in enumerate(samples) if place % 4 != 3)


def a_linear_profile_goes_to_the_engine_perceptual_and_comes_back_linear():
    fine = Gimp.Precision.U16_NON_LINEAR
    cases = [(kind, profile, fine, True) for kind, profile in _linear_profiles()]
    cases += [(*next(_linear_profiles()), precision, False) for precision in _PRECISIONS]
    for kind, profile, precision, alpha in cases:
        with new_image(kind=kind, precision=precision) as image:
            image.set_color_profile(profile)
            layer = _grey_layer(image, alpha)
            # 8 linear bits have a tone only every second level here.
            allowed = 2 if precision == Gimp.Precision.U8_NON_LINEAR else 1
            what = profile.get_label(), precision, alpha
            assert _worst(LayerReader(Target(layer)).shown.data, _GREY) <= allowed, what
            assert _worst(read(paint(image, layer)), 255 - _GREY) <= allowed, what


def a_layer_of_a_linear_image_can_be_replaced():
    with new_image(precision=Gimp.Precision.U16_NON_LINEAR) as image:
        image.set_color_profile(Gimp.ColorProfile.new_rgb_srgb_linear())
        layer = _grey_layer(image)
        arguments = {"style_drawable": style_layer(), "result": "replace", "blend_mode": "normal", "opacity": 50}
        status, sentence = call(image, layer, **arguments)
        assert status == SUCCESS, sentence
        assert 118 < read(layer)[0] < 137


def an_image_that_gimp_made_linear_is_painted_as_before():
    with new_image() as image:
        image.set_color_profile(Gimp.ColorProfile.new_rgb_adobe())
        layer = _grey_layer(image)
        assert image.convert_precision(Gimp.Precision.FLOAT_LINEAR)
        assert _worst(read(paint(image, layer)), 255 - _GREY) <= 2  # the opposite in Adobe's curve


def dark_tones_of_a_linear_profile_are_kept():
    with new_image(kind=GREY) as image:
        image.set_color_profile(Gimp.ColorProfile.new_d65_gray_linear())
        layer = add_layer(image, alpha=False)
        own = Babl.get_name(layer.get_format())
        write(layer, own, bytes(place % 256 for place in range(280)))
        sent = read_pixels(layer, space_of(layer), samples_of(image))
        assert len(set(zip(*[iter(sent.data)] * 8, strict=True))) == 256


def a_style_layer_of_a_linear_image_is_read_as_it_is_seen():
    for kind, profile in _linear_profiles():
        with new_image(kind=kind, precision=Gimp.Precision.U16_NON_LINEAR) as image, new_image() as other:
            image.set_color_profile(profile)
            layer, target = _grey_layer(image), add_layer(other)
            style = read_style(StyleChoice("", None, layer), space_of(target))
            assert _worst(style.pictures[0].picture.data, _GREY) <= 1, profile.get_label()


def a_style_file_is_turned_upright():
    with new_image() as image:
        space = space_of(add_layer(image))
        upright = read_picture(_path("small-cat.png"), space)
        turned = read_picture(_path("turned.png"), space)
        assert (turned.width, turned.height) == (upright.width, upright.height) == (150, 100)
        assert turned.data == upright.data
        turned = read_picture(_path("turned.jpg"), space)
        assert (turned.width, turned.height) == (150, 100)


def _path(name):
    return Path(picture(name).get_path())
