"""Requests by what they ask for: two that paint the same have one digest."""

import hashlib

import numpy as np

from impasto.request import PaintRequest
from impasto.transfer import Recipe
from impasto_wire import __version__


def request_digest(request: PaintRequest, recipe: Recipe) -> str:
    """A digest of all that decides how a painting looks: 32 hexadecimal digits."""
    named = request.with_pictures(lambda picture: (picture.shape, picture.dtype.str))
    digest = hashlib.blake2b(repr((__version__, recipe, named)).encode(), digest_size=16)
    for picture in request.pictures():
        digest.update(np.ascontiguousarray(picture).data.cast("B"))
    return digest.hexdigest()
