"""The styles: those that are shipped, and a person's own. Needs the standard library and `impasto_wire` only."""

import logging
from pathlib import Path

from impasto_wire.errors import PresetInvalid, PresetMissing

from .folders import PRIVATE, SHIPPED, cache_folder, forget_pictures, user_folder
from .own import files_of, name_for, remove_preset, rename_preset, replace_picture, restore_files, save_preset
from .parcel import export_preset, import_preset
from .preset import GROUPS, NAME, Preset, read_preset

__all__ = [
    "GROUPS",
    "PRIVATE",
    "SHIPPED",
    "Preset",
    "cache_folder",
    "export_preset",
    "files_of",
    "forget_pictures",
    "import_preset",
    "list_presets",
    "load_preset",
    "name_for",
    "remove_preset",
    "rename_preset",
    "replace_picture",
    "restore_files",
    "save_preset",
    "user_folder",
]

log = logging.getLogger(__name__)


def list_presets(user_folder: Path | None = None) -> tuple[Preset, ...]:
    """Every style that can be used, by group; within a group by `order`, then by title.

    A file that can't be used is left out, with a warning in the log; so is a person's style that has the name of a
    shipped one.
    """
    found: dict[str, Preset] = {}
    for file in [*_files_in(SHIPPED), *_files_in(user_folder)]:
        if file.stem in found:
            log.warning("style %s: a shipped style has this name, so %s is left out", file.stem, file.name)
            continue
        try:
            found[file.stem] = read_preset(file)
        except PresetInvalid as error:
            log.warning("%s", error)
    return tuple(sorted(found.values(), key=_place))


def load_preset(name: str, user_folder: Path | None = None) -> Preset:
    """The style of that name. Raises `PresetMissing`, and `PresetInvalid` if its file can't be used."""
    for folder in (SHIPPED, user_folder):
        if folder is not None and NAME.fullmatch(name) and (folder / f"{name}.json").is_file():
            return read_preset(folder / f"{name}.json")
    known = ", ".join(preset.name for preset in list_presets(user_folder))
    raise PresetMissing(f"there is no style {name[:80]!r}; choose one of: {known}")


def _files_in(folder: Path | None) -> list[Path]:
    if folder is None or not folder.is_dir():
        return []
    files = []
    for file in sorted(folder.glob("*.json")):
        if NAME.fullmatch(file.stem):
            files.append(file)
        else:
            log.warning("style %.80r: a style's name has a-z, 0-9, - and _ only, so it is left out", file.stem)
    return files


def _place(preset: Preset) -> tuple[int, str, int, str]:
    known = GROUPS.index(preset.group) if preset.group in GROUPS else len(GROUPS)
    return known, preset.group, preset.order, preset.title
