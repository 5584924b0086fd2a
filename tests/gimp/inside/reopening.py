"""Checks of what a painting remembers, and what the filter does when it is called on a painting."""

from gi.repository import Gimp
from kit import (
    PROCEDURE,
    SUCCESS,
    add_layer,
    asked,
    call,
    native_alpha,
    new_image,
    opposite,
    paint,
    read,
    record_of,
    refusal,
    style_layer,
    write,
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


def the_preview_shows_a_painting_that_is_replaced_through_the_mask_that_stays():
    from impasto_plugin.dialog.current_look import CurrentLook, LayerReader
    from impasto_plugin.image.subjects import target_of

    left = (bytes([255]) * 10 + bytes(10)) * 14
    for by_selection in (True, False):
        with new_image() as image:
            layer = add_layer(image, alpha=False)
            if by_selection:
                image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 10, 14)
            new = paint(image, layer)
            if not by_selection:  # a mask that the person has made
                new.add_mask(new.create_mask(Gimp.AddMaskType.WHITE))
                write(new.get_mask(), "Y u8", left)
            image.select_rectangle(Gimp.ChannelOps.REPLACE, 15, 0, 5, 14)
            new.set_offsets(3, 2)  # it moves to its source again, and its mask with it
            config = Gimp.get_pdb().lookup_procedure(PROCEDURE).create_config()
            target = target_of(new)
            look = CurrentLook(config, LayerReader(target))
            seen = {}
            for earlier, result in (("add", "new-layer"), ("replace", "new-layer"), ("replace", "new-image")):
                config.set_property("earlier", earlier)
                config.set_property("result", result)
                seen[earlier, result] = look.layer_pixels(480)
            assert bytes(seen["add", "new-layer"].seen.data) == (bytes(15) + b"\xff" * 5) * 14, "what is selected now"
            assert bytes(seen["replace", "new-layer"].seen.data) == left
            assert seen["replace", "new-layer"].selection == (
                seen["replace", "new-layer"].mask if by_selection else None
            )
            assert (seen["replace", "new-image"].seen is not None) == by_selection
            _again(image, new)
            assert read(new.get_mask(), "Y u8") == left
            shown = [value for place, value in enumerate(read(new)) if place // 4 % 20 < 10]
            assert shown == [value for place, value in enumerate(opposite(read(layer))) if place // 4 % 20 < 10]
            new.set_apply_mask(False)
            fresh = CurrentLook(config, LayerReader(target))
            config.set_property("result", "new-layer")
            assert fresh.layer_pixels(480).seen is None


def of_several_paintings_only_the_first_replaces_the_earlier_one():
    from impasto_plugin.image.subjects import target_of
    from impasto_plugin.run import repaint

    with new_image() as image:
        layer = add_layer(image, alpha=False)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 10, 14)
        new = paint(image, layer)
        procedure = Gimp.get_pdb().lookup_procedure(PROCEDURE)
        config = procedure.create_config()
        config.set_property("style-drawable", style_layer())
        config.set_property("region", "layer")
        chosen = asked([{"strength": 0.75}, {"strength": 0.25}])
        mode = Gimp.RunMode.NONINTERACTIVE
        repaint(procedure, mode, image, [target_of(new)], config, chosen, are_frames=False)
        assert [found.get_id() for found in image.get_layers()][1:] == [new.get_id(), layer.get_id()]
        assert record_of(new)["settings"]["strength"] == 0.75
        other = image.get_layers()[0]
        assert record_of(other)["settings"]["strength"] == 0.25
        assert other.get_mask() is None


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
