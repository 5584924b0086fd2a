"""The engine's part of a run, on a thread of its own: paint the layers one after the other, and report progress."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

from impasto_wire.errors import EngineUnavailable, ImpastoError, JobCancelled, WorkerDied
from impasto_wire.messages import Accepted, Progress
from impasto_wire.pictures import Pixels, Samples
from impasto_wire.request import FrameBefore, PaintRequest
from impasto_wire.settings import Settings

from .engine.client import Engine
from .engine.computers import Computer, broken_off, choose_computer, chosen_computer, engine_of
from .engine.jobs import Done, Event, Job, Painted
from .image.layer_pixels import LayerPixels
from .image.styles import Style
from .notices import Notice, notices
from .progress import Task, Watcher
from .texts import _, time_left

TICK_SECONDS = 0.1
PLAN_SECONDS = 3.0
"""How long the engine may take to say which plan it has used."""


@dataclass(frozen=True)
class Result:
    """A layer's finished picture, RGB, and the plan that it was painted by; empty if the engine didn't name it."""

    picture: Pixels
    plan: str
    is_kept: bool
    """Did the person have it ended early?"""


LayerOutcome = Result | ImpastoError
"""What became of a layer at its turn."""


def painting_task(
    layers: Sequence[LayerPixels], style: Style, settings: Settings, title: str, are_frames: bool = False
) -> Task[list[LayerOutcome]]:
    """The task of finding or starting the engine and painting the layers: what became of each that was begun.

    `title` is what others are told who wait for it. A layer that fails doesn't keep the others from being painted,
    unless the engine is gone. Each frame of an animation begins from the painting before: after one that failed or was
    kept early no other is begun.
    """

    def paint_all(watcher: Watcher) -> list[LayerOutcome]:
        watcher.show_progress(0, _("Finding the engine…"))
        outcomes: list[LayerOutcome] = []
        with _Connection() as connection:
            for number, pixels in enumerate(layers):
                last = outcomes[-1] if outcomes else None
                before = _before(layers[number - 1], last, pixels) if are_frames and isinstance(last, Result) else None
                share = _Share(watcher, number, len(layers), are_frames, title)
                outcome = _outcome(connection, style.request(pixels, settings, before=before), share)
                outcomes.append(outcome)
                is_failed = isinstance(outcome, ImpastoError)
                if isinstance(outcome, EngineUnavailable) or (are_frames and (is_failed or outcome.is_kept)):
                    break
        return outcomes

    return paint_all


class _Connection:
    """The session with the engine of the chosen computer. The first `engine()` finds it, as does the next one after
    `forget`.
    """

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._computer: Computer | None = None

    def engine(self) -> Engine:
        """The engine, found or started if need be. Raises `EngineUnavailable`."""
        if self._engine is None:
            self._computer = chosen_computer()
            self._engine = engine_of(self._computer)
        return self._engine

    def told(self, error: ImpastoError) -> ImpastoError:
        """An error, as the person should read it."""
        return broken_off(self._computer, error) if self._engine else error

    def forget(self) -> None:
        """End the session."""
        if self._engine:
            self._engine.close()
        self._engine = None

    def __enter__(self) -> "_Connection":
        if chosen_computer() is None:  # of another computer's failure the person is asked, who can paint here instead
            self.engine()
        return self

    def __exit__(self, *_: object) -> None:
        self.forget()


def _outcome(connection: _Connection, request: PaintRequest[Pixels], share: "_Share") -> LayerOutcome:
    """The layer's painting or why there is none; where the engine fails the person may have it go on."""
    while True:
        try:
            return _paint(connection.engine(), request, share)
        except JobCancelled:  # noqa: PERF203
            raise
        except (WorkerDied, EngineUnavailable) as error:
            told = connection.told(error)
            answer = share.watcher.ask_after_fault(told, share.shown is not None)
            if answer == "give-up":
                return told
            if answer == "here":
                choose_computer(None)
            if answer == "keep" and share.shown is not None:
                return Result(in_samples(share.shown, request.layer.samples), "", is_kept=True)
            if isinstance(error, EngineUnavailable):
                connection.forget()
        except ImpastoError as error:
            return error


