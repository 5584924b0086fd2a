"""The window that shows a layer while it is painted: it stays above GIMP and takes no focus.

Cancel leaves the image untouched. Where the engine fails in the middle, it asks how to go on.
"""

import time
from collections import deque
from collections.abc import Callable
from threading import Event

import gi

gi.require_version("GimpUi", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GdkPixbuf, GimpUi, GLib, Gtk  # noqa: E402

from impasto_plugin.engine.computers import chosen_computer  # noqa: E402
from impasto_plugin.image.grey import Grey  # noqa: E402
from impasto_plugin.progress import Answer, Outcome, Task, Work  # noqa: E402
from impasto_plugin.texts import _, as_sentence, time_left  # noqa: E402
from impasto_wire.errors import EngineUnavailable, ImpastoError, JobCancelled  # noqa: E402
from impasto_wire.pictures import Pixels  # noqa: E402
from impasto_wire.request import Window  # noqa: E402

from .screens import fineness, roomy, show_picture  # noqa: E402

PICTURE_SIDE = 480
LEAST_ROOM = 160
ENLARGED = 8.0
"""Screen pixels for each of the picture's, at most."""
_BELOW = 130
"""The height of what stands below the picture."""
_PACED = 4
"""Of so many steps the longest says how long the next may take."""
_FETCH_SECONDS = 1.0
PATIENCE_MS = 2000
"""How long a cancelled task may take to end; after that the window closes without waiting."""


def pixbuf_of(picture: Pixels) -> GdkPixbuf.Pixbuf:
    """An RGB or RGBA picture of 8 bits, for Gtk."""
    data, row = GLib.Bytes.new(bytes(picture.data)), picture.width * picture.channels
    space, alpha = GdkPixbuf.Colorspace.RGB, picture.channels == 4
    return GdkPixbuf.Pixbuf.new_from_bytes(data, space, alpha, 8, picture.width, picture.height, row)


def without_alpha(picture: GdkPixbuf.Pixbuf) -> GdkPixbuf.Pixbuf:
    """The picture's colours. Some of GdkPixbuf's writers of JPEG take RGBA for something else."""
    if not picture.get_has_alpha():
        return picture
    width, height, row, data = picture.get_width(), picture.get_height(), picture.get_rowstride(), picture.get_pixels()
    lines = b"".join(data[line * row : line * row + 4 * width] for line in range(height))
    colours = bytearray(3 * width * height)
    for channel in range(3):
        colours[channel::3] = lines[channel::4]
    return pixbuf_of(Pixels(width, height, 3, "u8", bytes(colours)))


def fitted(pixbuf: GdkPixbuf.Pixbuf, width: int, height: int, most: float = 2.0) -> GdkPixbuf.Pixbuf:
    """The picture as large as fits, at most `most` times its size."""
    scale = min(width / pixbuf.get_width(), height / pixbuf.get_height(), most)
    size = max(1, round(pixbuf.get_width() * scale)), max(1, round(pixbuf.get_height() * scale))
    return pixbuf.scale_simple(*size, GdkPixbuf.InterpType.BILINEAR)


def painted_over(
    layer: Pixels,
    painting: Pixels,
    part: Window | None = None,
    selection: Pixels | None = None,
    grey: Grey | None = None,
) -> GdkPixbuf.Pixbuf:
    """A painting (RGB, perhaps smaller) of a layer (RGBA), or of part of it, with the layer's alpha; in grey with
    `grey`.

    What of the layer isn't selected stays as it is.
    """
    painting = painting if grey is None else grey.of(painting)
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
    """A `Watcher` with a window above GIMP's, whose picture grows with it."""

    def __init__(self, title: str, before: Pixels, grey: Grey | None = None) -> None:
        self._cancelled = False
        self._keeps, self._answered = Event(), Event()
        self._answer: Answer = "give-up"
        self._grey = grey
        self._pace = _Pace()
        self._finishes = 0
        self.loop = GLib.MainLoop()
        self._shown = pixbuf_of(before)
        self._picture = Gtk.Image()
        self._room = self._build_room()
        self._text = Gtk.Label(label=_("Finding the engine…"), xalign=0, wrap=True, width_chars=40, max_width_chars=60)
        self._bar = Gtk.ProgressBar()
        self._keep = self._button(_("_Keep Now"), self._keep_now)
        self._keep.set_sensitive(False)
        self._keep.set_tooltip_text(_("End here, and make a layer of the picture as you see it"))
        self._keep_last = self._button(_("_Keep What There Is"), self._answers, "keep")
        self._go_on = self._button(_("_Go On"), self._answers, "go-on")
        self._go_on.set_tooltip_text(_("Paint on from the last finished scale; a short painting begins again"))
        self._here = self._button(_("Paint on This Co_mputer"), self._answers, "here")
        self._here.set_tooltip_text(_("Begin again on this computer, which paints from now on"))
        self._keep_last.set_tooltip_text(_("Make a layer of the picture as you see it"))
        self.window = self._build(title)

    @staticmethod
    def _button(label: str, act: Callable[..., object], *values: object) -> Gtk.Button:
        button = Gtk.Button(label=label, use_underline=True)
        button.connect("clicked", act, *values)
        return button

    def _build_room(self) -> Gtk.ScrolledWindow:
        """The picture's place, which takes all the room that there is; the picture follows."""
        never = Gtk.PolicyType.EXTERNAL
        room = Gtk.ScrolledWindow(hscrollbar_policy=never, vscrollbar_policy=never, expand=True)
        room.add(self._picture)
        room.set_size_request(roomy(LEAST_ROOM), roomy(LEAST_ROOM))
        room.connect("size-allocate", lambda _room, _place: GLib.idle_add(self._draw))
        self._drawn: tuple[object, int, int] | None = None
        return room

    def _build(self, title: str) -> Gtk.Window:
        window = Gtk.Window(title=title, type_hint=Gdk.WindowTypeHint.NORMAL, border_width=12)
        window.set_focus_on_map(False)
        window.set_icon_name("gimp")
        side = roomy(PICTURE_SIDE)
        wide, high = self._shown.get_width(), self._shown.get_height()
        scale = min(side / wide, side / high, 2.0)
        window.set_default_size(max(side, round(wide * scale)) + 24, round(high * scale) + roomy(_BELOW))
        buttons = Gtk.ButtonBox(layout_style=Gtk.ButtonBoxStyle.END, spacing=6)
        fault = (self._keep_last, self._here, self._go_on)
        for button in (self._button(_("_Cancel"), self._cancel), self._keep, *fault):
            buttons.add(button)
            buttons.set_child_non_homogeneous(button, True)
        window.connect("delete-event", self._cancel)
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=8)
        column.pack_start(self._room, True, True, 0)
        for part in (self._text, self._bar, buttons):
            column.pack_start(part, False, False, 0)
        window.add(column)
        column.show_all()
        self._show_fault_buttons(False)
        GimpUi.window_set_transient(window)
        window.show()
        return window

    def _show_fault_buttons(self, is_asking: bool, has_picture: bool = False, is_elsewhere: bool = False) -> None:
        self._keep.set_visible(not is_asking)
        self._go_on.set_visible(is_asking)
        self._here.set_visible(is_asking and is_elsewhere)
        self._keep_last.set_visible(is_asking and has_picture)
        self._bar.set_opacity(0.0 if is_asking else 1.0)

    def _draw(self) -> bool:
        """Show the picture as large as there is room for it."""
        fine = fineness(self._room)
        place = self._room.get_allocation()
        size = max(1, place.width * fine), max(1, place.height * fine)
        if self._drawn != (self._shown, *size):
            self._drawn = (self._shown, *size)
            show_picture(self._picture, fitted(self._shown, *size, most=ENLARGED), fine)
        return GLib.SOURCE_REMOVE

    def _cancel(self, *_event: object) -> bool:
        self._cancelled = True
        self._text.set_text(_("Cancelling…"))
        self._answered.set()
        GLib.timeout_add(PATIENCE_MS, self.loop.quit)
        return True

    def _keep_now(self, button: Gtk.Button) -> None:
        button.set_sensitive(False)
        self._keeps.set()
        self._say_finishing()
        self._finishes = GLib.timeout_add(1000, self._say_finishing)

    def _say_finishing(self) -> bool:
        """Say that it ends, and when: the engine finishes the step that it is in."""
        if self._cancelled:
            return GLib.SOURCE_REMOVE
        left = self._pace.left()
        self._text.set_text(_("Finishing…") if left is None else _("Finishing: {time}").format(time=time_left(left)))
        self._bar.pulse()
        return GLib.SOURCE_CONTINUE

    def _answers(self, _button: Gtk.Button, answer: Answer) -> None:
        self._answer = answer
        self._show_fault_buttons(False)
        self._answered.set()

    # A `Watcher`: called on the work's thread

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

    def ask_after_fault(self, error: ImpastoError, has_picture: bool) -> Answer:
        """What the person chooses after a fault. Raises `JobCancelled`."""
        self._answered.clear()
        is_elsewhere = isinstance(error, EngineUnavailable) and chosen_computer() is not None
        GLib.idle_add(self._take_fault, as_sentence(str(error)), has_picture, is_elsewhere)
        self._answered.wait()
        if self._cancelled:
            raise JobCancelled("the painting was cancelled")
        return self._answer

    # On the main thread

    def _take_fault(self, sentence: str, has_picture: bool, is_elsewhere: bool) -> bool:
        if self._finishes:
            GLib.source_remove(self._finishes)
            self._finishes = 0
        self._keeps.clear()
        self._text.set_text(sentence)
        self._show_fault_buttons(True, has_picture, is_elsewhere)
        self.window.present()
        return GLib.SOURCE_REMOVE

    def _take_progress(self, fraction: float, text: str) -> bool:
        self._pace.note(fraction)
        if not self._cancelled and not self._finishes:
            self._bar.set_fraction(fraction)
            self._text.set_text(text)
        return GLib.SOURCE_REMOVE

    def _take_picture(self, picture: Pixels) -> bool:
        self._keep.set_sensitive(not self._finishes)
        self._shown = pixbuf_of(picture if self._grey is None else self._grey.of(picture))
        return self._draw()


class _Pace:
    """How long the engine's steps take: the time from one news of it to the next."""

    def __init__(self) -> None:
        self._fraction, self._last = -1.0, time.monotonic()
        self._steps: deque[float] = deque(maxlen=_PACED)

    def note(self, fraction: float) -> None:
        """There is news."""
        now = time.monotonic()
        if fraction != self._fraction:
            if self._fraction > 0:
                self._steps.append(now - self._last)
            self._fraction, self._last = fraction, now

    def left(self) -> float | None:
        """Seconds until the present step is over and its picture is here; None if no step has been seen."""
        if not self._steps:
            return None
        return max(1.0, max(self._steps) + _FETCH_SECONDS - (time.monotonic() - self._last))


def in_own_window(task: Task[Outcome], title: str, before: Pixels, grey: Grey | None = None) -> Outcome:
    """Do a task while a window of our own shows it, in grey with `grey`. Raises `JobCancelled`."""
    GimpUi.init("impasto")
    watching = PaintingWindow(title, before, grey)
    try:
        work = Work(task, watching, lambda: GLib.idle_add(watching.loop.quit))
        watching.loop.run()
    finally:
        watching.window.destroy()
    if watching.is_cancelled():
        raise JobCancelled("the painting was cancelled")
    return work.result()
