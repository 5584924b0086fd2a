"""The pictures that a layer is painted like, opened by GIMP and converted into the layer's colour space."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from gi.repository import Babl, Gimp, Gio

from impasto_plugin.arguments import StyleChoice
from impasto_plugin.texts import _
from impasto_presets import GROUPS, Preset
from impasto_wire.errors import ImpastoError, PictureError
from impasto_wire.pictures import Pixels
from impasto_wire.request import RECIPE, FrameBefore, PaintRequest, WeightedStyle, Window
from impasto_wire.settings import Settings, default_of, ranges

from .kinds import check_kind
from .layer_pixels import LayerPixels
from .layers import as_it_looks
from .mixes import chosen_preset, mix_from, percents
from .pixels import read_pixels, read_selected
from .scaling import shrunk

LONGEST = 4096
"""Longer style pictures are scaled down to this side: a finer stroke would be smaller than a pixel of the layer."""

_LOADED_BY_NAME = (".svg", ".pcx")
"""Files that GIMP 3.0 can open, but not by `Gimp.file_load`, which calls their loaders with wrong arguments."""


def first_settings(preset: Preset | None) -> Settings:
    """The settings that the dialog begins with in a style, or in a person's own picture."""
    settings = preset.settings if preset else Settings()
    if preset and preset.group == GROUPS[-1]:  # saved by the person, as it was meant
        return settings
    fresh = {name: allowed.fresh for name, allowed in ranges().items() if allowed.fresh is not None}
    return replace(
        settings, **{name: value for name, value in fresh.items() if getattr(settings, name) == default_of(name)}
    )


@dataclass(frozen=True)
class Style:
    """What to paint like: its pictures with their shares, its name, and the gallery's style if it is one."""

    title: str
    pictures: tuple[WeightedStyle[Pixels], ...]
    preset: Preset | None = None

    @property
    def recipe(self) -> str:
        """The engine's recipe that it is painted by."""
        return self.preset.recipe if self.preset else RECIPE

    @property
    def suggested(self) -> Settings:
        """The settings that it suggests; those of a person's own picture are the defaults."""
        return self.preset.settings if self.preset else Settings()

    def request(
        self,
        pixels: LayerPixels,
        settings: Settings,
        window: Window | None = None,
        before: FrameBefore[Pixels] | None = None,
        earlier: Pixels | None = None,
    ) -> PaintRequest[Pixels]:
        """The request to paint a layer like this."""
        return PaintRequest(
            pixels.layer,
            self.pictures,
            settings,
            pixels.selection,
            pixels.detail_map,
            self.recipe,
            window,
            before,
            pixels.regions,
            earlier,
        )


Known = dict[Path | int, Pixels]
"""Pictures by their files, or of drawables by their ids."""


def read_style(choice: StyleChoice, space: Babl.Object, known: Known | None = None) -> Style:
    """The chosen style, its pictures in that colour space; `known` keeps the pictures for the next call.

    Raises `PictureError`, `PresetError`.
    """
    known = {} if known is None else known
    if choice.picture is not None:
        title = choice.picture.stem if isinstance(choice.picture, Path) else choice.picture.get_name()
        return Style(title, (WeightedStyle(choice.crop.cut(_read_once(choice.picture, space, known))),))
    preset = chosen_preset(choice.preset)
    pictures = tuple(style.map(lambda path: _read_once(path, space, known)) for style in preset.pictures)
    return Style(preset.title, pictures, preset)


def read_own(choice: StyleChoice, space: Babl.Object, known: Known) -> Pixels | None:
    """The person's own picture before it is cropped; None for a style of the gallery. Raises `PictureError`."""
    return None if choice.picture is None else _read_once(choice.picture, space, known)


def _read_once(picture: Path | Gimp.Drawable, space: Babl.Object, known: Known) -> Pixels:
    is_file = isinstance(picture, Path)
    key = picture if is_file else picture.get_id()
    if key not in known:
        known[key] = read_picture(picture, space) if is_file else _read_drawable(picture, space)
    return known[key]


def _read_drawable(drawable: Gimp.Drawable, space: Babl.Object) -> Pixels:
    with as_it_looks(drawable) as seen:
        return _shown(shrunk(read_selected(drawable, seen, space), LONGEST), drawable.get_name())


def read_picture(path: Path, space: Babl.Object) -> Pixels:
    """A picture file, as GIMP shows it. Raises `PictureError`."""
    with _opened(path) as image:
        if not image.get_layers():
            raise PictureError(_("the style picture {name} has no layers; choose another").format(name=path.name))
        image.policy_rotate(False)  # a photo may say in its metadata which way up it is
        seen = Gimp.Layer.new_from_visible(image, image, "")
        return _shown(shrunk(read_pixels(seen, space, "u8"), LONGEST), path.name)


def _shown(picture: Pixels, name: str) -> Pixels:
    """The picture itself. Raises `PictureError` if it is transparent everywhere."""
    if not any(memoryview(picture.data)[3::4]):
        raise PictureError(_("the style picture {name} is transparent all over; choose another").format(name=name))
    return picture


@contextmanager
def _opened(path: Path) -> Iterator[Gimp.Image]:
    """The file as an image without a window."""
    if not path.is_file():
        raise PictureError(_("the style picture {path} is not there; choose another").format(path=path))
    check_kind(path)
    file = Gio.File.new_for_path(str(path))
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, file) or _load_by_its_name(path.suffix, file)
    Gimp.progress_end()  # a loader begins one in GIMP's status bar, and leaves it there
    if image is None:
        raise PictureError(_("GIMP can't open the style picture {name}; choose another").format(name=path.name))
    try:
        image.undo_disable()
        yield image
    finally:
        image.delete()


def _load_by_its_name(suffix: str, file: Gio.File) -> Gimp.Image | None:
    """The image, opened by calling the loader of that kind of file directly; None for other kinds."""
    if suffix.lower() not in _LOADED_BY_NAME:
        return None
    procedure = Gimp.get_pdb().lookup_procedure(f"file-{suffix[1:].lower()}-load")
    config = procedure.create_config()
    config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
    config.set_property("file", file)
    answer = procedure.run(config)
    return answer.index(1) if answer.index(0) == Gimp.PDBStatusType.SUCCESS else None


def style_name(choice: StyleChoice) -> str:
    """What the layer is painted like, in words."""
    if choice.drawable is not None:
        return str(choice.drawable.get_name())
    if choice.file is not None:
        return choice.file.name
    try:
        mix = mix_from(choice.preset)
        titles = [_(chosen_preset(name).title) for name, _share in mix]
    except ImpastoError:  # the preview says so
        return choice.preset
    if len(mix) < 2:
        return titles[0] if titles else _(chosen_preset("").title)
    return " + ".join(f"{title} {percent} %" for title, percent in zip(titles, percents(mix), strict=True))
