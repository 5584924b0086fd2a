"""The page that comes in the dialog's place where there is no engine yet, or a newer one: it sets the engine up."""

import time
from threading import Thread

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("GimpUi", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gimp, GimpUi, GLib, Gtk  # noqa: E402

from impasto_plugin.texts import _, as_sentence, time_left  # noqa: E402
from impasto_setup.errors import SetUpCancelled, SetUpError  # noqa: E402
from impasto_setup.machine import AMD, APPLE, CPU, NVIDIA  # noqa: E402
from impasto_setup.places import size, spelled, this_prefix  # noqa: E402
from impasto_setup.progress import DOWNLOADING, SetUpProgress  # noqa: E402
from impasto_setup.set_up import SetUpPlan, plans, report, set_up, this_filter, wants_update  # noqa: E402

_SHOWN_EVERY = 0.1
_PULSE_MS = 120
_TEXT_WIDTH = 64
_COPY, _SET_UP = 1, 2


def ask_for_set_up(procedure: Gimp.Procedure) -> bool:
    """Show the page; True when there is an engine that can paint, which may be the older one."""
    GimpUi.init(procedure.get_name())
    page = SetUpPage()
    try:
        return page.run()
    finally:
        page.close()


class SetUpPage:
    """An `Onlooker` of a set-up that runs on a thread of its own; what it shows, it shows on the main thread."""

    def __init__(self) -> None:
        self._is_update = wants_update(this_filter())
        self._plans: list[SetUpPlan] = []
        self._thread: Thread | None = None
        self._is_cancelled = self._is_done = False
        self._shown_at = 0.0
        self._pulse = 0
        self._error: SetUpError | None = None
        self._window = self._build()
        try:
            self._plans = plans(this_filter())
        except SetUpError as error:
            self._show_error(error)
        for plan in self._plans:
            self._kinds.append_text(_name_of(plan.kind))
        self._kinds.set_active(0)
        self._kind_row.set_visible(len(self._plans) > 1)
        self._button.set_sensitive(bool(self._plans))

    def _build(self) -> Gtk.Dialog:
        window = Gtk.Dialog(
            title=_("Set Up Impasto"), window_position=Gtk.WindowPosition.CENTER, resizable=False, icon_name="gimp"
        )
        self._copy = window.add_button(_("Copy _Report"), _COPY)
        self._copy.set_no_show_all(True)
        self._copy.hide()
        self._leave = window.add_button(_("_Not Now") if self._is_update else _("_Cancel"), Gtk.ResponseType.CANCEL)
        self._button = window.add_button(_("_Update") if self._is_update else _("_Set Up"), _SET_UP)
        self._button.get_style_context().add_class("suggested-action")
        window.set_default_response(_SET_UP)
        heading, self._what, self._where, self._status = (self._label() for _part in range(4))
        title = (
            _("A newer painting engine came with this filter")
            if self._is_update
            else _("Impasto needs its painting engine")
        )
        heading.set_markup(f"<big><b>{GLib.markup_escape_text(title)}</b></big>")
        self._kinds = Gtk.ComboBoxText(hexpand=True)
        self._kinds.connect("changed", self._show_plan)
        label = Gtk.Label(label=_("Paint _with"), use_underline=True, mnemonic_widget=self._kinds)
        self._kind_row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=12, no_show_all=True)
        for widget in (label, self._kinds):
            widget.show()
            self._kind_row.pack_start(widget, widget is self._kinds, widget is self._kinds, 0)
        self._bar = Gtk.ProgressBar(margin_top=6)
        self._status.set_lines(2)
        column = window.get_content_area()
        column.set_properties(border_width=18, spacing=12)
        for widget in (heading, self._what, self._kind_row, self._where, self._bar, self._status):
            column.pack_start(widget, False, False, 0)
        self._bar.set_opacity(0.0)
        window.get_action_area().set_property("margin-top", 6)
        window.show_all()
        return window

    @staticmethod
    def _label() -> Gtk.Label:
        return Gtk.Label(xalign=0, wrap=True, width_chars=_TEXT_WIDTH, max_width_chars=_TEXT_WIDTH)

    def run(self) -> bool:
        """Let the person decide; True when they go on to the dialog."""
        GimpUi.window_set_transient(self._window)
        while True:
            answer = self._window.run()
            if self._is_done:
                return True
            if answer == _SET_UP:
                self._begin()
            elif answer == _COPY:
                self._copy_report()
            elif self._thread is None:
                return self._is_update and answer == Gtk.ResponseType.CANCEL
            else:
                self._is_cancelled = True
                self._leave.set_sensitive(False)
                self._status.set_text(_("Cancelling…"))

    def close(self) -> None:
        """Close the window."""
        self._stop_pulse()
        self._window.destroy()

    def _show_plan(self, _kinds: Gtk.ComboBoxText) -> None:
        plan = self._plan()
        if plan.download:
            text = _(
                "It is downloaded once, about {download}, and then takes {disk} of disk. "
                "It paints on this computer; nothing leaves it."
            )
        else:
            text = _("It is here already; only this filter doesn't know it yet.")
        self._what.set_text(text.format(download=size(plan.download), disk=size(plan.disk)))
        self._where.set_text(_("It goes into {folder}.").format(folder=spelled(plan.prefix)))

    def _plan(self) -> SetUpPlan:
        return self._plans[max(0, self._kinds.get_active())]

    def _begin(self) -> None:
        self._is_cancelled, self._error = False, None
        self._show_working(True)
        plan = self._plan()
        self._thread = Thread(target=self._work, args=(plan,), name="impasto-set-up", daemon=True)
        self._thread.start()

    def _work(self, plan: SetUpPlan) -> None:
        """On the thread of the set-up."""
        try:
            set_up(this_filter(), plan, self)
        except SetUpError as error:
            GLib.idle_add(self._end, error)
        except Exception as error:  # a fault of ours is no reason to wait for ever
            GLib.idle_add(self._end, SetUpError("{error}", error=repr(error)))
        else:
            GLib.idle_add(self._end, None)

    def _end(self, error: SetUpError | None) -> None:
        self._thread = None
        self._show_working(False)
        if error:
            self._show_error(error)
        else:
            self._is_done = True
            self._window.response(Gtk.ResponseType.OK)

    def _show_working(self, is_working: bool) -> None:
        self._kinds.set_sensitive(not is_working)
        self._button.set_sensitive(not is_working)
        self._leave.set_sensitive(True)
        self._leave.set_label(_("_Cancel") if is_working or not self._is_update else _("_Not Now"))
        self._copy.hide()
        self._bar.set_opacity(1.0 if is_working else 0.0)
        self._status.set_text("")
        self._stop_pulse()

    def _show_error(self, error: SetUpError) -> None:
        self._error = error
        self._status.set_text(as_sentence(_(error.text).format(**error.values)) + ".")
        self._copy.set_visible(not isinstance(error, SetUpCancelled))

    def _copy_report(self) -> None:
        sentence = str(self._error) if self._error else ""
        Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).set_text(report(this_prefix(), sentence), -1)
        Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).store()
        self._copy.set_label(_("Copied"))

    # An `Onlooker`: called on the set-up's thread

    def show(self, progress: SetUpProgress) -> None:
        """Show how far it is, but not for every few bytes."""
        now = time.monotonic()
        if progress.text == DOWNLOADING and now - self._shown_at < _SHOWN_EVERY:
            return
        self._shown_at = now
        GLib.idle_add(self._take_progress, progress)

    def is_cancelled(self) -> bool:
        """Was Cancel pressed?"""
        return self._is_cancelled

    # On the main thread again

    def _take_progress(self, progress: SetUpProgress) -> None:
        if self._is_cancelled or self._thread is None:
            return
        told = [_(progress.text).format(name=progress.name)]
        if progress.text == DOWNLOADING:
            self._stop_pulse()
            self._bar.set_fraction(progress.done / max(1, progress.total))
            told.append(_("{done} of {total}").format(done=size(progress.done), total=size(progress.total)))
            if progress.seconds_left is not None:
                told.append(time_left(progress.seconds_left))
        elif not self._pulse:
            self._pulse = GLib.timeout_add(_PULSE_MS, self._pulse_once)
        self._status.set_text(" · ".join(told))

    def _pulse_once(self) -> bool:
        self._bar.pulse()
        return GLib.SOURCE_CONTINUE

    def _stop_pulse(self) -> None:
        if self._pulse:
            GLib.source_remove(self._pulse)
            self._pulse = 0


def _name_of(kind: str) -> str:
    """What a person calls a kind of build."""
    return {
        NVIDIA: _("Graphics card (NVIDIA)"),
        AMD: _("Graphics card (AMD)"),
        APPLE: _("This Mac"),
        CPU: _("Processor"),
    }[kind]
