"""What a call is going to paint, read and checked before the first layer is painted, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from gi.repository import Gimp

from impasto_wire.errors import ImpastoError
from impasto_wire.settings import Settings

from .arguments import (
    BRUSHED,
    REGION_ARGUMENTS,
    REGION_MAPS,
    Output,
    apply_values,
    argument_of,
    output_from,
    settings_from,
    style_from,
)
from .image.brushed import Brushed
from .image.pixels import space_of
from .image.placing import Painting
from .image.records import Record, record_of
from .image.regions import read_regions
from .image.scaling import painted_size, resized
from .image.styles import Known, Style, read_style
from .image.subjects import Subject, Target, check_subject, subject_of
from .painting import LayerOutcome, Result, painting_task
from .progress import Task
from .regions import ChosenRegion, regions_from
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
    brushed: Brushed = field(default_factory=Brushed)
    regions: tuple[ChosenRegion, ...] = ()

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
            self.brushed,
            self.regions,
        )


def plans_of(
    procedure: Gimp.Procedure,
    targets: Sequence[Target],
    config: Gimp.ProcedureConfig,
    chosen: Sequence[Mapping[str, Any]],
    result: str,
) -> list[Plan]:
    """A plan for each of the chosen arguments; the paintings go where `result` says. Only the first of them takes an
    earlier painting's place: the others would lie over each other in it.

    Raises `ImpastoError` if a layer or style of one can't be painted.
    """
    read: dict[object, tuple[Subject, ...]] = {}
    known: Known = {}
    plans: list[Plan] = []
    others = [target.adding() for target in targets]
    for values in chosen:
        meant = others if plans else list(targets)
        apply_values(config, values)
        output, detail_map = replace(output_from(config), result=result), config.get_property("detail-map")
        style = read_style(style_from(config), space_of(targets[0].layer), known)
        settings = settings_from(config, style.suggested)
        brushed: Brushed = values.get(BRUSHED, Brushed())
        regions = regions_from(_region_values(config, values))
        styles = [read_style(region.style, space_of(targets[0].layer), known) for region in regions]
        maps = output.uses_selection, detail_map.get_id() if detail_map else 0, id(values.get(BRUSHED)), regions
        key = meant == others, *maps
        if key not in read:
            reader = partial(read_regions, regions, styles)
            read[key] = tuple(
                subject_of(target, output.uses_selection, detail_map, brushed, reader) for target in meant
            )
            _check(read[key])
        record = record_of(procedure, config, style, settings)
        are_of_the_dialog = REGION_MAPS in values
        if are_of_the_dialog:
            record = record.with_regions(regions)
        size = config.get_property("paint-at"), config.get_property("paint-size")
        plans.append(
            Plan(read[key], style, settings, record, output, *size, brushed, regions if are_of_the_dialog else ())
        )
    return plans


def _region_values(config: Gimp.ProcedureConfig, values: Mapping[str, Any]) -> dict[str, Any]:
    """The regions' arguments: chosen ones, or else those of the call."""
    return {name: values.get(name, argument_of(config, name)) for name in REGION_ARGUMENTS}


def _check(subjects: Sequence[Subject]) -> None:
    if len(subjects) > 1:  # the engine itself says what is wrong with a single one
        for subject in subjects:
            check_subject(subject)


@dataclass(frozen=True)
class Failure:
    """A layer that was not painted, and why."""

    layer: str
    error: ImpastoError

    @property
    def sentence(self) -> str:
        """What to tell the person."""
        return _("“{name}” was not painted: {error}").format(name=self.layer, error=self.error)
