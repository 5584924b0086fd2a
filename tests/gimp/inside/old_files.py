"""Checks that what an earlier version of Impasto has saved means the same today: see inputs/README.md."""

import shutil
from pathlib import Path

from gi.repository import Gimp, Gio
from kit import PROCEDURE, SUCCESS, add_layer, new_image, opposite, paint, read, record_of

from impasto_plugin.image.records import read_record

ENGINE = "fake"
_INPUTS = Path("/impasto/inputs")
_WOODCUT, _CANVAS = "Photo (Woodcut, 70 %)", "Photo (Canvas, 25 %)"
_WOODCUT_SETTINGS = {
    "strength": 0.7,
    "brush_size": 0.5,
    "detail": 0.35,
    "original_colours": 0.25,
    "quality": "draft",
    "seed": 3010,
}


def _opened():
    """The old image, and its layers by their names."""
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(f"{_INPUTS}/paintings.xcf"))
    return image, {layer.get_name(): layer for layer in image.get_layers()}


def _restored(image, painting):
    """The procedure's arguments as the painting remembers them."""
    config = Gimp.get_pdb().lookup_procedure(PROCEDURE).create_config()
    read_record(painting).restore(config, image)
    return config


def _paint_again(image, painting, config):
    """Call the filter on a painting, which must succeed and add no layer."""
    before = [layer.get_id() for layer in image.get_layers()]
    config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
    config.set_property("image", image)
    config.set_core_object_array("drawables", [painting])
    status = Gimp.get_pdb().lookup_procedure(PROCEDURE).run(config).index(0)
    assert status == SUCCESS, Gimp.get_pdb().get_last_error()
    assert [layer.get_id() for layer in image.get_layers()] == before


def an_old_record_is_read_and_finds_its_source():
    _image, layers = _opened()
    for name in (_WOODCUT, _CANVAS):
        record = read_record(layers[name])
        assert record.name == name
        assert record.source_for(layers[name]) == layers["Photo"]


def an_old_record_restores_every_setting():
    image, layers = _opened()
    config = _restored(image, layers[_WOODCUT])
    values = {**_WOODCUT_SETTINGS, "preset": "woodcut", "blend-mode": "multiply", "opacity": 80.0, "paint-at": "full"}
    for name, value in values.items():
        assert config.get_property(name.replace("_", "-")) == value, name
    config = _restored(image, layers[_CANVAS])
    values = {"strength": 0.25, "crop-left": 0.25, "crop-right": 0.75, "paint-at": "half", "brush-size": 1.0}
    for name, value in values.items():
        assert config.get_property(name) == value, name
    assert config.get_property("style-drawable") == layers["Canvas"]
    assert config.get_property("detail-map") == image.get_channels()[0]


def an_old_painting_is_painted_again_from_its_source():
    image, layers = _opened()
    painting, photo = layers[_WOODCUT], layers["Photo"]
    mask, before = read(painting.get_mask(), "Y u8"), read(photo)
    _paint_again(image, painting, _restored(image, painting))
    selected = [place for place in range(len(before)) if mask[place // 4] == 255 and place % 4 != 3]
    expected, painted = opposite(before), read(painting)
    assert selected and all(painted[place] == expected[place] for place in selected)
    assert read(painting.get_mask(), "Y u8") == mask
    assert (painting.get_mode(), round(painting.get_opacity())) == (Gimp.LayerMode.MULTIPLY, 80)
    record = record_of(painting)
    assert {name: record["settings"][name] for name in _WOODCUT_SETTINGS} == _WOODCUT_SETTINGS
    assert record["source"]["tattoo"] == photo.get_tattoo()


def an_old_painting_is_painted_again_like_the_layer_that_it_remembers():
    image, layers = _opened()
    before = read(layers[_CANVAS])
    _paint_again(image, layers[_CANVAS], _restored(image, layers[_CANVAS]))
    assert read(layers[_CANVAS]) != before
    assert record_of(layers[_CANVAS])["arguments"]["style-drawable"] == layers["Canvas"].get_tattoo()


def an_old_style_of_ones_own_is_painted_with():
    shutil.copytree(_INPUTS / "presets", Path.home() / ".config" / "impasto" / "presets")
    with new_image() as image:
        new = paint(image, add_layer(image), style_drawable=None, preset="evening-of-mine")
        assert new.get_name() == "Evening of mine, 80 % — Photo"
        settings = record_of(new)["settings"]
        wanted = {"strength": 0.8, "brush_size": 0.5, "detail": 0.35, "original_colours": 0.25}
        assert {name: settings[name] for name in wanted} == wanted
