"""What can be done where the engine is missing or ill: start it again, have it mended, read its log."""

from collections import deque
from collections.abc import Callable

from gi.repository import Gtk

from impasto_plugin.engine.launcher import read_config
from impasto_plugin.texts import _
from impasto_wire.errors import EngineUnavailable

from .doctor import ask_doctor, show_report

_LINES = 400
"""Of the log, its last ones."""


class Illness(Gtk.ButtonBox):
    """Three buttons, hidden until they are needed. `on_retry` is called when the engine should be tried again."""

    def __init__(self, on_retry: Callable[[], object], on_text: Callable[[str, float], object]) -> None:
        super().__init__(layout_style=Gtk.ButtonBoxStyle.START, spacing=6, no_show_all=True)
        self._on_retry, self._on_text = on_retry, on_text
        self._is_over = False
        self.connect("destroy", self._end)
        for label, act in (
            (_("Start A_gain"), self._retry),
            (_("Find Out and _Mend"), self._ask_doctor),
            (_("_Open the Log"), self._show_log),
        ):
            button = Gtk.Button(label=label, use_underline=True, visible=True)
            button.connect("clicked", act)
            self.add(button)
            self.set_child_non_homogeneous(button, True)

    def _end(self, _widget: Gtk.Widget) -> None:
        self._is_over = True

    def _retry(self, _button: Gtk.Button) -> None:
        self.hide()
        self._on_retry()

    def _ask_doctor(self, _button: Gtk.Button) -> None:
        self.set_sensitive(False)
        self._on_text(_("The doctor looks at everything; that takes a minute or two"), 0.0)
        ask_doctor(self._show_report)

    def _show_report(self, report: str) -> None:
        if self._is_over:
            return
        self.set_sensitive(True)
        self.hide()
        show_report(self.get_toplevel(), _("Impasto's Doctor"), report)
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
