"""The pictures that a layer is painted like, opened by GIMP and converted into the layer's colour space."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gi.repository import Babl, Gimp, Gio

from impasto_presets import Preset
from impasto_wire.errors import PictureError
from impasto_wire.messages import RECIPE
from impasto_wire.pictures import Pixels

from .arguments import StyleChoice
from .catalogue import chosen_preset
from .pixels import read_pixels, read_selected
from .sizes import shrunk
from .texts import _

LONGEST = 4096
"""Longer style pictures are scaled down to this side: no stroke of theirs is finer than a pixel of the layer."""


@dataclass(frozen=True)
class Style:
    """What to paint like: its pictures with their shares, its name, and the gallery's style if it is one."""

    title: str
    pictures: tuple[tuple[Pixels, float], ...]
    preset: Preset | None = None

    @property
    def recipe(self) -> str:
        """The engine's recipe that it is painted by."""
        return self.preset.recipe if self.preset else RECIPE


def read_style(choice: StyleChoice, space: Babl.Object, known: dict[Path, Pixels] | None = None) -> Style:
    """The chosen style, its pictures in the space of the format `space`; `known` keeps the gallery's for another time.

    Raises `PictureError`, `PresetError`.
    """
    known = {} if known is None else known
    if choice.drawable is not None:
        return Style(choice.drawable.get_name(), ((shrunk(read_selected(choice.drawable, space), LONGEST), 1.0),))
    if choice.file is not None:
        return Style(choice.file.stem, ((read_picture(choice.file, space), 1.0),))
    preset = chosen_preset(choice.preset)
    for path, _weight in preset.pictures:
        if path not in known:
            known[path] = read_picture(path, space)
    return Style(preset.title, tuple((known[path], weight) for path, weight in preset.pictures), preset)


def read_picture(path: Path, space: Babl.Object) -> Pixels:
    """A picture file, as GIMP sees it. Raises `PictureError`."""
    with _opened(path) as image:
        layers = image.get_layers()
        if not layers:
            raise PictureError(_("the style picture {name} has no layers; choose another").format(name=path.name))
        seen = layers[0] if len(layers) == 1 else image.merge_visible_layers(Gimp.MergeType.CLIP_TO_IMAGE)
        return shrunk(read_pixels(seen, space, "u8"), LONGEST)


@contextmanager
def _opened(path: Path) -> Iterator[Gimp.Image]:
    """The file as an image that nobody sees."""
    if not path.is_file():
        raise PictureError(_("the style picture {path} is not there; choose another").format(path=path))
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(str(path)))
    if image is None:
        raise PictureError(_("GIMP can't open the style picture {name}; choose another").format(name=path.name))
    try:
        image.undo_disable()
        yield image
    finally:
        image.delete()
