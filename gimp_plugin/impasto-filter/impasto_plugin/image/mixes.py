"""The styles of the gallery, and several of them in one, each with its share: ``woodcut:60+batik:40`` to GIMP."""

from collections.abc import Sequence
from dataclasses import replace

from impasto_plugin.texts import _
from impasto_presets import Preset, list_presets, load_preset, user_folder
from impasto_wire.errors import PresetError

Mix = tuple[tuple[str, float], ...]
"""Names of styles with their shares."""


def mix_from(text: str) -> Mix:
    """The styles that a text names; a share that is missing, or no positive number, is 1."""
    return tuple(_part(part) for part in text.split("+") if part.strip())


def text_of(mix: Sequence[tuple[str, float]]) -> str:
    """A mix as a text; for a single style only its name."""
    if len(mix) == 1:
        return mix[0][0]
    return "+".join(f"{name}:{share:g}" for name, share in mix)


def percents(mix: Mix) -> list[int]:
    """The shares of a mix in whole percents, together always 100."""
    whole = sum(share for _name, share in mix)
    exact = [100 * share / whole for _name, share in mix]
    found = [int(value) for value in exact]
    by_rest = sorted(range(len(exact)), key=lambda place: found[place] - exact[place])
    for place in by_rest[: 100 - sum(found)]:
        found[place] += 1
    return found


def _part(text: str) -> tuple[str, float]:
    name, _colon, share = text.strip().partition(":")
    try:
        return name, float(share) if float(share) > 0 else 1.0
    except ValueError:
        return name, 1.0


def all_presets() -> tuple[Preset, ...]:
    """Every style that can be used, in the gallery's order."""
    return list_presets(user_folder())


def chosen_preset(name: str) -> Preset:
    """The gallery's style of that name, or a mix of styles as one; without a name, the first style.

    Raises `PresetError`.
    """
    mix = mix_from(name)
    if not mix:
        presets = all_presets()
        if presets:
            return presets[0]
        raise PresetError(
            _("the gallery of styles is empty; install the filter again with: python3 install/install.py")
        )
    return _mixed([(load_preset(part, user_folder()), share) for part, share in mix])


def _mixed(parts: Sequence[tuple[Preset, float]]) -> Preset:
    """Several styles as one, with the pictures of all; settings and recipe are those of the first."""
    if len(parts) == 1:
        return parts[0][0]
    pictures = []
    for preset, share in parts:
        whole = sum(picture.weight for picture in preset.pictures)
        pictures += [replace(picture, weight=share * picture.weight / whole) for picture in preset.pictures]
    name = text_of([(preset.name, share) for preset, share in parts])
    return replace(
        parts[0][0], name=name, title=" + ".join(preset.title for preset, _share in parts), pictures=tuple(pictures)
    )
