"""A GIMP with its windows on a screen that nobody sees, with a hand on the mouse and the keys, and an eye."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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
GIMPRC = '(config-version "{version}")\n(show-welcome-dialog no)\n(check-updates no)\n'
# Xvfb says on a file which display it took and keeps the screen in another; then the window manager and GIMP, which
# tells a probe to listen.
SESSION = """
cd "$GIMP3_DIRECTORY"
Xvfb -displayfd 3 -screen 0 {size}x24 -fbdir . 3>display 2>/dev/null &
while [ ! -s display ]; do sleep 0.05; done
export DISPLAY=:$(cat display)
openbox &
exec gimp --no-splash --batch-interpreter=python-fu-eval -b "exec(open('/impasto/inside/probe.py').read())"
"""

LAYERS = "[layer.get_name() for layer in Gimp.get_images()[0].get_layers()]"
DIALOG = "^Impasto Style Transfer$"

T = TypeVar("T")


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
    def _display(self) -> str:
        return ":" + (self.profile / "display").read_text().strip()

    def tool(self, *command: str) -> str:
        """What a program on this screen printed."""
        done = self.gimp.root.run(command, environment={"DISPLAY": self._display}, seconds=PATIENCE)
        return done.stdout.strip()

    def keys(self, *keys: str) -> None:
        """Press keys, one after the other."""
        self.tool("xdotool", "key", "--delay", "60", *keys)

    def pressed(self, *keys: str) -> bool:
        """Press keys once more: for a button that has yet to wake up."""
        self.keys(*keys)
        return True

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
        raise AssertionError(f"{why}; the screen is in {seen}")

    def rest(self) -> None:
        """Wait until the filter's process has ended and GIMP's window has the keys again."""
        self.wait_for(lambda: not self._filters(), "the filter to end")
        self.wait_for(lambda: "GIMP" in self.tool("xdotool", "getactivewindow", "getwindowname"), "GIMP to be active")

    def _filters(self) -> list[psutil.Process]:
        """The filter's processes."""
        return [child for child in psutil.Process(self.process.pid).children(recursive=True) if _is_filter(child)]

    @contextmanager
    def showing(self, image: str) -> Iterator["Desktop"]:
        """With that picture open, no other, and a filter that nobody has used yet, which is over in the end."""
        for remembered in (self.profile / "plug-in-settings", self.gimp.root.home / ".config" / "impasto"):
            shutil.rmtree(remembered, ignore_errors=True)
        size = self.ask(f"show('/impasto/pictures/{image}')")
        self.window(f" {size} – GIMP$")
        try:
            yield self
        finally:
            for process in self._filters():
                process.kill()
            self.use_engine(self.engine)

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
        """Let the filter talk to this engine from now on."""
        description = self.gimp.work / "engines" / name / "engine.json"
        shutil.copy(description, self.profile / "plug-ins" / "impasto-filter")

    def search_action(self, name: str) -> None:
        """Choose a menu entry by typing its name into GIMP's action search."""
        self.keys("Escape", "slash")
        self.window("^(Search Actions|Search)")
        self.type(name)


def open_dialog(screen: Desktop, title: str = DIALOG, search: str = "impasto", waits: bool = True) -> str:
    """The filter's dialog, opened as a person would who looks for it by name."""
    if waits:
        screen.rest()
    left, top, width, height = screen.place(screen.window("GIMP"))
    screen.point(left + width // 2, top + height // 2)
    screen.search_action(search)
    screen.keys("Return")
    return screen.window(title)


def layers(screen: Desktop) -> list[str]:
    """The names of the open image's layers."""
    found: list[str] = screen.ask(LAYERS)
    return found


def _is_filter(process: psutil.Process) -> bool:
    try:
        return any(word.endswith("impasto-filter.py") for word in process.cmdline())
    except psutil.Error:
        return False


@contextmanager
def desktop(
    gimp: RealGimp, engine: str, size: str = "1366x768", dpi: int = 96, extra: Sequence[str] = ()
) -> Iterator[Desktop]:
    """A GIMP with no image open, on a screen of its own; at 192 dpi everything is twice as large."""
    name = f"profile-desktop-{size}-{dpi}"
    profile = gimp.new_profile(name)
    version = {"3.0": "3.0.4", "3.2": "3.2.6"}[gimp.root.version]
    (profile / "gimprc").write_text(GIMPRC.format(version=version) + "\n".join(extra))
    environment = {"GIMP3_DIRECTORY": f"/impasto/{name}", "NO_AT_BRIDGE": "1", "GDK_SCALE": str(dpi // 96)}
    environment["PYTHONPATH"] = "/impasto/inside/watched"
    with gimp.root.start(["sh", "-c", SESSION.format(size=size)], environment=environment) as process:
        shown = Desktop(gimp, engine, process, profile, count())
        shown.use_engine(engine)
        shown.wait_for((profile / "questions" / "ready").exists, "GIMP's probe")
        shown.window("GNU Image Manipulation Program")
        gimp.remember_plug_ins(profile)
        yield shown
