"""A file manager as small as can be: a window at a place of the screen from which files can be dragged, once."""

import sys

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gio, GLib, Gtk  # noqa: E402

SECONDS = 120
left, top, *paths = sys.argv[1:]
uris = [Gio.File.new_for_path(path).get_uri() for path in paths]
window = Gtk.Window(title="Files", skip_taskbar_hint=True, accept_focus=False)
icon = Gtk.EventBox()
icon.add(Gtk.Label(label="\n".join(paths), margin=12))
icon.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
icon.drag_source_add_uri_targets()
icon.connect("drag-data-get", lambda _icon, _context, data, _kind, _time: data.set_uris(uris))
icon.connect("drag-end", lambda _icon, _context: Gtk.main_quit())
window.add(icon)
window.set_keep_above(True)
window.move(int(left), int(top))
window.show_all()
GLib.timeout_add_seconds(SECONDS, Gtk.main_quit)
Gtk.main()
