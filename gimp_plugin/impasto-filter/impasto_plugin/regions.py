"""The regions that a person or a script has chosen: maps, each with a style and a strength, as arguments and back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gi.repository import Gimp

from impasto_wire.errors import PictureError, SettingError
from impasto_wire.pictures import Pixels
from impasto_wire.request import MAX_REGIONS

from .arguments import BY_STYLE, REGION_ARGUMENTS, StyleChoice
from .crop import Crop
from .texts import _

_NUMBER = r"(\d+(?:\.\d+)?)"
_CROPPED = re.compile(f"(.*)#{_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}")
_LAYER = "layer:"
"""How a style's text begins that is the id of a layer."""
_LAYERS = re.compile(f"^{_LAYER}([0-9]{{1,9}})(?=#|$)")


@dataclass(frozen=True)
class ChosenRegion:
    """A part of a layer and the style that it is painted in."""

    map: Gimp.Drawable | Pixels
    """A channel, mask or layer of an open image; or of the whole canvas, one channel of 8 bits, where there is none."""
    style: StyleChoice
    strength: float = BY_STYLE
    """0..1, or `BY_STYLE`."""
    is_cut_out: bool = False
    """Is the map the layer's alpha alone?"""

    @property
    def drawable(self) -> Gimp.Drawable | None:
        """The map, if it is one of GIMP's."""
        return None if isinstance(self.map, Pixels) else self.map


def style_text(choice: StyleChoice) -> str:
    """A style as text: a style's or a mix's name, a picture's path, or ``layer:`` with a layer's id.

    Of the part that counts of a picture or layer, the edges follow: ``#0,0.5,1,1``.
    """
    if choice.picture is None:
        return choice.preset
    text = str(choice.file) if choice.drawable is None else f"{_LAYER}{choice.drawable.get_id()}"
    return (
        text if choice.crop.is_whole else f"{text}#{','.join(f'{edge:.6g}' for edge in choice.crop.values().values())}"
    )


def style_named(text: str) -> StyleChoice:
    """The style that `style_text` has named. Raises `PictureError` for a layer that is gone."""
    found = _CROPPED.fullmatch(text)
    name, crop = (text, Crop()) if found is None else (found[1], Crop(*map(float, found.groups()[1:])))
    if name.startswith(_LAYER):
        layer = layer_in(name)
        if layer is None:
            raise PictureError(_("a region's style is {text}, and there is no such layer").format(text=text))
        return StyleChoice("", None, layer, crop)
    if "/" in name or "\\" in name or Path(name).is_file():
        return StyleChoice("", Path(name), None, crop)
    return StyleChoice(text, None, None)


def layer_in(text: str) -> Gimp.Drawable | None:
    """The layer that a style's text names; None if it names none, or one that is gone."""
    number = number_in(text)
    layer = None if number is None else Gimp.Item.get_by_id(number)
    return layer if isinstance(layer, Gimp.Drawable) else None


def number_in(text: str) -> int | None:
    """The number of the layer that a style's text names."""
    found = _LAYERS.match(text)
    return int(found[1]) if found else None


def with_layer(text: str, number: int) -> str:
    """A style's text with another number for its layer."""
    return _LAYERS.sub(f"{_LAYER}{number}", text)


def arguments_of(regions: Sequence[ChosenRegion]) -> dict[str, list[Any]]:
    """Regions as the procedure's arguments."""
    maps, styles = [region.map for region in regions], [style_text(region.style) for region in regions]
    return dict(zip(REGION_ARGUMENTS, (maps, styles, [region.strength for region in regions]), strict=True))


def regions_from(values: Mapping[str, Any]) -> tuple[ChosenRegion, ...]:
    """The regions that arguments hold; what lies in several is painted in the last of them.

    A layer group stands for its layers, with a style for each of them, from the top; or one for all. Raises
    `PictureError`, `SettingError`.
    """
    maps, styles, strengths = (list(values.get(name) or []) for name in REGION_ARGUMENTS)
    if len(strengths) not in (len(styles), 0):
        raise _uneven(maps, styles, strengths)
    parts = [_parts_of(map_) for map_ in maps]
    if len(styles) == len(maps):
        styles, strengths = (_for_all(parts, values) for values in (styles, strengths))
    elif len(styles) != sum(map(len, parts)):
        raise _uneven(maps, styles, strengths)
    if len(styles) > MAX_REGIONS:
        sentence = _("there are {count} regions; there may be at most {most}")
        raise PictureError(sentence.format(count=len(styles), most=MAX_REGIONS))
    for number, strength in enumerate(strengths, 1):
        if not (0 <= strength <= 1 or strength == BY_STYLE):
            sentence = _(
                "strength {number} of the regions is {strength:g}; it must be 0..1, or -1: as the style suggests"
            )
            raise SettingError(sentence.format(number=number, strength=strength))
    found: list[ChosenRegion] = []
    for part in parts:
        chosen = [
            ChosenRegion(map_, style_named(styles.pop(0)), strengths.pop(0) if strengths else BY_STYLE, is_cut_out)
            for map_, is_cut_out in part
        ]
        found += reversed(chosen)  # what lies above in a group hides what is below it
    return tuple(found)


def without_maps_of_their_own(regions: Sequence[ChosenRegion]) -> tuple[ChosenRegion, ...]:
    """The regions that arguments and records can hold: those whose maps are drawables."""
    return tuple(region for region in regions if region.drawable is not None and not region.is_cut_out)


def _parts_of(map_: Gimp.Drawable | Pixels) -> list[tuple[Gimp.Drawable | Pixels, bool]]:
    """The maps that one stands for, and whether only their alpha counts."""
    if isinstance(map_, Gimp.Layer) and map_.is_group():
        return [(layer, True) for layer in map_.get_children()]
    return [(map_, False)]


def _for_all(parts: Sequence[Sequence[object]], values: Sequence[Any]) -> list[Any]:
    """A value for each part, from one for each map; none from none."""
    return [value for part, value in zip(parts, values, strict=bool(values)) for _one in part]


def _uneven(maps: Sequence[object], styles: Sequence[object], strengths: Sequence[object]) -> PictureError:
    sentence = _(
        "region-maps has {maps} entries, region-styles {styles} and region-strengths {strengths}; "
        "all must have the same number"
    )
    return PictureError(sentence.format(maps=len(maps), styles=len(styles), strengths=len(strengths)))
