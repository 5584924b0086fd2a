"""The dialog's layout: tries, preview, gallery and settings side by side; below them all buttons in one row."""

from collections.abc import Iterator, Sequence

from gi.repository import GimpUi, Gtk, Pango

from .screens import free_size, roomy

_SETTINGS_WIDTH = 282
"""The least width of the settings: that of all of them."""
_AROUND = 24, 44
"""How much of the screen's width and height stays free, also for the window's frame."""


def columns(
    tries: Gtk.Widget, preview: Sequence[Gtk.Widget], styles: Sequence[Gtk.Widget], settings: Sequence[Gtk.Widget]
) -> Gtk.Widget:
    """Four columns; the preview's second widget and the first of the styles take the free height."""
    row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=12, border_width=12)
    row.pack_start(tries, False, False, 0)
    row.pack_start(_column(preview, expands=1), True, True, 0)
    row.pack_start(_column(styles, expands=0), False, False, 0)
    scrolled = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER)
    scrolled.set_can_focus(False)
    scrolled.add(_aligned(_column(settings)))
    scrolled.get_child().set_shadow_type(Gtk.ShadowType.NONE)
    scrolled.get_child().get_child().set_focus_vadjustment(scrolled.get_vadjustment())  # what has the keys is seen
    scrolled.set_hexpand(False)  # GIMP's widgets in it would expand
    scrolled.set_size_request(roomy(_SETTINGS_WIDTH), -1)  # More, folded or not, moves nothing beside it
    row.pack_start(scrolled, False, False, 0)
    row.show_all()
    return row


def _column(widgets: Sequence[Gtk.Widget], expands: int | None = None) -> Gtk.Box:
    column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
    for number, widget in enumerate(widgets):
        column.pack_start(widget, number == expands, number == expands, 0)
    return column


def _aligned(column: Gtk.Box) -> Gtk.Box:
    """The column, the labels before its widgets all equally wide."""
    group = Gtk.SizeGroup(mode=Gtk.SizeGroupMode.HORIZONTAL)
    column.size_group = group  # Gtk frees it when no reference is left
    for label in _labels(column):
        group.add_widget(label)
    _shorten(column)
    return column


def _shorten(widget: Gtk.Widget) -> None:
    """Let the choices within be shown shorter, rather than have them take room from the preview."""
    if isinstance(widget, Gtk.ComboBox):
        if widget.find_property("ellipsize"):
            widget.set_property("ellipsize", Pango.EllipsizeMode.END)
    elif isinstance(widget, Gtk.Container):
        widget.foreach(_shorten)


def _labels(widget: Gtk.Widget) -> Iterator[Gtk.Label]:
    """Every label that stands before a widget in a row of its own."""
    if isinstance(widget, Gtk.Expander):
        yield from _labels(widget.get_child())
    elif isinstance(widget, GimpUi.Labeled):
        yield widget.get_label()
    elif isinstance(widget, Gtk.Box):
        is_row = widget.get_orientation() == Gtk.Orientation.HORIZONTAL
        for child in widget.get_children():
            if not is_row:
                yield from _labels(child)
            elif isinstance(child, Gtk.Label):
                yield child
            elif isinstance(child, GimpUi.Labeled):
                yield child.get_label()


def fit(dialog: GimpUi.ProcedureDialog) -> None:
    """Make the dialog as large as this screen, all for the preview, and join GIMP's two rows of buttons."""
    wide, high = free_size()
    dialog.set_default_size(wide - _AROUND[0], high - _AROUND[1])
    content, actions = dialog.get_content_area(), dialog.get_action_area()
    saving = next((child for child in content.get_children() if isinstance(child, Gtk.ButtonBox)), None)
    if saving is not None and saving is not actions and isinstance(actions, Gtk.ButtonBox):
        content.remove(saving)
        actions.add(saving)
        actions.set_child_secondary(saving, True)
        actions.set_child_non_homogeneous(saving, True)


def labelled(label: str, widget: Gtk.Widget, group: Gtk.SizeGroup | None = None) -> Gtk.Box:
    """A widget with its label before it; labels of one group are equally wide."""
    text = Gtk.Label(label=label, use_underline=True, mnemonic_widget=widget, xalign=0)
    if group:
        group.add_widget(text)
    row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=6)
    row.pack_start(text, False, False, 0)
    row.pack_start(widget, True, True, 0)
    return row
