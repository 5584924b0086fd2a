"""One style: what its JSON file says, checked field by field. The schema is in SCHEMA.md."""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from .errors import PresetInvalid

log = logging.getLogger(__name__)

GROUPS = ("Oil", "Water and paper", "Line and print", "Made things", "Wild", "Yours")
# What a name may be: it is a file's name on every system, and a word on the command line.
NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
LARGEST_FILE = 64 * 1024
WEIGHTS = (0.001, 1000.0)
# Longest length of each text; lowest and highest value of each number.
TEXTS = {"title": 80, "group": 40, "description": 400, "licence": 80, "author": 120, "version": 20, "recipe": 40}
RANGES = {"strength": (0.0, 1.0), "brush_size": (0.25, 4.0), "detail": (0.0, 1.0), "original_colours": (0.0, 1.0)}
FIELDS = (*TEXTS, *RANGES, "order")
_PICTURE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,120}\.(?:jpe?g|png)", re.IGNORECASE)


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
    order: int = 100
    pictures: tuple[StylePicture, ...] = ()
    thumbnail: Path | None = None
    """Its artwork, small."""
    sample: Path | None = None
    """What it does to the sample photo."""
    extras: Mapping[str, object] = field(default_factory=dict, compare=False)


def read_preset(file: Path) -> Preset:
    """The style in a JSON file. An invalid field falls back to its default and is logged as a warning.

    Raises `PresetInvalid` where nothing can be made of the file: no JSON object, or no picture beside it.
    """
    name = file.stem
    fields = _read_object(file)
    thumbnail, sample = file.with_name(f"{name}.thumb.jpg"), file.with_name(f"{name}.sample.jpg")
    return replace(
        preset_from(name, fields),
        pictures=_pictures_of(file, fields.get("pictures", [{"file": f"{name}.jpg"}])),
        thumbnail=thumbnail if thumbnail.is_file() else None,
        sample=sample if sample.is_file() else None,
    )


def preset_from(name: str, fields: Mapping[str, object]) -> Preset:
    """The style that a JSON object tells of, without its pictures; what is invalid in it is logged as a warning."""
    values: dict[str, object] = {"title": name.replace("-", " ").replace("_", " ").capitalize()}
    for key in FIELDS:
        if key not in fields:
            continue
        value = fields[key]
        fault = fault_of(key, value)
        if fault:
            log.warning("style %s: %s, so its default is used", name, fault)
        else:
            values[key] = float(value) if key in RANGES else value  # type: ignore[arg-type]
    extras = {key: value for key, value in fields.items() if key not in (*FIELDS, "pictures")}
    return Preset(name=name, extras=extras, **values)  # type: ignore[arg-type]


def fields_of(preset: Preset) -> dict[str, object]:
    """What a JSON object tells of a style: all but its pictures, the fields that aren't known here included."""
    known = {key: getattr(preset, key) for key in FIELDS}
    return {**{key: value for key, value in known.items() if value != ""}, **preset.extras}


def fault_of(key: str, value: object) -> str | None:
    """What is wrong with a field's value, in words; None if nothing is."""
    shown = repr(value)[:40] if isinstance(value, (str, int, float)) else f"a {type(value).__name__}"
    if key in TEXTS:
        is_right = isinstance(value, str) and bool(value.strip()) and len(value) <= TEXTS[key] and value.isprintable()
        return None if is_right else f"{key} is {shown}; it must be one line of at most {TEXTS[key]} characters"
    if key == "order":
        return None if type(value) is int else f"order is {shown}; it must be a whole number"
    lowest, highest = WEIGHTS if key == "weight" else RANGES[key]
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and lowest <= value <= highest:  # type: ignore[operator]
        return None
    return f"{key} is {shown}; it must lie in {lowest:g}..{highest:g}"


def _read_object(file: Path) -> dict[str, object]:
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
        found.append(StylePicture(file.parent / picture, weight_from(file.stem, entry.get("weight", 1.0))))
    if not found:
        raise PresetInvalid(f"the style file {file.name} has no picture beside it; put {file.stem}.jpg there")
    return tuple(found)


def weight_from(name: str, value: object) -> float:
    """A picture's share in the mix; what is no weight is logged as a warning, and is 1."""
    fault = fault_of("weight", value)
    if fault:
        log.warning("style %s: %s, so its default is used", name, fault)
        return 1.0
    return float(value)  # type: ignore[arg-type]
