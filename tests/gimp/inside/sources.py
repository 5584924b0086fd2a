"""Checks that a painting finds the layer that it was painted from, and no other, whatever became of its image."""

import json

from gi.repository import Gimp, Gio
from kit import (
    PROCEDURE,
    RGB,
    SUCCESS,
    add_layer,
    call,
    new_image,
    opposite,
    paint,
    read,
    record_of,
    refusal,
    style_layer,
    write,
)

from impasto_plugin.image.records import read_record
from impasto_plugin.image.subjects import target_of

ENGINE = "fake"
IS_HERE = True


def _coloured(image, name, value):
    """An opaque layer of one grey, so that it can be told which layer was painted."""
    layer = add_layer(image, alpha=False, name=name)
    write(layer, "R'G'B' u8", bytes([value]) * (3 * layer.get_width() * layer.get_height()))
    return layer


def _check_source(image, painting, value):
    """Paint a painting again: it must come from the layer of that grey."""
    write(painting, "R'G'B' u8", bytes(3 * painting.get_width() * painting.get_height()))
    count = len(image.get_layers())
    status, sentence = call(image, painting, style_drawable=style_layer())
    assert status == SUCCESS, sentence
    assert len(image.get_layers()) == count
    assert abs(read(painting)[0] - (255 - value)) <= 1, f"{read(painting)[0]} instead of {255 - value}"


def _painting_of(image, name):
    (found,) = [layer for layer in image.get_layers() if layer.get_name().endswith(f"— {name}")]
    return found


def _old_record(painting, **changes):
    """Make a painting's record one of the first version, which knew no ids."""
    record = record_of(painting)
    record["source"].pop("id")
    for name in ("tattoo", "drawables"):
        record.pop(name)
    record.update(changes)
    flags = Gimp.PARASITE_PERSISTENT | Gimp.PARASITE_UNDOABLE
    painting.attach_parasite(Gimp.Parasite.new("impasto", flags, json.dumps(record).encode()))


def a_duplicated_image_has_its_own_sources():
    with new_image() as image:
        layers = [_coloured(image, f"Layer {number}", 40 * number) for number in range(1, 5)]
        paint(image, layers[1])
        painting = _painting_of(image, "Layer 2")
        other = image.duplicate()
        twin = _painting_of(other, "Layer 2")
        assert {layer.get_tattoo() for layer in other.get_layers()} != {layer.get_tattoo() for layer in layers}
        _check_source(other, twin, 80)
        _check_source(image, painting, 80)
        other.delete()


def a_saved_image_has_its_sources_still():
    with new_image() as image:
        for number in range(1, 4):
            paint(image, _coloured(image, f"Layer {number}", 40 * number))
        file = Gio.File.new_for_path("/tmp/sources.xcf")
        twice = image.duplicate()
        Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, twice, file, None)
        twice.delete()
    loaded = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, file)
    try:
        for number in range(1, 4):
            _check_source(loaded, _painting_of(loaded, f"Layer {number}"), 40 * number)
    finally:
        loaded.delete()


def a_painting_dragged_to_another_image_brings_no_source():
    with new_image() as image, new_image() as other:
        painting = paint(image, _coloured(image, "Layer", 80))
        strangers = [_coloured(other, "Layer", 10 * number) for number in range(5)]
        before = [read(layer) for layer in strangers]
        copy = Gimp.Layer.new_from_drawable(painting, other)
        other.insert_layer(copy, None, 0)
        assert "is a painting" in refusal(other, copy)
        assert [read(layer) for layer in strangers] == before


def a_painting_and_its_source_dragged_to_another_image_belong_together():
    with new_image() as image, new_image() as other:
        source = _coloured(image, "Layer", 80)
        painting = paint(image, source)
        _coloured(other, "Stranger", 10)
        copies = [Gimp.Layer.new_from_drawable(layer, other) for layer in (source, painting)]
        for copy in copies:
            other.insert_layer(copy, None, 0)
        _check_source(other, copies[1], 80)


def a_scaled_rotated_and_renamed_source_is_found():
    with new_image() as image:
        source, painting = _coloured(image, "Layer", 80), None
        painting = paint(image, source)
        image.rotate(Gimp.RotationType.DEGREES90)
        image.scale(33, 21)
        source.set_name("Another name")
        _check_source(image, painting, 80)


