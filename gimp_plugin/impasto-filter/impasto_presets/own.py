"""A person's own styles: named, saved, changed, removed, and brought back."""

import contextlib
import hashlib
import json
import re
import struct
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from impasto_wire.errors import PresetError, PresetExists, PresetInvalid, PresetMissing
from impasto_wire.files import write_whole
from impasto_wire.request import MAX_STYLES, WeightedStyle

from .folders import SHIPPED
from .preset import FIELDS, LARGEST_FILE, NAME, TEXTS, Preset, fault_of, fields_of, read_preset

LARGEST_PICTURE = 350_000
LARGEST_THUMBNAIL = 20_000
_SIDES = (8, 8192)
MOST_PIXELS = 64_000_000
"""Of all of a style's pictures together. Each takes 30 bytes of memory while it is looked at."""
_IN_TITLES = " -_'’,&()+!"
_PNG = b"\x89PNG\r\n\x1a\n"
# Where a frame of a JPEG begins, in all its kinds; the three numbers between them mark tables and the like.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
# Names that Windows reserves, with any ending.
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}


def name_for(title: str) -> str:
    """The name of a style with that title. Raises `PresetInvalid` if the title can't be used."""
    if not title.strip() or len(title) > TEXTS["title"]:
        raise PresetInvalid(f"the name has {len(title)} characters; it must have 1 to {TEXTS['title']}")
    odd = [sign for sign in title if sign not in _IN_TITLES and unicodedata.category(sign)[0] not in "LMN"]
    if odd:
        allowed = " ".join(_IN_TITLES.strip())
        raise PresetInvalid(f"the name has {odd[0]!r} in it; it may have letters, digits, spaces and {allowed}")
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", title) if not unicodedata.combining(sign))
    name = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:54].strip("-")
    if plain.isascii() and name and name not in _RESERVED:
        return name
    # Titles in other letters get names that differ by a few digits.
    return "-".join(filter(None, (name, "style", hashlib.sha256(title.encode()).hexdigest()[:8])))[-64:].strip("-")


def save_preset(
    folder: Path,
    preset: Preset,
    pictures: Sequence[WeightedStyle[bytes]],
    thumbnail: bytes | None = None,
    sample: bytes | None = None,
) -> Preset:
    """Write a new style into a folder, whole or not at all; returns it as it is found there.

    Pictures, thumbnail and sample are given as the bytes of JPEG or PNG files; the files that `preset` names are not
    used. Raises `PresetExists`, `PresetInvalid`, and `PresetError` if it can't be written.
    """
    _check_new(folder, preset, pictures)
    files, listed, pixels = {}, [], 0
    for number, style in enumerate(pictures, start=1):
        suffix, width, height = _checked_header(style.picture, LARGEST_PICTURE)
        pixels += width * height
        # No style's name has a dot in it, so every file that begins with "NAME." belongs to the style NAME.
        picture = f"{preset.name}{f'.{number}' if number > 1 else ''}{suffix}"
        files[picture] = style.picture
        listed.append({"file": picture, "weight": style.weight})
    if pixels > MOST_PIXELS:
        raise PresetInvalid(
            f"the style's pictures have {pixels / 1e6:.0f} megapixels together; "
            f"at most {MOST_PIXELS / 1e6:.0f} are allowed"
        )
    for kind, small in (("thumb", thumbnail), ("sample", sample)):
        if small is not None:
            if _checked_header(small, LARGEST_THUMBNAIL).suffix != ".jpg":
                raise PresetInvalid(f"the {kind} is a PNG; it must be a JPEG")
            files[f"{preset.name}.{kind}.jpg"] = small
    # Last of all the file that makes it a style.
    files[f"{preset.name}.json"] = _json_bytes({**fields_of(preset), "pictures": listed})
    _write_all(folder, files)
    return read_preset(folder / f"{preset.name}.json")


def remove_preset(name: str, folder: Path) -> None:
    """Remove a style of one's own, and its files. Raises `PresetMissing`, or `PresetError` if it can't be removed."""
    file = folder / f"{name}.json"
    if not NAME.fullmatch(name) or not file.is_file():
        if NAME.fullmatch(name) and (SHIPPED / f"{name}.json").is_file():
            raise PresetError(f"{name} is shipped with Impasto; only styles of your own can be removed")
        raise PresetMissing(f"there is no style {name[:80]!r} of your own; see: impasto presets list")
    try:
        file.unlink()
        for other in folder.glob(f"{name}.*"):
            other.unlink()
    except OSError as error:
        raise PresetError(f"{name} can't be removed ({error.strerror}); check the folder {folder}") from error


def files_of(name: str, folder: Path) -> dict[str, bytes]:
    """All files of a style of one's own, by their names, for `restore_files`. Raises `PresetError`."""
    try:
        return {file.name: file.read_bytes() for file in sorted(folder.glob(f"{name}.*"))}
    except OSError as error:
        raise PresetError(f"{name} can't be read ({error.strerror}); check the folder {folder}") from error


def restore_files(name: str, folder: Path, files: Mapping[str, bytes]) -> Preset:
    """Bring a style back as its files were, after it was removed or changed. Raises `PresetError`."""
    last = f"{name}.json"
    _write_all(
        folder, {**{other: data for other, data in files.items() if other != last}, last: files[last]}, is_new=False
    )
    return read_preset(folder / last)


