"""The procedures' arguments, and what a call's arguments mean: settings, style, output."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gi.repository import Gimp, GObject

from impasto_wire.settings import Range, Settings, default_of, ranges, suggested

from .crop import EDGES, Crop
from .texts import N_, _

PAINT_LAYERS = "plug-in-impasto-style-transfer"
PAINT_FRAMES = "plug-in-impasto-layers-as-frames"
REPAINT = "plug-in-impasto-repaint"
"""The procedures."""
BY_STYLE = -1.0
"""The value of a setting that is left to the style."""
MAX_SIZE = 1 << 19
"""Pixels; the longest side that an image of GIMP's can have."""
_BESIDE = (_("_Your picture…"), _("_From a layer…"), _("Save as S_tyle…"), _("_Brush"), _("M_ore"), _("Detai_l map"))
_BESIDE += (
    _("_Cancel"),
    _("_Paint"),
    _("Add a Reg_ion"),
    _("Find Out and _Mend"),
    _("Start A_gain"),
    _("Forget My Pict_ures…"),
    _("On Ca_nvas"),
    _("_Where: on this computer"),
)
TAKEN = "hrs" + "".join(label[label.index("_") + 1].lower() for label in _BESIDE)
"""Letters that are mnemonics of the dialog's own rows and of its buttons, as they are in the person's language, and of
GIMP's Help, Reset and Save Settings. A row may share one with a button that is seldom there."""
WITH_KEYS = frozenset("abcdefghijklmnopqrstuvwxyzабвгдежзийклмнопрстуфхцчшщъыьэюя")
"""Letters that are keys by themselves, on a Latin or a Russian keyboard."""
_SAVED = GObject.ParamFlags.READWRITE
_NO_VALIDATE, _DONT_SERIALIZE = 1 << 8, 1 << 9
"""GIMP's flags of those names, whose values are wrong in Python: without the first it refuses an empty array of
objects, without the second it saves the regions' styles and strengths, but not their maps."""
RESULTS = {
    "new-layer": N_("New layer"),
    "hide-original": N_("New layer, hide the original"),
    "replace": N_("Replace the layer"),
    "new-image": N_("New image"),
}
EARLIER = {"replace": N_("Replace it"), "add": N_("Add another")}
"""What becomes of an earlier painting when its source is painted again."""
REGIONS = {"selection": N_("Selection"), "layer": N_("Entire layer")}
AS_LAYER = "as-layer"
BRUSHED = "brushed"
"""Where what was painted with the brush is, beside a painting's arguments."""
REGION_MAPS, REGION_STYLES, REGION_STRENGTHS = REGION_ARGUMENTS = ("region-maps", "region-styles", "region-strengths")
"""The arguments that hold the regions: arrays of one length."""
BLEND_MODES = {
    AS_LAYER: N_("As the layer"),
    "normal": N_("Normal"),
    "lighten-only": N_("Lighten only"),
    "screen": N_("Screen"),
    "dodge": N_("Dodge"),
    "addition": N_("Addition"),
    "darken-only": N_("Darken only"),
    "multiply": N_("Multiply"),
    "burn": N_("Burn"),
    "overlay": N_("Overlay"),
    "softlight": N_("Soft light"),
    "hardlight": N_("Hard light"),
    "difference": N_("Difference"),
    "grain-extract": N_("Grain extract"),
    "grain-merge": N_("Grain merge"),
    "hsl-color": N_("HSL Color"),
    "lch-hue": N_("LCh Hue"),
    "lch-chroma": N_("LCh Chroma"),
    "lch-color": N_("LCh Color"),
    "lch-lightness": N_("LCh Lightness"),
    "luminance": N_("Luminance"),
}
"""GIMP's layer modes that are useful for a painting above its layer, by GIMP's names."""


def property_of(name: str) -> str:
    """The argument's name of a setting: ``brush_size`` is ``brush-size`` to GIMP."""
    return name.replace("_", "-")


def add_arguments(procedure: Gimp.Procedure, result: str = "new-layer") -> None:
    """Add the arguments to a procedure: the style, the settings of the table, and where the painting goes.

    `result` is the default of the argument of that name.
    """
    procedure.add_string_argument(
        "preset", _("_Style"), _("Name of a style from the gallery; empty: the first of them"), "", _SAVED
    )
    procedure.add_file_argument(
        "style-file",
        _("_Your picture"),
        _("A picture to paint like, in place of a style from the gallery"),
        Gimp.FileChooserAction.ANY,  # with OPEN, GIMP silently drops the name of a file that is gone
        True,
        None,
        _SAVED,
    )
    procedure.add_drawable_argument(
        "style-drawable",
        _("_From a layer"),
        _("A layer of an open image to paint like, in place of the others"),
        True,
        _SAVED,
    )
    _add_crop(procedure)
    procedure.add_drawable_argument(
        "detail-map",
        _("Detail _map"),
        _("Keeps the drawing where it is white: any channel, mask or layer"),
        True,
        _SAVED,
    )
    sizes = Gimp.Choice.new()
    for place, (size, title) in enumerate((("full", _("Full size")), ("half", _("Half")), ("quarter", _("Quarter")))):
        sizes.add(size, place, title, "")
    labels = row_labels()
    procedure.add_choice_argument(
        "paint-at", labels["paint-at"], _("Smaller is quicker; the painting is enlarged again"), sizes, "full", _SAVED
    )
    text = _("Long side in pixels at which the layer is painted, at most its own; 0: as chosen under Paint at")
    procedure.add_int_argument("paint-size", labels["paint-size"], text, 0, MAX_SIZE, 0, _SAVED)
    for name, allowed in ranges().items():
        _add_setting(procedure, name, labels[name], allowed)
    _add_regions(procedure)
    _add_output(procedure, result, labels)


