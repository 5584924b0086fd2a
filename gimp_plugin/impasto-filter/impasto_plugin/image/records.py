"""How a layer was painted: a parasite on the layer holds the settings, the plan and the source."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from gi.repository import Gimp, Gio

from impasto_plugin.arguments import property_of
from impasto_wire.settings import Settings, default_of, ranges

from .sources import all_layers, find_source
from .styles import Style

PARASITE = "impasto"
_NOT_OF_A_PAINTING = ("run-mode", "image", "drawables", "paint-painting")


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
        for name, value in {**self.arguments, **settings}.items():
            spec = config.find_property(name)
            if spec is not None and name not in _NOT_OF_A_PAINTING:
                _restore(config, spec, value, partial(self._drawable, name, image))

    def _drawable(self, name: str, image: Gimp.Image, tattoo: int) -> Gimp.Drawable | None:
        """The drawable that an argument was; None if it is gone."""
        found = image.get_layer_by_tattoo(tattoo) or image.get_channel_by_tattoo(tattoo)
        known = self.drawables.get(name)
        if known is None or (found is not None and _described(found) == known):
            return found
        same = [item for item in (*all_layers(image), *image.get_channels()) if _described(item) == known]
        return same[0] if len(same) == 1 else None


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
    names = [spec.name for spec in procedure.get_arguments() if spec.name not in _NOT_OF_A_PAINTING]
    values = {name: config.get_property(name) for name in names}
    arguments = {name: _json_value(value) for name, value in values.items()}
    drawables = {name: _described(value) for name, value in values.items() if isinstance(value, Gimp.Drawable)}
    return Record(style.title, settings.as_dict(), arguments, drawables)


def _described(drawable: Gimp.Drawable) -> dict[str, Any]:
    return {"name": drawable.get_name(), "size": [drawable.get_width(), drawable.get_height()]}


def _json_value(value: Any) -> Any:
    if isinstance(value, Gimp.Item):
        return value.get_tattoo()
    return value.get_uri() if isinstance(value, Gio.File) else value


def _restore(
    config: Gimp.ProcedureConfig, spec: Any, value: Any, drawable: Callable[[int], Gimp.Drawable | None]
) -> None:
    kind = spec.value_type.pytype
    if isinstance(kind, type) and issubclass(kind, Gimp.Item):
        value = value and drawable(value)
    elif spec.value_type.is_a(Gio.File):
        value = Gio.File.new_for_uri(value) if value else None
    with suppress(TypeError, ValueError):  # of another version of the filter
        config.set_property(spec.name, value)
