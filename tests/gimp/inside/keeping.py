"""Checks that an earlier painting is lost only on request, and of what is kept with a layer and saved with an image."""

import json
import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from gi.repository import Gimp, Gio
from kit import GREY, PROCEDURE, SUCCESS, add_layer, call, new_image, opposite, paint, picture, read, record_of, write

from impasto_plugin.image.grey import grey_of
from impasto_plugin.image.layer_keep import keep_of, save_tries, tries_of
from impasto_plugin.image.layers import has_soft_edges
from impasto_plugin.image.pixels import space_of
from impasto_plugin.image.subjects import has_changed, target_of
from impasto_plugin.keeps import KeptArguments, KeptSettings, KeptTry
from impasto_plugin.run import run_repaint
from impasto_wire.pictures import Pixels

ENGINE = "fake"
IS_HERE = True
_TRY = KeptTry("0" * 32, "Woodcut", KeptArguments({}, {}), b"picture", 1.0)


def _opened():
    """An image that has a file, which a script's GIMP 3.0 doesn't note of one that it has opened."""
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, picture("small-cat.png"))
    image.set_file(Gio.File.new_for_path("/impasto/pictures/small-cat.xcf"))
    return image


def another_painting_lies_above_the_earlier_one_which_stays():
    with new_image() as image:
        layer = add_layer(image)
        first = paint(image, layer)
        before = read(first), record_of(first)
        second = paint(image, first, earlier="add", strength=0.75)
        assert [found.get_id() for found in image.get_layers()] == [found.get_id() for found in (second, first, layer)]
        assert (read(first), record_of(first)) == before
        assert list(read(second)) == opposite(read(layer)), "it was painted from the painting"
        assert second.get_name() == "Canvas, 75 % — Photo"
        assert record_of(second)["source"]["id"] == record_of(first)["source"]["id"]


def a_script_that_says_nothing_replaces_as_ever():
    with new_image() as image:
        first = paint(image, add_layer(image))
        assert call(image, first, style_drawable=first)[0] == SUCCESS
        assert len(image.get_layers()) == 2


def another_painting_lies_in_the_group_of_the_earlier_one():
    with new_image() as image:
        layer = add_layer(image)
        first = paint(image, layer)
        group = Gimp.GroupLayer.new(image, "Paintings")
        image.insert_layer(group, None, 0)
        image.reorder_item(first, group, 0)
        assert call(image, first, earlier="add", preset="woodcut")[0] == SUCCESS
        assert [found.get_id() for found in group.get_children()][1:] == [first.get_id()]


def the_original_is_hidden_where_that_is_asked_for_and_comes_back_with_one_undo():
    with new_image() as image:
        layer = add_layer(image)
        painted = paint(image, layer, result="hide-original")
        assert painted.get_visible() and not layer.get_visible()
        again = paint(image, layer)
        assert again.get_visible(), "a hidden layer's painting is hidden"


def soft_edges_are_seen():
    with new_image() as image:
        soft, hard = add_layer(image), add_layer(image, alpha=False)
        cut = add_layer(image)
        write(cut, "R'G'B'A u8", bytes((9, 9, 9, 255)) * 140 + bytes(4) * 140)
        assert [has_soft_edges(layer) for layer in (soft, hard, cut)] == [True, False, False]


def a_painting_knows_whether_its_source_has_changed():
    for precision in (Gimp.Precision.U8_NON_LINEAR, Gimp.Precision.FLOAT_LINEAR):
        with new_image(precision=precision) as image:
            layer = add_layer(image, alpha=False)
            painted = paint(image, layer)
            assert not has_changed(target_of(painted))
            layer.invert(False)
            assert has_changed(target_of(painted))
            assert not has_changed(target_of(layer))


def a_painting_is_repainted_by_its_own_record():
    repaint = Gimp.get_pdb().lookup_procedure("plug-in-impasto-repaint")
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        painted = paint(image, layer, strength=0.75, seed=5010)
        paint(image, add_layer(image, name="Other"), strength=0.25)
        layer.invert(False)
        answer = run_repaint(repaint, Gimp.RunMode.NONINTERACTIVE, image, [painted])
        assert answer.index(0) == SUCCESS
        assert list(read(painted)) == opposite(read(layer))
        settings = record_of(painted)["settings"]
        assert (settings["strength"], settings["seed"]) == (0.75, 5010)
        answer = run_repaint(repaint, Gimp.RunMode.NONINTERACTIVE, image, [layer])
        assert answer.index(0) == Gimp.PDBStatusType.EXECUTION_ERROR
        assert "“Photo” is no painting" in str(answer.index(1))


