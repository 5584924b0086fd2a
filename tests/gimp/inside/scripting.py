"""Runs the examples of docs/scripting.md as they stand there."""

import os
import re
import shutil
from pathlib import Path

from gi.repository import Gegl, Gimp, Gio, GObject
from kit import RGB, SUCCESS, add_layer, picture, read, record_of, write

from impasto_wire.settings import ranges

ENGINE = "fake"
_PAGE = Path("/impasto/scripting.md").read_text(encoding="utf-8")


def _examples(language):
    found = re.findall(rf"```{language}\n(.*?)```", _PAGE, re.DOTALL)
    assert found, f"no {language} on the page"
    return found


def _only_image():
    """An image that the examples find as the first one, with one layer."""
    for image in Gimp.get_images():
        image.delete()
    image = Gimp.Image.new(20, 14, RGB)
    return image, add_layer(image, alpha=False)


def _script_fu(code):
    procedure = Gimp.get_pdb().lookup_procedure("plug-in-script-fu-eval")
    config = procedure.create_config()
    config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
    config.set_property("script", code)
    return procedure.run(config).index(0)


def the_script_fu_examples_run():
    repainted, animated, above, into, in_regions = _examples("scheme")
    image, _layer = _only_image()
    add_layer(image, alpha=False, name="Second")
    assert _script_fu(animated) == SUCCESS, Gimp.get_pdb().get_last_error()
    assert [layer.get_name() for layer in Gimp.get_images()[0].get_layers()] == ["Second", "Photo"]
    image, _layer = _only_image()
    assert _script_fu(above) == SUCCESS, Gimp.get_pdb().get_last_error()
    assert image.get_layers()[0].get_name() == "Impasto by night, 60 % — Photo"
    painted = image.get_layers()[0]
    image.get_layers()[1].invert(False)
    before = read(painted)
    assert _script_fu(repainted) == SUCCESS, Gimp.get_pdb().get_last_error()
    assert len(image.get_layers()) == 2 and read(painted) != before
    image, layer = _only_image()
    before = read(layer)
    assert _script_fu(into) == SUCCESS, Gimp.get_pdb().get_last_error()
    assert len(image.get_layers()) == 1
    assert read(layer) != before
    image, layer = _only_image()
    for name in ("Face", "Sky"):
        channel = Gimp.Channel.new(image, name, 20, 14, 50, Gegl.Color.new("white"))
        image.insert_channel(channel, None, 0)
    assert _script_fu(in_regions) == SUCCESS, Gimp.get_pdb().get_last_error()
    arguments = record_of(image.get_layers()[0])["arguments"]
    assert arguments["region-maps"] == [channel.get_tattoo() for channel in image.get_channels()]
    assert (arguments["region-styles"], arguments["region-strengths"]) == (["impasto-night", "batik"], [-1, 0.3])


def the_python_example_of_regions_runs():
    image, _layer = _only_image()
    group = Gimp.GroupLayer.new(image, "Places")
    image.insert_layer(group, None, 0)
    for place in range(2):
        part = Gimp.Layer.new(image, "part", 10, 14, Gimp.ImageType.RGBA_IMAGE, 100, Gimp.LayerMode.NORMAL)
        image.insert_layer(part, group, place)
        write(part, "R'G'B'A u8", bytes([255]) * 560)
    names = {"Gimp": Gimp, "GObject": GObject}
    exec(_examples("python")[2], names)
    assert names["answer"].index(0) == SUCCESS, Gimp.get_pdb().get_last_error()
    assert record_of(image.get_layers()[1])["arguments"]["region-maps"] == [group.get_tattoo()]


def the_python_example_for_a_folder_runs():
    for file in Path("/impasto/pictures").glob("holiday/*"):
        file.unlink()
    folder = Path("/impasto/pictures/holiday")
    folder.mkdir(exist_ok=True)
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, picture("small-cat.png"))
    Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, Gio.File.new_for_path(f"{folder}/cat.jpg"), None)
    image.delete()
    shutil.copy(picture("turned.jpg").get_path(), folder)
    os.environ["PHOTOS"] = str(folder)
    exec(_examples("python")[0], {})
    assert (folder / "cat.png").exists()
    painted = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(f"{folder}/turned.png"))
    painted.policy_rotate(False)
    assert (painted.get_width(), painted.get_height()) == (150, 100), "it stands on its side"
    painted.delete()


def the_python_example_for_the_console_runs():
    image, layer = _only_image()
    names = {"Gimp": Gimp, "Gio": Gio}
    os.chdir("/impasto/pictures")
    exec(_examples("python")[1], names)
    assert names["answer"].index(0) == SUCCESS, Gimp.get_pdb().get_last_error()
    (painted,) = names["painted"].get_layers()
    assert names["painted"].get_id() != image.get_id()
    assert painted.get_width() == 20 and read(painted) != read(layer)


def every_argument_is_on_the_page():
    procedure = Gimp.get_pdb().lookup_procedure("plug-in-impasto-style-transfer")
    named = set(re.findall(r"`([a-z-]+)`", _PAGE)) | {name.replace("_", "-") for name in ranges()}
    assert not [spec.name for spec in procedure.get_arguments() if spec.name not in named]
