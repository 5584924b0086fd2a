"""What the dialog says under the preview: what it is doing, how long it will take, what is wrong and what helps."""

import subprocess
from collections import deque
from collections.abc import Callable
from threading import Thread

from gi.repository import GLib, Gtk, Pango

from impasto_plugin.engine.computers import chosen_computer
from impasto_plugin.engine.forecasts import Forecast
from impasto_plugin.engine.launcher import environment, read_config
from impasto_plugin.texts import _, as_sentence
from impasto_wire.errors import EngineUnavailable, ImpastoError, WorkerDied
from impasto_wire.programs import OUT_OF_SIGHT, own_libraries

from .computer import ComputerLine
from .undoing import Undo

_LINES = 400
"""How many of the log's last lines are shown."""
_STATUS_LINES = 2
_FORECAST, _REMEDIES = "forecast", "remedies"
DOCTOR_SECONDS = 600.0
"""How long the doctor may take: it starts every GIMP and the engine, which takes minutes on a slow machine."""


class Report(Gtk.Box):
    """A bar and a few lines, always equally high; the last one says which computer paints.

    `on_retry` is called when the engine should be tried again; `undo` brings back a computer that was forgotten.
    """

    def __init__(self, on_retry: Callable[[], object], undo: Undo) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=4)
        self._bar = Gtk.ProgressBar()
        self._status = Gtk.Label(xalign=0, yalign=0, ellipsize=Pango.EllipsizeMode.END, wrap=True, max_width_chars=20)
        self._status.set_lines(_STATUS_LINES)
        self._status.set_size_request(-1, _STATUS_LINES * _line_height(self._status))
        self.computer = ComputerLine(undo)
        self._remedies = Remedies(on_retry, self._paint_here, self.hide_remedies, self.show_text)
        self._forecast, self._advice = (
            Gtk.Label(xalign=0, ellipsize=Pango.EllipsizeMode.END, max_width_chars=20) for _line in range(2)
        )
        forecast = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=4)
        for label in (self._forecast, self._advice):
            forecast.pack_start(label, False, False, 0)
        # A stack is as high as the higher of the two, so that nothing moves when one takes the other's place.
        self._stack = Gtk.Stack()
        self._stack.add_named(forecast, _FORECAST)
        self._stack.add_named(self._remedies, _REMEDIES)
        for widget in (self._bar, self._status, self._stack, self.computer):
            self.pack_start(widget, False, False, 0)

    def show_text(self, text: str, fraction: float) -> None:
        """Show what is being done, and how far it is; 0 and 1 when nothing is being done."""
        self._status.set_text(as_sentence(text))
        self._status.set_tooltip_text(as_sentence(text))
        self._bar.set_fraction(fraction)
        self._bar.set_opacity(0.0 if fraction in (0.0, 1.0) else 1.0)

    def hide_remedies(self) -> None:
        """Hide the buttons: the engine answers again."""
        self._stack.set_visible_child_name(_FORECAST)

    def _paint_here(self) -> None:
        self.computer.switch(None)

    def show_forecast(self, forecast: Forecast) -> None:
        """Show how long the painting will take."""
        self._forecast.set_text(forecast.sentence())
        self._forecast.set_tooltip_text("\n".join(filter(None, (forecast.sentence(), forecast.plan))))
        self._advice.set_text(forecast.advice())
        self._advice.set_tooltip_text(forecast.advice())

    def forget_forecast(self) -> None:
        """Show no forecast: that of other settings would be wrong now."""
        for label in (self._forecast, self._advice):
            label.set_text("")
            label.set_tooltip_text(None)

    def show_fault(self, error: ImpastoError) -> None:
        """Show what is wrong, and what to do about it."""
        self.show_text(str(error), 0.0)
        self._remedies.show_for(error)
        self._stack.set_visible_child_name(_REMEDIES if self._remedies.is_of_use else _FORECAST)


def _line_height(label: Gtk.Label) -> int:
    """How high a line of text is, in Gtk's pixels."""
    layout: Pango.Layout = label.create_pango_layout("Ág")
    return int(layout.get_pixel_size()[1])


