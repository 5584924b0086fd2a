"""Sizes on a person's screen: how many of its pixels one of Gtk's has, and more room where text is large."""

import gi
from gi.repository import Gdk, GdkPixbuf, Gtk

_PLAIN_RESOLUTION = 96.0
"""Dots an inch of a usual screen, for which Gtk's sizes are made."""


def fineness(widget: Gtk.Widget | None = None) -> int:
    """Pixels of the screen for each of Gtk's, on a widget's screen or on the finest one.

    It is 1 if there is no pycairo, which finer pictures need.
    """
    display = Gdk.Display.get_default()
    monitors = [display.get_monitor(number) for number in range(display.get_n_monitors())]
    finest = max((monitor.get_scale_factor() for monitor in monitors), default=1)
    found = finest if widget is None else widget.get_scale_factor()
    return found if found > 1 and _can_be_fine() else 1


def roomy(pixels: int) -> int:
    """That many of Gtk's pixels, or more if text is larger than usual."""
    resolution = Gdk.Screen.get_default().get_resolution()
    return round(pixels * max(1.0, resolution / _PLAIN_RESOLUTION))


def free_size() -> tuple[int, int]:
    """Width and height of the part of the screen that no panel covers."""
    area = Gdk.Display.get_default().get_monitor(0).get_workarea()
    return area.width, area.height


def show_picture(image: Gtk.Image, picture: GdkPixbuf.Pixbuf, fine: int) -> None:
    """Show a picture with `fine` of its pixels for each of Gtk's."""
    if fine == 1:
        image.set_from_pixbuf(picture)
    else:
        image.set_from_surface(Gdk.cairo_surface_create_from_pixbuf(picture, fine, None))


def _can_be_fine() -> bool:
    try:
        gi.require_foreign("cairo")
    except ImportError:
        return False
    return True
