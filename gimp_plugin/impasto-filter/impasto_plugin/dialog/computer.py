"""The line that says which computer paints, with a menu to choose another, add one, test it and forget it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from gi.repository import GLib, Gtk, Pango

from impasto_plugin.engine.computers import (
    Computer,
    add_computer,
    answer_of,
    bring_back,
    choose_computer,
    chosen_computer,
    computers,
    engine_of,
    forget_computer,
    is_settled,
)
from impasto_plugin.texts import _, as_sentence
from impasto_setup.set_up import this_filter, wants_set_up
from impasto_wire.errors import ImpastoError

from .choosers import chosen_files
from .menus import Entry, open_menu
from .undoing import Undo

_SAID_LINES = 2
_NAME_CHARS = 24


class ComputerLine(Gtk.Box):
    """A quiet button that names the computer, and beside it what there is to say of one.

    Another computer is asked on a thread of its own; only when it has answered does it paint. Until then, and where it
    doesn't answer, everything stays as it was.
    """

    def __init__(self, undo: Undo) -> None:
        super().__init__(orientation=Gtk.Orientation.HORIZONTAL, spacing=6)
        self._undo = undo
        self._on_switched: list[Callable[[], object]] = []
        self._question = 0
        """The number of the latest question to another computer; answers to earlier ones are of no use any more."""
        self.chosen = chosen_computer()
        """The computer that paints; None: this one."""
        self._button = Gtk.Button(use_underline=True, relief=Gtk.ReliefStyle.NONE, valign=Gtk.Align.START)
        self._button.set_image(Gtk.Image.new_from_icon_name("pan-down-symbolic", Gtk.IconSize.MENU))
        self._button.set_always_show_image(True)
        self._button.set_image_position(Gtk.PositionType.RIGHT)
        self._button.connect("clicked", lambda button: open_menu(button, self.entries()))
        self._said = Gtk.Label(xalign=0, wrap=True, ellipsize=Pango.EllipsizeMode.END, max_width_chars=20)
        self._said.set_lines(_SAID_LINES)
        self.pack_start(self._button, False, False, 0)
        self.pack_start(self._said, True, True, 0)
        self.connect("destroy", lambda _line: self._take_no_answer())
        self.connect("realize", lambda _line: self.get_toplevel().connect("focus-in-event", self._returned))
        self._show()

    def follow(self, on_switched: Callable[[], object]) -> None:
        """Call this whenever another computer is the one that paints."""
        self._on_switched.append(on_switched)

    def entries(self) -> list[Entry | None]:
        """The menu: the computers; to add one; to test and forget those that were added."""
        others = computers()
        others += [self.chosen] if self.chosen and self.chosen not in others else []
        found: list[Entry | None] = [
            self._choice(_("_This Computer"), None),
            *(self._choice(_unmarked(one.name), one) for one in others),
            None,
            Entry(_("_Add a Computer…"), self._choose_file),
        ]
        for one in others:
            testing = _("Te_st {computer}").format(computer=_unmarked(one.name))
            forgetting = _("_Forget {computer}").format(computer=_unmarked(one.name))
            found += [None, Entry(testing, partial(self._test, one)), Entry(forgetting, partial(self._forget, one))]
        return found

    def _choice(self, label: str, computer: Computer | None) -> Entry:
        return Entry(label, partial(self.switch, computer), checked=computer == self.chosen, is_choice=True)

    # What a person can do

    def add(self, file: Path) -> None:
        """Add the computer of a pairing file, and let it paint if it answers."""
        if is_settled():
            self._say(_settled_hint())
            return
        try:
            computer = add_computer(file)
        except ImpastoError as error:
            self._say(str(error))
            return
        text = _("{computer} paints from now on. Delete “{file}”: it holds a key")
        self._switch(computer, text.format(computer=computer.name, file=file.name))

    def switch(self, computer: Computer | None) -> None:
        """Let that computer paint; None: this one. Another one is asked first, and this one is set up if need be."""
        if computer is not None:
            self._switch(computer, "")
        elif self._has_engine_here():
            self._take_no_answer()
            self._take(None, "")

    def _switch(self, computer: Computer, then: str) -> None:
        self._ask(computer, lambda: engine_of(computer).close(), lambda _none: self._take(computer, then))

    def _test(self, computer: Computer) -> None:
        self._ask(computer, lambda: answer_of(computer), self._say)

    def _has_engine_here(self) -> bool:
        """Is there an engine on this computer, if need be after a set-up?"""
        if not wants_set_up(this_filter()):
            return True
        from .set_up_page import ask_for_set_up

        return ask_for_set_up(self.get_toplevel().get_property("procedure"))

    def _take(self, computer: Computer | None, text: str) -> None:
        try:
            choose_computer(computer)
        except ImpastoError as error:
            self._say(str(error))
            return
        self._say(text)
        self._note(computer)

    def _note(self, computer: Computer | None) -> None:
        """Show which computer paints, and tell whoever follows."""
        self.chosen = computer
        self._show()
        for tell in self._on_switched:
            tell()

    def _forget(self, computer: Computer) -> None:
        was_chosen, name = computer == self.chosen, computer.name
        try:
            data = forget_computer(computer)
        except ImpastoError as error:
            self._say(str(error))
            return
        self._take_no_answer()
        self._say("")
        if was_chosen:
            self._note(None)

        def undo() -> None:
            try:
                bring_back(computer, data)
            except ImpastoError as error:
                self._say(str(error))
            else:
                if was_chosen:
                    self.switch(computer)

        self._undo.offer(_("{computer} was forgotten").format(computer=name), undo)

    def _choose_file(self) -> None:
        parent = self.get_toplevel()
        chooser = Gtk.FileChooserDialog(title=_("The other computer's pairing file"), transient_for=parent, modal=True)
        for file in chosen_files(chooser, _("_Add")):
            self.add(file)

    # Another computer is asked on a thread

    def _ask(self, computer: Computer, question: Callable[[], Any], on_answer: Callable[[Any], object]) -> None:
        """Answer, on the main thread, with what `question` returns on its own, or say what it raises."""
        self._question += 1
        number = self._question
        self._say(_("Asking {computer}…").format(computer=computer.name))

        def ask() -> None:
            try:
                answer = question()
            except ImpastoError as error:
                GLib.idle_add(take, self._say, str(error))
            else:
                GLib.idle_add(take, on_answer, answer)

        def take(act: Callable[[Any], object], value: object) -> bool:
            if number == self._question:
                act(value)
            return GLib.SOURCE_REMOVE

        Thread(target=ask, name="impasto-computer", daemon=True).start()

    def _take_no_answer(self) -> None:
        """Whatever is being asked isn't wanted any more."""
        self._question += 1

    # What is shown

    def _returned(self, *_event: object) -> bool:
        """Another dialog may have chosen another computer meanwhile."""
        if (chosen := chosen_computer()) != self.chosen:
            self._note(chosen)
        return False

    def _show(self) -> None:
        text = _("_Where: on this computer")
        if self.chosen:
            text = _("_Where: on {computer}").format(computer=_unmarked(_shortened(self.chosen.name)))
        self._button.set_label(text)
        self._button.set_sensitive(not is_settled())
        hint = _("Which computer paints; another one's pairing file can be dropped here, too")
        if is_settled():
            hint = _settled_hint()
        self._button.set_tooltip_text(hint)

    def _say(self, sentence: str) -> None:
        self._said.set_markup(f"<small>{GLib.markup_escape_text(as_sentence(sentence))}</small>")
        self._said.set_tooltip_text(as_sentence(sentence) or None)


def _settled_hint() -> str:
    return _("The variable {name} says which engine paints").format(name="IMPASTO_ENGINE")


def _unmarked(name: str) -> str:
    """A name in which no letter becomes a mnemonic."""
    return name.replace("_", "__")


def _shortened(name: str) -> str:
    return name if len(name) <= _NAME_CHARS else f"{name[: _NAME_CHARS - 1]}…"
