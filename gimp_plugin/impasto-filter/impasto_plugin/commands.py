"""A try's settings as text for others: a command for a terminal, and an expression for GIMP's Script-Fu console."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from impasto_wire.request import RECIPE
from impasto_wire.settings import ranges

from .arguments import BRUSHED, BY_STYLE, PAINT_LAYERS, REGION_ARGUMENTS, REGION_MAPS, property_of
from .crop import EDGES
from .image.mixes import chosen_preset, mix_from
from .texts import _

PAINTED = "painting.png"
"""What the command writes."""
CALL = (
    "(let* ((image (vector-ref (car (gimp-get-images)) 0))"
    "\n       (layer (vector-ref (car (gimp-image-get-selected-layers image)) 0)))"
    "\n  ({procedure} #:run-mode RUN-NONINTERACTIVE #:image image #:drawables (vector layer){arguments}))"
)
"""Scheme: paints the selected layer of the image that was opened first."""
_SIZES = ("paint-at", "paint-size")


def why_no_command(values: Mapping[str, Any]) -> str:
    """Why a try can't be painted from a terminal, in a sentence; empty if it can."""
    has_drawables = values.get("style-drawable") is not None or values.get("detail-map") is not None
    if values.get(REGION_MAPS):
        return _("The command line takes regions as pictures: export their maps and name them with --region")
    if has_drawables or BRUSHED in values:
        return _("The command line knows no layers, channels and brushes; save it as a style first")
    if values.get("style-file") is not None and any(values.get(name, whole) != whole for name, whole in EDGES.items()):
        return _("The command line can't crop a picture; save it as a style first")
    return ""


def command_line(values: Mapping[str, Any], picture: Path | None, longest: int) -> str:
    """The command that paints a picture file like that, at that long side in pixels.

    Raises `PresetError` where a style of a mix is gone.
    """
    words = ["impasto", "stylize", str(picture or "picture.png"), "-o", PAINTED, *_style_options(values)]
    for name in ranges():
        value = values.get(property_of(name))
        if value is not None and value != BY_STYLE:
            words += [f"--{property_of(name)}", _number(value)]
    if values.get("paint-size") or values.get("paint-at", "full") != "full":
        words += ["--size", str(longest)]
    return shlex.join(words)


def _style_options(values: Mapping[str, Any]) -> list[str]:
    file = values.get("style-file")
    if file is not None:
        return ["--style", str(file.get_path())]
    name = str(values.get("preset") or "")
    if len(mix_from(name)) < 2:
        return ["--preset", name] if name else []
    mixed = chosen_preset(name)
    words = [word for style in mixed.pictures for word in ("--style", f"{style.picture}:{_number(style.weight)}")]
    return words if mixed.recipe == RECIPE else [*words, "--recipe", mixed.recipe]


def lacking(values: Mapping[str, Any]) -> str:
    """What a script lacks of a try, in a sentence; empty if it paints the same."""
    if BRUSHED in values or not all(hasattr(map_, "get_id") for map_ in values.get(REGION_MAPS) or ()):
        return _("A script can't name what was selected or brushed; a painting keeps it as channels, which it can")
    return ""


def script_fu(values: Mapping[str, Any]) -> str:
    """An expression that paints the selected layer of the image that was opened first like that, where it lacks
    nothing."""
    words = []
    for name, value in values.items():
        if value is None or value == EDGES.get(name) or (name in _SIZES and value in (0, "full")):
            continue
        if name in REGION_ARGUMENTS and not values.get(REGION_MAPS):
            continue
        words.append(f"#:{name} {_scheme(value)}")
    return CALL.format(procedure=PAINT_LAYERS, arguments="".join(f"\n    {word}" for word in words))


def _scheme(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        kind = "list" if any(isinstance(one, str) for one in value) else "vector"
        return f"({' '.join([kind, *map(_scheme, value)])})"
    if hasattr(value, "get_path"):
        return _quoted(value.get_path() or "")
    if hasattr(value, "get_id"):
        return str(value.get_id())  # as long as GIMP runs
    return _quoted(value) if isinstance(value, str) else _number(value)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
