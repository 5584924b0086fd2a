"""On the path of a GIMP's Pythons: the filter speaks the test's language, tells what its windows show, and writes down
how long its main loop has ever stood still."""

import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path

TICK_MS = 20
PROFILE = Path(os.environ["GIMP3_DIRECTORY"])
STANDSTILLS, ASKED, SEEN = (PROFILE / name for name in ("standstills", f"asked-{os.getpid()}", f"seen-{os.getpid()}"))

if "-run" in sys.orig_argv and any("impasto-filter" in word for word in sys.orig_argv):
    Path(PROFILE, f"runs-{os.getpid()}").touch()
    with suppress(FileNotFoundError):
        os.environ["LANGUAGE"] = (PROFILE / "language").read_text()
    from gi.repository import GLib

    last = []
    longest = [0.0]

    def tick():
        """Compare with the tick before; the first one is when the dialog is there."""
        now = time.monotonic() - seconds_of_others()
        if last and now - last[0] > longest[0]:
            longest[0] = now - last[0]
            STANDSTILLS.write_text(f"{longest[0]:.3f}", encoding="utf-8")
        last[:] = [now]
        if ASKED.exists():
            ASKED.unlink()
            part = SEEN.with_suffix(".part")
            part.write_text(json.dumps(windows()), encoding="utf-8")
            part.rename(SEEN)
        return GLib.SOURCE_CONTINUE

    def seconds_of_others():
        """How long this thread has waited while others had the processor, which is not its own fault."""
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9

    def windows():
        """The widgets of all windows that can be seen, by the windows' titles."""
        from gi.repository import Gtk

        shown = [window for window in Gtk.Window.list_toplevels() if window.get_mapped()]
        return {window.get_title() or "": list(widgets(window, window)) for window in shown}

    def widgets(widget, window, view=None):
        """A widget and those within it: kind, name, text, whether it can be used, and its place on the screen.

        Of what scrolls, only the part at the place `view` is seen.
        """
        if not widget.get_mapped():
            return
        place = widget.translate_coordinates(window, 0, 0)
        corner = window.get_window().get_origin()
        fine = window.get_scale_factor()
        if place is not None:
            sides = widget.get_allocated_width(), widget.get_allocated_height()
            view = (place, sides) if isinstance(widget, viewports()) else view
            yield {
                "kind": type(widget).__name__,
                "name": widget.get_accessible().get_name() or "",
                "text": text_of(widget),
                "is_sensitive": widget.is_sensitive(),
                "has_focus": widget.has_focus(),
                "is_seen": view is None or all(map(is_within, place, sides, *view)),
                "place": [
                    fine * (corner[-2] + place[0]),
                    fine * (corner[-1] + place[1]),
                    fine * sides[0],
                    fine * sides[1],
                ],
            }
        children = []
        if hasattr(widget, "forall"):
            widget.forall(children.append)
        for child in children:
            yield from widgets(child, window, view)

    def viewports():
        from gi.repository import Gtk

        return Gtk.ScrolledWindow, Gtk.Viewport

    def is_within(start, side, first, length):
        """Does a stretch lie within another?"""
        return first <= start and start + side <= first + length

    def text_of(widget):
        """What a label or an entry says."""
        return widget.get_text() if hasattr(widget, "get_text") else ""

    STANDSTILLS.unlink(missing_ok=True)
    GLib.timeout_add(TICK_MS, tick)
