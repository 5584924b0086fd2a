"""The procedure's arguments, made from the settings table, and the settings that they hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gi.repository import Gimp, GObject

from impasto_wire.settings import Range, Settings, default_of, ranges

BY_STYLE = -1.0
"""A fraction that was not set: the style's own value is used."""
SUGGESTED_BY_STYLE = ("strength", "brush_size", "detail", "original_colours")
_TAKEN = "yfmlshrcpk"
"""Mnemonics of our own rows and of the dialog's buttons."""
_SAVED = GObject.ParamFlags.READWRITE


def property_of(name: str) -> str:
    """The argument's name of a setting: ``brush_size`` is ``brush-size`` to GIMP."""
    return name.replace("_", "-")


def add_arguments(procedure: Gimp.Procedure) -> None:
    """Give the procedure one argument for the style's three sources and for each setting of the table."""
    procedure.add_string_argument(
        "preset", "_Style", "Name of a style from the gallery; empty: the first of them", "", _SAVED
    )
    procedure.add_file_argument(
        "style-file",
        "_Your picture",
        "A picture to paint like, in place of a style from the gallery",
        Gimp.FileChooserAction.ANY,  # with OPEN, GIMP silently drops the name of a file that is gone
        True,
        None,
        _SAVED,
    )
    procedure.add_drawable_argument(
        "style-drawable",
        "_From a layer",
        "A layer of an open image to paint like, in place of the others",
        True,
        _SAVED,
    )
    procedure.add_drawable_argument(
        "detail-map", "Detail _map", "Keeps the drawing where it is white: any channel, mask or layer", True, _SAVED
    )
    sizes = Gimp.Choice.new()
    for place, (size, title) in enumerate((("full", "Full size"), ("half", "Half"), ("quarter", "Quarter"))):
        sizes.add(size, place, title, "")
    procedure.add_choice_argument(
        "paint-at", "Paint at", "Smaller is quicker; the painting is enlarged again", sizes, "full", _SAVED
    )
    taken = set(_TAKEN)
    for name, allowed in ranges().items():
        _add_setting(procedure, name, _with_mnemonic(allowed.label, taken), allowed)


def _with_mnemonic(label: str, taken: set[str]) -> str:
    """The label with its first letter that isn't taken yet underlined."""
    for place, letter in enumerate(label):
        if letter.isalpha() and letter.lower() not in taken:
            taken.add(letter.lower())
            return f"{label[:place]}_{label[place:]}"
    return label


def _add_setting(procedure: Gimp.Procedure, name: str, label: str, allowed: Range) -> None:
    prop, default = property_of(name), default_of(name)
    if allowed.choices:
        choice = Gimp.Choice.new()
        for position, (value, title) in enumerate(allowed.choices.items()):
            choice.add(value, position, title, "")
        procedure.add_choice_argument(prop, label, allowed.help, choice, default, _SAVED)
    elif isinstance(default, int):
        low, high = int(allowed.minimum), int(allowed.maximum)
        procedure.add_int_argument(prop, label, allowed.help, low, high, default, _SAVED)
    else:
        low, text = allowed.minimum, allowed.help
        if name in SUGGESTED_BY_STYLE:
            low, default, text = BY_STYLE, BY_STYLE, f"{text} ({low:g}..{allowed.maximum:g}; -1: as the style suggests)"
        procedure.add_double_argument(prop, label, text, low, allowed.maximum, default, _SAVED)


@dataclass(frozen=True)
class StyleChoice:
    """Where the style comes from: a drawable, or else a file, or else a style of the gallery by its name."""

    preset: str
    file: Path | None
    drawable: Gimp.Drawable | None

    @property
    def is_own(self) -> bool:
        """Is it a picture of the person's own?"""
        return self.file is not None or self.drawable is not None


def style_from(config: Gimp.ProcedureConfig) -> StyleChoice:
    """The style that the arguments name."""
    file = config.get_property("style-file")
    path = Path(file.get_path()) if file is not None and file.get_path() else None
    return StyleChoice(config.get_property("preset"), path, config.get_property("style-drawable"))


def apply_values(config: Gimp.ProcedureConfig, values: Mapping[str, Any]) -> None:
    """Set arguments by their names."""
    for name, value in values.items():
        config.set_property(name, value)


def settings_from(config: Gimp.ProcedureConfig, suggested: Any | None) -> Settings:
    """The settings that the arguments hold; what is not set is as `suggested` (a style), or the default.

    Raises `SettingError`.
    """
    return Settings(**{name: _value(config, name, suggested) for name in ranges()})


def _value(config: Gimp.ProcedureConfig, name: str, suggested: Any | None) -> Any:
    value = config.get_property(property_of(name))
    if name in SUGGESTED_BY_STYLE and value == BY_STYLE:
        return default_of(name) if suggested is None else getattr(suggested, name)
    return value
