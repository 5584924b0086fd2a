"""Checks of regions: parts of a layer in styles of their own, by arrays of drawables, styles and strengths."""

import json
from contextlib import contextmanager

from gi.repository import Gegl, Gimp, GObject
from kit import (
    PROCEDURE,
    SUCCESS,
    add_layer,
    asked,
    call,
    new_image,
    paint,
    picture,
    read,
    record_of,
    refusal,
    style_layer,
    write,
)

ENGINE = "fake"
IS_HERE = True

_MAPS, _STYLES, _STRENGTHS = "region-maps", "region-styles", "region-strengths"


def _doubles(values):
    held = GObject.Value(Gimp.DoubleArray.__gtype__)
    Gimp.value_set_double_array(held, values)
    return held.get_boxed()


def _config(maps, styles, strengths=None):
    from impasto_plugin.arguments import set_argument

    config = Gimp.get_pdb().lookup_procedure(PROCEDURE).create_config()
    for name, value in ((_MAPS, maps), (_STYLES, styles), (_STRENGTHS, strengths or [])):
        set_argument(config, name, value)
    return config


def _channel(image, name, values):
    channel = Gimp.Channel.new(image, name, image.get_width(), image.get_height(), 50, Gegl.Color.new("black"))
    image.insert_channel(channel, None, 0)
    write(channel, "Y u8", values)
    return channel


def _left(width=20, height=14, columns=10):
    return (bytes([255]) * columns + bytes(width - columns)) * height


def _regions(layer, maps, styles, strengths=None):
    """What is painted: the regions of the request for that layer."""
    from impasto_plugin.arguments import argument_of
    from impasto_plugin.image.pixels import space_of
    from impasto_plugin.image.regions import read_regions
    from impasto_plugin.image.styles import read_style
    from impasto_plugin.regions import regions_from

    config = _config(maps, styles, strengths)
    chosen = regions_from({name: argument_of(config, name) for name in (_MAPS, _STYLES, _STRENGTHS)})
    read_styles = [read_style(region.style, space_of(layer)) for region in chosen]
    return read_regions(chosen, read_styles, layer)


def channels_masks_and_layers_are_maps_at_the_layer_s_place():
    with new_image(30, 20) as image:
        layer = add_layer(image, 20, 14, alpha=False, offsets=(5, 3))
        channel = _channel(image, "Sky", _left(30, 20, 12))
        shade = add_layer(image, 10, 20, offsets=(0, 0), name="Shade")
        write(shade, "R'G'B'A u8", bytes((200, 200, 200, 128)) * 200)
        mask = shade.create_mask(Gimp.AddMaskType.WHITE)
        found = _regions(layer, [channel, shade], ["woodcut", "batik"], [0.25, -1.0])
        assert bytes(found[0].map.data) == _left(20, 14, 7)
        assert abs(found[1].map.data[0] - 100) <= 1 and found[1].map.data[4] and not found[1].map.data[5]
        assert found[0].settings.strength == 0.25
        assert len(found[0].styles) == 1 and found[0].styles[0].picture.width > 100
        shade.add_mask(mask)
        write(mask, "Y u8", bytes(200))
        assert not any(_regions(layer, [shade], ["woodcut"])[0].map.data)
        assert bytes(_regions(layer, [mask], ["woodcut"])[0].map.data) == bytes(20 * 14)


def the_layers_of_a_group_are_a_region_each_and_the_upper_one_counts():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        group = Gimp.GroupLayer.new(image, "Places")
        image.insert_layer(group, None, 0)
        for number, shade in enumerate((0, 255)):
            child = Gimp.Layer.new(
                image, f"part {number}", 10, 14, Gimp.ImageType.RGBA_IMAGE, 100, Gimp.LayerMode.NORMAL
            )
            image.insert_layer(child, group, number)
            write(child, "R'G'B'A u8", bytes((shade, shade, shade, 255)) * 140)
            child.set_offsets(10 * number, 0)
        found = _regions(layer, [group], ["woodcut", "batik"], [0.2, 0.7])
        assert [region.settings.strength for region in found] == [0.7, 0.2], "the upper one comes last"
        assert [bytes(region.map.data[9:11]) for region in found] == [b"\0\xff", b"\xff\0"], "a black layer counts too"
        assert len(_regions(layer, [group], ["woodcut"])) == 2
        painting = paint(image, layer, **_arrays([group], ["woodcut", "batik"], [0.2, 0.7]))
        assert record_of(painting)["arguments"][_MAPS] == [group.get_tattoo()]


def _arrays(maps, styles, strengths):
    return {_MAPS: maps, _STYLES: styles, _STRENGTHS: _doubles(strengths)}


@contextmanager
def _asked_for():
    """What the engine is asked to paint."""
    from impasto_plugin.engine.client import Engine

    requests, submit = [], Engine.submit
    Engine.submit = lambda engine, purpose, request: (requests.append(request), submit(engine, purpose, request))[1]
    try:
        yield requests
    finally:
        Engine.submit = submit


