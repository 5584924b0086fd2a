"""One style: what its JSON file says, checked field by field. SCHEMA.md describes the file."""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from impasto_wire.errors import PresetInvalid, SettingError
from impasto_wire.files import open_regular
from impasto_wire.request import RECIPE, WeightedStyle
from impasto_wire.settings import Settings, checked, shown, suggested

log = logging.getLogger(__name__)

GROUPS = ("Oil", "Water and paper", "Line and print", "Made things", "Wild", "Yours")
# What a name may be: it is a file's name on every system, and a word on the command line.
NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
LARGEST_FILE = 64 * 1024
WEIGHTS = (0.001, 1000.0)
# Longest length of each text.
TEXTS = {"title": 80, "group": 40, "description": 400, "licence": 80, "author": 120, "version": 20, "recipe": 40}
SUGGESTED = suggested()
FIELDS = (*TEXTS, *SUGGESTED, "order")
_PICTURE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,120}\.(?:jpe?g|png)", re.IGNORECASE)


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
    recipe: str = RECIPE
    settings: Settings = field(default_factory=Settings)
    """The settings that it suggests; its file holds only those that a style may suggest, the others are defaults."""
    order: int = 100
    pictures: tuple[WeightedStyle[Path], ...] = ()
    thumbnail: Path | None = None
    """Its artwork, small."""
    sample: Path | None = None
    """The sample photo, painted in this style."""
    extras: Mapping[str, object] = field(default_factory=dict, compare=False)


def read_preset(file: Path) -> Preset:
    """The style in a JSON file. An invalid field falls back to its default and is logged as a warning.

    Raises `PresetInvalid` if the file is of no use: it holds no JSON object, or no picture lies beside it.
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
    """The style that a JSON object describes, without its pictures; an invalid field is logged as a warning."""
    settings: dict[str, object] = {}
    values: dict[str, object] = {"title": name.replace("-", " ").replace("_", " ").capitalize()}
    for key in FIELDS:
        if key not in fields:
            continue
        value = fields[key]
        fault = fault_of(key, value)
        if fault:
            log.warning("style %s: %s, so its default is used", name, fault)
        else:
            (settings if key in SUGGESTED else values)[key] = value
    extras = {key: value for key, value in fields.items() if key not in (*FIELDS, "pictures")}
    return Preset(name=name, settings=Settings.from_dict(settings), extras=extras, **values)  # type: ignore[arg-type]


def fields_of(preset: Preset) -> dict[str, object]:
    """A style as a JSON object, without its pictures but with the fields that this version doesn't know."""
    known = {key: getattr(preset.settings if key in SUGGESTED else preset, key) for key in FIELDS}
    return {**{key: value for key, value in known.items() if value != ""}, **preset.extras}


def fault_of(key: str, value: object) -> str | None:
    """What is wrong with a field's value, in words; None if nothing is."""
    if key in SUGGESTED:
        try:
            checked(key, value)
        except SettingError as error:
            return str(error)
        return None
    if key in TEXTS:
        is_right = isinstance(value, str) and bool(value.strip()) and len(value) <= TEXTS[key] and value.isprintable()
        return None if is_right else f"{key} is {shown(value)}; it must be one line of at most {TEXTS[key]} characters"
    if key == "order":
        return None if type(value) is int else f"order is {shown(value)}; it must be a whole number"
    lowest, highest = WEIGHTS
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and lowest <= value <= highest:  # type: ignore[operator]
        return None
    return f"{key} is {shown(value)}; it must lie in {lowest:g}..{highest:g}"


def _read_object(file: Path) -> dict[str, object]:
    try:
        with open_regular(file) as opened:
            data = opened.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise PresetInvalid(f"the style file {file.name} is larger than {LARGEST_FILE // 1024} KiB; remove it")
        fields = json.loads(data.decode())
    except OSError as error:
        raise PresetInvalid(f"the style file {file.name} can't be read; check its permissions") from error
    except (ValueError, RecursionError) as error:
        raise PresetInvalid(f"the style file {file.name} is not valid JSON; mend or remove it") from error
    if not isinstance(fields, dict):
        raise PresetInvalid(f"the style file {file.name} holds no JSON object; mend or remove it")
    return fields


def _pictures_of(file: Path, listed: object) -> tuple[WeightedStyle[Path], ...]:
    """The pictures that exist; a missing one is named in a warning. Raises `PresetInvalid` if none is left."""
    found = []
    for entry in listed if isinstance(listed, list) else ():
        picture = entry.get("file") if isinstance(entry, dict) else None
        if not isinstance(picture, str) or not _PICTURE.fullmatch(picture) or not (file.parent / picture).is_file():
            log.warning("style %s: the picture %.60r is not beside it; it is left out", file.stem, picture)
            continue
        found.append(WeightedStyle(file.parent / picture, weight_from(file.stem, entry.get("weight", 1.0))))
    if not found:
        raise PresetInvalid(f"the style file {file.name} has no picture beside it; put {file.stem}.jpg there")
    return tuple(found)


def weight_from(name: str, value: object) -> float:
    """A picture's share in the mix; 1, with a warning in the log, if the value is no weight."""
    fault = fault_of("weight", value)
    if fault:
        log.warning("style %s: %s, so its default is used", name, fault)
        return 1.0
    return float(value)  # type: ignore[arg-type]
