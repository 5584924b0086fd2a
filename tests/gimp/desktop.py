"""A GIMP with its windows on a screen that nobody sees, with a hand on the mouse and the keys, and an eye."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import psutil
from numpy.typing import NDArray
from PIL import Image

from gimp.real_gimp import RealGimp

PATIENCE = 60.0
REST = 0.4
"""Seconds in which a screen at rest doesn't change."""
BLINK = 0.1
"""Seconds in which a widget that has found its place doesn't move."""
SAID = 3000
"""Characters of what GIMP and the filter wrote last."""
# Xvfb says on a file which display it took and keeps the screen in another; then the window manager and GIMP, which
# tells a probe to listen.
SESSION = """
cd "$GIMP3_DIRECTORY"
Xvfb -displayfd 3 -screen 0 ${SCREEN}x24 -fbdir . 3>display 2>/dev/null &
while [ ! -s display ]; do sleep 0.05; done
export DISPLAY=:$(cat display)
echo "$DBUS_SESSION_BUS_ADDRESS" >bus
openbox &
exec gimp --no-splash --batch-interpreter=python-fu-eval -b "exec(open('/impasto/inside/probe.py').read())" >said 2>&1
"""

PREVIEWED, CLOSE = "Drag over the picture", "This is what Paint will give"
"""How the dialog's text begins when the preview is finished, and when what is looked at closer is."""

TRY = "_TryTile"
USUAL_SCREEN = (1366, 768)
"""Pixels."""

LAYERS = "[layer.get_name() for layer in Gimp.get_images()[0].get_layers()]"
DIALOG = "^Impasto Style Transfer$"

T = TypeVar("T")


@dataclass(frozen=True)
class Widget:
    """Something in a window of the filter that can be seen."""

    kind: str
    name: str
    text: str
    is_sensitive: bool
    has_focus: bool
    is_seen: bool
    """Is all of it in the part that is seen of what scrolls?"""
    place: tuple[int, int, int, int]
    """Left, top, width and height, on the screen."""

    @property
    def middle(self) -> tuple[int, int]:
        """Where to click."""
        left, top, width, height = self.place
        return left + width // 2, top + height // 2

    def at(self, across: float, down: float) -> tuple[int, int]:
        """A place on it, in shares of its sides."""
        left, top, width, height = self.place
        return round(left + across * width), round(top + down * height)


