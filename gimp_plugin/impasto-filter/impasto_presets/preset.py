"""One style: what its JSON file says, checked field by field. The schema is in SCHEMA.md."""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from .errors import PresetInvalid

log = logging.getLogger(__name__)

GROUPS = ("Oil", "Water and paper", "Line and print", "Made things", "Wild", "Yours")
# What a name may be: it is a file's name on every system, and a word on the command line.
NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
LARGEST_FILE = 64 * 1024
_PICTURE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,120}\.(?:jpe?g|png)", re.IGNORECASE)
_TEXTS = {"title": 80, "group": 40, "description": 400, "licence": 80, "author": 120, "version": 20, "recipe": 40}
# Lowest and highest value of each number.
RANGES = {"strength": (0.0, 1.0), "brush_size": (0.25, 4.0), "detail": (0.0, 1.0), "original_colours": (0.0, 1.0)}


class StylePicture(NamedTuple):
    """A picture to take the style from, and its share in the mix."""

    path: Path
    weight: float = 1.0


@dataclass(frozen=True)
class Preset:
    """A style of the gallery. `extras` holds the fields of its file that this version doesn't know."""

    name: str
    title: str
    group: str = "Yours"
    description: str = ""
    licence: str = ""
    author: str = ""
    version: str = "1"
    recipe: str = "impasto"
    strength: float = 0.5
    brush_size: float = 1.0
    detail: float = 0.5
    original_colours: float = 0.0
    pictures: tuple[StylePicture, ...] = ()
    thumbnail: Path | None = None
    order: int = 100
    extras: Mapping[str, object] = field(default_factory=dict, compare=False)


def read_preset(file: Path) -> Preset:
    """The style in a JSON file. An invalid field falls back to its default and is logged as a warning.

    Raises `PresetInvalid` where nothing can be made of the file: no JSON object, or no picture beside it.
    """
    fields = _fields_of(file)
    name = file.stem
    known = {key: value for key, value in fields.items() if key in Preset.__dataclass_fields__}
    values: dict[str, object] = {"title": name.replace("-", " ").replace("_", " ").capitalize()}
    for key, longest in _TEXTS.items():
        if key in known and _is_right(file, key, _is_text(known[key], longest)):
            values[key] = known[key]
    for key, (lowest, highest) in RANGES.items():
        if key in known and _is_right(file, key, _is_number(known[key], lowest, highest)):
            values[key] = float(known[key])  # type: ignore[arg-type]
    if "order" in known and _is_right(file, "order", type(known["order"]) is int):
        values["order"] = known["order"]
    thumbnail = file.with_name(f"{name}.thumb.jpg")
    return Preset(
        name=name,
        pictures=_pictures_of(file, fields.get("pictures", [{"file": f"{name}.jpg"}])),
        thumbnail=thumbnail if thumbnail.is_file() else None,
        extras={key: value for key, value in fields.items() if key not in Preset.__dataclass_fields__},
        **values,  # type: ignore[arg-type]
    )


def _fields_of(file: Path) -> dict[str, object]:
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise PresetInvalid(f"the style file {file.name} is larger than {LARGEST_FILE // 1024} KiB; remove it")
        fields = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise PresetInvalid(f"the style file {file.name} can't be read; check its permissions") from error
    except (ValueError, RecursionError) as error:
        raise PresetInvalid(f"the style file {file.name} is not valid JSON; mend or remove it") from error
    if not isinstance(fields, dict):
        raise PresetInvalid(f"the style file {file.name} holds no JSON object; mend or remove it")
    return fields


def _pictures_of(file: Path, listed: object) -> tuple[StylePicture, ...]:
    """The pictures that are there; those that aren't are named in a warning. Raises `PresetInvalid` if none is left."""
    found = []
    for entry in listed if isinstance(listed, list) else ():
        picture = entry.get("file") if isinstance(entry, dict) else None
        if not isinstance(picture, str) or not _PICTURE.fullmatch(picture) or not (file.parent / picture).is_file():
            log.warning("style %s: the picture %.60r is not beside it; it is left out", file.stem, picture)
            continue
        weight = entry.get("weight", 1.0)
        if not _is_right(file, "weight", _is_number(weight, 0.001, 1000.0)):
            weight = 1.0
        found.append(StylePicture(file.parent / picture, float(weight)))
    if not found:
        raise PresetInvalid(f"the style file {file.name} has no picture beside it; put {file.stem}.jpg there")
    return tuple(found)


def _is_right(file: Path, key: str, right: bool) -> bool:
    if not right:
        log.warning("style %s: %s is not valid, so its default is used", file.stem, key)
    return right


def _is_text(value: object, longest: int) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= longest and value.isprintable()


def _is_number(value: object, lowest: float, highest: float) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and lowest <= value <= highest  # type: ignore[operator]
