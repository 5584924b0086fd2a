"""A layer's own place in what the dialog keeps, and the tries that are saved with its image."""

from hashlib import blake2b

from gi.repository import Gimp

from impasto_plugin.keeps import KeptTry, LayerKeep, key_of, read_saved, saved_tries

from .layers import file_of
from .records import PARASITE

_KEY_PARASITE = "impasto-kept"
_TRIES_PARASITE = "impasto-tries"


def keep_of(layer: Gimp.Layer, procedure: str) -> LayerKeep:
    """What is kept of a layer for one of the procedures.

    A layer is known by its image's file and its tattoo, so that it is known again when GIMP has ended. As long as the
    image is open a parasite, which isn't saved, knows it too: the file gets another name, or the first.
    """
    keys = []
    file = file_of(layer.get_image())
    if file is not None:
        keys.append(key_of(file.get_uri(), layer.get_tattoo(), procedure))
    name = f"{_KEY_PARASITE}-{procedure}"
    known = layer.get_parasite(name)
    if known is not None:
        keys.append(bytes(known.get_data()).decode("ascii", "replace"))
    keys = [key for key in dict.fromkeys(keys) if key.isalnum()] or [key_of(layer.get_id(), Gimp.getpid(), procedure)]
    if known is None or bytes(known.get_data()).decode("ascii", "replace") != keys[0]:
        layer.attach_parasite(Gimp.Parasite.new(name, 0, keys[0].encode()))
    return LayerKeep(keys)


def record_digest(layer: Gimp.Layer) -> str:
    """A digest of how a layer was painted; empty if it was not."""
    parasite = layer.get_parasite(PARASITE)
    return "" if parasite is None else blake2b(bytes(parasite.get_data()), digest_size=16).hexdigest()


def save_tries(layer: Gimp.Layer, tries: list[KeptTry]) -> None:
    """Put tries into a layer, so that they are saved with its image and can be undone; none: take them out."""
    data, known = saved_tries(tries), layer.get_parasite(_TRIES_PARASITE)
    if data:
        flags = Gimp.PARASITE_PERSISTENT | Gimp.PARASITE_UNDOABLE
        layer.attach_parasite(Gimp.Parasite.new(_TRIES_PARASITE, flags, data))
    elif known is not None:
        layer.detach_parasite(_TRIES_PARASITE)


def tries_of(layer: Gimp.Layer) -> list[KeptTry]:
    """The tries that were saved with a layer's image."""
    parasite = layer.get_parasite(_TRIES_PARASITE)
    return [] if parasite is None else read_saved(bytes(parasite.get_data()))
