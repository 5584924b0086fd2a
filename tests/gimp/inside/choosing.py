"""Checks of what the dialog lets one choose: several styles at once, another size, a mask as the detail map."""

from pathlib import Path

from gi.repository import Gimp, Gio
from kit import (
    add_layer,
    largest_difference,
    native_alpha,
    new_image,
    opposite,
    paint,
    picture,
    read,
    record_of,
    refusal,
    write,
)

from impasto_plugin.arguments import StyleChoice
from impasto_plugin.crop import Crop
from impasto_plugin.dialog.current_look import LayerReader
from impasto_plugin.image.scaling import painted_size
from impasto_plugin.image.styles import LONGEST, read_picture, read_style
from impasto_plugin.image.subjects import Target
from impasto_wire.errors import PictureError

ENGINE = "fake"
IS_HERE = True

_COLOUR = (200, 100, 50, 255)
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="40" height="30" fill="#c86432"/></svg>'
)


def _flat(image, colour=_COLOUR):
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


def a_layer_painted_at_a_size_of_ones_own_comes_back_whole():
    with new_image(40, 30) as image:
        layer = _flat(image)
        new = paint(image, layer, paint_size=23, paint_at="quarter")
        assert (new.get_width(), new.get_height()) == (40, 30)
        assert largest_difference(read(new), opposite(read(layer))) <= 1
        assert record_of(new)["arguments"]["paint-size"] == 23


def a_size_of_ones_own_is_kept_within_what_can_be_painted():
    assert painted_size((400, 300), "quarter", 200) == (200, 150)
    assert painted_size((400, 300), "quarter", 0) == (100, 75)
    assert painted_size((400, 300), "full", 4000) == (400, 300)
    width, height = painted_size((400, 20), "full", 8)
    assert (width, height) == (200, 10)


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
        assert new.get_name() == "Woodcut + Batik, 55 % — Photo"


def a_mix_with_a_style_that_is_not_there_gets_one_sentence():
    with new_image() as image:
        assert "no-such" in refusal(image, add_layer(image), style_drawable=None, preset="woodcut+no-such")


def a_layers_mask_can_be_the_detail_map_at_half_size():
    with new_image(40, 30) as image:
        layer, other = add_layer(image), add_layer(image, name="Other")
        other.add_mask(other.create_mask(Gimp.AddMaskType.WHITE))
        paint(image, layer, detail_map=other.get_mask(), paint_at="half")


def _as_style(layer, crop=Crop()):  # noqa: B008
    return read_style(StyleChoice("", None, layer, crop), layer.get_format()).pictures[0].picture


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


def a_style_layer_gives_what_is_seen_of_it():
    with new_image(40, 30) as image:
        layer = _flat(image)
        layer.add_mask(layer.create_mask(Gimp.AddMaskType.WHITE))
        write(layer.get_mask(), "Y u8", bytes([100]) * 600 + bytes(600))
        layer.append_filter(Gimp.DrawableFilter.new(layer, "gegl:invert-gamma", "Invert"))
        style = bytes(_as_style(layer).data)
        assert style == bytes((55, 155, 205, 100)) * 600 + bytes((55, 155, 205, 0)) * 600
        layer.set_apply_mask(False)
        assert bytes(_as_style(layer).data) == bytes((55, 155, 205, 255)) * 1200


def of_a_style_layer_only_the_crop_counts():
    with new_image(40, 30) as image:
        layer = add_layer(image, alpha=False)
        rows = [read(layer)[4 * 40 * row : 4 * 40 * (row + 1)] for row in range(30)]
        style = _as_style(layer, Crop(0.25, 0.5, 0.75, 0.9))
        assert (style.width, style.height) == (20, 12)
        assert bytes(style.data) == b"".join(row[40:120] for row in rows[15:27])
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 10, 4, 20, 10)
        assert (_as_style(layer, Crop(0.5, 0, 1, 1)).width, _as_style(layer, Crop(0.5, 0, 1, 1)).height) == (10, 10)


def a_crop_can_be_set_by_a_script_and_is_remembered():
    edges = {"crop_left": 0.25, "crop_top": 0.5, "crop_right": 0.75, "crop_bottom": 0.9}
    with new_image() as image:
        new = paint(image, add_layer(image), style_drawable=None, style_file=picture("style.png"), **edges)
        arguments = record_of(new)["arguments"]
        assert [arguments[name.replace("_", "-")] for name in edges] == list(edges.values())
        assert paint(image, new, paint_painting=True, **edges)


def a_crop_with_nothing_in_it_gets_one_sentence():
    with new_image() as image:
        layer = add_layer(image)
        for edges in ({"crop_left": 0.5, "crop_right": 0.5}, {"crop_top": 0.9, "crop_bottom": 0.1}):
            sentence = refusal(image, layer, style_drawable=None, style_file=picture("style.png"), **edges)
            assert "crop" in sentence and "left before right" in sentence


def a_crop_is_never_less_than_a_pixel():
    with new_image() as image:
        style = _as_style(add_layer(image), Crop(0.999, 0.999, 1, 1))
        assert (style.width, style.height) == (1, 1)


def a_style_picture_of_any_kind_that_gimp_opens():
    file = Path(picture("kind.svg").get_path())
    file.write_text(_SVG)
    with new_image(40, 30) as image:
        layer = _flat(image)
        group = Gimp.GroupLayer.new(image, "Group")
        image.insert_layer(group, None, 0)
        image.reorder_item(layer, group, 0)
        wrong = {}
        for kind in ("svg", "xcf", "psd", "webp", "exr", "pcx", "gif"):
            file = file.with_suffix(f".{kind}")
            if kind == "gif":
                image.convert_indexed(
                    Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 8, False, False, ""
                )
            if kind != "svg":
                saved = Gio.File.new_for_path(str(file))
                assert Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, saved, None), kind
            found = read_picture(file, layer.get_format())
            seen = found.width, found.height, *bytes(found.data[-4:])
            if max(abs(a - b) for a, b in zip(seen, (40, 30, *_COLOUR), strict=True)) > 2:
                wrong[kind] = seen
        assert not wrong


def a_style_picture_with_nothing_to_see_gets_one_sentence():
    for name, hides in (("empty.xcf", False), ("hidden.xcf", True)):
        with new_image(40, 30) as image:
            if hides:
                _flat(image).set_visible(False)
                _flat(image).set_visible(False)
            Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, picture(name), None)
            try:
                read_picture(Path(picture(name).get_path()), _flat(image).get_format())
            except PictureError as error:
                assert name in str(error) and "choose another" in str(error)
            else:
                raise AssertionError(f"{name} is read")


def a_style_layer_that_is_longer_than_needed_is_made_smaller_in_its_colours():
    with new_image(LONGEST + 900, 40) as image:
        style = _as_style(_flat(image))
        assert style.width == LONGEST
        assert max(abs(a - b) for a, b in zip(bytes(style.data)[:4], (200, 100, 50, 255), strict=True)) <= 1


def the_preview_of_the_entire_layer_leaves_the_selection_alone():
    with new_image(40, 30) as image:
        reader = LayerReader(Target(_flat(image)))
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 20, 30)
        assert reader.layer_pixels(480, None, uses_selection=True).selection is not None
        assert reader.layer_pixels(480, None, uses_selection=False).selection is None
