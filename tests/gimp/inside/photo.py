"""A check of the whole way with the real network: a photo, repainted."""

from gi.repository import Gimp
from kit import (
    add_layer,
    native_alpha,
    new_image,
    picture,
    read,
    refusal,
)
from kit import paint as paint_with

ENGINE = "real"


def _deviation(data):
    mean = sum(data) / len(data)
    return (sum((value - mean) ** 2 for value in data) / len(data)) ** 0.5


def a_photo_is_repainted_in_a_style_of_the_gallery():
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, picture("tiny-cat.png"))
    layer = image.get_layers()[0]
    new = paint_with(image, layer, style_drawable=None, quality="draft")
    before, after = read(layer, "R'G'B' u8"), read(new, "R'G'B' u8")
    changed = sum(abs(a - b) for a, b in zip(before, after, strict=True)) / len(before)
    assert changed > 5, f"hardly painted: {changed}"
    assert _deviation(after) > 15, "one flat colour"
    Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, picture("painted-cat.png"), None)
    image.delete()


def transparent_places_of_a_16_bit_layer_stay_transparent_bit_for_bit():
    with new_image(48, 40, precision=Gimp.Precision.U16_NON_LINEAR) as image:
        layer = add_layer(image)
        new = paint_with(image, layer, quality="draft")
        assert native_alpha(new) == native_alpha(layer)


def a_layer_of_one_pixel_gets_one_sentence():
    with new_image(1, 1) as image:
        layer = add_layer(image, alpha=False)
        assert "1x1; both sides must be at least 8" in refusal(image, layer, quality="draft")


def a_selection_beside_the_layer_leaves_nothing_to_paint():
    with new_image() as image:
        layer = add_layer(image, 9, 9)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 10, 8, 4, 4)
        assert "selection" in refusal(image, layer)


def what_is_not_selected_stays_as_it_was():
    with new_image(40, 30) as image:
        layer = add_layer(image, alpha=False)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 20, 30)
        before, after = read(layer, "R'G'B' u8"), read(paint_with(image, layer, quality="draft"), "R'G'B' u8")
        rows = [slice(row * 120 + 60, row * 120 + 120) for row in range(30)]
        assert all(before[row] == after[row] for row in rows)
        assert before != after
