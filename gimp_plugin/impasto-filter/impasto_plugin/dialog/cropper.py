"""The person's own style picture, small, with a rectangle to drag around the part that is used."""

from collections.abc import Callable
from dataclasses import replace

from gi.repository import Gdk, GdkPixbuf, Gtk

from impasto_plugin.crop import NEW, Crop, Grip, Place, grip_at, sizable, stretched
from impasto_plugin.texts import _

from .colours import BLACK, WHITE
from .drawing import draw_frame
from .focus import HOME, way_of
from .screens import fineness, roomy, show_picture

WIDE, HIGH = 232, 150
HOW = _(
    "Drag around the part to paint like; double-click for all of it. Arrow keys move it, with Shift they resize it; "
    "Home takes all."
)
_REACH = 7
"""How near to an edge, in pixels, the mouse takes hold of it."""
_KEY_STEP = 0.02
"""How far a key moves the rectangle or its edges, as a share of the side."""
_DIM = 96
"""Brightness, of 255, of the part that isn't used."""
_SHAPES = {
    None: "crosshair",
    ("", ""): "move",
    ("left", ""): "w-resize",
    ("right", ""): "e-resize",
    ("", "top"): "n-resize",
    ("", "bottom"): "s-resize",
    ("left", "top"): "nw-resize",
    ("right", "top"): "ne-resize",
    ("left", "bottom"): "sw-resize",
    ("right", "bottom"): "se-resize",
}


class Cropper(Gtk.EventBox):
    """A rectangle that is drawn, moved and resized with the mouse or with keys; a double click takes the whole picture.

    Calls `on_cropped` when the mouse is released, and after each key.
    """

    def __init__(self, on_cropped: Callable[[Crop], object]) -> None:
        super().__init__(can_focus=True, no_show_all=True, halign=Gtk.Align.CENTER)
        self._on_cropped = on_cropped
        self._crop = Crop()
        self._held: tuple[Grip, Place] | None = None
        self._fine = fineness()
        self._bright = self._dim = GdkPixbuf.Pixbuf.new(GdkPixbuf.Colorspace.RGB, False, 8, 1, 1)
        self._image = Gtk.Image(visible=True)
        self.add(self._image)
        self.get_accessible().set_name(_("Crop of the style picture"))
        # A tooltip would cover the picture.
        self.get_accessible().set_description(HOW)
        mask = Gdk.EventMask
        self.add_events(mask.BUTTON_PRESS_MASK | mask.BUTTON_RELEASE_MASK | mask.POINTER_MOTION_MASK)
        self.connect("button-press-event", self._pressed)
        self.connect("button-release-event", self._released)
        self.connect("motion-notify-event", self._pointed)
        self.connect("key-press-event", self._typed)
        for signal in ("focus-in-event", "focus-out-event"):
            self.connect(signal, lambda *_event: self._take(self._crop))

    def show_style(self, picture: GdkPixbuf.Pixbuf | None, crop: Crop) -> None:
        """Show that picture with that crop; hide itself without a picture."""
        self.set_visible(picture is not None)
        if picture is not None:
            size = picture.get_width(), picture.get_height()
            scale = min(roomy(WIDE) / size[0], roomy(HIGH) / size[1]) * self._fine
            small = [max(1, round(side * scale)) for side in size]
            smooth = GdkPixbuf.InterpType.BILINEAR
            self._bright = picture.composite_color_simple(*small, smooth, 255, 8, 0x666666, 0x999999)
            self._dim = self._bright.composite_color_simple(*small, smooth, _DIM, 8, 0, 0)
            self._take(crop)

    def _share(self, event: Gdk.Event) -> Place:
        """The place of an event in the picture."""
        places = (event.x, self._bright.get_width()), (event.y, self._bright.get_height())
        across, down = (min(1.0, max(0.0, place * self._fine / side)) for place, side in places)
        return across, down

    def _grip(self, place: Place) -> Grip | None:
        sides = self._bright.get_width(), self._bright.get_height()
        across, down = (_REACH * self._fine / side for side in sides)
        return grip_at(self._crop, place, (across, down))

    def _pressed(self, _widget: Gtk.Widget, event: Gdk.EventButton) -> bool:
        self.grab_focus()
        if event.type == Gdk.EventType.DOUBLE_BUTTON_PRESS:
            self._held = None
            self._finish(Crop())
        elif event.type == Gdk.EventType.BUTTON_PRESS and event.button == 1:
            place = self._share(event)
            grip = self._grip(place)
            if grip is None:
                self._crop, grip = Crop(*place, *place), NEW
            self._held = grip, place
        return True

    def _released(self, _widget: Gtk.Widget, _event: Gdk.EventButton) -> bool:
        if self._held:
            self._held = None
            self._finish(sizable(self._crop))
        return True

    def _pointed(self, _widget: Gtk.Widget, event: Gdk.EventMotion) -> bool:
        place = self._share(event)
        if self._held is None:
            shape = _SHAPES[self._grip(place)]
            self.get_window().set_cursor(Gdk.Cursor.new_from_name(self.get_display(), shape))
            return False
        grip, before = self._held
        if grip == ("", ""):
            self._take(self._crop.moved(place[0] - before[0], place[1] - before[1]))
        else:
            crop, grip = stretched(self._crop, grip, place)
            self._take(crop)
        self._held = grip, place
        return True

    def _typed(self, _widget: Gtk.Widget, event: Gdk.EventKey) -> bool:
        if event.keyval in HOME:
            self._finish(Crop())
            return True
        way = way_of(event.keyval)
        if way is None:
            return False
        across, down = (_KEY_STEP * step for step in way)
        if event.state & Gdk.ModifierType.SHIFT_MASK:
            right, bottom = min(1.0, self._crop.right + across), min(1.0, self._crop.bottom + down)
            self._finish(sizable(replace(self._crop, right=right, bottom=bottom)))
        else:
            self._finish(self._crop.moved(across, down))
        return True

    def _finish(self, crop: Crop) -> None:
        self._take(crop)
        self._on_cropped(crop)

    def _take(self, crop: Crop) -> None:
        self._crop = crop
        shown, size = self._dim.copy(), (self._bright.get_width(), self._bright.get_height())
        if crop.left < crop.right and crop.top < crop.bottom:
            left, top, width, height = crop.box(*size)
            self._bright.copy_area(left, top, width, height, shown, left, top)
            part, thick = shown.new_subpixbuf(left, top, width, height), self._fine * (2 if self.has_focus() else 1)
            draw_frame(part, thick + self._fine, BLACK)
            draw_frame(part, thick, WHITE)
        show_picture(self._image, shown, self._fine)
