"""`impasto presets`: the styles in the gallery, a person's own styles, and pictures of what styles do."""

import argparse
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impasto_presets import (
    Preset,
    export_preset,
    import_preset,
    list_presets,
    load_preset,
    name_for,
    remove_preset,
    save_preset,
    user_folder,
)
from impasto_wire.errors import ImpastoError, PresetError, SettingError
from impasto_wire.files import write_whole
from impasto_wire.settings import Quality, Settings, ranges, suggested

from .options import add_settings, given_settings, weighted_style
from .progress import fraction_bar

if TYPE_CHECKING:
    from impasto.pictures.style_files import FlatPicture

log = logging.getLogger(__name__)

_SIZES = (64, 2048)


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser("presets", help="the styles that are there, and your own")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="name every style")
    listing.add_argument("--json", action="store_true", help="as one JSON list")
    listing.set_defaults(run=run_list)
    _add_add(actions)
    removing = actions.add_parser("remove", help="remove a style of your own")
    removing.add_argument("name", metavar="NAME")
    removing.set_defaults(run=run_remove)
    exporting = actions.add_parser("export", help="write a style into one file, for others")
    exporting.add_argument("name", metavar="NAME")
    exporting.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    exporting.set_defaults(run=run_export)
    importing = actions.add_parser("import", help="add a style that somebody exported")
    importing.add_argument("file", type=Path, metavar="FILE")
    importing.add_argument("--name", metavar="TITLE", help="call it this")
    importing.set_defaults(run=run_import)
    _add_pictures(actions)


def _add_add(actions: Any) -> None:
    adding = actions.add_parser("add", help="make a style of your own from pictures")
    adding.add_argument("pictures", nargs="+", metavar="PICTURE[:WEIGHT]", help="what to take the style from")
    adding.add_argument("--name", required=True, metavar="TITLE", help="what the gallery calls it")
    adding.add_argument("--group", default="Yours", help="the heading that it stands under")
    add_settings(adding, suggested())
    for name, help in (("description", "one sentence"), ("licence", "such as CC0-1.0"), ("author", "who painted it")):
        adding.add_argument(f"--{name}", default="", metavar="TEXT", help=help)
    adding.add_argument("--no-sample", action="store_true", help="don't paint the sample photo in it")
    adding.set_defaults(run=run_add)


def _add_pictures(actions: Any) -> None:
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


def run_list(chosen: argparse.Namespace) -> int:
    """Print every style, by group."""
    presets = list_presets(user_folder())
    if chosen.json:
        rows = [{"name": preset.name, "title": preset.title, "group": preset.group} for preset in presets]
        sys.stdout.write(json.dumps(rows, indent=1) + "\n")
        return 0
    width = max((len(preset.name) for preset in presets), default=0)
    for preset in presets:
        sys.stdout.write(f"{preset.name:{width}}  {preset.title} ({preset.group})\n")
    return 0


def run_add(chosen: argparse.Namespace) -> int:
    """Make a style from pictures, with its thumbnails."""
    texts = {name: getattr(chosen, name) for name in ("group", "description", "licence", "author")}
    settings = given_settings(chosen, suggested(), Settings())
    preset = Preset(name_for(chosen.name), chosen.name, **texts, settings=settings)

    from impasto.pictures.style_files import artwork_jpeg, read_flat, thumbnail_jpeg

    artworks = [weighted_style(text).map(read_flat) for text in chosen.pictures]
    pictures = [artwork.map(artwork_jpeg) for artwork in artworks]
    saved = save_preset(user_folder(), preset, pictures, thumbnail_jpeg(artworks[0].picture))
    sys.stdout.write(f"{saved.name}  {saved.title} ({saved.group})\n")
    if not chosen.no_sample:
        paint_thumbnails([saved])
    return 0


def run_remove(chosen: argparse.Namespace) -> int:
    """Remove a style of the person's own."""
    remove_preset(chosen.name, user_folder())
    return 0


def run_export(chosen: argparse.Namespace) -> int:
    """Write any style into one file."""
    export_preset(load_preset(chosen.name, user_folder()), chosen.output)
    return 0


def run_import(chosen: argparse.Namespace) -> int:
    """Add a style from such a file."""
    saved = import_preset(chosen.file, user_folder(), chosen.name)
    sys.stdout.write(f"{saved.name}  {saved.title} ({saved.group})\n")
    return 0


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
    """Make each style's artwork small, and paint the sample photo in it. Raises `ImpastoError`."""
    from impasto.painting.order import sample_photo
    from impasto.pictures.style_files import read_flat, thumbnail_jpeg

    def write(preset: Preset, kind: str, picture: "FlatPicture") -> None:
        path = preset.pictures[0].picture.with_name(f"{preset.name}.{kind}.jpg")
        try:
            write_whole(path, thumbnail_jpeg(picture))
        except OSError as error:
            raise PresetError(f"{path} can't be written ({error.strerror}); check the folder") from error

    for preset in presets:
        write(preset, "thumb", read_flat(preset.pictures[0].picture))
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
    outputs.write_picture(chosen.output, files.PictureFile(contact_sheet([("Photo", photo), *paintings])))
    return 0


def _paint_all(
    presets: Sequence[Preset], photo: "FlatPicture", quality: Quality
) -> "Iterator[tuple[Preset, FlatPicture]]":
    """The photo in each style that can be painted, one after the other; what can't is logged.

    Raises the last `ImpastoError` where none can.
    """
    import numpy as np

    from impasto.painting.local_painter import LocalPainter
    from impasto.painting.order import request_in
    from impasto.request import Step, drained

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