def where_one_of_several_cant_be_repainted_all_stay_as_they_were():
    repaint = Gimp.get_pdb().lookup_procedure("plug-in-impasto-repaint")
    refuses_wide = 2**31 - 6  # layers wider than 30 pixels
    with new_image(40, 14) as image:
        layers = [add_layer(image, width=20, alpha=False, name=name) for name in ("One", "Two", "Three")]
        paintings = [paint(image, layer, seed=refuses_wide) for layer in layers]
        for layer in layers:
            layer.invert(False)
        layers[1].resize(40, 14, 0, 0)
        before = [(read(layer), record_of(layer)) for layer in paintings]
        answer = run_repaint(repaint, Gimp.RunMode.NONINTERACTIVE, image, paintings)
        assert answer.index(0) == Gimp.PDBStatusType.EXECUTION_ERROR
        assert "“Two” was not painted" in str(answer.index(1)) and "70 GiB" in str(answer.index(1))
        assert [(read(layer), record_of(layer)) for layer in paintings] == before
        assert run_repaint(repaint, Gimp.RunMode.NONINTERACTIVE, image, paintings[::2]).index(0) == SUCCESS
        assert [list(read(painted)) for painted in paintings[::2]] == [opposite(read(layer)) for layer in layers[::2]]


def a_painting_is_repainted_in_its_place_wherever_it_went_at_first():
    repaint = Gimp.get_pdb().lookup_procedure("plug-in-impasto-repaint")
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        painted = paint(image, layer)
        record = record_of(painted)
        record["arguments"]["result"] = "new-image"
        painted.attach_parasite(Gimp.Parasite.new("impasto", 1, json.dumps(record).encode()))
        layer.invert(False)
        known = len(Gimp.get_images())
        assert run_repaint(repaint, Gimp.RunMode.NONINTERACTIVE, image, [painted]).index(0) == SUCCESS
        assert len(Gimp.get_images()) == known
        assert list(read(painted)) == opposite(read(layer))
        assert record_of(painted)["arguments"]["result"] == "new-image"


def gimp_itself_finds_the_procedure_that_repaints():
    procedure = Gimp.get_pdb().lookup_procedure("plug-in-impasto-repaint")
    with new_image() as image:
        painted = paint(image, add_layer(image, alpha=False))
        config = procedure.create_config()
        config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
        config.set_property("image", image)
        config.set_core_object_array("drawables", [painted])
        assert procedure.run(config).index(0) == SUCCESS, Gimp.get_pdb().get_last_error()


def grey_is_what_a_grey_layer_shows():
    with new_image(kind=GREY) as image:
        layer = add_layer(image, alpha=False)
        grey = grey_of(layer, space_of(layer))
        colours = bytes(value for place in range(280) for value in (place % 256, place * 7 % 256, 255 - place % 256))
        shown = grey.of(Pixels(20, 14, 3, "u8", colours))
        write(layer, "R'G'B' u8", colours)
        assert bytes(shown.data) == read(layer, "R'G'B' u8")
    with new_image() as image:
        assert grey_of(add_layer(image), None) is None


def a_new_image_has_a_name_beside_its_sources_file_which_is_not_written():
    image = _opened()
    image.get_layers()[0].set_name("small/cat")
    for _time in range(2):
        known = {found.get_id() for found in Gimp.get_images()}
        assert call(image, image.get_layers()[0], result="new-image", preset="woodcut")[0] == SUCCESS
        (new,) = [found for found in Gimp.get_images() if found.get_id() not in known]
        file = Path(new.get_file().get_path())
        assert file.name == "Woodcut, 55 % — small-cat.xcf" and file.parent == Path("/impasto/pictures")
        assert not file.exists()
        new.delete()
    image.delete()


def a_layer_is_known_again_after_gimps_end_and_under_a_new_name():
    image = _opened()
    image.clean_all()
    keep_of(image.get_layers()[0], PROCEDURE).keep_settings(KeptSettings(KeptArguments({"seed": 1}, {})))
    assert not image.is_dirty(), "to open the dialog counts as a change of the image"
    again = _opened()
    assert keep_of(again.get_layers()[0], PROCEDURE).settings().values.arguments == {"seed": 1}
    image.set_file(Gio.File.new_for_path("/impasto/pictures/other.xcf"))
    assert keep_of(image.get_layers()[0], PROCEDURE).settings().values.arguments == {"seed": 1}
    assert keep_of(image.get_layers()[0], "other").settings() is None
    with new_image() as fresh:
        one, other = add_layer(fresh), add_layer(fresh)
        keep_of(one, PROCEDURE).keep_settings(KeptSettings(KeptArguments({"seed": 2}, {})))
        assert keep_of(one, PROCEDURE).settings() is not None
        assert keep_of(other, PROCEDURE).settings() is None


