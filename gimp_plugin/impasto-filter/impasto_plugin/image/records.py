"""How a layer was painted: a parasite on the layer holds the settings, the plan and the source."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from gi.repository import Gimp, Gio

from impasto_plugin.arguments import property_of
from impasto_wire.settings import Settings

from .styles import Style

PARASITE = "impasto"
_NOT_OF_A_PAINTING = ("run-mode", "image", "drawables", "paint-painting")


@dataclass(frozen=True)
class Record:
    """How a layer was painted. Layers are named by their tattoos, which last as long as their image's file."""

    style: str
    settings: dict[str, Any]
    arguments: dict[str, Any]
    """The procedure's arguments; a drawable as its tattoo, a file as its URI."""
    plan: str = ""
    name: str = ""
    """The name that the painting got; a person may have changed it since."""
    source: dict[str, Any] = field(default_factory=dict)
    is_masked: bool = False
    """Has the painting a mask because something was selected?"""

    def attach(self, layer: Gimp.Layer) -> None:
        """Keep this on a painting."""
        flags = Gimp.PARASITE_PERSISTENT | Gimp.PARASITE_UNDOABLE
        layer.attach_parasite(Gimp.Parasite.new(PARASITE, flags, json.dumps(self.__dict__).encode()))

    def source_in(self, image: Gimp.Image) -> Gimp.Layer | None:
        """The layer that was painted, if it still exists; another image's layer may have the same tattoo by chance."""
        tattoo = self.source.get("tattoo")
        layer = image.get_layer_by_tattoo(tattoo) if isinstance(tattoo, int) and tattoo > 0 else None
        if layer is None:
            return None
        size = [layer.get_width(), layer.get_height()]
        return layer if layer.get_name() == self.source.get("name") or size == self.source.get("size") else None

    def restore(self, config: Gimp.ProcedureConfig, image: Gimp.Image) -> None:
        """Set the arguments by which a layer was painted; unknown ones are left out."""
        settings = {property_of(name): value for name, value in self.settings.items()}
        for name, value in {**self.arguments, **settings}.items():
            spec = config.find_property(name)
            if spec is not None and name not in _NOT_OF_A_PAINTING:
                _restore(config, spec, value, image)


def read_record(layer: Gimp.Layer) -> Record | None:
    """How a layer was painted; None if Impasto hasn't."""
    parasite = layer.get_parasite(PARASITE)
    if parasite is None:
        return None
    try:
        values = json.loads(bytes(parasite.get_data()))
        known = {name: values[name] for name in Record.__dataclass_fields__ if name in values}
        record = Record(**known)
        return record if isinstance(record.source, dict) and isinstance(record.arguments, dict) else None
    except (ValueError, TypeError):
        return None  # another program's parasite


def source_of(layer: Gimp.Layer) -> dict[str, Any]:
    """A record's description of the layer that was painted."""
    return {"tattoo": layer.get_tattoo(), "name": layer.get_name(), "size": [layer.get_width(), layer.get_height()]}


def record_of(procedure: Gimp.Procedure, config: Gimp.ProcedureConfig, style: Style, settings: Settings) -> Record:
    """The record that all paintings of one call have in common."""
    names = [spec.name for spec in procedure.get_arguments() if spec.name not in _NOT_OF_A_PAINTING]
    arguments = {name: _json_value(config.get_property(name)) for name in names}
    return Record(style.title, settings.as_dict(), arguments)


def _json_value(value: Any) -> Any:
    if isinstance(value, Gimp.Item):
        return value.get_tattoo()
    return value.get_uri() if isinstance(value, Gio.File) else value


def _restore(config: Gimp.ProcedureConfig, spec: Any, value: Any, image: Gimp.Image) -> None:
    kind = spec.value_type.pytype
    if isinstance(kind, type) and issubclass(kind, Gimp.Item):
        value = value and (image.get_layer_by_tattoo(value) or image.get_channel_by_tattoo(value))
    elif spec.value_type.is_a(Gio.File):
        value = Gio.File.new_for_uri(value) if value else None
    with suppress(TypeError, ValueError):  # of another version of the filter
        config.set_property(spec.name, value)
