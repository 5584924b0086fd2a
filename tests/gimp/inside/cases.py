"""Checks that files which are often misread are painted as they are seen: at strength 0 a painting is its layer."""

from gi.repository import Gimp
from kit import largest_difference, paint, picture, read

ENGINE = "real"
IS_HERE = True

_NAMES = (
    "assoc16.tif",
    "bigxmp.png",
    "cmyk-icc.jpg",
    "dpi300-16.png",
    "dpi300.jpg",
    "flat.png",
    "grey-icc.png",
    "linear16.png",
    "multi.tif",
    "orient3-16.png",
    "orient6-16.png",
    "orient6-16.tif",
    "planar16.tif",
    "romm.tif",
)


def files_that_are_often_misread_are_painted_as_they_are_seen():
    found = {}
    for name in _NAMES:
        image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, picture(f"cases/{name}"))
        assert image is not None, f"GIMP doesn't open {name}"
        layer = image.get_layers()[0]
        painting = paint(image, layer, style_drawable=None, strength=0)
        found[name] = largest_difference(read(painting), read(layer))
        assert (painting.get_width(), painting.get_height()) == (layer.get_width(), layer.get_height()), name
        image.delete()
    wrong = {name: difference for name, difference in found.items() if difference > 1}
    assert not wrong, wrong
