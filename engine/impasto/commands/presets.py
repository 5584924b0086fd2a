"""`impasto presets`: the styles that are there, and those of one's own."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from impasto_presets import (
    Drawn,
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
from impasto_presets.preset import RANGES
from impasto_wire.settings import ranges

from . import gallery
from .options import given_settings, weighted_style


def add_parser(subparsers: Any) -> None:
    """Hang the command on the command line."""
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
    gallery.add_actions(actions)


def _add_add(actions: Any) -> None:
    adding = actions.add_parser("add", help="make a style of your own from pictures")
    adding.add_argument("pictures", nargs="+", metavar="PICTURE[:WEIGHT]", help="what to take the style from")
    adding.add_argument("--name", required=True, metavar="TITLE", help="what the gallery calls it")
    adding.add_argument("--group", default="Yours", help="the heading that it stands under")
    for name in RANGES:
        allowed = ranges()[name]
        shown = f"{allowed.minimum:g}..{allowed.maximum:g}"
        adding.add_argument(f"--{name.replace('_', '-')}", dest=name, metavar=shown, help=allowed.help)
    for name, help in (("description", "one sentence"), ("licence", "such as CC0-1.0"), ("author", "who painted it")):
        adding.add_argument(f"--{name}", default="", metavar="TEXT", help=help)
    adding.add_argument("--no-sample", action="store_true", help="don't paint the sample photo in it")
    adding.set_defaults(run=run_add)


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
    """Make a style of pictures, with its thumbnails."""
    settings = given_settings(chosen, RANGES)
    told = {name: getattr(chosen, name) for name in ("group", "description", "licence", "author")}
    preset = Preset(name_for(chosen.name), chosen.name, **told, **{name: getattr(settings, name) for name in RANGES})

    from impasto.pictures.style_files import artwork_jpeg, read_flat, thumbnail_jpeg

    given = [weighted_style(text) for text in chosen.pictures]
    artworks = [read_flat(path) for path, _ in given]
    pictures = [Drawn(artwork_jpeg(artwork), weight) for artwork, (_, weight) in zip(artworks, given, strict=True)]
    saved = save_preset(user_folder(), preset, pictures, thumbnail_jpeg(artworks[0]))
    sys.stdout.write(f"{saved.name}  {saved.title} ({saved.group})\n")
    if not chosen.no_sample:
        gallery.paint_thumbnails([saved])
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
