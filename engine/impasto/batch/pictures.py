"""Which pictures a batch paints, and the names of the paintings' files."""

import glob
import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from impasto.pictures.files import read_picture, read_picture_header, resized_size
from impasto.pictures.formats import HEAD, READABLE, WRITABLE, Transparency, format_of, format_written
from impasto.pictures.outputs import check_output
from impasto.pictures.print_size import enlargement
from impasto_wire.errors import PictureError, SettingError


@dataclass(frozen=True)
class PicturePaths:
    """The file of one picture, and the file for its painting."""

    source: Path
    output: Path


def find_pictures(texts: Sequence[str]) -> list[Path]:
    """The pictures that files, folders and patterns name, each once, sorted by the numbers in their names. Raises
    `PictureError`."""
    found: dict[Path, None] = {}
    for text in texts:
        found.update(dict.fromkeys(_pictures_of(text)))
    return list(found)


def _pictures_of(text: str) -> list[Path]:
    path = Path(text)
    if path.is_file():
        return [path]
    paths = path.iterdir() if path.is_dir() else map(Path, glob.glob(text, recursive=True))  # noqa: PTH207, it may be absolute
    pictures = [path for path in paths if path.name[0] != "." and _is_picture(path)]
    if not pictures:
        raise PictureError(
            f"there is no picture at {text}; name pictures, folders of them or a pattern such as '*.png'"
        )
    return sorted(pictures, key=_natural)


def left_out(texts: Sequence[str]) -> list[Path]:
    """What lies in folders that were named and is no picture."""
    folders = [path for path in map(Path, texts) if path.is_dir()]
    beside = [path for folder in folders for path in folder.iterdir() if path.name[0] != "." and not _is_picture(path)]
    return sorted(beside, key=_natural)


def _is_picture(path: Path) -> bool:
    """Is it called a picture, or does it begin as one?"""
    if not path.is_file():
        return False
    if path.suffix.lower() in READABLE:
        return True
    try:
        with path.open("rb") as file:
            return format_of(file.read(HEAD)) is not None
    except OSError:
        return False


def _natural(path: Path) -> list[tuple[int, str]]:
    """A key that sorts frame9 before frame10."""
    parts = re.split("([0-9]+)", str(path))  # not ², which is a digit too, and no number
    return [(len(part.lstrip("0")), part.lstrip("0")) if number % 2 else (0, part) for number, part in enumerate(parts)]


def place_outputs(sources: Sequence[Path], folder: Path, pattern: str) -> list[PicturePaths]:
    """Each picture with its output. Raises `SettingError` where a painting would overwrite another, or a picture."""
    found = [
        PicturePaths(source, folder / _output_name(source, number, pattern))
        for number, source in enumerate(sources, start=1)
    ]
    name, count = Counter(paths.output for paths in found).most_common(1)[0]
    if count > 1:
        raise SettingError(f"{count} pictures would be written to {name}; put {{folder}} or {{number}} into --name")
    known = {source.resolve() for source in sources}
    for paths in found:
        if paths.output.resolve() in known:
            raise SettingError(
                f"{paths.output} is one of the pictures; choose another folder, or --name '{{name}}-painted{{suffix}}'"
            )
    return found


@dataclass(frozen=True)
class Checked:
    """What is known of pictures before the first is painted."""

    paintable: list[PicturePaths]
    problems: dict[Path, str]
    """Why the others can't be painted, by their files."""
    remarks: list[str]
    """What will be left out of paintings."""


def check_pictures(places: Sequence[PicturePaths], long_side: int | None) -> Checked:
    """Read every picture's header, and try every place; `long_side` is the size that they are painted at, if given."""
    checked = Checked([], {}, [])
    for place in places:
        try:
            checked.remarks.extend(_check(place, long_side))
            checked.paintable.append(place)
        except PictureError as error:
            checked.problems[place.source] = str(error)
    return checked


def _check(place: PicturePaths, long_side: int | None) -> list[str]:
    header = read_picture_header(place.source)
    size = (header.width, header.height)
    if long_side is not None:
        size = resized_size(*size, long_side)
    transparency: Transparency = "none"
    if header.has_alpha and not format_written(place.output)[1].shows_through("soft"):
        transparency = read_picture(place.source).transparency  # it may be opaque all over
    left_out = check_output(place.output, size, transparency, header.metadata)
    if header.pages > 1:
        left_out.append(
            f"{place.source} holds {header.pages} pictures; the first is painted, impasto stylize paints all"
        )
    return left_out + enlargement(str(place.source), header.width, header.height, long_side)


def _output_name(source: Path, number: int, pattern: str) -> str:
    suffix = source.suffix.lower()
    fields = {
        "name": source.stem,
        "suffix": suffix if suffix in WRITABLE else ".png",
        "number": number,
        "folder": source.resolve().parent.name,
    }
    try:
        # A field's width of three digits would be a name's whole length, one of nine the memory's.
        widths = (spec for _, _, spec, _ in string.Formatter().parse(pattern) if spec)
        name = "" if any(re.search("[0-9]{3}", spec) for spec in widths) else pattern.format(**fields)
    except (KeyError, ValueError, IndexError, AttributeError) as error:
        raise SettingError(
            f"name is {pattern!r}; it may hold {{name}}, {{suffix}}, {{folder}} and {{number}} or {{number:04}}"
        ) from error
    if Path(name).name != name or Path(name).suffix.lower() not in WRITABLE:
        raise SettingError(
            f"name is {pattern!r}; it must give names of files that end in one of {', '.join(sorted(WRITABLE))}"
        )
    return name
