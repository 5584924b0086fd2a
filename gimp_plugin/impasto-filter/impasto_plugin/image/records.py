"""How a layer was painted: a parasite on the layer holds the settings, the plan and the source."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any

from gi.repository import Gimp, Gio

from impasto_plugin.arguments import (
    BRUSHED,
    BY_STYLE,
    REGION_ARGUMENTS,
    REGION_MAPS,
    REGION_STYLES,
    argument_of,
    property_of,
    set_argument,
)
from impasto_plugin.keeps import KeptArguments
from impasto_plugin.regions import (
    ChosenRegion,
    arguments_of,
    layer_in,
    number_in,
    with_layer,
    without_maps_of_their_own,
)
from impasto_wire.pictures import Pixels
from impasto_wire.settings import Settings, default_of, ranges

from .brushed import Brushed
from .packed import packed, unpacked
from .scaling import resized
from .sources import all_layers, find_source
from .styles import Style

PARASITE = "impasto"
_NOT_OF_A_PAINTING = ("run-mode", "image", "drawables", "paint-painting", "earlier")


@dataclass(frozen=True)
class Record:
    """How a layer was painted."""

    style: str
    settings: dict[str, Any]
    arguments: dict[str, Any]
    """The procedure's arguments; a drawable as its tattoo, a file as its URI."""
    drawables: dict[str, Any] = field(default_factory=dict)
    """Name and size of each drawable among the arguments: another may have its tattoo."""
    plan: str = ""
    name: str = ""
    """The name that the painting got; a person may have changed it since."""
    source: dict[str, Any] = field(default_factory=dict)
    tattoo: int = 0
    """The painting's own when it was painted. Duplicating the image gives its layers others."""
    is_masked: bool = False
    """Has the painting a mask because something was selected?"""

    def attach(self, layer: Gimp.Layer) -> None:
        """Keep this on a painting."""
        flags = Gimp.PARASITE_PERSISTENT | Gimp.PARASITE_UNDOABLE
        values = {**self.__dict__, "tattoo": layer.get_tattoo()}
        layer.attach_parasite(Gimp.Parasite.new(PARASITE, flags, json.dumps(values).encode()))

    def source_for(self, painting: Gimp.Layer) -> Gimp.Layer | None:
        """The layer that a painting with this record was painted from; None if it is gone. Raises `SourceUnclear`."""
        return find_source(self.source, painting, self.tattoo == painting.get_tattoo())

    def restore(self, config: Gimp.ProcedureConfig, image: Gimp.Image) -> None:
        """Set the arguments by which a layer was painted; unknown ones are left out."""
        # A setting that came later than the record was its default when the painting was made.
        settings = {property_of(name): self.settings.get(name, default_of(name)) for name in ranges()}
        told = KeptArguments({**self.arguments, **settings}, self.drawables)
        for name, value in arguments_from(config, told, image).items():
            with suppress(TypeError, ValueError):  # of another version of the filter
                set_argument(config, name, value)

    def with_regions(self, regions: Sequence[ChosenRegion]) -> "Record":
        """The same, painted with these regions as far as they are drawables."""
        told = told_arguments(arguments_of(without_maps_of_their_own(regions)))
        arguments, drawables = {**self.arguments, **told.arguments}, {**self.drawables, **told.drawables}
        return replace(self, arguments=arguments, drawables=drawables)


def read_record(layer: Gimp.Layer) -> Record | None:
    """How a layer was painted; None if Impasto hasn't."""
    parasite = layer.get_parasite(PARASITE)
    if parasite is None:
        return None
    try:
        values = json.loads(bytes(parasite.get_data()))
        known = {name: values[name] for name in Record.__dataclass_fields__ if name in values}
        record = Record(**known)
        are_right = all(isinstance(part, dict) for part in (record.source, record.arguments, record.drawables))
        return record if are_right else None
    except (ValueError, TypeError):
        return None  # another program's parasite


def record_of(procedure: Gimp.Procedure, config: Gimp.ProcedureConfig, style: Style, settings: Settings) -> Record:
    """The record that all paintings of one call have in common."""
    told = told_arguments({name: argument_of(config, name) for name in names_of(procedure)})
    return Record(style.title, settings.as_dict(), told.arguments, told.drawables)


def names_of(procedure: Gimp.Procedure) -> list[str]:
    """The arguments that say how a painting is made, and where it goes."""
    return [spec.name for spec in procedure.get_arguments() if spec.name not in _NOT_OF_A_PAINTING]


def told_arguments(values: Mapping[str, Any]) -> KeptArguments:
    """Arguments as JSON has them."""
    drawables = {name: _described(value) for name, value in values.items() if isinstance(value, Gimp.Drawable)}
    told = {name: _json_value(value) for name, value in values.items() if name != BRUSHED}
    layers = [layer_in(text) for text in values.get(REGION_STYLES, ())]
    for name, found in ((REGION_MAPS, values.get(REGION_MAPS, ())), (REGION_STYLES, layers)):
        if any(found):
            drawables[name] = [_described(one) if isinstance(one, Gimp.Drawable) else None for one in found]
    if any(layers):
        texts = zip(values[REGION_STYLES], layers, strict=True)
        told[REGION_STYLES] = [with_layer(text, layer.get_tattoo()) if layer else text for text, layer in texts]
    return KeptArguments(told, drawables, _told_maps(values))


