"""Checks of what was painted with the dialog's brush: it says what is painted, and becomes channels."""

from gi.repository import Gimp
from kit import PROCEDURE, add_layer, asked, new_image, opposite, read, record_of, style_layer

ENGINE = "fake"
IS_HERE = True

AREA, DETAIL = "Impasto, where the style goes", "Impasto, detail map"
_LEFT = (bytes([255]) * 10 + bytes(10)) * 14
_RIGHT = _LEFT[::-1]


def _painted(image, layer, area=_LEFT, detail=None, **arguments):
    """The layer, painted where it was brushed, as the dialog has it done."""
    from impasto_plugin.arguments import BRUSHED
    from impasto_plugin.image.brushed import Brushed
    from impasto_plugin.image.subjects import target_of
    from impasto_plugin.run import repaint
    from impasto_wire.pictures import Pixels

    procedure = Gimp.get_pdb().lookup_procedure(PROCEDURE)
    config = procedure.create_config()
    for name, value in {"style_drawable": style_layer(), **arguments}.items():
        config.set_property(name.replace("_", "-"), value)
    maps = (values and Pixels(20, 14, 1, "u8", values) for values in (area, detail))
    chosen = [{BRUSHED: Brushed(*maps)}]
    repaint(procedure, Gimp.RunMode.NONINTERACTIVE, image, [target_of(layer)], config, asked(chosen), are_frames=False)


def _channels(image):
    return {channel.get_name(): channel for channel in image.get_channels()}


def a_brushed_area_becomes_the_painting_s_mask_and_a_channel():
    with new_image(30, 20) as image:
        layer = add_layer(image, 20, 14, alpha=False, offsets=(5, 3))
        _painted(image, layer)
        painting = image.get_layers()[0]
        assert read(painting.get_mask(), "Y u8") == _LEFT
        (name,) = _channels(image)
        assert name == AREA
        rows = read(_channels(image)[AREA], "Y u8")
        assert rows[3 * 30 + 5 : 3 * 30 + 25] == _LEFT[:20]
        assert not any(rows[: 3 * 30])


def a_brushed_detail_map_is_named_by_the_record():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        _painted(image, layer, area=None, detail=_RIGHT)
        painting = image.get_layers()[0]
        assert painting.get_mask() is None
        channel = _channels(image)[DETAIL]
        assert read(channel, "Y u8") == _RIGHT
        assert record_of(painting)["arguments"]["detail-map"] == channel.get_tattoo()
        assert record_of(painting)["drawables"]["detail-map"] == {"name": DETAIL, "size": [20, 14]}


def a_layer_is_replaced_where_it_was_brushed_whatever_is_selected():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        before = read(layer)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 15, 0, 5, 14)
        _painted(image, layer, result="replace")
        now, expected = read(layer), bytes(opposite(before))
        for place in range(20 * 14):
            here = slice(4 * place, 4 * place + 4)
            assert now[here] == (expected if _LEFT[place] else before)[here], place


def a_painting_that_is_painted_again_gets_the_new_area():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        _painted(image, layer)
        painting = image.get_layers()[0]
        _painted(image, painting, area=_RIGHT)
        assert len(image.get_layers()) == 2
        assert read(painting.get_mask(), "Y u8") == _RIGHT
        assert record_of(painting)["is_masked"]


def an_unfinished_preview_leaves_what_is_not_selected_as_it_is():
    _with_gtk()
    from impasto_plugin.dialog.window import painted_over
    from impasto_wire.pictures import Pixels
    from impasto_wire.request import Window

    layer = Pixels(4, 2, 4, "u8", bytes(range(32)))
    selection = Pixels(4, 2, 1, "u8", bytes([255, 255, 0, 0] * 2))
    coarse = Pixels(2, 1, 3, "u8", bytes([200] * 6))
    shown = painted_over(layer, coarse, None, selection).get_pixels()
    for place in range(8):
        seen, own = shown[4 * place : 4 * place + 4], layer.data[4 * place : 4 * place + 4]
        assert seen[3] == own[3], "the layer's alpha"
        assert seen[:3] == (bytes([200] * 3) if place % 4 < 2 else own[:3]), place
    part = painted_over(layer, Pixels(2, 2, 3, "u8", bytes([9] * 12)), Window(1, 0, 2, 2), selection).get_pixels()
    assert part[:3] == bytes([9] * 3)
    assert part[4:7] == layer.data[8:11]


def a_brush_adds_and_subtracts_softly_and_each_stroke_can_be_taken_back():
    _with_gtk()
    from impasto_plugin.dialog.mask import MASK_LONGEST, Mask

    mask = Mask((4000, 2000))
    assert mask.size == (MASK_LONGEST, MASK_LONGEST // 2)
    assert mask.values() is None
    mask.begin(0)
    mask.stamp((0.25, 0.5), 0.05, 0.5, is_adding=True)
    mask.draw_to((0.75, 0.5), 0.05, 0.5, is_adding=True)
    row = mask.values().data[256 * 1024 :][:1024]
    assert row[300] == row[700] == 255
    assert row[100] == row[900] == 0
    edge = [mask.values().data[line * 1024 + 512] for line in range(200, 256)]
    assert edge == sorted(edge), "it grows towards the middle"
    assert any(0 < value < 255 for value in edge), "softly"
    first = mask.values()
    mask.begin(0)
    mask.stamp((0.5, 0.5), 0.02, 0.0, is_adding=False)
    assert mask.values().data[256 * 1024 + 512] == 0
    mask.undo()
    assert mask.values().data == first.data
    mask.undo()
    assert mask.values() is None
    assert not mask.can_undo
    mask.begin(first)
    assert mask.values().data == first.data, "it begins from what is selected"


def _with_gtk():
    import gi

    gi.require_version("Gtk", "3.0")
