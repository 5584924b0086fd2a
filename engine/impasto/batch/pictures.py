"""Which pictures a batch paints, and the names of the paintings' files."""

import glob
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from impasto.pictures.files import FORMATS
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
    pictures = [path for path in paths if path.suffix.lower() in FORMATS and path.is_file() and path.name[0] != "."]
    if not pictures:
        raise PictureError(
            f"there is no picture at {text}; name pictures, folders of them or a pattern such as '*.png'"
        )
    return sorted(pictures, key=_natural)


def _natural(path: Path) -> list[tuple[int, str]]:
    """A key that sorts frame9 before frame10."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", str(path))]


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


def _output_name(source: Path, number: int, pattern: str) -> str:
    suffix = source.suffix.lower()
    fields = {
        "name": source.stem,
        "suffix": suffix if suffix in FORMATS else ".png",
        "number": number,
        "folder": source.resolve().parent.name,
    }
    try:
        name = pattern.format(**fields)
    except (KeyError, ValueError, IndexError, AttributeError) as error:
        raise SettingError(
            f"name is {pattern!r}; it may hold {{name}}, {{suffix}}, {{folder}} and {{number}} or {{number:04}}"
        ) from error
    if Path(name).name != name or Path(name).suffix.lower() not in FORMATS:
        raise SettingError(
            f"name is {pattern!r}; it must give names of files that end in one of {', '.join(sorted(FORMATS))}"
        )
    return name