class Remedies(Gtk.ButtonBox):
    """What helps when the engine doesn't answer: start it again, ask the doctor, read its log; where it is another
    computer's, try again or paint on this one.

    `on_retry` is called when the engine should be tried again, `on_here` when this computer should paint, `on_done`
    when the buttons have done what they can, `on_text` with what is being done and how far it is.
    """

    def __init__(
        self,
        on_retry: Callable[[], object],
        on_here: Callable[[], object],
        on_done: Callable[[], object],
        on_text: Callable[[str, float], object],
    ) -> None:
        super().__init__(layout_style=Gtk.ButtonBoxStyle.START, spacing=6, valign=Gtk.Align.START)
        self._on_retry, self._on_done, self._on_text = on_retry, on_done, on_text
        self._is_over = False
        self.connect("destroy", self._end)
        self._of_engine = [
            self._add(label, act)
            for label, act in (
                (_("Start A_gain"), self._retry),
                (_("Find Out and _Mend"), self._ask_doctor),
                (_("Op_en the Log"), self._show_log),
            )
        ]
        self._try = self._add(_("Try A_gain"), self._retry)
        self._here = self._add(_("Paint on This Co_mputer"), lambda _button: on_here())
        for button in (self._try, self._here):
            button.set_no_show_all(True)
        self.is_of_use = False
        """Is there a button that helps?"""

    def _add(self, label: str, act: Callable[[Gtk.Button], None]) -> Gtk.Button:
        button = Gtk.Button(label=label, use_underline=True)
        button.connect("clicked", act)
        self.add(button)
        self.set_child_non_homogeneous(button, True)
        return button

    def show_for(self, error: ImpastoError) -> None:
        """Show what helps after an error; nothing where only other settings help."""
        is_engine, is_worker = isinstance(error, EngineUnavailable), isinstance(error, WorkerDied)
        is_elsewhere = is_engine and chosen_computer() is not None
        for button in self._of_engine:
            button.set_visible(is_engine and not is_elsewhere)
        self._try.set_visible(is_worker or is_elsewhere)
        self._here.set_visible(is_elsewhere)
        self.is_of_use = is_engine or is_worker

    def _end(self, _widget: Gtk.Widget) -> None:
        self._is_over = True

    def _retry(self, _button: Gtk.Button) -> None:
        self._on_done()
        self._on_retry()

    def _ask_doctor(self, _button: Gtk.Button) -> None:
        self.set_sensitive(False)
        self._on_text(_("The doctor looks at everything; that takes a minute or two"), 0.0)
        ask_doctor(self._show_report)

    def _show_report(self, report: str) -> None:
        if self._is_over:
            return
        self.set_sensitive(True)
        self._on_done()
        show_report(self.get_toplevel(), _("Impasto's Doctor"), report, verdict_of(report))
        self._on_retry()

    def _show_log(self, _button: Gtk.Button) -> None:
        try:
            with read_config().log_file.open(encoding="utf-8", errors="replace") as log:
                text = "".join(deque(log, _LINES))
        except EngineUnavailable as error:
            text = str(error)
        except OSError as error:
            text = _("The engine has written no log yet ({reason})").format(reason=error.strerror)
        show_report(self.get_toplevel(), _("The Engine's Log"), text)


def ask_doctor(on_report: Callable[[str], object]) -> None:
    """Run `impasto doctor --fix` on a thread of its own; `on_report` gets its report on the main thread."""
    Thread(target=lambda: GLib.idle_add(on_report, _doctors_report()), name="impasto-doctor", daemon=True).start()


def verdict_of(report: str) -> str:
    """What the doctor has found, in a sentence: its report has a line for each thing, and begins it with a state."""
    states = [line.split(maxsplit=1)[0] for line in report.splitlines() if line.strip()]
    if wrong := states.count("wrong"):
        return _("Something keeps Impasto from painting; look for “wrong” below ({count}).").format(count=wrong)
    if "ok" not in states:
        return ""
    if warnings := states.count("warning"):
        return _("Impasto can paint; look for “warning” below ({count}).").format(count=warnings)
    return _("All is well; Impasto can paint.")


def show_report(parent: Gtk.Window, title: str, report: str, verdict: str = "") -> None:
    """Show a report in a window, where it can be read and copied; above it what it comes to."""
    text = Gtk.TextView(editable=False, monospace=True, cursor_visible=False, left_margin=8, top_margin=8)
    text.get_buffer().set_text(report)
    scrolled = Gtk.ScrolledWindow(shadow_type=Gtk.ShadowType.IN, expand=True)
    scrolled.add(text)
    dialog = Gtk.Dialog(title=title, transient_for=parent, modal=True)
    dialog.set_default_size(760, 480)
    dialog.get_content_area().set_border_width(12)
    if verdict:
        label = Gtk.Label(xalign=0, wrap=True, margin_bottom=8)
        label.set_markup(f"<b>{GLib.markup_escape_text(verdict)}</b>")
        dialog.get_content_area().pack_start(label, False, False, 0)
    dialog.get_content_area().pack_start(scrolled, True, True, 0)
    dialog.add_button(_("_Close"), Gtk.ResponseType.CLOSE)
    dialog.set_default_response(Gtk.ResponseType.CLOSE)
    dialog.show_all()
    dialog.run()
    dialog.destroy()


def _doctors_report() -> str:
    try:
        command = [*read_config().program(), "doctor", "--fix"]
        with own_libraries():
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**environment(), "PYTHONIOENCODING": "utf-8"},
                encoding="utf-8",
                errors="replace",
                creationflags=OUT_OF_SIGHT,
            )
        with process:
            try:
                told, _errors = process.communicate(timeout=DOCTOR_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
    except EngineUnavailable as error:
        return str(error)
    except subprocess.TimeoutExpired:
        return _("The doctor took longer than {minutes} minutes.").format(minutes=round(DOCTOR_SECONDS / 60))
    except OSError as error:
        return _("The doctor can't be asked ({reason}); run: python3 install/install.py").format(reason=error.strerror)
    return told.strip()
