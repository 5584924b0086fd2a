"""The window that shows a layer while it is painted. It takes no focus; Cancel leaves the image untouched."""

from threading import Event

from gi.repository import Gdk, GdkPixbuf, GLib, Gtk

from impasto_plugin.progress import Outcome, Task, Work
from impasto_plugin.texts import _
from impasto_wire.errors import JobCancelled
from impasto_wire.pictures import Pixels
from impasto_wire.request import Window

from .screens import fineness, roomy, show_picture

PICTURE_SIDE = 480
PATIENCE_MS = 2000
"""How long a cancelled task may take to end; after that the window closes without waiting."""


def pixbuf_of(picture: Pixels) -> GdkPixbuf.Pixbuf:
    """An RGB or RGBA picture of 8 bits, for Gtk."""
    data, row = GLib.Bytes.new(bytes(picture.data)), picture.width * picture.channels
    space, alpha = GdkPixbuf.Colorspace.RGB, picture.channels == 4
    return GdkPixbuf.Pixbuf.new_from_bytes(data, space, alpha, 8, picture.width, picture.height, row)


def fitted(pixbuf: GdkPixbuf.Pixbuf, width: int, height: int) -> GdkPixbuf.Pixbuf:
    """The picture as large as fits, at most twice its size."""
    scale = min(width / pixbuf.get_width(), height / pixbuf.get_height(), 2.0)
    size = max(1, round(pixbuf.get_width() * scale)), max(1, round(pixbuf.get_height() * scale))
    return pixbuf.scale_simple(*size, GdkPixbuf.InterpType.BILINEAR)


def painted_over(
    layer: Pixels, painting: Pixels, part: Window | None = None, selection: Pixels | None = None
) -> GdkPixbuf.Pixbuf:
    """A painting (RGB, perhaps smaller) of a layer (RGBA), or of part of it, with the layer's alpha.

    What of the layer isn't selected stays as it is.
    """
    part = part or Window(0, 0, layer.width, layer.height)
    picture = pixbuf_of(painting)
    if (painting.width, painting.height) != (part.width, part.height):
        picture = picture.scale_simple(part.width, part.height, GdkPixbuf.InterpType.BILINEAR)
    if selection is not None:
        picture = _where_selected(_cut(layer, part), picture, _cut(selection, part))
    data = bytearray(picture.add_alpha(False, 0, 0, 0).get_pixels())
    data[3::4] = _cut(layer, part)[3::4]
    return pixbuf_of(Pixels(part.width, part.height, 4, "u8", bytes(data)))


def _cut(picture: Pixels, part: Window) -> bytes:
    """The samples of part of a picture of 8 bits."""
    if (part.width, part.height) == (picture.width, picture.height):
        return bytes(picture.data)
    row, whole = picture.channels * part.width, memoryview(picture.data)
    starts = (picture.channels * ((part.top + line) * picture.width + part.left) for line in range(part.height))
    return b"".join(whole[start : start + row] for start in starts)


def _where_selected(layer: bytes, painting: GdkPixbuf.Pixbuf, selection: bytes) -> GdkPixbuf.Pixbuf:
    """The layer (RGBA) with a painting (RGB) over what is selected; opaque."""
    width, height = painting.get_width(), painting.get_height()
    below, above = bytearray(layer), bytearray(painting.add_alpha(False, 0, 0, 0).get_pixels())
    below[3::4], above[3::4] = b"\xff" * (width * height), selection
    shown, veiled = (pixbuf_of(Pixels(width, height, 4, "u8", bytes(data))) for data in (below, above))
    shown = shown.copy()  # what is made of bytes can't be written
    veiled.composite(shown, 0, 0, width, height, 0, 0, 1, 1, GdkPixbuf.InterpType.NEAREST, 255)
    return shown


class PaintingWindow:
    """A `Watcher` with a window."""

    def __init__(self, title: str, before: Pixels) -> None:
        self._cancelled = False
        self._keeps = Event()
        self.loop = GLib.MainLoop()
        self._fine = fineness()
        side = roomy(PICTURE_SIDE) * self._fine
        shown = fitted(pixbuf_of(before), side, side)
        self._size = shown.get_width(), shown.get_height()
        self._picture = Gtk.Image()
        show_picture(self._picture, shown, self._fine)
        self._text = Gtk.Label(label=_("Finding the engine…"), xalign=0)
        self._bar = Gtk.ProgressBar()
        self._keep = Gtk.Button(label=_("_Keep Now"), use_underline=True, sensitive=False)
        self._keep.set_tooltip_text(_("End here, and make a layer of the picture as you see it"))
        self.window = self._build(title)

    def _build(self, title: str) -> Gtk.Window:
        window = Gtk.Window(title=title, type_hint=Gdk.WindowTypeHint.NORMAL, resizable=False, border_width=12)
        window.set_focus_on_map(False)
        window.set_icon_name("gimp")
        buttons = Gtk.ButtonBox(layout_style=Gtk.ButtonBoxStyle.END, spacing=6)
        cancel = Gtk.Button(label=_("_Cancel"), use_underline=True)
        cancel.connect("clicked", self._cancel)
        self._keep.connect("clicked", self._keep_now)
        buttons.add(cancel)
        buttons.add(self._keep)
        window.connect("delete-event", self._cancel)
        self._picture.set_size_request(roomy(PICTURE_SIDE), -1)
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=8)
        for part in (self._picture, self._text, self._bar, buttons):
            column.pack_start(part, False, False, 0)
        window.add(column)
        window.show_all()
        return window

    def _cancel(self, *_event: object) -> bool:
        self._cancelled = True
        self._text.set_text(_("Cancelling…"))
        GLib.timeout_add(PATIENCE_MS, self.loop.quit)
        return True

    def _keep_now(self, button: Gtk.Button) -> None:
        button.set_sensitive(False)
        self._keeps.set()

    def show_progress(self, fraction: float, text: str) -> None:
        """Show how far the work is."""
        GLib.idle_add(self._take_progress, fraction, text)

    def show_picture(self, picture: Pixels) -> None:
        """Show the picture so far."""
        GLib.idle_add(self._take_picture, picture)

    def is_cancelled(self) -> bool:
        """Was Cancel pressed, or the window closed?"""
        return self._cancelled

    def takes_keep(self) -> bool:
        """Was Keep pressed?"""
        is_asked = self._keeps.is_set()
        self._keeps.clear()
        return is_asked

    def _take_progress(self, fraction: float, text: str) -> bool:
        if not self._cancelled:
            self._bar.set_fraction(fraction)
            self._text.set_text(text)
        return GLib.SOURCE_REMOVE

    def _take_picture(self, picture: Pixels) -> bool:
        self._keep.set_sensitive(not self._keeps.is_set())
        shown = pixbuf_of(picture).scale_simple(*self._size, GdkPixbuf.InterpType.BILINEAR)
        show_picture(self._picture, shown, self._fine)
        return GLib.SOURCE_REMOVE


def in_own_window(task: Task[Outcome], title: str, before: Pixels) -> Outcome:
    """Do a task while a window of our own shows it. Raises `JobCancelled`."""
    watching = PaintingWindow(title, before)
    try:
        work = Work(task, watching, lambda: GLib.idle_add(watching.loop.quit))
        watching.loop.run()
    finally:
        watching.window.destroy()
    if watching.is_cancelled():
        raise JobCancelled("the painting was cancelled")
    return work.result()
