"""The doctor, asked from the filter: `impasto doctor --fix` on a thread of its own, then its report in a window."""

import subprocess
from collections.abc import Callable
from threading import Thread

from gi.repository import GLib, Gtk

from impasto_plugin.engine.launcher import environment, read_config
from impasto_plugin.texts import _
from impasto_wire.errors import EngineUnavailable

SECONDS = 600.0
"""The doctor starts every GIMP and the engine; on a slow machine that takes minutes."""


def ask_doctor(on_report: Callable[[str], object]) -> None:
    """Have everything looked at and mended; `on_report` gets what was said, on the main thread."""
    Thread(target=lambda: GLib.idle_add(on_report, _report()), name="impasto-doctor", daemon=True).start()


def show_report(parent: Gtk.Window, title: str, report: str) -> None:
    """A report in a window, to be read and copied."""
    text = Gtk.TextView(editable=False, monospace=True, cursor_visible=False, left_margin=8, top_margin=8)
    text.get_buffer().set_text(report)
    scrolled = Gtk.ScrolledWindow(shadow_type=Gtk.ShadowType.IN, expand=True)
    scrolled.add(text)
    dialog = Gtk.Dialog(title=title, transient_for=parent, modal=True)
    dialog.set_default_size(760, 480)
    dialog.get_content_area().set_border_width(12)
    dialog.get_content_area().pack_start(scrolled, True, True, 0)
    dialog.add_button(_("_Close"), Gtk.ResponseType.CLOSE)
    dialog.set_default_response(Gtk.ResponseType.CLOSE)
    dialog.show_all()
    dialog.run()
    dialog.destroy()


def _report() -> str:
    try:
        command = [*read_config().program(), "doctor", "--fix"]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**environment(), "PYTHONIOENCODING": "utf-8"},
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except EngineUnavailable as error:
        return str(error)
    except subprocess.TimeoutExpired:
        return _("The doctor took longer than {minutes} minutes.").format(minutes=round(SECONDS / 60))
    except OSError as error:
        return _("The doctor can't be asked ({reason}); run: python3 install/install.py").format(reason=error.strerror)
    return done.stdout.strip()
