"""The preview's picture: the painting, and left of a line that can be dragged, the layer as it was."""

from gi.repository import Gdk, GdkPixbuf, Gtk

from .window import fitted

SIDE = 480
_LINE = 0xFFFFFFFF


class Comparison(Gtk.EventBox):
    """Before on the left of the line, after on its right. The line starts at the left border: all painting."""

    def __init__(self, before: GdkPixbuf.Pixbuf) -> None:
        super().__init__()
        self._before = fitted(before, SIDE, SIDE)
        self._after: GdkPixbuf.Pixbuf | None = None
        self._split = 0.0
        self._image = Gtk.Image.new_from_pixbuf(self._before)
        self._image.set_size_request(SIDE, SIDE)
        self.add(self._image)
        self.add_events(Gdk.EventMask.BUTTON_PRESS_MASK | Gdk.EventMask.BUTTON1_MOTION_MASK)
        self.connect("button-press-event", self._dragged)
        self.connect("motion-notify-event", self._dragged)

    def show_after(self, after: GdkPixbuf.Pixbuf) -> None:
        """Show another painting; the line stays where it is."""
        size = self._before.get_width(), self._before.get_height()
        self._after = after.scale_simple(*size, GdkPixbuf.InterpType.BILINEAR)
        self._draw()

    def _dragged(self, _widget: Gtk.Widget, event: Gdk.EventButton) -> bool:
        margin = (self.get_allocated_width() - self._before.get_width()) / 2
        self._split = min(1.0, max(0.0, (event.x - margin) / self._before.get_width()))
        self._draw()
        return True

    def _draw(self) -> None:
        if self._after is None:
            return
        shown, height = self._after.copy(), self._after.get_height()
        line = round(self._split * shown.get_width())
        if line:
            before = self._before if self._before.get_has_alpha() == shown.get_has_alpha() else None
            (before or self._before.add_alpha(False, 0, 0, 0)).copy_area(0, 0, line, height, shown, 0, 0)
            if line < shown.get_width():
                shown.new_subpixbuf(line, 0, 1, height).fill(_LINE)
        self._image.set_from_pixbuf(shown)