def row_labels() -> dict[str, str]:
    """The labels of the rows that GIMP makes, each with a mnemonic of its own as far as there are letters."""
    labels = {
        **{name: _(allowed.label) for name, allowed in ranges().items()},
        "paint-at": _("Paint at"),
        "paint-size": _("Long side (px)"),
        "result": _("Result"),
        "region": _("Area"),
        "blend-mode": _("Blend mode"),
        "opacity": _("Opacity"),
        "save-tries": _("Save tries with the image"),
    }
    return with_mnemonics(labels, TAKEN)


def _add_regions(procedure: Gimp.Procedure) -> None:
    """The regions' arguments: parallel arrays."""
    text = _("Regions that are painted in styles of their own: channels, masks, layers; of a group, each of its layers")
    unsaved = GObject.ParamFlags(_SAVED | _NO_VALIDATE | _DONT_SERIALIZE)
    procedure.add_core_object_array_argument(REGION_MAPS, _("Regions"), text, Gimp.Drawable.__gtype__, unsaved)
    text = _("For each region the name of a style, or a picture's path")
    procedure.add_string_array_argument(REGION_STYLES, _("Regions' styles"), text, unsaved)
    text = _("For each region its strength, 0..1; -1: as its style suggests; none: all as suggested")
    procedure.add_double_array_argument(REGION_STRENGTHS, _("Regions' strengths"), text, unsaved)


def _add_crop(procedure: Gimp.Procedure) -> None:
    labels = (_("Crop, left"), _("Crop, top"), _("Crop, right"), _("Crop, bottom"))
    text = _(
        "Edge of the part that counts of your picture or layer: 0 is its left or upper border, 1 its right or lower"
    )
    for (name, whole), label in zip(EDGES.items(), labels, strict=True):
        procedure.add_double_argument(name, label, text, 0, 1, whole, _SAVED)


def _add_output(procedure: Gimp.Procedure, result: str, labels: Mapping[str, str]) -> None:
    _add_choice(procedure, "result", labels["result"], _("Where the painting goes"), RESULTS, result)
    text = _("What is painted where something is selected")
    _add_choice(procedure, "region", labels["region"], text, REGIONS, "selection")
    text = _("What becomes of a painting when its source is painted again")
    _add_choice(procedure, "earlier", _("Earlier painting"), text, EARLIER, "replace")
    text = _("How the painting lies on the layer")
    _add_choice(procedure, "blend-mode", labels["blend-mode"], text, BLEND_MODES, AS_LAYER)
    text = _("How much the painting covers, in percent; times the layer's own opacity")
    procedure.add_double_argument("opacity", labels["opacity"], text, 0, 100, 100, _SAVED)
    text = _("Paint a layer that Impasto has painted like any other, instead of painting its source again")
    procedure.add_boolean_argument("paint-painting", _("Paint a painting"), text, False, _SAVED)
    text = _("Put the latest tries into the image together with a painting, so that its file brings them back")
    procedure.add_boolean_aux_argument("save-tries", labels["save-tries"], text, True, _SAVED)


def _add_choice(
    procedure: Gimp.Procedure, name: str, label: str, text: str, titles: dict[str, str], default: str
) -> None:
    choice = Gimp.Choice.new()
    for position, (value, title) in enumerate(titles.items()):
        choice.add(value, position, _(title), "")
    procedure.add_choice_argument(name, label, text, choice, default, _SAVED)


def with_mnemonics(labels: Mapping[str, str], taken: str) -> dict[str, str]:
    """The labels, in each of them a letter underlined that no other has and that isn't taken, in as many as can be.

    The others share one: Alt and that letter go from one to the next.
    """
    places: dict[str, dict[str, int]] = {}
    for name, label in labels.items():
        letters = [(letter.lower(), place) for place, letter in enumerate(label)]
        places[name] = {
            letter: place for letter, place in reversed(letters) if letter in WITH_KEYS and letter not in taken
        }
    owners: dict[str, str] = {}

    def finds(name: str, tried: set[str]) -> bool:
        """Give a label a letter; another label that has it may have to take another one."""
        for letter in places[name]:
            if letter not in tried:
                tried.add(letter)
                if letter not in owners or finds(owners[letter], tried):
                    owners[letter] = name
                    return True
        return False

    for name in labels:
        finds(name, set())
    marks = {name: place for name, label in labels.items() if (place := _any_letter(label, taken)) is not None}
    marks |= {name: places[name][letter] for letter, name in owners.items()}
    return {
        name: f"{label[: marks[name]]}_{label[marks[name] :]}" if name in marks else label
        for name, label in labels.items()
    }


