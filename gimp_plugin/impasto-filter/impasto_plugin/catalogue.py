"""The styles of the gallery: those that are shipped, and the person's own."""

import impasto_presets
from impasto_presets import Preset, list_presets, load_preset, user_folder
from impasto_wire.errors import PresetError

from .texts import _


def all_presets() -> tuple[Preset, ...]:
    """Every style that can be used, in the gallery's order."""
    return list_presets(user_folder())


def chosen_preset(name: str) -> Preset:
    """The gallery's style of that name; without a name the first. Raises `PresetError`."""
    if not name:
        presets = all_presets()
        if presets:
            return presets[0]
        raise PresetError(
            _("the gallery of styles is empty; install the filter again with: python3 install/install.py")
        )
    try:
        return load_preset(name, user_folder())
    except impasto_presets.PresetError as error:
        raise PresetError(str(error)) from error
