"""Which layer a painting was painted from: both keep the same random id, which outlasts copies, files and new sizes.

Tattoos don't: Image ▸ Duplicate gives every layer another, and two images use the same ones.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any
from uuid import uuid4

from gi.repository import Gimp

from impasto_plugin.texts import _
from impasto_wire.errors import PictureError

ID_PARASITE = "impasto-id"


class SourceGone(PictureError):
    """A layer is a painting, and the layer that it was painted from no longer exists."""

    def __init__(self, painting: Gimp.Layer) -> None:
        sentence = _("“{name}” is a painting, and the layer that it was painted from is gone; set paint-painting")
        super().__init__(sentence.format(name=painting.get_name()))
        self.question = _(
            "“{name}” is a painting, and the layer that it was painted from is gone. Paint this layer instead?"
        ).format(name=painting.get_name())


class SourceUnclear(PictureError):
    """A layer is a painting, and several layers may be the one that it was painted from."""

    def __init__(self, painting: Gimp.Layer, layers: Sequence[Gimp.Layer]) -> None:
        names = ", ".join(_("“{name}”").format(name=layer.get_name()) for layer in layers)
        sentence = _("“{name}” was painted from one of the layers {names}, which are copies; select the one to paint")
        super().__init__(sentence.format(name=painting.get_name(), names=names))
        self.question = _("“{name}” was painted from one of these layers, which are copies. Which is to be painted?")
        self.question = self.question.format(name=painting.get_name())
        self.layers = tuple(layers)


def source_of(layer: Gimp.Layer) -> dict[str, Any]:
    """A record's description of the layer that was painted, which keeps the id in it from now on."""
    size = [layer.get_width(), layer.get_height()]
    return {"id": _own_id(layer), "tattoo": layer.get_tattoo(), "name": layer.get_name(), "size": size}


def find_source(source: dict[str, Any], painting: Gimp.Layer, has_its_tattoo: bool) -> Gimp.Layer | None:
    """The layer that a record describes as a painting's source; None if it is gone. Raises `SourceUnclear`.

    `has_its_tattoo`: the painting still has the tattoo that it was given at first, and so have the other layers.
    """
    image = painting.get_image()
    if "id" not in source:  # of an earlier version
        return _by_tattoo(source, image)
    layers = [layer for layer in _bearers(source["id"], image) if layer.get_id() != painting.get_id()]
    if len(layers) < 2:
        return layers[0] if layers else None
    # In a duplicated image the copy may have by chance the tattoo that the layer had before, but hardly its name too.
    known = [layer for layer in layers if (layer.get_tattoo(), layer.get_name()) == (source["tattoo"], source["name"])]
    if not known or not has_its_tattoo:
        raise SourceUnclear(painting, layers)
    return known[0]


def all_layers(image: Gimp.Image) -> Iterator[Gimp.Layer]:
    """An image's layers from the top, those in groups too."""
    waiting = list(image.get_layers())
    while waiting:
        layer = waiting.pop(0)
        yield layer
        if layer.is_group():
            waiting[:0] = layer.get_children()


def _by_tattoo(source: dict[str, Any], image: Gimp.Image) -> Gimp.Layer | None:
    """The layer of that tattoo, if its name or size is right: another image's may have the same one by chance."""
    tattoo = source.get("tattoo")
    layer = image.get_layer_by_tattoo(tattoo) if isinstance(tattoo, int) and tattoo > 0 else None
    if layer is None:
        return None
    size = [layer.get_width(), layer.get_height()]
    return layer if layer.get_name() == source.get("name") or size == source.get("size") else None


def _own_id(layer: Gimp.Layer) -> str:
    """An id that no other layer of the image has; a copy of another layer gets a second one."""
    ids = _ids_of(layer)
    if ids and len(_bearers(ids[-1], layer.get_image())) == 1:
        return ids[-1]
    new = uuid4().hex
    flags = Gimp.PARASITE_PERSISTENT | Gimp.PARASITE_UNDOABLE
    layer.attach_parasite(Gimp.Parasite.new(ID_PARASITE, flags, json.dumps([*ids, new]).encode()))
    return new


def _bearers(identity: str, image: Gimp.Image) -> list[Gimp.Layer]:
    return [layer for layer in all_layers(image) if identity in _ids_of(layer)]


def _ids_of(layer: Gimp.Layer) -> list[str]:
    parasite = layer.get_parasite(ID_PARASITE)
    if parasite is not None:
        with suppress(ValueError):  # another program's
            ids = json.loads(bytes(parasite.get_data()))
            if isinstance(ids, list) and all(isinstance(one, str) for one in ids):
                return ids
    return []
