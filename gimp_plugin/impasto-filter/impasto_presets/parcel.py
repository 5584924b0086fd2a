"""A style in one file, to give to others: a line with a digest, then the style and its pictures as JSON."""

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path

from impasto_wire.errors import PresetError, PresetInvalid
from impasto_wire.files import open_regular, write_whole
from impasto_wire.request import MAX_STYLES, WeightedStyle

from .own import LARGEST_PICTURE, name_for, save_preset
from .preset import Preset, fields_of, preset_from, weight_from

FIRST_WORDS = b"impasto-style 1 sha256:"
LARGEST_PARCEL = (MAX_STYLES + 1) * LARGEST_PICTURE * 4 // 3
_DIGITS = 64


def export_preset(preset: Preset, file: Path) -> None:
    """Write a style with its pictures into one file. Raises `PresetError` if that fails."""
    try:
        content = {
            "name": preset.name,
            "style": fields_of(preset),
            "pictures": [{"data": _packed(style.picture), "weight": style.weight} for style in preset.pictures],
            "thumbnail": _packed(preset.thumbnail),
            "sample": _packed(preset.sample),
        }
        text = json.dumps(content, indent=1).encode("ascii") + b"\n"
        write_whole(file, FIRST_WORDS + hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
    except OSError as error:
        raise PresetError(
            f"{preset.name} can't be written to {file} ({error.strerror}); choose another place"
        ) from error
    except (ValueError, RecursionError) as error:
        raise PresetInvalid(f"{preset.name} has fields that are nested too deeply; leave them out") from error


def import_preset(file: Path, folder: Path, title: str | None = None) -> Preset:
    """Unpack such a file into a folder of styles, under another title if one is given.

    Paths in the file are never used: its pictures get names of our own. Raises `PresetInvalid`, `PresetExists`, and
    `PresetError` if it can't be read or written.
    """
    content = _read_content(file)
    name, fields, listed = content.get("name"), content.get("style"), content.get("pictures")
    if not isinstance(name, str) or not isinstance(fields, dict) or not isinstance(listed, list):
        raise PresetInvalid(f"{file.name} doesn't hold a whole style; ask for it again")
    preset = preset_from(name, fields)
    if title is not None:
        preset = replace(preset, name=name_for(title), title=title)
    if len(listed) > MAX_STYLES:
        raise PresetInvalid(f"{file.name} holds {len(listed)} pictures; a style has at most {MAX_STYLES}")
    entries = [entry if isinstance(entry, dict) else {} for entry in listed]
    pictures = [
        WeightedStyle(_unpacked(file, entry.get("data")), weight_from(preset.name, entry.get("weight", 1.0)))
        for entry in entries
    ]
    small = [None if content.get(kind) is None else _unpacked(file, content[kind]) for kind in ("thumbnail", "sample")]
    return save_preset(folder, preset, pictures, *small)


def _read_content(file: Path) -> dict[str, object]:
    """The content of a parcel; its digest is checked first."""
    try:
        with open_regular(file) as opened:
            data = opened.read(LARGEST_PARCEL + 1)
    except (OSError, ValueError) as error:  # a ValueError for names that no system takes
        reason = error.strerror if isinstance(error, OSError) else error
        raise PresetError(f"{file} can't be read ({reason}); check the name") from error
    if len(data) > LARGEST_PARCEL:
        raise PresetInvalid(f"{file.name} is larger than any style in one file; choose another")
    head, _, text = data.partition(b"\n")
    if not head.startswith(FIRST_WORDS) or len(head) != len(FIRST_WORDS) + _DIGITS:
        raise PresetInvalid(f"{file.name} is no exported style; it comes from: impasto presets export")
    if head[len(FIRST_WORDS) :] != hashlib.sha256(text).hexdigest().encode():
        raise PresetInvalid(f"{file.name} was damaged or changed on its way: its digest is wrong; ask for it again")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PresetInvalid(f"{file.name} is not valid JSON; ask for it again") from error
    if not isinstance(content, dict):
        raise PresetInvalid(f"{file.name} doesn't hold a whole style; ask for it again")
    return content


def _packed(path: Path | None) -> str | None:
    return None if path is None else base64.b64encode(path.read_bytes()).decode("ascii")


def _unpacked(file: Path, data: object) -> bytes:
    try:
        return base64.b64decode(data, validate=True)  # type: ignore[arg-type]
    except (ValueError, TypeError) as error:
        raise PresetInvalid(f"{file.name} has a picture that is none; ask for it again") from error
