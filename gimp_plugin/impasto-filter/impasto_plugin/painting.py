"""The engine's part of a run, on a thread of its own: paint the layers one after the other, and tell how it goes."""

from collections.abc import Sequence
from dataclasses import dataclass

from impasto_wire.errors import ImpastoError, JobCancelled
from impasto_wire.messages import Accepted, Progress
from impasto_wire.pictures import Pixels
from impasto_wire.settings import Settings

from .engine.client import Engine
from .engine.jobs import Done, Event, Job, Painted
from .engine.launcher import find_or_start, read_config
from .image.scaling import resized
from .image.styles import Style
from .progress import Task, Watcher
from .texts import _, time_left

TICK_SECONDS = 0.1
PLAN_SECONDS = 3.0
"""How long the engine may take to say by which plan it has painted."""


@dataclass(frozen=True)
class Sitting:
    """A layer to be painted, what of it is selected, and where its drawing is kept."""

    layer: Pixels
    selection: Pixels | None = None
    detail_map: Pixels | None = None


def at_size(sitting: Sitting, width: int, height: int) -> Sitting:
    """A layer and its maps at that size."""
    maps = (map_ if map_ is None else resized(map_, width, height) for map_ in (sitting.selection, sitting.detail_map))
    return Sitting(resized(sitting.layer, width, height), *maps)


@dataclass(frozen=True)
class Finish:
    """A layer's finished picture, RGB, and the plan that it was painted by; empty where the engine didn't say."""

    picture: Pixels
    plan: str
    is_kept: bool
    """Did the person have it ended early?"""


def painting_task(
    sittings: Sequence[Sitting], style: Style, settings: Settings, are_frames: bool = False
) -> Task[list[Finish]]:
    """Finds or starts the engine and paints the layers; of an animation's frames each begins from the one before, and
    none is begun after one that was kept early."""

    def paint_all(watcher: Watcher) -> list[Finish]:
        watcher.tell(0, _("Finding the engine…"))
        finishes: list[Finish] = []
        with find_or_start(read_config()) as engine:
            for number, sitting in enumerate(sittings):
                before = _before(sittings[number - 1], finishes[-1], sitting) if are_frames and finishes else None
                share = _Share(watcher, number, len(sittings), are_frames)
                finishes.append(_paint(engine, sitting, style, settings, share, before))
                if are_frames and finishes[-1].is_kept:
                    break
        return finishes

    return paint_all


def _before(earlier: Sitting, finish: Finish, now: Sitting) -> tuple[Pixels, Pixels] | None:
    """The frame before and its painting; None where it has another size."""
    is_alike = (earlier.layer.width, earlier.layer.height) == (now.layer.width, now.layer.height)
    return (earlier.layer, finish.picture) if is_alike else None


@dataclass(frozen=True)
class _Share:
    """One layer's share of the whole progress."""

    watcher: Watcher
    number: int
    count: int
    is_frame: bool

    def tell(self, fraction: float, text: str) -> None:
        if self.is_frame:
            text = _("Frame {number} of {count}: {text}").format(number=self.number + 1, count=self.count, text=text)
        self.watcher.tell((self.number + fraction) / self.count, text)

    def tell_event(self, event: Event | None) -> None:
        if isinstance(event, Accepted) and event.position > 0:
            self.tell(0, _("Waiting; paintings before this one: {count}").format(count=event.position))
        elif isinstance(event, Progress):
            self.tell(event.fraction, sentence_of(event))
        elif isinstance(event, Painted):
            self.watcher.show(event.picture)


def _paint(
    engine: Engine,
    sitting: Sitting,
    style: Style,
    settings: Settings,
    share: _Share,
    before: tuple[Pixels, Pixels] | None,
) -> Finish:
    share.tell(0, _("The engine is getting ready…"))
    maps = sitting.selection, sitting.detail_map
    job = engine.submit("final", settings, sitting.layer, style.pictures, *maps, style.recipe, before=before)
    try:
        picture, is_kept = _watch(job, share)
    except BaseException:
        job.cancel()
        raise
    return Finish(picture, _plan(engine, sitting.layer, settings, style.recipe), is_kept)


def _plan(engine: Engine, layer: Pixels, settings: Settings, recipe: str) -> str:
    try:
        return engine.forecast(layer.width, layer.height, settings, PLAN_SECONDS, recipe).plan
    except ImpastoError:  # the picture is there; how it was made is only for the record
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
        share.tell_event(event)


def sentence_of(progress: Progress) -> str:
    """How far the work is, in words."""
    if progress.note:
        return progress.note
    text = _("Painting, scale {scale} of {scales}, step {step} of {steps}").format(
        scale=progress.scale, scales=progress.scales, step=progress.step, steps=progress.steps
    )
    return text if progress.seconds_left is None else f"{text}, {time_left(progress.seconds_left)}"