def two_regions_are_painted_and_a_painting_remembers_them():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        maps = [_channel(image, "Left", _left()), _channel(image, "Right", _left()[::-1])]
        own = style_layer()
        styles = [picture("style.png").get_path() + "#0,0,0.5,1", f"layer:{own.get_id()}"]
        with _asked_for() as requests:
            painting = paint(image, layer, **_arrays(maps, styles, [-1.0, 0.3]))
        (request,) = requests
        assert [(one.map.width, one.map.height) for one in request.regions] == [(20, 14)] * 2
        assert [max(one.map.data[:4]) > 250 for one in request.regions] == [True, False]
        assert request.regions[1].settings.strength == 0.3
        assert [len(one.styles) for one in request.regions] == [1, 1]
        told = record_of(painting)
        assert told["arguments"][_MAPS] == [one.get_tattoo() for one in maps]
        assert told["arguments"][_STYLES] == [styles[0], f"layer:{own.get_tattoo()}"]
        assert told["arguments"][_STRENGTHS] == [-1, 0.3]
        assert told["drawables"][_MAPS][0] == {"name": "Left", "size": [20, 14]}
        _restored_is(painting, image, maps, styles, [-1, 0.3])
        image.remove_channel(maps[0])
        _restored_is(painting, image, maps[1:], styles[1:], [0.3])
        half = _regions(layer, maps[1:], [styles[0]])[0].styles[0].picture
        assert (half.width, half.height) == (40, 60)


def _restored_is(painting, image, maps, styles, strengths):
    from impasto_plugin.arguments import argument_of
    from impasto_plugin.image.records import read_record

    config = _config([painting], ["woodcut"])
    read_record(painting).restore(config, image)
    found = [argument_of(config, name) for name in (_MAPS, _STYLES, _STRENGTHS)]
    assert [one.get_id() for one in found[0]] == [one.get_id() for one in maps]
    assert found[1:] == [styles, strengths], found


def a_painting_of_an_earlier_version_has_no_regions():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        painting = paint(image, layer)
        told = record_of(painting)
        for name in (_MAPS, _STYLES, _STRENGTHS):
            del told["arguments"][name]
        painting.attach_parasite(Gimp.Parasite.new("impasto", 1, json.dumps(told).encode()))
        _restored_is(painting, image, [], [], [])


def arrays_that_do_not_fit_are_refused_in_a_sentence():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        map_ = _channel(image, "Left", _left())
        for maps, styles, strengths, sentence in (
            ([map_], ["woodcut", "batik"], [], "region-maps has 1 entries, region-styles 2 and region-strengths 0"),
            ([map_, map_], ["woodcut"], [], "region-maps has 2 entries"),
            ([map_], ["woodcut"], [0.1, 0.2], "region-strengths 2"),
            ([map_], ["no-such-style"], [], "no-such-style"),
            ([map_], ["/no/such/picture.png"], [], "/no/such/picture.png is not there"),
            ([map_], ["layer:99999"], [], "layer:99999"),
            ([map_], ["woodcut"], [1.5], "strength 1 of the regions is 1.5"),
            ([map_] * 9, ["woodcut"] * 9, [], "there are 9 regions; there may be at most 8"),
        ):
            values = {_MAPS: maps, _STYLES: styles, **({_STRENGTHS: _doubles(strengths)} if strengths else {})}
            said = refusal(image, layer, **values)
            assert sentence.lower() in said.lower(), said


def a_selection_s_region_becomes_a_channel_named_after_its_style():
    from impasto_plugin.arguments import StyleChoice
    from impasto_plugin.image.regions import read_canvas
    from impasto_plugin.image.subjects import target_of
    from impasto_plugin.regions import ChosenRegion, arguments_of
    from impasto_plugin.run import repaint

    with new_image(30, 20) as image:
        layer = add_layer(image, 20, 14, alpha=False, offsets=(5, 3))
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 2, 2, 10, 6)
        canvas = read_canvas(image)
        Gimp.Selection.none(image)
        procedure = Gimp.get_pdb().lookup_procedure(PROCEDURE)
        config = procedure.create_config()
        config.set_property("style-drawable", style_layer())
        region = ChosenRegion(canvas, StyleChoice("woodcut", None, None), 0.4)
        chosen = [arguments_of([region]), arguments_of([region])]
        repaint(procedure, Gimp.RunMode.NONINTERACTIVE, image, [target_of(layer)], config, asked(chosen), False)
        (channel,) = image.get_channels()
        assert channel.get_name() == "Impasto, region: Woodcut"
        assert read(channel, "Y u8") == bytes(canvas.data)
        assert any(canvas.data)
        for painting in image.get_layers()[:2]:
            arguments = record_of(painting)["arguments"]
            assert [arguments[name] for name in (_MAPS, _STYLES, _STRENGTHS)] == [
                [channel.get_tattoo()],
                ["woodcut"],
                [0.4],
            ]


def a_script_calls_the_procedure_with_arrays_as_the_page_says():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        map_ = _channel(image, "Left", _left())
        procedure = Gimp.get_pdb().lookup_procedure(PROCEDURE)
        config = procedure.create_config()
        config.set_property("image", image)
        config.set_core_object_array("drawables", [layer])
        config.set_core_object_array(_MAPS, [map_])
        config.set_property(_STYLES, ["woodcut"])
        config.set_property(_STRENGTHS, _doubles([0.5]))
        assert procedure.run(config).index(0) == SUCCESS, Gimp.get_pdb().get_last_error()
        assert record_of(image.get_layers()[0])["arguments"][_STRENGTHS] == [0.5]
        status, sentence = call(image, layer, run_mode=Gimp.RunMode.WITH_LAST_VALS)
        assert status == SUCCESS, f"a call with no regions: {sentence}"
