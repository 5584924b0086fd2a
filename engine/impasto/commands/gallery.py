"""`impasto presets thumbnails` and `impasto presets sheet`: pictures of what the styles do."""

import argparse
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impasto.request import Step
from impasto_presets import Preset, PresetError, list_presets, load_preset, user_folder
from impasto_presets.own import write_file
from impasto_wire.errors import ImpastoError, SettingError
from impasto_wire.settings import Quality, ranges

from .progress import fraction_bar

if TYPE_CHECKING:
    from impasto.pictures.style_files import Pixels

log = logging.getLogger(__name__)

_SIZES = (64, 2048)


def add_actions(actions: Any) -> None:
    """Hang both on `impasto presets`."""
    thumbnails = actions.add_parser("thumbnails", help="make the gallery's pictures of styles anew")
    thumbnails.add_argument(
        "names", nargs="*", metavar="NAME", help="these styles; else those of your own that have none"
    )
    thumbnails.set_defaults(run=run_thumbnails)
    sheet = actions.add_parser("sheet", help="your photo in every style, on one sheet")
    sheet.add_argument("photo", type=Path, metavar="PHOTO")
    sheet.add_argument("-o", "--output", type=Path, required=True, metavar="OUT")
    sheet.add_argument("--size", type=int, default=256, metavar="LONG_SIDE", help="of each painting, in pixels; 256")
    sheet.add_argument("--styles", nargs="+", metavar="NAME", help="only these")
    sheet.add_argument("--quality", choices=tuple(ranges()["quality"].choices), default="draft")
    sheet.set_defaults(run=run_sheet)


def run_thumbnails(chosen: argparse.Namespace) -> int:
    """Make the thumbnails of the named styles, or those that are missing."""
    if chosen.names:
        presets = [load_preset(name, user_folder()) for name in chosen.names]
    else:
        shipped = set(list_presets())
        presets = [preset for preset in list_presets(user_folder()) if preset not in shipped and not preset.sample]
    paint_thumbnails(presets)
    return 0


def paint_thumbnails(presets: Sequence[Preset]) -> None:
    """Make each style's artwork small, and paint the sample photo in it. Raises `ImpastoError`, `PresetError`."""
    from impasto.painting.order import sample_photo
    from impasto.pictures.style_files import read_flat, thumbnail_jpeg

    def write(preset: Preset, kind: str, picture: "Pixels") -> None:
        path = preset.pictures[0].path.with_name(f"{preset.name}.{kind}.jpg")
        try:
            write_file(path, thumbnail_jpeg(picture))
        except OSError as error:
            raise PresetError(f"{path} can't be written ({error.strerror}); check the folder") from error

    for preset in presets:
        write(preset, "thumb", read_flat(preset.pictures[0].path))
    for preset, painting in _paint_all(presets, sample_photo(), "draft"):
        write(preset, "sample", painting)


def run_sheet(chosen: argparse.Namespace) -> int:
    """Paint a photo in the styles; nothing is written unless one of them could be painted."""
    if not _SIZES[0] <= chosen.size <= _SIZES[1]:
        raise SettingError(f"size is {chosen.size}; it must lie in {_SIZES[0]}..{_SIZES[1]} pixels")
    named = [load_preset(name, user_folder()) for name in chosen.styles or ()]
    presets = named or list_presets(user_folder())

    import numpy as np

    from impasto.pictures import files, outputs
    from impasto.pictures.contact_sheet import contact_sheet
    from impasto.pictures.style_files import read_flat

    outputs.check_output(chosen.output)
    photo = read_flat(chosen.photo)
    if max(photo.shape[:2]) > chosen.size:
        photo = np.asarray(files.resized(photo, chosen.size), np.uint8)
    paintings = [(preset.title, painting) for preset, painting in _paint_all(presets, photo, chosen.quality)]
    outputs.write_picture(chosen.output, files.Picture(contact_sheet([("Photo", photo), *paintings])))
    return 0


def _paint_all(presets: Sequence[Preset], photo: "Pixels", quality: Quality) -> "Iterator[tuple[Preset, Pixels]]":
    """The photo in each style that can be painted, one after the other; what can't is logged.

    Raises the last `ImpastoError` where none can.
    """
    import numpy as np

    from impasto.painting.local_painter import LocalPainter
    from impasto.painting.order import request_in
    from impasto.request import drained

    painter = LocalPainter()
    is_any_painted, failure = False, None
    with fraction_bar() as show:
        for number, preset in enumerate(presets):

            def report(news: Step | str, number: int = number, title: str = preset.title) -> None:
                if isinstance(news, Step):
                    show((number + news.fraction) / len(presets), f"{title}, {number + 1} of {len(presets)}")

            try:
                painting = drained(painter.paint(request_in(preset, photo, quality)), report)
            except ImpastoError as error:
                log.warning("style %s is left out: %s", preset.name, error)
                failure = error
            else:
                is_any_painted = True
                yield preset, np.asarray(painting, np.uint8)
    if failure and not is_any_painted:
        raise failure
