"""The gallery's styles at work: any photo painted as a style suggests, and the sample photo of its tiles."""

from collections.abc import Callable, Generator

import numpy as np
from numpy.typing import NDArray

from impasto.backbones import Backbone
from impasto.pictures import files
from impasto.pictures.style_files import THUMBNAIL_SIDE, Pixels, read_flat
from impasto.transfer import Layer, Step, StylePicture, recipe_named, stylize
from impasto_install.prove import PHOTO
from impasto_presets import Preset
from impasto_presets.preset import RANGES
from impasto_wire.settings import Quality, Settings


def paint_in(
    preset: Preset, photo: Pixels, quality: Quality, backbone_named: Callable[[str], Backbone]
) -> Generator[Step, bool | None, NDArray[np.generic]]:
    """Paint a photo in a style with all that the style says of itself; yields and returns as `stylize` does."""
    recipe = recipe_named(preset.recipe)
    settings = Settings(quality=quality, **{name: getattr(preset, name) for name in RANGES})
    styles = [StylePicture(files.read_picture(path).pixels, weight) for path, weight in preset.pictures]
    return (yield from stylize(Layer(photo), styles, settings, backbone_named(recipe.backbone), recipe))


def sample_photo() -> Pixels:
    """The photo that every style's tile shows, square."""
    photo = read_flat(PHOTO)
    height, width = photo.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return np.asarray(files.resized(photo[top : top + side, left : left + side], THUMBNAIL_SIDE), np.uint8)
