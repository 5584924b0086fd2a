"""What the dialog asks of the engine for its previews, and what it shows of the answers."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from queue import Queue
from types import SimpleNamespace
from typing import Any

import pytest

import fakes.gimp_modules  # noqa: F401, before the filter's modules
from fakes.engine import PATIENCE, random_pixels, wait_for
from impasto_plugin.dialog import preview
from impasto_plugin.dialog.preview import Look, PreviewPainter, Request
from impasto_plugin.engine.computers import Computer
from impasto_plugin.engine.jobs import Painted
from impasto_plugin.image.layer_pixels import LayerPixels
from impasto_plugin.image.styles import Style
from impasto_wire.errors import EngineUnavailable, JobCancelled
from impasto_wire.messages import Progress
from impasto_wire.pictures import Pixels
from impasto_wire.request import PaintRequest, WeightedStyle, Window
from impasto_wire.settings import Settings

STYLE = Style("Coffee", (WeightedStyle(random_pixels(8, 8)),))
SMALL = LayerPixels(random_pixels(24, 16))
LOOK = Look(SMALL, STYLE, Settings(quality="draft"))
LARGE, PART = LayerPixels(random_pixels(48, 32, seed=2)), Window(8, 8, 16, 16)
UNFINISHED = random_pixels(24, 16, channels=3, seed=3)


class Answers:
    """An engine that shows one unfinished picture of every job, and finishes it at once."""

    def __init__(self) -> None:
        self.asked: list[PaintRequest[Pixels]] = []
        self.enough: list[Callable[[Progress], bool] | None] = []
        self.reached: list[Computer | None] = []
        """Whose engine was asked for, at each session's begin."""
        self.closed = 0

    def paint(
        self,
        request: PaintRequest[Pixels],
        on_preview: Callable[[Painted], None] | None,
        enough: Callable[[Progress], bool] | None,
        is_cancelled: Callable[[], bool],
        **_: object,
    ) -> Pixels:
        self.asked.append(request)
        self.enough.append(enough)
        self.is_cancelled = is_cancelled
        if on_preview:
            on_preview(Painted(UNFINISHED, 1, 1))
        return random_pixels(24, 16, channels=3, seed=100 + len(self.asked))

    def close(self) -> None:
        self.closed += 1


class Shown:
    """A viewer that notes the pictures that it is shown."""

    def __init__(self) -> None:
        self.pictures: list[Pixels] = []
        self.done: Queue[Pixels] = Queue()

    def show_picture(self, look: Look, picture: Pixels, part: Window | None, is_done: bool) -> None:
        self.pictures.append(picture)
        if part and is_done:
            self.done.put(picture)

    def show_done(self, look: Look, picture: Pixels) -> None:
        self.pictures.append(picture)
        self.done.put(picture)

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *values: None


class Dialog(SimpleNamespace):
    """A preview painter with its engine and its viewer."""

    engine: Answers
    viewer: Shown
    painter: PreviewPainter

    def paint(self, look: Look, **more: Any) -> Pixels:
        """Ask for a preview, and wait until it is finished."""
        self.painter.paint(Request(look, replace(look.settings, quality="standard"), (48, 32), **more))
        return self.viewer.done.get(timeout=PATIENCE)


@pytest.fixture
def dialog(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dialog]:
    engine, viewer = Answers(), Shown()

    def no_forecast(*_: object) -> None:
        raise EngineUnavailable("no forecast")

    def reached(computer: Computer | None) -> Answers:
        engine.reached.append(computer)
        return engine

    monkeypatch.setattr(preview, "engine_of", reached)
    monkeypatch.setattr(preview, "forecast_of", no_forecast)
    monkeypatch.setattr(preview, "GLib", SimpleNamespace(idle_add=lambda call: call(), SOURCE_REMOVE=False))
    painter = PreviewPainter(viewer)
    yield Dialog(engine=engine, viewer=viewer, painter=painter)
    painter.close()


def test_a_moved_slider_is_seen_at_once_and_then_exactly(dialog: Dialog) -> None:
    first = dialog.paint(LOOK)
    dialog.viewer.pictures.clear()
    finished = dialog.paint(replace(LOOK, settings=Settings(quality="draft", strength=0.9)))
    _, quick, exact = dialog.engine.asked
    assert quick == replace(exact, earlier=first)
    assert exact.earlier is None
    changed = random_pixels(24, 16, channels=3, seed=102)
    assert dialog.viewer.pictures == [UNFINISHED, changed, finished]  # nothing unfinished of the exact one


@pytest.mark.parametrize(
    "other",
    [
        replace(LOOK, settings=Settings(quality="draft", seed=7)),
        replace(LOOK, settings=Settings(quality="draft", seamless="both")),
        replace(LOOK, style=Style("Tea", (WeightedStyle(random_pixels(8, 8, seed=9)),))),
        replace(LOOK, layer=LayerPixels(random_pixels(24, 16, seed=8))),
    ],
)
def test_other_strokes_are_painted_anew(dialog: Dialog, other: Look) -> None:
    dialog.paint(LOOK)
    dialog.paint(other)
    assert [request.earlier for request in dialog.engine.asked] == [None, None]


