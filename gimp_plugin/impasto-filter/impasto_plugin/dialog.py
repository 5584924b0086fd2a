"""The filter's dialog: the preview on the left; the gallery of styles and the settings on the right."""

from typing import Any

import gi

gi.require_version("GimpUi", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gimp, GimpUi, GLib, GObject, Gtk, Pango  # noqa: E402

from impasto_presets import Preset  # noqa: E402
from impasto_wire.errors import ImpastoError  # noqa: E402
from impasto_wire.messages import Forecasted  # noqa: E402
from impasto_wire.settings import ranges  # noqa: E402

from .arguments import BY_STYLE, SUGGESTED_BY_STYLE, StyleChoice, property_of, settings_from, style_from  # noqa: E402
from .catalogue import all_presets, chosen_preset  # noqa: E402
from .comparison import SIDE, Comparison  # noqa: E402
from .doctor import ask_doctor, show_report  # noqa: E402
from .gallery import Gallery  # noqa: E402
from .output import output_rows  # noqa: E402
from .pixels import read_pixels  # noqa: E402
from .preview import PreviewPainter, Request  # noqa: E402
from .styles import Style, read_style  # noqa: E402
from .texts import _, as_sentence, duration  # noqa: E402
from .window import pixbuf_of  # noqa: E402

TALL = 860
"""Height of the dialog where the screen has room: the gallery gets what more there is."""
REST_MS = 200
"""How long the settings must rest before a preview of them is begun."""


def ask(procedure: Gimp.Procedure, config: Gimp.ProcedureConfig, layer: Gimp.Layer) -> bool:
    """Show the dialog; the choices end up in `config`. Did the person press OK?"""
    GimpUi.init(procedure.get_name())
    dialog = Dialog(procedure, config, layer)
    try:
        return dialog.run()
    finally:
        dialog.close()


class Dialog:
    """GIMP's procedure dialog with our widgets in it. GIMP's Reset, Save and Load Settings change the same `config`."""

    def __init__(self, procedure: Gimp.Procedure, config: Gimp.ProcedureConfig, layer: Gimp.Layer) -> None:
        self._config, self._layer = config, layer
        self._space = layer.get_format()
        self._size = layer.get_width(), layer.get_height()
        self._before = read_pixels(layer, self._space, "u8", SIDE)
        self._styles: dict[StyleChoice, Style] = {}
        self._pending = 0
        self._is_closed = False
        self._resolve_style()
        # Connected before there are sliders: they must never see that a setting is left to the style.
        self._handler = config.connect("notify", self._changed)
        self._dialog = GimpUi.ProcedureDialog.new(procedure, config, _("Impasto Style Transfer"))
        self._dialog.set_ok_label(_("_Paint"))
        self._comparison = Comparison(pixbuf_of(self._before))
        self._gallery = Gallery(all_presets(), self._choose)
        self._file = Gtk.FileChooserButton(title=_("A picture to paint like"))
        self._file.add_filter(_pictures_filter())
        self._file.connect("file-set", self._choose_file)
        self._status = Gtk.Label(xalign=0, ellipsize=Pango.EllipsizeMode.END, wrap=True, lines=3, max_width_chars=20)
        self._forecast = Gtk.Label(xalign=0, ellipsize=Pango.EllipsizeMode.END)
        self._bar = Gtk.ProgressBar()
        self._doctor = Gtk.Button(label=_("Find Out and _Mend"), use_underline=True, no_show_all=True)
        self._doctor.connect("clicked", self._ask_doctor)
        self._dialog.get_content_area().pack_start(self._columns(), True, True, 0)
        self._dialog.set_default_size(-1, min(TALL, _screen_height() - 80))
        self._painter = PreviewPainter(self._show_picture, self._show_text, self._show_forecast, self._doctor.show)
        self._show_choice()
        self._rest()

    def run(self) -> bool:
        """Did the person press OK?"""
        return bool(self._dialog.run())

    def close(self) -> None:
        """Let go of the preview and of the window."""
        self._is_closed = True
        self._painter.close()
        self._config.disconnect(self._handler)
        if self._pending:
            GLib.source_remove(self._pending)
        self._dialog.destroy()

    # What it looks like

    def _columns(self) -> Gtk.Widget:
        left = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        left.pack_start(self._comparison, True, True, 0)
        left.pack_start(self._bar, False, False, 0)
        left.pack_start(self._status, False, False, 0)
        left.pack_start(self._doctor, False, False, 0)
        left.pack_start(self._forecast, False, False, 0)
        right = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        right.pack_start(self._gallery, True, True, 0)
        output = output_rows(self._dialog, self._config, self._layer.get_image())
        for widget in (*self._sources(), *self._settings(), output):
            right.pack_start(widget, False, False, 0)
        columns = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=12, border_width=12)
        columns.pack_start(left, True, True, 0)
        columns.pack_start(right, False, False, 0)
        columns.show_all()
        return columns

    def _sources(self) -> list[Gtk.Widget]:
        return [self._file_row(), self._dialog.get_widget("style-drawable", GObject.TYPE_NONE)]

    def _file_row(self) -> Gtk.Widget:
        row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=6)
        label = Gtk.Label(label=_("_Your picture"), use_underline=True, mnemonic_widget=self._file)
        row.pack_start(label, False, False, 0)
        row.pack_start(self._file, True, True, 0)
        return row

    def _settings(self) -> list[Gtk.Widget]:
        sliders = [self._control(name) for name, allowed in ranges().items() if allowed.percent]
        row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=12)
        for name, allowed in ranges().items():
            if not allowed.percent:
                row.pack_start(self._control(name), True, True, 0)
        return [*sliders, row]

    def _control(self, name: str) -> Gtk.Widget:
        allowed, prop = ranges()[name], property_of(name)
        if not allowed.percent:
            return self._dialog.get_widget(prop, Gtk.ComboBox if allowed.choices else GObject.TYPE_NONE)
        slider = self._dialog.get_spin_scale(prop, 100.0)
        slider.get_adjustment().set_lower(allowed.minimum * 100)
        slider.set_digits(0)
        slider.set_increments(1, 10)
        if allowed.logarithmic:
            slider.set_gamma(2.0)
        slider.set_label(_("{name} (%)").format(name=_(allowed.label)))
        slider.set_tooltip_text(_(allowed.help))
        return slider

    # What it does

    def _choose(self, preset: Preset) -> None:
        """The person picked a tile: the style, and with it the settings that suit it."""
        for source in ("style-file", "style-drawable"):
            self._config.set_property(source, None)
        self._config.set_property("preset", preset.name)
        for name in SUGGESTED_BY_STYLE:
            self._config.set_property(property_of(name), getattr(preset, name))

    def _choose_file(self, button: Gtk.FileChooserButton) -> None:
        self._config.set_property("style-file", button.get_file())

    def _resolve_style(self) -> None:
        """Write out what is left to the style."""
        choice = style_from(self._config)
        preset = None if choice.is_own else _preset_or_first(choice.preset)
        if preset and preset.name != choice.preset:
            self._config.set_property("preset", preset.name)
        settings = settings_from(self._config, preset)
        for name in SUGGESTED_BY_STYLE:
            if self._config.get_property(property_of(name)) == BY_STYLE:
                self._config.set_property(property_of(name), getattr(settings, name))

    def _changed(self, config: Gimp.ProcedureConfig, changed: Any) -> None:
        if changed.name in ("style-file", "style-drawable") and config.get_property(changed.name) is not None:
            other = "style-drawable" if changed.name == "style-file" else "style-file"
            config.set_property(other, None)
        self._resolve_style()
        if hasattr(self, "_painter"):
            self._show_choice()
            self._rest()

    def _show_choice(self) -> None:
        choice = style_from(self._config)
        self._gallery.select(None if choice.is_own else choice.preset)
        if choice.file is None:
            self._file.unselect_all()
        elif self._file.get_filename() != str(choice.file):
            self._file.set_filename(str(choice.file))

    def _rest(self) -> None:
        if self._pending:
            GLib.source_remove(self._pending)
        self._pending = GLib.timeout_add(REST_MS, self._preview)

    def _preview(self) -> bool:
        self._pending = 0
        try:
            style = self._style(style_from(self._config))
            self._painter.paint(Request(self._before, style, settings_from(self._config, style.preset), self._size))
        except ImpastoError as error:
            self._show_text(str(error), 0.0)
        return GLib.SOURCE_REMOVE

    def _style(self, choice: StyleChoice) -> Style:
        if choice not in self._styles:
            self._styles[choice] = read_style(choice, self._space)
        return self._styles[choice]

    def _show_picture(self, picture: Any) -> None:
        self._comparison.show_after(pixbuf_of(picture))

    def _show_text(self, text: str, fraction: float) -> None:
        self._status.set_text(as_sentence(text))
        self._status.set_tooltip_text(text)
        self._bar.set_fraction(fraction)
        self._bar.set_opacity(0.0 if fraction in (0.0, 1.0) else 1.0)

    def _show_forecast(self, forecast: Forecasted) -> None:
        text = _("Painting the whole layer: {time}, {memory:.1f} GB of memory")
        self._forecast.set_text(text.format(time=duration(forecast.seconds), memory=forecast.bytes / 1e9))
        self._forecast.set_tooltip_text(forecast.plan)

    def _ask_doctor(self, button: Gtk.Button) -> None:
        button.set_sensitive(False)
        self._show_text(_("The doctor looks at everything; that takes a minute or two"), 0.0)
        ask_doctor(self._show_report)

    def _show_report(self, report: str) -> None:
        if self._is_closed:
            return
        self._doctor.hide()
        self._doctor.set_sensitive(True)
        show_report(self._dialog, report)
        self._rest()


def _screen_height() -> int:
    """Of the screen's part that no panel covers."""
    return int(Gdk.Display.get_default().get_monitor(0).get_workarea().height)


def _pictures_filter() -> Gtk.FileFilter:
    pictures = Gtk.FileFilter()
    pictures.set_name(_("Pictures"))
    pictures.add_mime_type("image/*")
    return pictures


def _preset_or_first(name: str) -> Preset:
    """The style of that name; the first where it is gone since its name was remembered."""
    return next((preset for preset in all_presets() if preset.name == name), chosen_preset(""))
