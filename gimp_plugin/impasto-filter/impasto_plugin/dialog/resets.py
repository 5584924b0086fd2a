"""Small buttons beside the settings: each gives its setting the style's own value, and is seen where that differs."""

from collections.abc import Callable
from functools import cache
from typing import Any

from gi.repository import Gtk

from impasto_plugin.texts import _

_NEAR = 5e-4
"""Values that the sliders show as the same."""


class Reset(Gtk.Button):
    """A button that is there only while it can do something; its place stays, so that nothing moves.

    When it was pressed, the keys go on with the setting's widget.
    """

    def __init__(self, setting: str, widget: Gtk.Widget, on_pressed: Callable[[], object]) -> None:
        super().__init__(relief=Gtk.ReliefStyle.NONE, valign=Gtk.Align.CENTER)
        self.set_image(Gtk.Image.new_from_icon_name("edit-undo-symbolic", Gtk.IconSize.MENU))
        make_small(self)
        self._setting = setting
        self.connect("clicked", lambda _button: on_pressed())
        self.connect_after("clicked", lambda _button: widget.child_focus(Gtk.DirectionType.TAB_FORWARD))
        self.show_own("")

    def show_own(self, own: str) -> None:
        """Say to which value it leads; empty: that is the present one."""
        self.set_opacity(1.0 if own else 0.0)
        self.set_sensitive(bool(own))
        hint = _("Back to {value}").format(value=own)
        self.set_tooltip_text(hint if own else None)
        self.get_accessible().set_name(f"{hint}: {self._setting}" if own else self._setting)


def beside(setting: Gtk.Widget, reset: Reset) -> Gtk.Box:
    """A row of both."""
    row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=2)
    row.pack_start(setting, True, True, 0)
    row.pack_start(reset, False, False, 0)
    return row


def differs(value: Any, own: Any) -> bool:
    """Is a setting's value not the style's own?"""
    if isinstance(own, float):
        return abs(value - own) > _NEAR
    return bool(value != own)


def make_small(button: Gtk.Button) -> None:
    """Let a button take no more room than what is on it, so that the preview keeps its own."""
    style = button.get_style_context()
    style.add_provider(_small(), Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION)
    style.add_class("impasto-small")


@cache
def _small() -> Gtk.CssProvider:
    provider = Gtk.CssProvider()
    provider.load_from_data(b".impasto-small {padding: 1px; min-width: 0; min-height: 0}")
    return provider
