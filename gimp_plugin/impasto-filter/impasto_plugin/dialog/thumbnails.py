"""The person's own layer in every style, painted small in the background, and kept for the next time."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from pathlib import Path
from threading import Condition, Thread
from typing import Any, TypeVar

from gi.repository import GdkPixbuf, GLib

from impasto_plugin.engine.client import Engine
from impasto_plugin.engine.computers import Computer, chosen_computer, config_of
from impasto_plugin.engine.launcher import connect
from impasto_plugin.image.grey import Grey
from impasto_plugin.image.kinds import is_styles_own
from impasto_plugin.image.scaling import shrunk
from impasto_plugin.keeps import private, tiles_folder
from impasto_presets import Preset
from impasto_wire.errors import EngineUnavailable, ImpastoError, JobCancelled, PictureError
from impasto_wire.files import write_whole
from impasto_wire.pictures import Pixels
from impasto_wire.request import PaintRequest
from impasto_wire.settings import suggested

from .window import painted_over

LAYER_SIDE = 120
"""Geometric mean of the layer's sides: a tile shows the middle, the preview at first all of it, enlarged."""
STEPS = 12
"""Of a draft's twenty steps: with fewer too much of the photo is left, more make no difference in a tile."""
STYLE_SIDE = 512
"""Long side of the style's picture; finer strokes would not be seen."""
MOST_FILES = 800
"""How many files are kept; the oldest are removed first."""
_RETRY_SECONDS = 2.0
_WATCH_SECONDS = 0.5
"""How soon a thread that waits for the main thread notices that the dialog is closed."""

Deliver = Callable[[str, GdkPixbuf.Pixbuf], None]
T = TypeVar("T")