@dataclass
class Desktop:
    """A running GIMP and its screen."""

    gimp: RealGimp
    engine: str
    """The name of the one that the filter talks to."""
    process: "subprocess.Popen[str]"
    profile: Path
    _numbers: Iterator[int]

    @property
    def display(self) -> str:
        """The screen's name."""
        return ":" + (self.profile / "display").read_text().strip()

    def tool(self, *command: str) -> str:
        """What a program on this screen printed."""
        environment = {"DISPLAY": self.display}
        done = self.gimp.root.run_beside(self.process, command, environment=environment, seconds=PATIENCE)
        return done.stdout.strip()

    def aloud(self) -> list[dict[str, Any]]:
        """What a screen reader finds in the filter's windows; the session must be heard."""
        environment = {"DBUS_SESSION_BUS_ADDRESS": (self.profile / "bus").read_text().strip()}
        command = ("python3", "/impasto/inside/aloud.py")
        done = self.gimp.root.run_beside(self.process, command, environment=environment, seconds=PATIENCE)
        assert done.stdout.startswith("["), done.stdout
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    def keys(self, *keys: str) -> None:
        """Press keys, one after the other."""
        self.tool("xdotool", "key", "--delay", "60", *keys)

    def changes_no_more(self) -> bool:
        """Do two looks at the screen, a moment apart, see the same?"""
        before = self.look()
        time.sleep(REST)
        return bool(np.array_equal(before, self.look()))

    def look(self) -> NDArray[np.uint8]:
        """What is on the screen, RGB."""
        data = (self.profile / "Xvfb_screen0").read_bytes()  # of `xwd`: a header, a colour table, rows of BGRX
        header = np.frombuffer(data, ">u4", 25)
        width, height, row, colours = (int(header[place]) for place in (4, 5, 12, 19))
        rows = np.frombuffer(data, np.uint8, row * height, int(header[0]) + 12 * colours)
        return rows.reshape(height, row)[:, : 4 * width].reshape(height, width, 4)[..., 2::-1]

    def type(self, text: str) -> None:
        """Type a text."""
        self.tool("xdotool", "type", "--delay", "40", text)

    def point(self, x: int, y: int) -> None:
        """Move the mouse."""
        self.tool("xdotool", "mousemove", str(x), str(y))

    def click(self, x: int, y: int) -> None:
        """Click with the left button."""
        self.tool("xdotool", "mousemove", str(x), str(y), "click", "1")

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Move the mouse with the left button down."""
        there, back = [str(value) for value in start], [str(value) for value in end]
        self.tool("xdotool", "mousemove", *there, "mousedown", "1", "mousemove", *back, "mouseup", "1")

    def windows(self, title: str) -> list[str]:
        """The visible windows whose title matches."""
        found = self.tool("xdotool", "search", "--onlyvisible", "--name", title)
        return [line for line in found.splitlines() if line.isdigit()]

    def window(self, title: str) -> str:
        """The window with that title, once it is there."""
        return self.wait_for(lambda: self.windows(title), f"a window “{title}”")[-1]

    def window_with_keys(self, title: str) -> str:
        """The window with that title, once what is typed goes there."""
        window = self.window(title)
        self.wait_for(lambda: self.tool("xdotool", "getactivewindow") == window, f"the keys to go to “{title}”")
        return window

    def widgets(self, window: str = DIALOG) -> list[Widget]:
        """All that is seen in the filter's windows with such a title; nothing where there is none."""
        found = [window for process in self._filters() for window in self._windows_of(process)]
        shown = [widget for title, widgets in found if re.search(window, title) for widget in widgets]
        return [Widget(**{**widget, "place": tuple(widget["place"])}) for widget in shown]

    def _windows_of(self, process: psutil.Process) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """The windows of a filter's process, each a title and what is in it; none where it ends meanwhile."""
        asked, seen = (self.profile / f"{name}-{process.pid}" for name in ("asked", "seen"))
        seen.unlink(missing_ok=True)
        asked.touch()
        self.wait_for(lambda: seen.exists() or process not in self._filters(), "the filter to tell what it shows")
        told: dict[str, list[dict[str, Any]]] = json.loads(seen.read_text()) if seen.exists() else {}
        return iter(told.items())

    def widget(self, kind: str, name: str = "", window: str = DIALOG) -> Widget:
        """A widget of that kind whose name or text begins like that, once it can be used and keeps its place."""

        def found() -> list[Widget]:
            shown = [widget for widget in self.all_of(kind, window) if widget.is_sensitive]
            return [widget for widget in shown if widget.name.startswith(name) or widget.text.startswith(name)][:1]

        def settled() -> list[Widget]:
            before = found()
            time.sleep(BLINK)
            return before if before == found() else []

        return self.wait_for(settled, f"a {kind} “{name}”")[0]

    def press_on(self, kind: str, name: str = "", window: str = DIALOG) -> None:
        """Click on such a widget, in a window that may have no keys yet."""
        self.tool("xdotool", "windowactivate", "--sync", self.window(window))
        self.click(*self.widget(kind, name, window).middle)

    def drop(self, place: tuple[int, int], *paths: str) -> None:
        """Drag files from a file manager, which lies over a corner of the preview, to a place."""
        left, top = self.widget("Comparison").at(0.1, 0.1)
        words = " ".join((str(left), str(top), *paths))
        self.tool("sh", "-c", f"python3 /impasto/inside/file_manager.py {words} >/dev/null 2>&1 &")
        window = self.window("^Files$")
        self.wait_for(self.changes_no_more, "the file manager to be drawn")
        x, y, width, height = self.place(window)
        start = x + width // 2, y + height // 2
        way = [(start[0] + 12, start[1]), (start[0] + 30, start[1]), (place[0] - 6, place[1]), place]
        moves = [word for at in way for word in ("mousemove", str(at[0]), str(at[1]), "sleep", "0.2")]
        self.tool("xdotool", "mousemove", *map(str, start), "sleep", "0.2", "mousedown", "1", *moves, "mouseup", "1")
        self.wait_for(lambda: not self.windows("^Files$"), "the files to be dropped")

    @contextmanager
    def held_button(self, button: int, x: int, y: int) -> Iterator[None]:
        """With a button of the mouse held down at a place."""
        self.tool("xdotool", "mousemove", str(x), str(y), "mousedown", str(button))
        try:
            yield
        finally:
            self.tool("xdotool", "mouseup", str(button))

    @contextmanager
    def held(self, key: str) -> Iterator[None]:
        """With a key held down."""
        self.tool("xdotool", "keydown", key)
        try:
            yield
        finally:
            self.tool("xdotool", "keyup", key)

    def all_of(self, kind: str, window: str = DIALOG) -> list[Widget]:
        """The widgets of that kind that are seen now."""
        return [widget for widget in self.widgets(window) if widget.kind == kind]

    def search_style(self, name: str) -> None:
        """Type the name of a style into the dialog's search, and wait until it is the only one."""
        self.press_on("SearchEntry")
        self.type(name)
        self.wait_for(lambda: [tile.name for tile in self.all_of("Tile")] == [name], f"{name} alone")

    def choose_file(self, window: str, path: str, button: str = "Open") -> None:
        """Type the whole path into one of GTK's file choosers, and press its button."""
        self.window_with_keys(window)
        if button in ("Save", "Export"):  # there is a name already
            self.keys("ctrl+a")
        self.type(path[0])  # has the chooser show where to type the rest
        self.widget("GtkFileChooserEntry", path[0], window)
        self.type(path[1:])
        self.press_on("Button", button, window)

    def says(self, text: str, window: str = DIALOG) -> None:
        """Wait until the dialog says something that begins like that, and all of it is drawn."""
        self.widget("Label", text, window)
        self.wait_for(self.changes_no_more, "the screen to be drawn")

    def previewed(self, count: int = 1, window: str = DIALOG) -> list[Widget]:
        """The tries, once there are so many and the latest is seen."""

        def tries() -> list[Widget]:
            found = self.all_of(TRY, window)
            return found if len(found) >= count else []

        self.wait_for(tries, f"preview {count}")
        self.says(PREVIEWED, window)
        return self.wait_for(tries, f"preview {count}")

    def place(self, window: str) -> tuple[int, int, int, int]:
        """Left, top, width and height of a window."""
        told = dict(
            line.split("=", 1) for line in self.tool("xdotool", "getwindowgeometry", "--shell", window).splitlines()
        )
        return int(told["X"]), int(told["Y"]), int(told["WIDTH"]), int(told["HEIGHT"])

    def wait_for(self, question: Callable[[], T], what: str, seconds: float = PATIENCE) -> T:
        """What the question answers once that is true; otherwise the test fails."""
        end = time.monotonic() + seconds
        while not (answer := question()):
            assert self.process.poll() is None, "GIMP has ended"
            if time.monotonic() > end:
                self._give_up(f"waited {seconds:g} s for {what}")
            time.sleep(0.1)
        return answer

    def _give_up(self, why: str) -> None:
        """Fail, and keep what is on the screen."""
        seen = self.gimp.checkout / "artefacts" / f"{self.gimp.root.version} {why.replace('/', ' ')}.png"
        self.screenshot(seen)
        said = (self.profile / "said").read_text(encoding="utf-8", errors="replace")
        raise AssertionError(f"{why}; the screen is in {seen}; GIMP and the filter said:\n{said[-SAID:]}")

    def rest(self) -> None:
        """Wait until the filter's process has ended and GIMP's window has the keys again."""
        self.wait_for(lambda: not self._filters(), "the filter to end")
        self.wait_for(lambda: "GIMP" in self.tool("xdotool", "getactivewindow", "getwindowname"), "GIMP to be active")

    def _filters(self) -> list[psutil.Process]:
        """The filter's processes, which have each left a note."""
        found = []
        for note in self.profile.glob("runs-*"):
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(int(note.name.removeprefix("runs-")))
                if process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
                    continue
            note.unlink()
        return found

    @contextmanager
    def showing(self, image: str) -> Iterator["Desktop"]:
        """With that picture open, no other, and a filter that nobody has used yet, which is over in the end."""
        home = self.gimp.root.home
        for remembered in (self.profile / "plug-in-settings", home / ".config/impasto", home / ".cache/impasto/kept"):
            shutil.rmtree(remembered, ignore_errors=True)
        self.unfold()
        size = self.ask(f"show('/impasto/pictures/{image}')")
        self.window(f" {size} – GIMP$")
        try:
            yield self
        finally:
            for process in self._filters():
                process.kill()
            self.use_engine(self.engine)

    def unfold(self, is_unfolded: bool = True) -> None:
        """Let the next dialog show what is under More, or not."""
        habits = self.gimp.root.home / ".config" / "impasto" / "dialog.json"
        habits.parent.mkdir(parents=True, exist_ok=True)
        habits.write_text(json.dumps({"is_more_shown": is_unfolded}))
        self.gimp.root.hand_over(self.gimp.root.home / ".config")

    def ask(self, code: str) -> Any:
        """What a line of Python inside GIMP answers."""
        folder, number = self.profile / "questions", next(self._numbers)
        part = folder / f"{number:04}.question"
        part.write_text(f"answer = {code}", encoding="utf-8")
        part.rename(part.with_suffix(".py"))
        told = part.with_suffix(".json")
        self.wait_for(told.exists, f"an answer to {code}")
        answer = json.loads(told.read_text())
        assert "wrong" not in answer, answer["wrong"]
        return answer["answer"]

    def screenshot(self, file: Path) -> None:
        """Keep what is on the screen."""
        Image.fromarray(self.look()).save(file)

    def speak(self, language: str) -> None:
        """Let the filter speak a language from now on."""
        (self.profile / "language").write_text(language)

    def use_engine(self, name: str) -> None:
        """Let the filter talk to this engine from now on; with an empty name, to the one that it finds."""
        if not name:
            return
        description = self.gimp.work / "engines" / name / "engine.json"
        shutil.copy(description, self.profile / "plug-ins" / "impasto-filter")

    def search_action(self, name: str) -> None:
        """Choose a menu entry by typing its name into GIMP's action search."""
        self.keys("Escape", "slash")
        self.window_with_keys("^(Search Actions|Search)")
        self.type(name)


