"""The engine's part of a run, on a thread of its own: paint the layers one after the other, and report progress."""

from collections.abc import Sequence
from dataclasses import dataclass

from impasto_wire.errors import EngineUnavailable, ImpastoError, JobCancelled
from impasto_wire.messages import Accepted, Progress
from impasto_wire.pictures import Pixels
from impasto_wire.request import FrameBefore, PaintRequest
from impasto_wire.settings import Settings

from .engine.client import Engine
from .engine.jobs import Done, Event, Job, Painted
from .engine.launcher import find_or_start, read_config
from .image.layer_pixels import LayerPixels
from .image.styles import Style
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
    layers: Sequence[LayerPixels], style: Style, settings: Settings, are_frames: bool = False
) -> Task[list[LayerOutcome]]:
    """The task of finding or starting the engine and painting the layers: what became of each that was begun.

    A layer that fails doesn't keep the others from being painted, unless the engine is gone. Each frame of an animation
    begins from the painting before: after one that failed or was kept early no other is begun.
    """

    def paint_all(watcher: Watcher) -> list[LayerOutcome]:
        watcher.show_progress(0, _("Finding the engine…"))
        outcomes: list[LayerOutcome] = []
        with find_or_start(read_config()) as engine:
            for number, pixels in enumerate(layers):
                last = outcomes[-1] if outcomes else None
                before = _before(layers[number - 1], last, pixels) if are_frames and isinstance(last, Result) else None
                share = _Share(watcher, number, len(layers), are_frames)
                outcome = _outcome(engine, style.request(pixels, settings, before=before), share)
                outcomes.append(outcome)
                is_failed = isinstance(outcome, ImpastoError)
                if isinstance(outcome, EngineUnavailable) or (are_frames and (is_failed or outcome.is_kept)):
                    break
        return outcomes

    return paint_all


def _outcome(engine: Engine, request: PaintRequest[Pixels], share: "_Share") -> LayerOutcome:
    try:
        return _paint(engine, request, share)
    except JobCancelled:
        raise
    except ImpastoError as error:
        return error


def _before(earlier: LayerPixels, result: Result, now: LayerPixels) -> FrameBefore[Pixels] | None:
    """The frame before and its painting; None if it has another size."""
    return FrameBefore(earlier.layer, result.picture) if earlier.size == now.size else None


@dataclass(frozen=True)
class _Share:
    """One layer's share of the whole progress."""

    watcher: Watcher
    number: int
    count: int
    is_frame: bool

    def show_progress(self, fraction: float, text: str) -> None:
        if self.is_frame:
            text = _("Frame {number} of {count}: {text}").format(number=self.number + 1, count=self.count, text=text)
        self.watcher.show_progress((self.number + fraction) / self.count, text)

    def show_event(self, event: Event | None) -> None:
        if isinstance(event, Accepted) and event.position > 0:
            self.show_progress(0, _("Waiting; paintings before this one: {count}").format(count=event.position))
        elif isinstance(event, Progress):
            self.show_progress(event.fraction, sentence_of(event))
        elif isinstance(event, Painted):
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
        return engine.forecast(*size, request.settings, PLAN_SECONDS, request.recipe).plan
    except ImpastoError:  # the picture is finished; the plan is only for its record
        return ""


def _watch(job: Job, share: _Share) -> tuple[Pixels, bool]:
    """The painting, and whether it was kept early."""
    is_kept = False
    while True:
        if share.watcher.is_cancelled():
            raise JobCancelled("the painting was cancelled")
        if share.watcher.takes_keep():
            job.keep()
            is_kept = True
        event = job.next_event(TICK_SECONDS)
        if isinstance(event, Done):
            return event.picture, is_kept
        share.show_event(event)


def sentence_of(progress: Progress) -> str:
    """How far the work is, in words."""
    if progress.note:
        return progress.note
    text = _("Painting, scale {scale} of {scales}, step {step} of {steps}").format(
        scale=progress.scale, scales=progress.scales, step=progress.step, steps=progress.steps
    )
    return text if progress.seconds_left is None else f"{text}, {time_left(progress.seconds_left)}"