def a_painting_of_a_copied_layer_keeps_to_the_layer_that_was_painted():
    with new_image() as image:
        source = _coloured(image, "Layer", 80)
        painting = paint(image, source)
        copy = source.copy()
        image.insert_layer(copy, None, 0)
        write(copy, "R'G'B' u8", bytes([20]) * 840)
        _check_source(image, painting, 80)
        of_copy = paint(image, copy)
        _check_source(image, of_copy, 20)
        other = image.duplicate()
        (twin,) = [layer for layer in other.get_layers() if layer.get_name() == of_copy.get_name()]
        _check_source(other, twin, 20)
        other.delete()


def of_two_copies_in_a_duplicated_image_neither_is_taken_by_chance():
    with new_image() as image:
        source = _coloured(image, "Layer", 80)
        painting = paint(image, source)
        copy = source.copy()
        image.insert_layer(copy, None, 0)
        copy.set_name("Its copy")
        other = image.duplicate()
        (twin,) = [layer for layer in other.get_layers() if layer.get_name() == painting.get_name()]
        sentence = refusal(other, twin)
        assert "“Layer”" in sentence and "“Its copy”" in sentence and painting.get_name() in sentence
        chosen = next(layer for layer in other.get_layers() if layer.get_name() == "Its copy")
        target = target_of(twin, chosen)
        assert (target.layer.get_name(), target.earlier) == ("Its copy", twin)
        other.delete()


def a_source_in_a_group_is_found():
    with new_image() as image:
        source = _coloured(image, "Layer", 80)
        painting = paint(image, source)
        group = Gimp.GroupLayer.new(image, "Group")
        image.insert_layer(group, None, 0)
        image.reorder_item(source, group, 0)
        other = image.duplicate()
        _check_source(other, _painting_of(other, "Layer"), 80)
        other.delete()
        _check_source(image, painting, 80)


def a_record_without_an_id_finds_its_source_by_tattoo():
    with new_image() as image:
        layers = [_coloured(image, f"Layer {number}", 40 * number) for number in range(1, 4)]
        painting = paint(image, layers[1])
        _old_record(painting)
        layers[1].detach_parasite("impasto-id")
        _check_source(image, painting, 80)
        assert record_of(painting)["source"]["id"], "painted again, it has an id"
        assert layers[1].get_parasite("impasto-id") is not None


def a_painting_in_a_new_image_leaves_its_source_alone():
    with new_image() as image:
        layer = _coloured(image, "Layer", 80)
        status, sentence = call(image, layer, style_drawable=style_layer(), result="new-image")
        assert status == SUCCESS, sentence
        assert not layer.get_parasite_list()


def a_foreign_parasite_of_that_name_does_no_harm():
    for data in (b"nothing", b"[1]", b"{}", b"[]"):
        with new_image() as image:
            layer = _coloured(image, "Layer", 80)
            layer.attach_parasite(Gimp.Parasite.new("impasto-id", 0, data))
            _check_source(image, paint(image, layer), 80)


def a_style_layer_is_restored_by_what_it_was():
    with new_image() as image:
        style, layer = add_layer(image, 12, 9, name="Style"), add_layer(image)
        painting = paint(image, layer, style_drawable=style)
        other = image.duplicate()
        twin = next(found for found in other.get_layers() if found.get_name() == painting.get_name())
        config = Gimp.get_pdb().lookup_procedure(PROCEDURE).create_config()
        read_record(twin).restore(config, other)
        assert config.get_property("style-drawable").get_name() == "Style"
        other.delete()


def a_style_layer_of_another_image_is_not_mistaken_for_a_layer_of_this_one():
    with new_image() as image:
        for number in range(6):
            add_layer(image, name=f"Layer {number}")
        painting = paint(image, image.get_layers()[0])
        config = Gimp.get_pdb().lookup_procedure(PROCEDURE).create_config()
        read_record(painting).restore(config, image)
        found = config.get_property("style-drawable")
        assert found is None or found.get_image() != image


def a_painted_painting_is_found_too():
    with new_image() as image:
        first = paint(image, _coloured(image, "Layer", 80))
        second = paint(image, first, paint_painting=True)
        assert list(read(second)) == opposite(read(first))
        other = image.duplicate()
        twin = next(found for found in other.get_layers() if found.get_name() == second.get_name())
        _check_source(other, twin, 175)
        other.delete()
        assert image.get_base_type() == RGB