def open_dialog(screen: Desktop, title: str = DIALOG, search: str = "impasto", waits: bool = True) -> str:
    """The filter's dialog, opened as a person would who looks for it by name."""
    if waits:
        screen.rest()
    left, top, width, height = screen.place(screen.window("GIMP"))
    screen.point(left + width // 2, top + height // 2)
    screen.search_action(search)
    screen.keys("Return")
    return screen.window_with_keys(title)


def layers(screen: Desktop) -> list[str]:
    """The names of the open image's layers."""
    found: list[str] = screen.ask(LAYERS)
    return found


@dataclass
class Desktops:
    """A GIMP with windows and no image open, and another one where it didn't end well."""

    gimp: RealGimp
    engine: str
    """The name of the one that the filter talks to at first."""
    size: tuple[int, int] = USUAL_SCREEN
    """The screen's, in pixels."""
    fine: int = 1
    """How many of them there are for each of Gtk's, along a side."""
    colours: str = "dark"
    """GIMP's own, dark or light."""
    is_heard: bool = False
    """Is there a bus for screen readers?"""
    language: str = "en"
    """The filter's; GIMP's own words stay English, for the roots have no other locale."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """More of GIMP's environment."""
    starts: int = 0
    """How many times GIMP had to be started."""
    _shown: Desktop | None = None
    _session: ExitStack = field(default_factory=ExitStack)

    def current(self) -> Desktop:
        """The one that runs, or else a new one."""
        if self._shown and self._shown.process.poll() is not None:
            self.close()
        if self._shown is None:
            self._shown = self._start()
        return self._shown

    def close(self) -> None:
        """End the one that runs."""
        self._session.close()
        self._shown = None

    def _start(self) -> Desktop:
        self.starts += 1
        profile = self.gimp.new_profile("desktop")
        environment = {"GIMP3_DIRECTORY": f"/impasto/{profile.name}"}
        environment |= {} if self.is_heard else {"NO_AT_BRIDGE": "1"}
        bus = ["dbus-run-session", "--"] if self.is_heard else []
        environment["PYTHONPATH"] = "/impasto/inside/watched"
        environment["LANGUAGE"] = self.language
        environment |= self.variables
        environment |= {"SCREEN": "x".join(map(str, self.size)), "GDK_SCALE": str(self.fine)}
        with (profile / "gimprc").open("a") as settings:
            settings.write(f"(theme-color-scheme {self.colours})\n")
        process = self._session.enter_context(
            self.gimp.root.start([*bus, "sh", "-c", SESSION], environment=environment)
        )
        shown = Desktop(self.gimp, self.engine, process, profile, count())
        shown.use_engine(self.engine)
        shown.wait_for((profile / "questions" / "ready").exists, "GIMP's probe")
        shown.window("GNU Image Manipulation Program")
        return shown