def _told_maps(values: Mapping[str, Any]) -> dict[str, Any]:
    """The maps that no argument can hold, packed."""
    told: dict[str, Any] = {}
    maps = [packed(map_) if isinstance(map_, Pixels) else None for map_ in values.get(REGION_MAPS, ())]
    if any(maps):
        told[REGION_MAPS] = maps
    if BRUSHED in values:
        told[BRUSHED] = {what: map_ and packed(map_) for what, map_ in values[BRUSHED].__dict__.items()}
    return told


def arguments_from(config: Gimp.ProcedureConfig, told: KeptArguments, image: Gimp.Image) -> dict[str, Any]:
    """The arguments that JSON has, as the procedure takes them; unknown ones are left out.

    A drawable is looked for in that image, and in the other open ones; None stands for one that is gone. Raises
    `ValueError` where a map is damaged.
    """
    found: dict[str, Any] = {}
    if BRUSHED in told.maps:
        strokes = told.maps[BRUSHED]
        found[BRUSHED] = Brushed(*(strokes.get(what) and unpacked(strokes[what]) for what in ("area", "detail")))
    for name, value in told.arguments.items():
        spec = config.find_property(name)
        if spec is None or name in (*_NOT_OF_A_PAINTING, *REGION_ARGUMENTS):
            continue
        kind = spec.value_type.pytype
        if isinstance(kind, type) and issubclass(kind, Gimp.Item):
            value = value and _drawable(value, told.drawables.get(name), image)
        elif spec.value_type.is_a(Gio.File):
            value = Gio.File.new_for_uri(value) if value else None
        found[name] = value
    return {**found, **_regions(told, image)}


def _regions(told: KeptArguments, image: Gimp.Image) -> dict[str, list[Any]]:
    """The arguments of the regions, without those of which a drawable is gone; none where JSON tells of none."""
    tattoos, texts, strengths = (told.arguments.get(name) or [] for name in REGION_ARGUMENTS)
    described, layers = (told.drawables.get(name) or [] for name in (REGION_MAPS, REGION_STYLES))
    maps: list[Gimp.Drawable | Pixels | None] = []
    for tattoo, known, own in zip_longest(tattoos, described, told.maps.get(REGION_MAPS, ())):
        found = None if tattoo is None else _drawable(tattoo, known, image)
        maps.append(found if own is None else _on_canvas(unpacked(own), image))
    styles = [_style(text, layer, image) for text, layer in zip_longest(texts, layers)]
    if len(maps) != len(styles):  # a group with a style for each of its layers
        return _as_regions([], [], []) if None in (*maps, *styles) else _as_regions(maps, styles, strengths)
    strengths = strengths or [BY_STYLE] * len(styles)
    kept = [part for part in zip(maps, styles, strengths, strict=False) if None not in part]
    return _as_regions(*(list(values) for values in zip(*kept, strict=True))) if kept else _as_regions([], [], [])


def _on_canvas(map_: Pixels, image: Gimp.Image) -> Pixels:
    """A map of the whole canvas, which may have been made smaller, or the image since."""
    return resized(map_, image.get_width(), image.get_height())


def _as_regions(*lists: list[Any]) -> dict[str, list[Any]]:
    return dict(zip(REGION_ARGUMENTS, lists, strict=True))


def _style(text: str, described: dict[str, Any] | None, image: Gimp.Image) -> str | None:
    """The text of a region's style; None if its layer is gone."""
    if described is None:
        return text
    tattoo = number_in(text)
    layer = None if tattoo is None else _drawable(tattoo, described, image)
    return None if layer is None else with_layer(text, layer.get_id())


def _drawable(tattoo: int, known: dict[str, Any] | None, image: Gimp.Image) -> Gimp.Drawable | None:
    """The drawable that an argument was; None if it is gone."""
    found = image.get_layer_by_tattoo(tattoo) or image.get_channel_by_tattoo(tattoo)
    if known is None or (found is not None and _described(found) == known):
        return found
    others = [other for other in Gimp.get_images() if other.get_id() != image.get_id()]
    for places in ([image], others):
        items = [item for place in places for item in (*all_layers(place), *place.get_channels())]
        same = [item for item in items if _described(item) == known]
        if same:
            return same[0] if len(same) == 1 else None
    return None


def _described(drawable: Gimp.Drawable) -> dict[str, Any]:
    return {"name": drawable.get_name(), "size": [drawable.get_width(), drawable.get_height()]}


def _json_value(value: Any) -> Any:
    if isinstance(value, list):
        return [_json_value(one) for one in value]
    if isinstance(value, Gimp.Item):
        return value.get_tattoo()
    if isinstance(value, Pixels):
        return None
    return value.get_uri() if isinstance(value, Gio.File) else value