class Thumbnails:
    """Paints one style after the other, in the order wanted; `deliver` is called on the main thread.

    The engine interrupts these paintings for all others. Nothing is painted before `begin`; thumbnails from earlier
    times are shown at once.
    """

    def __init__(self, layer: Pixels, deliver: Deliver, grey: Grey | None = None) -> None:
        self._grey = grey
        self._layer = shrunk(layer, _longest(layer))
        self._deliver = deliver
        self._digest = self._layer.ref().digest
        self._wanted: list[Preset] = []
        self._done: set[str] = set()
        self._may_paint = self._is_closed = False
        self._computer = chosen_computer()
        self._changed = Condition()
        self._thread = Thread(target=self._work, name="impasto-thumbnails", daemon=True)
        self._thread.start()

    def want(self, presets: Sequence[Preset]) -> None:
        """Set all styles, in the order in which they are wanted."""
        with self._changed:
            self._wanted = list(presets)
            self._changed.notify()

    def forget(self, name: str) -> None:
        """Paint a style once more, which was changed."""
        with self._changed:
            self._done.discard(name)
            self._changed.notify()

    def use(self, computer: Computer | None) -> None:
        """Have another computer paint what is still to be painted; None: this one."""
        with self._changed:
            self._computer = computer
            self._changed.notify()

    def begin(self) -> None:
        """Begin to paint."""
        with self._changed:
            self._may_paint = True
            self._changed.notify()

    def close(self) -> None:
        """Drop everything; nothing is delivered any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def _work(self) -> None:
        while session := self._connected():
            engine, computer = session
            with engine, suppress(ImpastoError, OSError):  # the tiles go on showing the shipped samples
                self._paint_all(engine, computer)
                return
            with self._changed:
                self._changed.wait_for(lambda: self._is_closed or self._computer != computer)  # noqa: B023

    def _paint_all(self, engine: Engine, computer: Computer | None) -> None:
        """Show what is kept, and paint what isn't. Raises `JobCancelled` when another computer is to paint."""
        version = engine.welcome.version if engine.welcome else ""
        for preset in self._all_wanted():
            self._show_kept(preset, version)
        _prune()
        while preset := self._next():
            self._paint(engine, preset, version, computer)

    def _connected(self) -> tuple[Engine, Computer | None] | None:
        """A session with the engine of a computer, as soon as one runs; None if the dialog is closed before."""
        while not self._is_closed:
            computer = self._computer
            with suppress(ImpastoError):
                return connect(config_of(computer)), computer
            with self._changed:
                self._changed.wait_for(lambda: self._is_closed or self._computer != computer, _RETRY_SECONDS)  # noqa: B023
        return None

    def _all_wanted(self) -> list[Preset]:
        """The wanted styles, as soon as the gallery has said which; none when the dialog is closed before."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or self._wanted)
            return [] if self._is_closed else list(self._wanted)

    def _next(self) -> Preset | None:
        """The first of the wanted styles that isn't done; None when all are, or the dialog is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or (self._may_paint and self._wanted))
            if self._is_closed:
                return None
            return next((preset for preset in self._wanted if preset.name not in self._done), None)

    def _on_main(self, call: Callable[[], T]) -> T:
        """What a call on the main thread returns or raises. Raises `JobCancelled` when the dialog is closed.

        Pictures are read, joined and written only there. When a picture's pixels are read for the first time, GdkPixbuf
        copies the bytes that it was made of and frees them. Two threads that do so at once free them twice, and the
        process dies.
        """
        answer: Future[T] = Future()

        def run() -> bool:
            try:
                answer.set_result(call())
            except Exception as error:
                answer.set_exception(error)
            return GLib.SOURCE_REMOVE

        GLib.idle_add(run)
        while not self._is_closed:
            wait([answer], _WATCH_SECONDS)
            if answer.done():
                return answer.result()
        raise JobCancelled("the dialog was cancelled")

    def _show_kept(self, preset: Preset, version: str) -> None:
        file = self._file(preset, version)
        if is_styles_own(file):
            with suppress(GLib.Error):
                self._show(preset, self._on_main(lambda: GdkPixbuf.Pixbuf.new_from_file(str(file))))
                file.touch()

    def _paint(self, engine: Engine, preset: Preset, version: str, computer: Computer | None) -> None:
        self._done.add(preset.name)
        settings = replace(preset.settings, quality="draft")
        try:
            styles = tuple(style.map(self._style_pixels) for style in preset.pictures)
            request = PaintRequest(self._layer, styles, settings, recipe=preset.recipe)
            painted = engine.paint(
                request,
                is_cancelled=lambda: self._is_closed or self._computer != computer,
                purpose="thumbnail",
                enough=lambda progress: progress.step >= STEPS,
            )
        except (EngineUnavailable, JobCancelled):
            self._done.discard(preset.name)
            raise
        except (ImpastoError, GLib.Error):
            return  # this one style can't be painted; its tile goes on showing the sample
        picture = self._on_main(lambda: painted_over(self._layer, painted, grey=self._grey))
        self._show(preset, picture)
        with suppress(OSError, GLib.Error):
            _, data = self._on_main(lambda: picture.save_to_bufferv("png", [], []))
            file = self._file(preset, version)
            private(file.parent)
            write_whole(file, bytes(data), 0o600)

    def _style_pixels(self, path: Path) -> Pixels:
        return self._on_main(partial(_style_pixels, path))

    def _show(self, preset: Preset, picture: GdkPixbuf.Pixbuf) -> None:
        self._done.add(preset.name)

        def call() -> bool:
            if not self._is_closed:
                self._deliver(preset.name, picture)
            return GLib.SOURCE_REMOVE

        GLib.idle_add(call)

    def _file(self, preset: Preset, version: str) -> Path:
        """Where a thumbnail is kept; another layer, style or engine has another file."""
        files = [(style.picture.stat(), style.weight) for style in preset.pictures]
        times = [(status.st_mtime_ns, status.st_size, weight) for status, weight in files]
        values = (*(getattr(preset.settings, name) for name in suggested()), preset.recipe)
        key: tuple[Any, ...] = (self._digest, version, preset.name, times, values, LAYER_SIDE, STEPS)
        key = (*key, "grey") if self._grey else key
        return tiles_folder() / f"{blake2b(repr(key).encode(), digest_size=16).hexdigest()}.png"


def _longest(layer: Pixels) -> int:
    """The long side at which a thumbnail of that layer is painted."""
    longest, shortest = max(layer.width, layer.height), min(layer.width, layer.height)
    return round(LAYER_SIDE * (longest / shortest) ** 0.5)


def _style_pixels(path: Path) -> Pixels:
    """A style's picture as RGBA. Read without GIMP, which has one thread only; small strokes need no colour profile."""
    if not is_styles_own(path):
        raise PictureError(path.name)  # nobody is told: its tile goes on showing the sample
    found = GdkPixbuf.Pixbuf.new_from_file_at_size(str(path), STYLE_SIDE, STYLE_SIDE)
    width, height = found.get_width(), found.get_height()
    rgba = found if found.get_has_alpha() else found.add_alpha(False, 0, 0, 0)
    data, row = rgba.get_pixels(), rgba.get_rowstride()
    lines = (data[line * row : line * row + 4 * width] for line in range(height))
    return Pixels(width, height, 4, "u8", b"".join(lines))


def _prune() -> None:
    """Remove the files that were used longest ago, if there are more than allowed."""
    files = sorted(tiles_folder().glob("*.png"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[MOST_FILES:]:
        file.unlink(missing_ok=True)
