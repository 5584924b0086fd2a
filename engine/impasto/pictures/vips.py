"""libvips, as far as it is used here: pictures in memory, and none of its loaders but those for known formats."""

from typing import Any, BinaryIO

import numpy as np
import pyvips
from numpy.typing import NDArray

Image = pyvips.Image
VipsError = pyvips.Error
GValue = pyvips.GValue

_LOADERS = ("Png", "Jpeg", "Webp", "Tiff", "Nsgif", "Heif")
_FORMATS = {"uint8": "uchar", "uint16": "ushort", "float32": "float"}
_MEANINGS = {"uint8": ("b-w", "srgb"), "uint16": ("grey16", "rgb16"), "float32": ("b-w", "srgb")}

# A file's first bytes choose the loader, but some hold others within them; and each one less is one less to trust.
pyvips.operation_block_set("VipsForeignLoad", True)
for _name in _LOADERS:
    pyvips.operation_block_set(f"VipsForeignLoad{_name}", False)
# Pictures here are used once: what it would keep for later is only memory.
pyvips.cache_set_max(0)


def as_image(samples: NDArray[Any], meaning: str | None = None) -> Any:
    """Samples ``(H, W, C)``, uint8, uint16 or float32, as a picture of libvips; `meaning` is its `Interpretation`."""
    height, width, bands = samples.shape
    kind = str(samples.dtype)
    image = Image.new_from_memory(np.ascontiguousarray(samples).data, width, height, bands, _FORMATS[kind])
    return image.copy(interpretation=meaning or _MEANINGS[kind][bands > 2])


def as_samples(image: Any) -> NDArray[Any]:
    """A picture of libvips as samples ``(H, W, C)``. Raises `VipsError` where its file is damaged."""
    samples: NDArray[Any] = np.asarray(image.numpy())
    return samples.reshape(image.height, image.width, image.bands)


def custom_source(file: BinaryIO) -> Any:
    """A file from which libvips reads no more than it needs."""
    source = pyvips.SourceCustom()
    source.on_read(file.read)
    source.on_seek(file.seek)
    return source


def with_blob(image: Any, name: str, data: bytes) -> Any:
    """The picture with a piece of metadata."""
    tagged = image.copy()
    tagged.set_type(pyvips.GValue.blob_type, name, data)
    return tagged


def profile_named(name: str) -> bytes:
    """One of the profiles that libvips brings: ``srgb``, ``cmyk``."""
    return bytes(pyvips.Operation.call("profile_load", name))
