"""What a call is going to paint, read and checked before the first layer is painted, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gi.repository import Gimp

from impasto_wire.errors import ImpastoError
from impasto_wire.settings import Settings

from .arguments import Output, apply_values, output_from, settings_from, style_from
from .image.pixels import space_of
from .image.placing import Painting
from .image.records import Record, record_of
from .image.scaling import painted_size, resized
from .image.styles import Known, Style, read_style
from .image.subjects import Subject, Target, check_subject, subject_of
from .painting import LayerOutcome, Result, painting_task
from .progress import Task
from .texts import _, painting_name


@dataclass(frozen=True)
class Plan:
    """Layers to be painted by the same arguments."""

    subjects: tuple[Subject, ...]
    style: Style
    settings: Settings
    record: Record
    output: Output
    paint_at: str
    longest: int
    """The long side at which the layers are painted; 0 if `paint_at` says."""

    def task(self, are_frames: bool) -> Task[list[LayerOutcome]]:
        """The task of painting the layers."""
        layers = [subject.pixels.at_size(*self._painted_size(subject)) for subject in self.subjects]
        return painting_task(layers, self.style, self.settings, self.subjects[0].name, are_frames)

    def _painted_size(self, subject: Subject) -> tuple[int, int]:
        return painted_size(subject.size, self.paint_at, self.longest)

    def painting(self, subject: Subject, result: Result) -> Painting:
        """The painting of one of the layers."""
        return Painting(
            subject,
            resized(result.picture, *subject.size),
            painting_name(subject.name, self.style.title, self.settings.strength),
            replace(self.record, plan=result.plan),
            self.output,
        )


def plans_of(
    procedure: Gimp.Procedure,
    targets: Sequence[Target],
    config: Gimp.ProcedureConfig,
    chosen: Sequence[Mapping[str, Any]],
    result: str,
) -> list[Plan]:
    """A plan for each of the chosen arguments; the paintings go where `result` says.

    Raises `ImpastoError` if a layer or style of one can't be painted.
    """
    read: dict[tuple[bool, int], tuple[Subject, ...]] = {}
    known: Known = {}
    plans = []
    for values in chosen:
        apply_values(config, values)
        output, detail_map = replace(output_from(config), result=result), config.get_property("detail-map")
        style = read_style(style_from(config), space_of(targets[0].layer), known)
        settings = settings_from(config, style.suggested)
        key = output.uses_selection, detail_map.get_id() if detail_map else 0
        if key not in read:
            read[key] = _subjects(targets, output.uses_selection, detail_map)
        record = record_of(procedure, config, style, settings)
        size = config.get_property("paint-at"), config.get_property("paint-size")
        plans.append(Plan(read[key], style, settings, record, output, *size))
    return plans


def _subjects(targets: Sequence[Target], uses_selection: bool, detail_map: Gimp.Drawable | None) -> tuple[Subject, ...]:
    subjects = tuple(subject_of(target, uses_selection, detail_map) for target in targets)
    if len(subjects) > 1:  # the engine itself says what is wrong with a single one
        for subject in subjects:
            check_subject(subject)
    return subjects


@dataclass(frozen=True)
class Failure:
    """A layer that was not painted, and why."""

    layer: str
    error: ImpastoError

    @property
    def sentence(self) -> str:
        """What to tell the person."""
        return _("“{name}” was not painted: {error}").format(name=self.layer, error=self.error)
