"""What the checks inside GIMP share: making layers, calling the filter, reading pixels, choosing an engine."""

import json
import os
import shutil
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace

from gi.repository import Babl, Gegl, Gimp, Gio

PROCEDURE = "plug-in-impasto-style-transfer"
SUCCESS = Gimp.PDBStatusType.SUCCESS
RGB, GREY = Gimp.ImageBaseType.RGB, Gimp.ImageBaseType.GRAY
PLUG_IN = os.environ["GIMP3_DIRECTORY"] + "/plug-ins/impasto-filter"
is_here = False
"""Does the filter's code run in this process, which is a plug-in of GIMP's too? It is a Python less to start for each
call. That GIMP finds and starts the filter, files with no `IS_HERE = True` check."""
_TYPES = {
    (RGB, True): Gimp.ImageType.RGBA_IMAGE,
    (RGB, False): Gimp.ImageType.RGB_IMAGE,
    (GREY, True): Gimp.ImageType.GRAYA_IMAGE,
    (GREY, False): Gimp.ImageType.GRAY_IMAGE,
}


def use_engine(name):
    """Let the filter talk to this engine from now on."""
    shutil.copy(f"/impasto/engines/{name}/engine.json", f"{PLUG_IN}/engine.json")


def picture(name):
    """A picture of the tests, as GIMP names files."""
    return Gio.File.new_for_path(f"/impasto/pictures/{name}")


@contextmanager
def new_image(width=20, height=14, kind=RGB, precision=Gimp.Precision.U8_NON_LINEAR):
    """An empty image that is deleted in the end."""
    image = Gimp.Image.new_with_precision(width, height, kind, precision)
    try:
        yield image
    finally:
        image.delete()


def add_layer(image, width=None, height=None, alpha=True, offsets=(0, 0), name="Photo"):
    """A layer of colours, its alpha (if it has one) a ramp with both ends in it."""
    width, height = width or image.get_width(), height or image.get_height()
    kind = _TYPES[image.get_base_type(), alpha]
    layer = Gimp.Layer.new(image, name, width, height, kind, 100, Gimp.LayerMode.NORMAL)
    colours = bytearray()
    for place in range(width * height):
        colours += bytes((place * 7 % 256, place * 3 % 256, 255 - place * 5 % 256, place * 11 % 256))
    write(layer, "R'G'B'A u8", bytes(colours))
    layer.set_offsets(*offsets)
    image.insert_layer(layer, None, 0)
    return layer


def whole(drawable):
    """A drawable's rectangle."""
    return Gegl.Rectangle.new(0, 0, drawable.get_width(), drawable.get_height())


def write(drawable, form, data):
    """Fill a drawable."""
    buffer = drawable.get_buffer()
    buffer.set(whole(drawable), form, data)
    buffer.flush()
    drawable.update(0, 0, drawable.get_width(), drawable.get_height())


def read(drawable, form="R'G'B'A u8"):
    """A drawable's samples, in sRGB if the format names no space."""
    return bytes(drawable.get_buffer().get(whole(drawable), 1.0, form, Gegl.AbyssPolicy.NONE))


def native_alpha(layer):
    """The alpha of every pixel, in the image's own precision, untouched."""
    form = layer.get_format()
    pixel = Babl.format_get_bytes_per_pixel(form)
    sample = pixel // Babl.format_get_n_components(form)
    data = read(layer, Babl.get_name(form))
    return [data[end - sample : end] for end in range(pixel, len(data) + 1, pixel)]


@cache
def style_layer():
    """A layer to paint like, in an image of its own that stays."""
    return add_layer(Gimp.Image.new(24, 18, RGB), name="Canvas")


def call(image, layers, procedure=PROCEDURE, **arguments):
    """Call the filter: GIMP's status, and its sentence if that is an error."""
    procedure = Gimp.get_pdb().lookup_procedure(procedure)
    assert procedure is not None, "GIMP doesn't know the filter"
    config = procedure.create_config()
    run_mode = arguments.pop("run_mode", Gimp.RunMode.NONINTERACTIVE)
    layers = layers if isinstance(layers, list) else [layers]
    config.set_property("run-mode", run_mode)
    config.set_property("image", image)
    config.set_core_object_array("drawables", layers)
    for name, value in arguments.items():
        if name == "region-maps":  # GIMP has a function of its own for arrays of objects
            config.set_core_object_array(name, value)
        else:
            config.set_property(name.replace("_", "-"), value)
    if is_here and run_mode == Gimp.RunMode.NONINTERACTIVE:
        return _called_here(procedure, image, layers, config)
    status = procedure.run(config).index(0)
    return status, "" if status == SUCCESS else Gimp.get_pdb().get_last_error()


def asked(values):
    """What a person has asked the dialog for: a painting for each of these, and no tries."""
    keeping = SimpleNamespace(save_with_image=lambda _painted: None, note_painted=lambda _painted: None)
    return SimpleNamespace(values=values, painted=(), keeping=keeping)


def _called_here(procedure, image, layers, config):
    from impasto_plugin.run import run_filter

    are_frames = procedure.get_name() != PROCEDURE
    answer = run_filter(procedure, Gimp.RunMode.NONINTERACTIVE, image, layers, config, are_frames=are_frames)
    status = answer.index(0)
    return status, "" if status == SUCCESS else answer.index(1)


def paint(image, layer, **arguments):
    """Call the filter, which must succeed: the new layer."""
    before = {old.get_id() for old in image.get_layers()}
    status, sentence = call(image, layer, **{"style_drawable": style_layer(), **arguments})
    assert status == SUCCESS, sentence
    siblings = layer.get_parent().get_children() if layer.get_parent() else image.get_layers()
    new = [found for found in siblings if found.get_id() not in before and found.get_id() != layer.get_id()]
    assert len(new) == 1, f"{len(new)} new layers"
    return new[0]


def refusal(image, layers, **arguments):
    """Call the filter, which must refuse and leave the image as it was: its sentence."""
    before = [(layer.get_id(), read(layer)) for layer in image.get_layers()]
    status, sentence = call(image, layers, **{"style_drawable": style_layer(), **arguments})
    assert status == Gimp.PDBStatusType.EXECUTION_ERROR, f"{status}: {sentence}"
    assert "\n" not in sentence and "Traceback" not in sentence, sentence
    assert [(layer.get_id(), read(layer)) for layer in image.get_layers()] == before, "the image was touched"
    return sentence


def record_of(layer):
    """What a painting remembers."""
    return json.loads(bytes(layer.get_parasite("impasto").get_data()))


def opposite(data, top=255):
    """What the fake painter makes of RGBA samples: RGB turned over, alpha kept."""
    return [value if place % 4 == 3 else top - value for place, value in enumerate(data)]


def largest_difference(one, other):
    """The largest difference of two sequences of numbers."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True))