def _any_letter(label: str, taken: str) -> int | None:
    """Where the first letter is that is a key by itself: one that isn't taken, if there is one."""
    letters = [(letter.lower() in taken, place) for place, letter in enumerate(label) if letter.lower() in WITH_KEYS]
    return min(letters, default=(False, None))[1]


def _add_setting(procedure: Gimp.Procedure, name: str, label: str, allowed: Range) -> None:
    prop, default, text = property_of(name), default_of(name), _(allowed.help)
    if allowed.choices:
        _add_choice(procedure, prop, label, text, allowed.choices, default)
        return
    low, kind = allowed.minimum, type(default)
    if allowed.by_style:
        span = _("({low:g}..{high:g}; -1: as the style suggests)").format(low=low, high=allowed.maximum)
        low, default, text = BY_STYLE, BY_STYLE, f"{text} {span}"
    add = procedure.add_int_argument if kind is int else procedure.add_double_argument
    add(prop, label, text, kind(low), kind(allowed.maximum), kind(default), _SAVED)


@dataclass(frozen=True)
class Output:
    """Where a painting goes, and how it is blended with the layer below."""

    result: str
    uses_selection: bool
    mode: Gimp.LayerMode | None
    """None: as the layer's own."""
    opacity: float
    """0..100, times the layer's own."""

    @property
    def hides_original(self) -> bool:
        """Is the layer hidden that was painted?"""
        return self.result == "hide-original"


def adds_another(config: Gimp.ProcedureConfig) -> bool:
    """Does an earlier painting stay beside the new one?"""
    return bool(config.get_property("earlier") == "add")


def output_from(config: Gimp.ProcedureConfig) -> Output:
    """The output that the arguments name."""
    name = config.get_property("blend-mode")
    mode = None if name == AS_LAYER else getattr(Gimp.LayerMode, name.upper().replace("-", "_"))
    uses_selection = config.get_property("region") == "selection"
    return Output(config.get_property("result"), uses_selection, mode, config.get_property("opacity"))


@dataclass(frozen=True)
class StyleChoice:
    """Where the style comes from: a drawable; without one a file; without both a style of the gallery by its name."""

    preset: str
    file: Path | None
    drawable: Gimp.Drawable | None
    crop: Crop = field(default_factory=Crop)
    """Of the file or the drawable."""

    @property
    def is_own(self) -> bool:
        """Is it a picture of the person's own?"""
        return self.picture is not None

    @property
    def picture(self) -> Path | Gimp.Drawable | None:
        """The picture of the person's own, if it is one."""
        return self.file if self.drawable is None else self.drawable


def style_from(config: Gimp.ProcedureConfig) -> StyleChoice:
    """The style that the arguments name."""
    file = config.get_property("style-file")
    path = Path(file.get_path()) if file is not None and file.get_path() else None
    crop = Crop(*map(config.get_property, EDGES))
    return StyleChoice(config.get_property("preset"), path, config.get_property("style-drawable"), crop)


def argument_of(config: Gimp.ProcedureConfig, name: str) -> Any:
    """An argument's value; those of regions as lists."""
    if name == REGION_MAPS:
        return list(config.get_core_object_array(name))
    if name == REGION_STRENGTHS:
        array = GObject.Value(Gimp.DoubleArray.__gtype__)  # which Python must know before it is given one
        held = config.get_property(name)
        if held is None:
            return []
        array.set_boxed(held)
        return list(Gimp.value_get_double_array(array))
    value = config.get_property(name)
    return list(value or []) if name == REGION_STYLES else value


def set_argument(config: Gimp.ProcedureConfig, name: str, value: Any) -> None:
    """Set an argument; those of regions to lists. Raises `TypeError`, `ValueError`."""
    if name in REGION_ARGUMENTS and not value:
        value = None  # GIMP ignores empty arrays
    elif name == REGION_MAPS:
        config.set_core_object_array(name, value)
        return
    elif name == REGION_STRENGTHS:
        held = GObject.Value(Gimp.DoubleArray.__gtype__)
        Gimp.value_set_double_array(held, value)
        value = held.get_boxed()
    config.set_property(name, value)


def apply_values(config: Gimp.ProcedureConfig, values: Mapping[str, Any]) -> None:
    """Set arguments by their names; not what was painted with the brush, which is none, and not the regions."""
    for name, value in values.items():
        if name != BRUSHED and name not in REGION_ARGUMENTS:
            config.set_property(name, value)


def settings_from(config: Gimp.ProcedureConfig, by_style: Settings) -> Settings:
    """The settings that the arguments hold; what is left to the style is taken from `by_style`.

    Raises `SettingError`.
    """
    held = {name: config.get_property(property_of(name)) for name in ranges()}
    given = {name: value for name, value in held.items() if not (name in suggested() and value == BY_STYLE)}
    return replace(by_style, **given)


def values_of(settings: Settings, names: Iterable[str]) -> dict[str, Any]:
    """The settings of those names, as the procedure's arguments."""
    return {property_of(name): getattr(settings, name) for name in names}
