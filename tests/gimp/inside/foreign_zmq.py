"""Checks of the filter where GIMP's Python has no ZeroMQ and the one beside the filter was made for another Python."""

import shutil

from kit import PLUG_IN, add_layer, new_image, opposite, paint, read

ENGINE = "relayed"
shutil.copytree("/impasto/libraries", f"{PLUG_IN}/libraries")


def a_layer_is_painted_all_the_same():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        assert list(read(paint(image, layer))) == opposite(read(layer))
