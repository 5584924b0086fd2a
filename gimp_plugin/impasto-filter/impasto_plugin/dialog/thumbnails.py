"""The person's own layer in every style, painted small in the background, and kept for the next time."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from functools import partial
from hashlib import blake2b
from pathlib import Path
from threading import Condition, Thread
from typing import Any, TypeVar

from gi.repository import GdkPixbuf, GLib

from impasto_plugin.crop import middle_square
from impasto_plugin.engine.client import Engine
from impasto_plugin.engine.launcher import connect, read_config
from impasto_plugin.image.scaling import shrunk
from impasto_presets import Preset
from impasto_wire.errors import EngineUnavailable, ImpastoError, JobCancelled
from impasto_wire.pictures import Pixels
from impasto_wire.request import PaintRequest, WeightedStyle
from impasto_wire.settings import Settings

from .window import painted_over

SIDE = 112
"""Sides of what is painted of the layer: its middle, which is all that a tile shows."""
STEPS = 12
"""Of a draft's twenty: fewer are a veil over the photo, more aren't seen in a tile."""
STYLE_SIDE = 512
"""Long side of the style's picture: finer, no stroke of it would be seen."""
MOST_FILES = 800
"""Kept at most; the oldest go first."""
_RETRY_SECONDS = 2.0
_WATCH_SECONDS = 0.5
"""How soon a thread that waits for the main one sees that all is dropped."""

Deliver = Callable[[str, GdkPixbuf.Pixbuf], None]
T = TypeVar("T")


class Thumbnails:
    """Paints one style after the other, those wanted most first; `deliver` is called on the main thread.

    The engine interrupts them for everything else. Nothing is painted before `begin`; what is kept is shown at once.
    """

    def __init__(self, layer: Pixels, deliver: Deliver) -> None:
        self._layer = shrunk(middle_square(layer.width, layer.height).cut(layer), SIDE)
        self._deliver = deliver
        self._digest = self._layer.ref().digest
        self._wanted: list[Preset] = []
        self._done: set[str] = set()
        self._may_paint = self._is_closed = False
        self._changed = Condition()
        self._thread = Thread(target=self._work, name="impasto-thumbnails", daemon=True)
        self._thread.start()

    def want(self, presets: Sequence[Preset]) -> None:
        """All styles, in the order in which they are wanted."""
        with self._changed:
            self._wanted = list(presets)
            self._changed.notify()

    def begin(self) -> None:
        """From now on there is time to paint."""
        with self._changed:
            self._may_paint = True
            self._changed.notify()

    def close(self) -> None:
        """Drop everything; nothing is delivered any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def _work(self) -> None:
        with suppress(ImpastoError, OSError):  # the shipped samples stand in
            engine = self._connected()
            if engine is None:
                return
            with engine:
                version = engine.welcome.version if engine.welcome else ""
                for preset in list(self._wanted):
                    self._show_kept(preset, version)
                _prune()
                while preset := self._next():
                    self._paint(engine, preset, version)

    def _connected(self) -> Engine | None:
        """A session with the engine, once someone has started it."""
        while True:
            with suppress(EngineUnavailable):
                return connect(read_config())
            with self._changed:
                if self._changed.wait_for(lambda: self._is_closed, _RETRY_SECONDS):
                    return None

    def _next(self) -> Preset | None:
        """The style that is wanted most of those that aren't done; None in the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or (self._may_paint and self._wanted))
            if self._is_closed:
                return None
            return next((preset for preset in self._wanted if preset.name not in self._done), None)

    def _on_main(self, call: Callable[[], T]) -> T:
        """What a call on the main thread returns or raises. Raises `JobCancelled` once all is dropped.

        Pictures are read, joined and written there alone. The first who asks for a picture's pixels has GdkPixbuf copy
        the bytes that it was made of and free them; two threads that ask at once free them twice, and the process dies.
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
        if file.exists():
            with suppress(GLib.Error):
                self._show(preset, self._on_main(lambda: GdkPixbuf.Pixbuf.new_from_file(str(file))))
                file.touch()

    def _paint(self, engine: Engine, preset: Preset, version: str) -> None:
        self._done.add(preset.name)
        suggested = Settings(preset.strength, preset.brush_size, preset.detail, preset.original_colours, "draft")
        try:
            styles = tuple(
                WeightedStyle(self._on_main(partial(_style_pixels, path)), weight) for path, weight in preset.pictures
            )
            request = PaintRequest(self._layer, styles, suggested, recipe=preset.recipe)
            painted = engine.paint(request, is_cancelled=lambda: self._is_closed, purpose="thumbnail", enough=STEPS)
        except (EngineUnavailable, JobCancelled):
            raise
        except (ImpastoError, GLib.Error):
            return  # this one style can't be painted; its sample stands in
        picture = self._on_main(lambda: painted_over(self._layer, painted))
        self._show(preset, picture)
        with suppress(OSError, GLib.Error):
            file = self._file(preset, version)
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part")
            self._on_main(lambda: picture.savev(str(part), "png", [], []))
            part.replace(file)

    def _show(self, preset: Preset, picture: GdkPixbuf.Pixbuf) -> None:
        self._done.add(preset.name)

        def call() -> bool:
            if not self._is_closed:
                self._deliver(preset.name, picture)
            return GLib.SOURCE_REMOVE

        GLib.idle_add(call)

    def _file(self, preset: Preset, version: str) -> Path:
        """Another layer, style or engine has another file."""
        times = [(path.stat().st_mtime_ns, path.stat().st_size, weight) for path, weight in preset.pictures]
        values = (preset.strength, preset.brush_size, preset.detail, preset.original_colours, preset.recipe)
        told: tuple[Any, ...] = (self._digest, version, preset.name, times, values, SIDE, STEPS)
        return _folder() / f"{blake2b(repr(told).encode(), digest_size=16).hexdigest()}.png"


def _style_pixels(path: Path) -> Pixels:
    """A style's picture as RGBA. GIMP isn't asked: it has one thread only, and small strokes need no colour profile."""
    found = GdkPixbuf.Pixbuf.new_from_file_at_size(str(path), STYLE_SIDE, STYLE_SIDE)
    width, height = found.get_width(), found.get_height()
    rgba = found if found.get_has_alpha() else found.add_alpha(False, 0, 0, 0)
    data, row = rgba.get_pixels(), rgba.get_rowstride()
    lines = (data[line * row : line * row + 4 * width] for line in range(height))
    return Pixels(width, height, 4, "u8", b"".join(lines))


def _folder() -> Path:
    return Path(GLib.get_user_cache_dir()) / "impasto" / "tiles"


def _prune() -> None:
    """Keep no more files than allowed, the latest used of them."""
    files = sorted(_folder().glob("*.png"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[MOST_FILES:]:
        file.unlink(missing_ok=True)