def in_samples(picture: Pixels, samples: Samples) -> Pixels:
    """A picture of 8 bits in other samples."""
    data = bytes(picture.data)
    if samples == "u16":
        deep = bytearray(2 * len(data))
        deep[0::2] = deep[1::2] = data
        data = bytes(deep)
    elif samples == "float":
        shares = [struct.pack("<f", value / 255) for value in range(256)]
        data = b"".join(map(shares.__getitem__, data))
    return replace(picture, samples=samples, data=data)


def _before(earlier: LayerPixels, result: Result, now: LayerPixels) -> FrameBefore[Pixels] | None:
    """The frame before and its painting; None if it has another size."""
    return FrameBefore(earlier.layer, result.picture) if earlier.size == now.size else None


@dataclass
class _Share:
    """One layer's share of the whole progress."""

    watcher: Watcher
    number: int
    count: int
    is_frame: bool
    title: str
    """Of what is painted, for others who wait for it."""
    shown: Pixels | None = None
    """The picture so far that was shown last."""

    def show_progress(self, fraction: float, text: str) -> None:
        if self.is_frame:
            text = _("Frame {number} of {count}: {text}").format(number=self.number + 1, count=self.count, text=text)
        elif self.count > 1:
            text = _("Painting {number} of {count}: {text}").format(number=self.number + 1, count=self.count, text=text)
        self.watcher.show_progress((self.number + fraction) / self.count, text)

    def show_event(self, event: Event | None, notice: Notice) -> None:
        if isinstance(event, Progress):
            notice.tell(event.seconds_left)
            self.show_progress(event.fraction, sentence_of(event))
        elif isinstance(event, Painted):
            self.shown = event.picture
            self.watcher.show_picture(event.picture)


def _paint(engine: Engine, request: PaintRequest[Pixels], share: _Share) -> Result:
    share.show_progress(0, _("The engine is getting ready…"))
    job = engine.submit("final", request)
    try:
        picture, is_kept = _watch(job, share)
    except BaseException:
        job.cancel()
        raise
    return Result(picture, _plan(engine, request), is_kept)


def _plan(engine: Engine, request: PaintRequest[Pixels]) -> str:
    size = request.layer.width, request.layer.height
    try:
        regions = tuple(region.settings for region in request.regions)
        return engine.forecast(*size, request.settings, PLAN_SECONDS, request.recipe, regions).plan
    except ImpastoError:  # the picture is finished; the plan is only for its record
        return ""


def _watch(job: Job, share: _Share) -> tuple[Pixels, bool]:
    """The painting, and whether it was kept early."""
    is_kept, position = False, 0
    with Notice(share.title) as notice:
        while True:
            if share.watcher.is_cancelled():
                raise JobCancelled("the painting was cancelled")
            if share.watcher.takes_keep():
                job.keep()
                is_kept = True
            event = job.next_event(TICK_SECONDS)
            if isinstance(event, Done):
                return event.picture, is_kept
            if isinstance(event, Accepted):
                position = event.position
            elif event is not None:
                position = 0
            if position:
                share.show_progress(0, waiting_sentence(position))
            share.show_event(event, notice)


def waiting_sentence(position: int) -> str:
    """For what a job waits that has so many others before it: by name and time where they are known."""
    others = notices()
    if len(others) == 1 and position == 1:
        name, seconds = others[0].name, others[0].left()
        if seconds is None:
            return _("Waiting for “{name}”…").format(name=name)
        return _("Waiting for “{name}”, {time}").format(name=name, time=time_left(seconds))
    if position == 1:
        return _("Waiting for 1 other painting")
    return _("Waiting for {count} other paintings").format(count=position)


def sentence_of(progress: Progress) -> str:
    """How far the work is, in words."""
    if progress.note:
        return progress.note
    text = _("{strokes}, {percent} %").format(strokes=_strokes(progress), percent=round(progress.fraction * 100))
    return text if progress.seconds_left is None else f"{text}, {time_left(progress.seconds_left)}"


def _strokes(progress: Progress) -> str:
    """What is painted now."""
    if progress.scales == 1:
        return _("Painting")
    if progress.scale == 1:
        return _("Broad strokes")
    return _("The finest strokes") if progress.scale == progress.scales else _("Finer strokes")