def rename_preset(name: str, folder: Path, title: str) -> Preset:
    """Give a style of one's own another title; what names it, such as a painting's record, still finds it.

    Raises `PresetInvalid`, `PresetMissing`, `PresetError`.
    """
    name_for(title)  # checks it
    return _change(name, folder, {"title": title.strip()}, {})


def replace_picture(name: str, folder: Path, picture: bytes, thumbnail: bytes) -> Preset:
    """Give a style of one's own another first picture; the sample, which is of the old one, goes.

    Raises `PresetInvalid`, `PresetMissing`, `PresetError`.
    """
    preset = _own(name, folder)
    suffix = _checked_header(picture, LARGEST_PICTURE).suffix
    if _checked_header(thumbnail, LARGEST_THUMBNAIL).suffix != ".jpg":
        raise PresetInvalid("the thumb is a PNG; it must be a JPEG")
    file = f"{name}{suffix}"
    pictures = [{"file": style.picture.name, "weight": style.weight} for style in preset.pictures]
    pictures[0]["file"] = file
    changed = _change(name, folder, {"pictures": pictures}, {file: picture, f"{name}.thumb.jpg": thumbnail})
    if changed.sample is not None:
        changed.sample.unlink(missing_ok=True)
    return read_preset(folder / f"{name}.json")


def _own(name: str, folder: Path) -> Preset:
    if not NAME.fullmatch(name) or not (folder / f"{name}.json").is_file():
        raise PresetMissing(f"there is no style {name[:80]!r} of your own any more")
    return read_preset(folder / f"{name}.json")


def _change(name: str, folder: Path, fields: Mapping[str, object], files: Mapping[str, bytes]) -> Preset:
    """Write some fields of a style anew, after its files."""
    preset = _own(name, folder)
    pictures = [{"file": style.picture.name, "weight": style.weight} for style in preset.pictures]
    told = _json_bytes({**fields_of(preset), "pictures": pictures, **fields})
    return restore_files(name, folder, {**files, f"{name}.json": told})


def _check_new(folder: Path, preset: Preset, pictures: Sequence[WeightedStyle[bytes]]) -> None:
    name = preset.name
    if not NAME.fullmatch(name) or name in _RESERVED:
        raise PresetInvalid(
            f"the name {name[:40]!r} can't be a file's; it must have 1 to 64 of a-z, 0-9, - and _, "
            "and a letter or digit at both ends"
        )
    if any((place / f"{name}.json").exists() for place in (SHIPPED, folder)):
        raise PresetExists(f"there is a style {name!r} already; choose another name")
    if not 1 <= len(pictures) <= MAX_STYLES:
        raise PresetInvalid(f"the style has {len(pictures)} pictures; it must have 1 to {MAX_STYLES}")
    said = [(key, value) for key, value in fields_of(preset).items() if key in FIELDS]
    faults = [fault_of(key, value) for key, value in (*said, *(("weight", style.weight) for style in pictures))]
    if any(faults):
        raise PresetInvalid(next(filter(None, faults)))


def _checked_header(data: bytes, most: int) -> "Header":
    """What a picture file says of itself. Raises `PresetInvalid` if it is no picture, or too large."""
    header = read_header(data)
    if header is None:
        raise PresetInvalid("a style's picture must be a JPEG or PNG file; this is something else")
    if len(data) > most:
        raise PresetInvalid(f"the picture takes {len(data) / 1000:.0f} KB; at most {most // 1000} are allowed")
    if not all(_SIDES[0] <= side <= _SIDES[1] for side in (header.width, header.height)):
        raise PresetInvalid(
            f"the picture is {header.width}x{header.height}; both sides must have {_SIDES[0]} to {_SIDES[1]} pixels"
        )
    return header


def _json_bytes(fields: dict[str, object]) -> bytes:
    try:
        data = json.dumps(fields, indent=2).encode("ascii") + b"\n"
    except (ValueError, RecursionError) as error:
        raise PresetInvalid("the style has fields that are nested too deeply; leave them out") from error
    if len(data) > LARGEST_FILE:
        raise PresetInvalid(f"what is said of the style takes more than {LARGEST_FILE // 1024} KiB; say less")
    return data


def _write_all(folder: Path, files: Mapping[str, bytes], is_new: bool = True) -> None:
    """Write files one after the other; if one can't be written, those of a new style are removed again."""
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            written.append(folder / name)
            write_whole(folder / name, data)
    except OSError as error:
        for path in written if is_new else ():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        raise PresetError(f"the style can't be written to {folder} ({error.strerror}); check the folder") from error


class Header(NamedTuple):
    """A picture file's usual ending, and the picture's size in pixels."""

    suffix: str
    width: int
    height: int


def read_header(data: bytes) -> Header | None:
    """The header of a JPEG or PNG file; None for everything else. Nothing is decoded."""
    if data.startswith(_PNG) and data[12:16] == b"IHDR" and len(data) >= 24:
        return Header(".png", *struct.unpack(">II", data[16:24]))
    return _read_jpeg(data) if data.startswith(b"\xff\xd8") else None


def _read_jpeg(data: bytes) -> Header | None:
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return Header(".jpg", width, height)
        if marker == 0xFF:  # filling
            place += 1
        elif marker in _WITHOUT_LENGTH:
            place += 2
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return None
