"""In which settings a try differs from the present ones, in words."""

from collections.abc import Mapping
from typing import Any

from impasto_plugin.arguments import BRUSHED, REGION_ARGUMENTS, property_of
from impasto_plugin.crop import EDGES
from impasto_plugin.texts import _
from impasto_wire.settings import Range, ranges

_STYLE = ("preset", "style-file", "style-drawable")


def differences(values: Mapping[str, Any], present: Mapping[str, Any]) -> list[str]:
    """One line for each of the try's settings that is another now, with the try's value."""
    found = []
    if any(_differs(values.get(name), present.get(name)) for name in _STYLE):
        found.append(_("Another style"))
    for name, allowed in ranges().items():
        value, now = (held.get(property_of(name)) for held in (values, present))
        if value is not None and _differs(value, now):
            found.append(f"{_(allowed.label)}: {worded(allowed, value)}")
    sized = any(_differs(values.get(name), present.get(name)) for name in ("paint-at", "paint-size"))
    cropped = any(_differs(values.get(name), present.get(name)) for name in EDGES)
    others = (
        (_("Another crop"), cropped),
        (_("Another size to paint at"), sized),
        (_("Another area"), values.get("region") != present.get("region")),
        (_("Another detail map"), _differs(values.get("detail-map"), present.get("detail-map"))),
        (_("Other regions"), _regions_of(values) != _regions_of(present)),
        (_("Painted with the brush"), values.get(BRUSHED) != present.get(BRUSHED)),
    )
    return found + [text for text, is_so in others if is_so]


def worded(allowed: Range, value: Any) -> str:
    """A setting's value as the dialog shows it."""
    if allowed.choices:
        return _(allowed.choices.get(value, str(value)))
    return f"{round(value * 100)} %" if allowed.percent else f"{value:g}" if value < 1e6 else str(value)


def _regions_of(values: Mapping[str, Any]) -> list[list[Any]]:
    return [[_identity(part) for part in values.get(name) or ()] for name in REGION_ARGUMENTS]


def _differs(value: Any, other: Any) -> bool:
    """Are two arguments not the same? Drawables are told apart by their ids, files by their places."""
    return bool(_identity(value) != _identity(other))


def _identity(value: Any) -> Any:
    for name in ("get_id", "get_uri"):
        if hasattr(value, name):
            return getattr(value, name)()
    return round(value, 4) if isinstance(value, float) else value