def strokes_and_selected_regions_come_back_as_they_were():
    from impasto_plugin.arguments import BRUSHED, StyleChoice
    from impasto_plugin.image.brushed import Brushed
    from impasto_plugin.image.packed import MOST_PACKED
    from impasto_plugin.image.records import arguments_from, told_arguments
    from impasto_plugin.regions import ChosenRegion, arguments_of, regions_from

    config = Gimp.get_pdb().lookup_procedure(PROCEDURE).create_config()
    with new_image(400, 300) as image:
        layer = add_layer(image)
        strokes = Pixels(200, 150, 1, "u8", bytes(place % 251 for place in range(200 * 150)))
        selected = Pixels(400, 300, 1, "u8", (bytes(100) + b"\xff" * 300) * 300)
        regions = [
            ChosenRegion(selected, StyleChoice("woodcut", None, None), 0.25),
            ChosenRegion(layer, StyleChoice("batik", None, None)),
        ]
        values = {BRUSHED: Brushed(None, strokes), **arguments_of(regions)}
        keep_of(layer, PROCEDURE).keep_settings(KeptSettings(told_arguments(values)))
        found = arguments_from(config, keep_of(layer, PROCEDURE).settings().values, image)
        assert found[BRUSHED] == Brushed(None, strokes)
        back = regions_from(found)
        assert back[0] == regions[0]
        assert (back[1].drawable.get_id(), back[1].style.preset) == (layer.get_id(), "batik")
        noise = Pixels(2000, 1000, 1, "u8", os.urandom(2_000_000))
        told = told_arguments(arguments_of([ChosenRegion(noise, StyleChoice("woodcut", None, None))]))
        (packed,) = told.maps["region-maps"]
        assert len(packed["packed"]) < 1.4 * MOST_PACKED and packed["size"][0] == 2 * packed["size"][1]
        (region,) = regions_from(arguments_from(config, told, image))
        assert (region.map.width, region.map.height) == (400, 300), "it has the canvas's size"


def a_damaged_map_takes_no_settings_with_it():
    _with_gtk()
    from impasto_plugin.arguments import BRUSHED
    from impasto_plugin.dialog.keeping import Keeping

    procedure = Gimp.get_pdb().lookup_procedure(PROCEDURE)
    config = procedure.create_config()
    with new_image() as image:
        layer = add_layer(image)
        regions = {"region-maps": [None], "region-styles": ["woodcut"], "region-strengths": [0.5]}
        damaged = {"size": [20, 14], "packed": "AAAA"}
        maps = {"region-maps": [damaged], BRUSHED: {"area": damaged, "detail": None}}
        told = KeptArguments({"seed": 7, **regions}, {"region-maps": [None]}, maps)
        keep_of(layer, PROCEDURE).keep_settings(KeptSettings(told))
        keeping = Keeping(procedure, config, target_of(layer))
        keeping.restore()
        assert config.get_property("seed") == 7
        assert BRUSHED not in keeping.restored and keeping.restored["region-maps"] == []


def tries_are_put_into_the_image_up_to_a_limit_and_taken_out_where_that_is_switched_off():
    _with_gtk()
    from impasto_plugin.dialog.keeping import Keeping
    from impasto_plugin.keeps import MOST_SAVED

    procedure = Gimp.get_pdb().lookup_procedure(PROCEDURE)
    switch = {"save-tries": True}
    config = SimpleNamespace(get_property=switch.get)  # GIMP gives the switch to the filter's own process alone
    with new_image() as image:
        layer = add_layer(image)
        keeping = Keeping(procedure, config, target_of(layer))
        large = [replace(_TRY, digest=f"{number:032x}", picture=bytes(300_000), made=number) for number in range(1, 9)]
        for made in (_TRY, *large):
            keep_of(layer, PROCEDURE).keep_try(made)
        keeping.save_with_image([_TRY.digest])
        saved = tries_of(layer)
        assert saved[0] == replace(_TRY, is_painted=True), "the painted one goes first"
        assert [made.made for made in saved[1:]] == [7, 8], "of the others the latest, as many as there is room for"
        assert len(bytes(layer.get_parasite("impasto-tries").get_data())) <= MOST_SAVED
        switch["save-tries"] = False
        keeping.save_with_image([])
        assert layer.get_parasite("impasto-tries") is None
        assert len(keep_of(layer, PROCEDURE).tries()) == 9, "they are still kept outside of the image"


def tries_are_saved_with_the_images_file():
    with new_image() as image:
        layer = add_layer(image)
        save_tries(layer, [_TRY])
        file = Gio.File.new_for_path("/tmp/tries.xcf")
        Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, file, None)
        save_tries(layer, [])
        assert tries_of(layer) == []
    opened = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, file)
    assert tries_of(opened.get_layers()[0]) == [_TRY]
    opened.delete()


def _with_gtk():
    import gi

    gi.require_version("Gtk", "3.0")
