"""The rows of the dialog's settings, made from the settings table."""

from random import SystemRandom
from typing import Any

from gi.repository import Gimp, GimpUi, GObject, Gtk

from impasto_plugin.arguments import property_of, row_labels
from impasto_plugin.texts import _
from impasto_wire.settings import Settings, default_of, ranges, suggested

from .differences import worded
from .drawables import DrawableChooser, maps_of
from .layout import labelled
from .resets import Reset, beside, differs, make_small

_RARE = ("places",)
"""Sliders that stand under More."""
_DIE = "⚄"
_SEEDS = 1_000_000
"""How many variations the die knows: more would only be longer numbers."""


class Controls:
    """How the layer is painted: `front` has the sliders and the quality, `more` what is needed more rarely."""

    def __init__(self, dialog: GimpUi.ProcedureDialog, config: Gimp.ProcedureConfig, image: Gimp.Image) -> None:
        self._map = DrawableChooser(
            lambda: maps_of(image),
            _("None"),
            _("Keeps the drawing where it is white and lets it dissolve where it is black"),
            lambda chosen: config.set_property("detail-map", chosen),
        )
        self._config = config
        self._own: dict[str, Any] = {}
        self._resets: dict[str, Reset] = {}
        sliders = {
            name: self._row(name, _slider(dialog, name)) for name, allowed in ranges().items() if allowed.percent
        }
        rare = [sliders.pop(name) for name in _RARE]
        sizes = (("paint-at", Gtk.ComboBox), ("paint-size", GObject.TYPE_NONE))
        quality, seamless = (self._row(name, dialog.get_widget(name, Gtk.ComboBox)) for name in ("quality", "seamless"))
        self.front = _rows(*sliders.values(), quality)
        variation = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL)
        seed = dialog.get_widget("seed", GObject.TYPE_NONE)
        _narrow(seed)
        variation.pack_start(seed, True, True, 0)
        variation.pack_start(_die(config), False, False, 0)
        variation.pack_start(self._reset("seed", seed), False, False, 0)
        map_row = labelled(_("Detai_l map"), self._map)
        painted_at = [dialog.get_widget(name, kind) for name, kind in sizes]
        self.more = _rows(*rare, variation, map_row, seamless, *painted_at)

    def _row(self, name: str, widget: Gtk.Widget) -> Gtk.Box:
        """A setting with the button that gives it the style's own value."""
        return beside(widget, self._reset(name, widget))

    def _reset(self, name: str, widget: Gtk.Widget) -> Reset:
        def give_back() -> None:
            self._config.set_property(property_of(name), self._own[name])

        reset = self._resets[name] = Reset(_(ranges()[name].label), widget, give_back)
        return reset

    def show_own(self, settings: Settings) -> None:
        """Show which settings differ from those of the style, or from the usual ones where styles suggest none."""
        self._own = {name: own_value(name, settings) for name in ranges()}
        for name, reset in self._resets.items():
            own = self._own[name]
            is_other = differs(self._config.get_property(property_of(name)), own)
            reset.show_own(worded(ranges()[name], own) if is_other else "")

    def show_map(self, detail_map: Gimp.Drawable | None) -> None:
        """Show which detail map is chosen."""
        self._map.select(detail_map)


def own_value(name: str, settings: Settings) -> Any:
    """The value of a setting in a style of those settings."""
    return getattr(settings, name) if name in suggested() else default_of(name)


def _rows(*widgets: Gtk.Widget) -> Gtk.Box:
    column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
    for widget in widgets:
        column.pack_start(widget, False, False, 0)
    return column


def _die(config: Gimp.ProcedureConfig) -> Gtk.Button:
    """A button that takes any other variation."""
    die = Gtk.Button(tooltip_text=_("Any other variation: other strokes, the same style"))
    sign = Gtk.Label()
    sign.set_markup(f'<span size="large">{_DIE}</span>')
    die.add(sign)
    make_small(die)
    die.get_accessible().set_name(_("Throw the die"))
    die.connect("clicked", lambda _button: config.set_property("seed", SystemRandom().randrange(1, _SEEDS)))
    return die


def _narrow(widget: Gtk.Widget) -> None:
    """Let the number that can be typed take no more room than a usual one needs."""
    for child in widget.get_children():
        if isinstance(child, Gtk.SpinButton):
            child.set_width_chars(6)
            child.set_max_width_chars(6)


def _slider(dialog: GimpUi.ProcedureDialog, name: str) -> Gtk.Widget:
    allowed = ranges()[name]
    slider = dialog.get_spin_scale(property_of(name), 100.0)
    slider.get_adjustment().set_lower(allowed.minimum * 100)
    slider.set_digits(0)
    slider.set_increments(1, 10)
    if allowed.logarithmic:
        slider.set_gamma(2.0)
    slider.set_label(_("{name} (%)").format(name=row_labels()[name]))
    slider.get_accessible().set_name(_(allowed.label))
    slider.set_tooltip_text(_(allowed.help))
    return slider
