"""Checks of what a painting remembers, and what the filter does when it is called on a painting."""

from gi.repository import Gimp
from kit import (
    SUCCESS,
    add_layer,
    call,
    native_alpha,
    new_image,
    opposite,
    paint,
    read,
    record_of,
    refusal,
    style_layer,
)

ENGINE = "fake"
IS_HERE = True


def _again(image, painting, **arguments):
    """Call the filter on a painting, which must succeed and add no layer."""
    count = len(image.get_layers())
    status, sentence = call(image, painting, style_drawable=style_layer(), **arguments)
    assert status == SUCCESS, sentence
    assert len(image.get_layers()) == count


def a_painting_remembers_settings_plan_and_source():
    with new_image() as image:
        layer = add_layer(image)
        new = paint(image, layer, strength=0.25, seed=3010, blend_mode="multiply")
        record = record_of(new)
        assert record["style"] == "Canvas"
        assert (record["settings"]["strength"], record["settings"]["seed"]) == (0.25, 3010)
        assert record["arguments"]["blend-mode"] == "multiply"
        assert record["plan"] == "in one piece"
        assert record["source"]["tattoo"] == layer.get_tattoo()
        assert record["name"] == new.get_name() == "Canvas, 25 % — Photo"


def a_painting_is_painted_again_from_its_source():
    with new_image() as image:
        layer = add_layer(image)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 10, 14)
        new = paint(image, layer)
        mask = read(new.get_mask(), "Y u8")
        new.set_mode(Gimp.LayerMode.MULTIPLY)
        new.set_opacity(30)
        image.lower_item(new)
        Gimp.Selection.none(image)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 5, 5, 3, 3)
        layer.get_buffer()
        layer.invert(False)
        _again(image, new, strength=0.75, blend_mode="screen", opacity=90)
        assert read(new.get_mask(), "Y u8") == mask
        assert native_alpha(new) == native_alpha(layer)
        assert (new.get_mode(), round(new.get_opacity())) == (Gimp.LayerMode.MULTIPLY, 30)
        assert image.get_item_position(new) == 1
        assert new.get_name() == "Canvas, 75 % — Photo"
        assert record_of(new)["settings"]["strength"] == 0.75
        old, painted = read(layer), read(new)
        selected = [place for place in range(len(old)) if mask[place // 4] and old[place | 3] and place % 4 != 3]
        assert all(painted[place] == 255 - old[place] for place in selected)
        assert Gimp.Selection.bounds(image)[2:] == (5, 5, 8, 8)
        assert not image.get_channels()


def a_name_that_the_person_gave_stays():
    with new_image() as image:
        new = paint(image, add_layer(image))
        new.set_name("Mine")
        _again(image, new)
        assert new.get_name() == "Mine"


def a_painting_follows_its_source():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        new = paint(image, layer)
        layer.resize(24, 16, 2, 1)
        layer.set_offsets(3, 4)
        _again(image, new)
        assert (new.get_width(), new.get_height(), *new.get_offsets()[1:]) == (24, 16, 3, 4)


def a_painting_whose_source_is_gone_is_only_painted_on_request():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        new = paint(image, layer)
        image.remove_layer(layer)
        sentence = refusal(image, new)
        assert "is a painting" in sentence and "paint-painting" in sentence
        status, _ = call(image, new, run_mode=Gimp.RunMode.WITH_LAST_VALS)
        assert status == Gimp.PDBStatusType.EXECUTION_ERROR, "to repeat must not paint a painting"
        assert len(image.get_layers()) == 1
        twice = paint(image, new, paint_painting=True)
        assert list(read(twice)) == opposite(read(new))


def a_layer_of_another_image_with_the_same_tattoo_is_no_source():
    with new_image() as image, new_image() as other:
        new = paint(image, add_layer(image))
        stranger = add_layer(other, 9, 8, name="Stranger")
        copy = Gimp.Layer.new_from_drawable(new, other)
        other.insert_layer(copy, None, 0)
        before = read(stranger)
        assert "is a painting" in refusal(other, copy)
        assert read(stranger) == before


def somebody_elses_parasite_makes_no_painting():
    for data in (b"nothing", b"[1]", b"{}", b'{"style": 1, "settings": 2, "arguments": 3}'):
        with new_image() as image:
            layer = add_layer(image)
            layer.attach_parasite(Gimp.Parasite.new("impasto", 0, data))
            paint(image, layer)
