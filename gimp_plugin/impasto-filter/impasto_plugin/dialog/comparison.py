"""The preview's picture: the layer left of a line that can be dragged, the painting right of it."""

from collections.abc import Callable
from dataclasses import replace

from gi.repository import Gdk, GdkPixbuf, GLib, Gtk

from impasto_plugin.texts import _
from impasto_wire.request import Window

from .brush import Brush
from .colours import BLACK, WHITE
from .drawing import composite, cover, draw_frame, draw_line, put_in_place
from .hint import Hint
from .patches import Patch, Patches
from .preview_keys import VIEW_STEP, brush_keys, is_hint, is_of_keys, line_after, line_keys, steps_of, use_brush
from .screens import fineness, free_size, roomy, show_picture
from .view import View

COMPARISON_SIDE = 480
_OTHERS = 720
"""The width that the dialog's other columns need."""
_BACKGROUND = 0x80808080
_GRIP = 8
"""How near to the line, in pixels, the mouse takes hold of it."""
_ZOOM_STEP = 1.25
"""One notch of the wheel."""


class Comparison(Gtk.ScrolledWindow):
    """Before on the left of the line, after on its right. The line starts at the left border: all painting.

    `on_view` is called when another part of the layer is shown, or at another scale; `on_after` when another painting
    is shown.
    """

    def __init__(
        self,
        layer: tuple[int, int],
        before: GdkPixbuf.Pixbuf,
        on_view: Callable[[View], object],
        on_after: Callable[[], object],
    ) -> None:
        super().__init__(hscrollbar_policy=Gtk.PolicyType.EXTERNAL, vscrollbar_policy=Gtk.PolicyType.EXTERNAL)
        self.set_can_focus(False)  # what is in it can
        self._whole = Window(0, 0, *layer)
        self._before = [Patch(before, self._whole)]
        self._other: list[Patch] = []
        self._after = Patches(self._whole)
        self._split = 0.0
        self._is_before = False
        self._held: tuple[str, float, float] | None = None
        self._on_view, self._on_after = on_view, on_after
        self._brush: Brush | None = None
        self.view = View(layer, (COMPARISON_SIDE, COMPARISON_SIDE), fine=fineness())
        self._image = Gtk.Image()
        self._events = Gtk.EventBox(can_focus=True)
        self._events.add(self._image)
        self._events.get_accessible().set_name(_("Preview"))
        self.add(self._events)
        wide, high = free_size()
        self.set_size_request(min(roomy(COMPARISON_SIDE), wide - _OTHERS), min(roomy(COMPARISON_SIDE), high * 2 // 5))
        mask = Gdk.EventMask
        self._events.add_events(
            mask.BUTTON_PRESS_MASK | mask.BUTTON_RELEASE_MASK | mask.POINTER_MOTION_MASK | mask.SCROLL_MASK
        )
        self._events.connect("button-press-event", self._pressed)
        self._events.connect("button-release-event", self._released)
        self._events.connect("motion-notify-event", self._pointed)
        self._events.connect("scroll-event", self._scrolled)
        self._is_by_keys, self._told, self._repeating = False, "", 0
        self._events.connect("key-press-event", self._typed)
        self._events.connect("key-release-event", self._let_go)
        self._events.connect("focus-in-event", self._entered)
        self._events.connect("focus-out-event", self._left)
        self._hint = Hint(self)
        self.connect("size-allocate", self._resized)

    def use_brush(self, brush: Brush) -> None:
        """Let that brush paint, whenever it is on."""
        self._brush = brush

    def draw(self) -> None:
        """Draw all anew: the brush has painted."""
        self._draw()

    def show_before(self, before: GdkPixbuf.Pixbuf) -> None:
        """Show the layer itself in all its pixels, in place of the small picture of it."""
        self._before = [Patch(before, self._whole)]
        self._draw()

    def show_after(
        self, after: GdkPixbuf.Pixbuf, part: Window | None, sharpness: float = 1.0, is_done: bool = True
    ) -> None:
        """Show another painting, of the whole layer or, over that, of part of it; the line stays where it is.

        What isn't done yet is shown only where it is sharper than what is seen now.
        """
        if self._after.offer(Patch(after, part or self._whole, sharpness), is_done):
            self._draw()
            self._on_after()

    def painted(self, width: int, height: int) -> GdkPixbuf.Pixbuf | None:
        """The painting of the whole layer at that size, RGBA; None if there is none yet."""
        if not self._after.shown:
            return None
        shown = GdkPixbuf.Pixbuf.new(GdkPixbuf.Colorspace.RGB, True, 8, width, height)
        for patch in self._after.shown:
            put_in_place(patch, shown, (width / self._whole.width, height / self._whole.height))
        return shown

    def show_only_before(self, is_before: bool) -> None:
        """Show the layer alone, or again as before."""
        self._is_before = is_before
        self._draw()

    def swap(self) -> None:
        """Show the layer alone, or the painting again."""
        self.show_only_before(not self._is_before)

    def compare_with(self, other: GdkPixbuf.Pixbuf | None) -> None:
        """Show this left of the line, in place of the layer; None: the layer again."""
        if other is None and not self._other:
            return
        self._other = [] if other is None else [Patch(other, self._whole)]
        self._split = (self._split or 0.5) if other else 0.0
        self._draw()

    def zoom(self, scale: float) -> None:
        """Show it at that scale; 0: as large as fits."""
        self._look(self.view.zoomed(scale))

    def step(self, steps: int) -> None:
        """Zoom in by that many steps, or out."""
        self._look(self.view.zoomed(self.view.zoom * _ZOOM_STEP**steps))

    def _look(self, view: View) -> None:
        if view != self.view:
            self.view = view
            self._draw()
            self._on_view(view)

    def _resized(self, _widget: Gtk.Widget, place: Gdk.Rectangle) -> None:
        fine = fineness(self)
        view = replace(self.view, screen=(max(1, place.width * fine), max(1, place.height * fine)), fine=fine)
        # Not at once: a picture that changes its size during Gtk's layout gets the old place.
        GLib.idle_add(self._take_size, view)

    def _take_size(self, view: View) -> bool:
        self._look(replace(self.view, screen=view.screen, fine=view.fine))
        return GLib.SOURCE_REMOVE

    # The keys

    def take_keys(self) -> None:
        """Let the next keys be the preview's."""
        self._events.grab_focus()

    def _typed(self, _widget: Gtk.Widget, event: Gdk.EventKey) -> bool:
        if event.state & Gdk.ModifierType.MOD1_MASK:
            return False
        self._is_by_keys = True
        is_repeated, self._repeating = event.keyval == self._repeating, event.keyval
        steps = steps_of(event)
        if is_hint(event):
            self._hint.show_text(self._how())
            return True
        if not event.is_modifier:
            self._hint.popdown()
        if event.state & Gdk.ModifierType.CONTROL_MASK:
            if steps is not None:
                width, height = self.view.screen
                self._look(self.view.moved(-VIEW_STEP * steps[0] * width, -VIEW_STEP * steps[1] * height))
            return steps is not None
        if self._brush and self._brush.is_on:
            is_known = use_brush(self._brush, event, is_repeated)
            self._follow_brush()
            return is_known
        split = line_after(self._split, event)
        if split is not None:
            self._split = split
            self._draw()
        # Up and Down too: Gtk would leave the preview with them.
        return split is not None or steps is not None

    def _let_go(self, _widget: Gtk.Widget, _event: Gdk.EventKey) -> bool:
        self._repeating = 0
        return False

    def _follow_brush(self) -> None:
        """Show the part of the layer where the brush is."""
        assert self._brush
        beyond = (
            min(0.0, spot) + max(0.0, spot - size)
            for spot, size in zip(self._spot(self._brush.place), self.view.screen, strict=True)
        )
        across, down = beyond
        if across or down:
            self._look(self.view.moved(-across, -down))

    def _entered(self, _widget: Gtk.Widget, _event: Gdk.EventFocus) -> bool:
        self._is_by_keys = is_of_keys(Gtk.get_current_event(), self._is_by_keys)
        if self._is_by_keys:
            self._hint.show_text(self._how())
        self._draw()
        return False

    def _left(self, _widget: Gtk.Widget, _event: Gdk.EventFocus) -> bool:
        if self._brush and self._held is None:
            self._brush.release()
        self._hint.popdown()
        self._draw()
        return False

    def _how(self) -> str:
        return brush_keys() if self._brush and self._brush.is_on else line_keys()

    def _tell_state(self) -> None:
        """Tell a screen reader where the brush or the line is, and how keys move it."""
        line = _("The line is at {percent} %.").format(percent=round(100 * self._split))
        told = f"{self._brush.sentence() if self._brush and self._brush.is_on else line} {self._how()}"
        if told != self._told:
            self._told = told
            self._events.get_accessible().set_description(told)

    # The mouse

    def _line(self) -> int:
        """Where on the screen the line is."""
        left, right = self._span()
        return round(left + self._split * (right - left))

    def _span(self) -> tuple[float, float]:
        """The first and the last column of the screen where the layer is seen."""
        start, width = self.view.origin[0], self.view.layer[0] * self.view.zoom
        return max(0.0, start), min(float(self.view.screen[0]), start + width)

    def _place(self, event: Gdk.Event) -> tuple[float, float]:
        """Where an event is, in the screen's pixels."""
        return event.x * self.view.fine, event.y * self.view.fine

    def _is_near_line(self, x: float) -> bool:
        return self.view.is_fit or abs(x - self._line()) <= _GRIP * self.view.fine

    def _pressed(self, _widget: Gtk.Widget, event: Gdk.EventButton) -> bool:
        self._events.grab_focus()
        self._is_by_keys = False
        self._hint.popdown()
        x, y = self._place(event)
        if event.button == Gdk.BUTTON_SECONDARY:
            self.show_only_before(True)
            return True
        if event.button == 1 and self._brush and self._brush.is_on:
            self._held = ("brush", x, y)
            self._brush.press(self._share(x, y))
            return True
        is_split = event.button == 1 and self._is_near_line(x)
        self._held = ("line" if is_split else "picture", x, y)
        if event.type == Gdk.EventType.DOUBLE_BUTTON_PRESS and not is_split:
            self.zoom(0.0)
        self._pointed(_widget, event)
        return True

    def _released(self, _widget: Gtk.Widget, event: Gdk.EventButton) -> bool:
        if event.button == Gdk.BUTTON_SECONDARY:
            self.show_only_before(False)
            return True
        if self._brush and self._held and self._held[0] == "brush":
            self._brush.release()
        self._held = None
        return True

    def _share(self, x: float, y: float) -> tuple[float, float]:
        """A place on the screen, in shares of the layer's sides."""
        start, zoom, layer = self.view.origin, self.view.zoom, self.view.layer
        return (x - start[0]) / zoom / layer[0], (y - start[1]) / zoom / layer[1]

    def _spot(self, share: tuple[float, float]) -> tuple[float, float]:
        """Where on the screen a place of the layer is, which is given in shares of its sides."""
        start, zoom, layer = self.view.origin, self.view.zoom, self.view.layer
        return start[0] + share[0] * layer[0] * zoom, start[1] + share[1] * layer[1] * zoom

    def _cursor(self, across: float) -> Gdk.Cursor:
        if self._brush and self._brush.is_on:
            return self._brush.cursor(self.get_display(), max(self.view.layer) * self.view.zoom / self.view.fine)
        return Gdk.Cursor.new_from_name(self.get_display(), "ew-resize" if self._is_near_line(across) else "grab")

    def _pointed(self, _widget: Gtk.Widget, event: Gdk.EventMotion) -> bool:
        across, down = self._place(event)
        if self._held is None:
            self._events.get_window().set_cursor(self._cursor(across))
            return False
        what, x, y = self._held
        if what == "brush" and self._brush:
            self._brush.move(self._share(across, down))
        elif what == "line":
            left, right = self._span()
            self._split = min(1.0, max(0.0, (across - left) / max(1.0, right - left)))
            self._draw()
        else:
            self._held = (what, across, down)
            self._look(self.view.moved(across - x, down - y))
        return True

    def _scrolled(self, _widget: Gtk.Widget, event: Gdk.EventScroll) -> bool:
        steps = {Gdk.ScrollDirection.UP: 1, Gdk.ScrollDirection.DOWN: -1}.get(event.direction, 0)
        if steps:
            self._look(self.view.zoomed(self.view.zoom * _ZOOM_STEP**steps, self._place(event)))
        return True

    # The picture

    def _draw(self) -> None:
        width, height = self.view.screen
        shown = GdkPixbuf.Pixbuf.new(GdkPixbuf.Colorspace.RGB, False, 8, width, height)
        shown.fill(_BACKGROUND)
        line = self._line() if self._after.shown and not self._is_before else width
        composite(shown, self._other or self._before, self.view, 0, line)
        composite(shown, self._after.shown, self.view, line, width)
        veil = self._brush.veil() if self._brush and not self._is_before else None
        if veil:
            cover(shown, veil, self._whole, self.view)
        if 0 < line < width and self._split > 0:
            draw_line(shown, line, self.view.fine)
        if self._is_by_keys and self._events.has_focus():
            self._draw_focus(shown)
        self._tell_state()
        show_picture(self._image, shown, self.view.fine)

    def _draw_focus(self, shown: GdkPixbuf.Pixbuf) -> None:
        """A frame, so that one sees where keys go, and the brush, which has no pointer then."""
        fine = self.view.fine
        draw_frame(shown, 4 * fine, BLACK)  # white between black, which is seen on any ground
        inner = shown.get_width() - 2 * fine, shown.get_height() - 2 * fine
        if min(inner) > 0:
            draw_frame(shown.new_subpixbuf(fine, fine, *inner), 2 * fine, WHITE)
        if self._brush and self._brush.is_on:
            longest = max(self.view.layer) * self.view.zoom
            self._brush.draw_mark(shown, self._spot(self._brush.place), longest, fine)
