"""Where pictures are written: what can't be is known before anyone paints, and no painting is lost."""

import contextlib
import errno
import os
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from impasto.folders import folders
from impasto_wire.errors import EngineUnavailable, PictureError
from impasto_wire.files import write_whole

from .files import PictureFile, encode_picture
from .formats import Format, Holds, Transparency, format_written
from .metadata import NO_METADATA, Metadata

_LONGEST_NAME = 255 - len("..12345678.part")
"""Bytes, or on Windows characters: systems allow 255, and the file is first written under a longer name."""


def check_output(
    path: Path,
    size: tuple[int, int] = (1, 1),
    transparency: Transparency = "none",
    metadata: Metadata = NO_METADATA,
) -> list[str]:
    """Sentences about what is left out of a painting, of that width and height, that is written there.

    Raises `PictureError` where it can't be written at all.
    """
    format, holds = format_written(path)
    if not holds.shows_through(transparency):
        found = f"{path.name} is {format.with_article}"
        raise PictureError(f"{found}, which can't hold the picture's transparency; write a .png")
    if holds.most_side is not None and max(size) > holds.most_side:
        found = f"{path.name} would be {size[0]}x{size[1]}"
        most = f"{format.with_article} has at most {holds.most_side} pixels a side"
        raise PictureError(f"{found}; {most}, write a .tif")
    check_place(path)
    return _left_out(path, format, holds, metadata)


def check_place(path: Path) -> None:
    """Raises `PictureError` when no file can be written there; it tries with an empty one."""
    too_long = len(path.name if os.name == "nt" else os.fsencode(path.name)) - _LONGEST_NAME
    if too_long > 0:
        raise PictureError(f"the name {path.name[:40]}... is too long by {too_long}; choose a shorter one")
    try:
        if not path.parent.is_dir():
            raise PictureError(f"there is no folder {path.parent}; make it first")
        if path.is_dir():
            raise PictureError(f"{path} is a folder; name a file in it, such as {path / 'painting.png'}")
        probe = path.with_name(f".impasto-{secrets.token_hex(8)}.part")
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        raise PictureError(
            f"the folder {path.parent} can't be written to ({error.strerror}); choose another"
        ) from error


def _left_out(path: Path, format: Format, holds: Holds, metadata: Metadata) -> list[str]:
    _, names = metadata.fitting(holds)
    if not names:
        return []
    return [f"{path.name}: {format.with_article} can't hold the picture's {' and '.join(names)}; left out"]


def write_picture(path: Path, picture: PictureFile) -> None:
    """Write the picture whole or not at all.

    Raises `PictureError`; if it is the disk's or the format's fault, the picture is kept elsewhere, and it says where.
    """
    try:
        data = encode_picture(picture, path.suffix)
    except PictureError as error:
        plain = replace(picture, metadata=NO_METADATA)
        raise _kept(path.with_suffix(".tif"), encode_picture(plain, ".tif"), error) from error
    write_output(path, data)


def write_output(path: Path, data: bytes) -> None:
    """Write a painting's file whole or not at all. Raises `PictureError` as `write_picture` does."""
    try:
        write_whole(path, data)
    except OSError as error:
        raise _kept(path, data, cannot_write(path, error)) from error


def cannot_write(path: Path, error: OSError) -> PictureError:
    """What to tell of a file that can't be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return PictureError(f"the disk is full, so {path} can't be written; free some space and start again")
    return PictureError(f"{path} can't be written ({error.strerror}); check the folder and start again")


def _kept(path: Path, data: bytes, error: PictureError) -> PictureError:
    """The error, and where the painting is instead: beside its place, in the cache, or with temporary files."""
    for folder in _other_folders(path):
        kept = folder / f"impasto-{secrets.token_hex(4)}{path.suffix}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with kept.open("xb") as file:
                file.write(data)
            what, _, advice = str(error).partition("; ")
            return PictureError(f"{what}; the painting is kept as {kept}{advice and f'; {advice}'}")
        except OSError:
            with contextlib.suppress(OSError):
                kept.unlink(missing_ok=True)
    return error


def _other_folders(path: Path) -> Iterator[Path]:
    yield path.parent
    with contextlib.suppress(EngineUnavailable):
        yield folders().cache / "kept"
    yield Path(tempfile.gettempdir())