def test_a_recipe_that_always_begins_anew_is_asked_once(dialog: Dialog) -> None:
    style = replace(STYLE, preset=SimpleNamespace(recipe="classic", settings=Settings()))
    dialog.paint(replace(LOOK, style=style))
    dialog.paint(replace(LOOK, style=style, settings=Settings(quality="draft", strength=0.9)))
    assert [request.earlier for request in dialog.engine.asked] == [None, None]


def test_the_layer_s_colours_are_mixed_in_at_once_and_never_painted_on(dialog: Dialog) -> None:
    coloured = replace(LOOK, settings=Settings(quality="draft", original_colours=0.5))
    dialog.paint(LOOK)
    dialog.paint(coloured)
    dialog.paint(replace(coloured, settings=replace(coloured.settings, strength=0.9)))
    assert [request.earlier for request in dialog.engine.asked] == [None, None, None]


def test_a_close_look_has_strokes_at_once_and_then_those_of_paint(dialog: Dialog) -> None:
    small = dialog.paint(LOOK)
    assert dialog.paint(LOOK, close=(LARGE, PART)) == small
    dialog.viewer.done.get(timeout=PATIENCE)  # that of the part
    _, quick, exact = dialog.engine.asked
    assert (quick.window, quick.earlier, quick.settings.quality) == (PART, small, "draft")
    assert (exact.window, exact.earlier, exact.settings.quality) == (PART, None, "standard")
    assert quick.layer == exact.layer == LARGE.layer
    first, enough, last = dialog.engine.enough
    assert first is last is None
    assert enough
    steps = [Progress("", scale, 3, step, 4, 0.5, 1.0, None) for scale in (2, 3) for step in (1, 2, 4)]
    assert [enough(step) for step in steps] == [False] * 4 + [True] * 2, (
        "of 12, 24 and 48 pixels only the last is finer"
    )


def test_another_computer_paints_the_same_look_once_more_and_what_runs_for_the_earlier_one_ends(
    dialog: Dialog,
) -> None:
    studio = Computer("tcp://studio:5577")
    first = dialog.paint(LOOK)
    assert dialog.paint(LOOK, computer=studio) != first, "the other computer wasn't asked"
    assert dialog.engine.reached == [None, studio]
    assert [request.earlier for request in dialog.engine.asked] == [None, None]
    dialog.paint(LOOK)
    assert dialog.engine.reached == [None, studio, None]
    assert dialog.engine.closed == 2


def test_a_preview_that_runs_ends_when_another_computer_is_to_paint_it(dialog: Dialog) -> None:
    def long(request: PaintRequest[Pixels], is_cancelled: Callable[[], bool], **_: object) -> Pixels:
        wait_for(is_cancelled, "the end of the preview")
        raise JobCancelled("the painting was cancelled")

    studio, usual = Computer("tcp://studio:5577"), dialog.engine.paint
    dialog.engine.paint = long  # type: ignore[assignment, method-assign]
    dialog.painter.paint(Request(LOOK, LOOK.settings, (48, 32)))
    wait_for(lambda: dialog.engine.reached, "the preview's begin")
    dialog.engine.paint = usual  # type: ignore[method-assign]
    dialog.paint(LOOK, computer=studio)
    assert dialog.engine.reached == [None, studio]


def test_a_computer_that_is_lost_is_named_and_one_that_never_answered_names_itself(
    dialog: Dialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise EngineUnavailable("the Impasto engine has ended; start the filter again")

    studio, attic = Computer("tcp://studio:5577"), Computer("tcp://attic:5577")
    monkeypatch.setattr(dialog.engine, "paint", gone)
    monkeypatch.setattr(dialog.viewer, "show_fault", lambda error: dialog.viewer.done.put(str(error)), raising=False)
    assert dialog.paint(LOOK, computer=studio) == "the connection to studio was lost; try again"
    monkeypatch.setattr(preview, "engine_of", gone)
    assert str(dialog.paint(LOOK, computer=attic)).startswith("the Impasto engine has ended")


def test_a_preview_that_nobody_wanted_when_it_was_finished_is_shown_when_it_is_wanted_again(
    dialog: Dialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    later: list[Callable[[], object]] = []
    monkeypatch.setattr(preview.GLib, "idle_add", later.append)
    other = replace(LOOK, settings=Settings(quality="draft", strength=0.9))
    dialog.painter.paint(Request(LOOK, LOOK.settings, (48, 32)))
    while len(dialog.engine.asked) < 1 or dialog.painter._painted is None:
        time.sleep(0.01)
    dialog.painter.paint(Request(other, other.settings, (48, 32), is_known=True))
    for call in later:
        call()
    assert dialog.viewer.done.empty()
    monkeypatch.setattr(preview.GLib, "idle_add", lambda call: call())
    assert dialog.paint(LOOK) == random_pixels(24, 16, channels=3, seed=101)
    assert len(dialog.engine.asked) == 1
