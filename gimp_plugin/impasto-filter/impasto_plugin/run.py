"""What one call of the filter does: read the layers, let the engine paint them, place the paintings."""

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gi.repository import Gimp, GLib, GObject

from impasto_wire.errors import ImpastoError, JobCancelled

from .arguments import apply_values, output_from, settings_from, style_from
from .image.layers import check_paintable, check_result, check_unlocked
from .image.pixels import read_pixels
from .image.placing import Painting, Placed, place
from .image.records import record_of
from .image.scaling import painted_size, resized, shrunk
from .image.styles import read_style
from .image.subjects import SourceGone, Target, frames_of, subject_of, targets_of
from .painting import Result, painting_task
from .progress import Task, with_gimp_progress
from .texts import _, as_sentence, painting_name

BEFORE_SIDE = 480


def run_filter(
    procedure: Gimp.Procedure,
    run_mode: Gimp.RunMode,
    image: Gimp.Image,
    drawables: Sequence[Gimp.Drawable],
    config: Gimp.ProcedureConfig,
    are_frames: bool = False,
) -> Gimp.ValueArray:
    """Carry out one call of the procedure, and return its answer to GIMP. An error leaves the image as it was."""
    try:
        if are_frames:
            drawables = frames_of(image, drawables)
        check_paintable(image, drawables)
        targets = list(map(Target, drawables)) if are_frames else _targets(procedure, run_mode, drawables, config)
        chosen: Sequence[Mapping[str, Any]] = [{}]
        if run_mode == Gimp.RunMode.INTERACTIVE:
            chosen = _ask(procedure, config, targets[0])
        placed = repaint(procedure, run_mode, image, targets, config, chosen, are_frames)
    except JobCancelled:
        return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, None)
    except ImpastoError as error:
        return _failed(procedure, str(error))
    except Exception as error:
        traceback.print_exc()
        return _failed(procedure, _("Impasto met a fault of its own: {error}").format(error=error))
    success = GObject.Value(Gimp.PDBStatusType, Gimp.PDBStatusType.SUCCESS)
    return Gimp.ValueArray.new_from_values([success, GObject.Value(Gimp.Image, placed.image)])


def _failed(procedure: Gimp.Procedure, sentence: str) -> Gimp.ValueArray:
    return procedure.new_return_values(Gimp.PDBStatusType.EXECUTION_ERROR, GLib.Error(as_sentence(sentence)))


def _targets(
    procedure: Gimp.Procedure, run_mode: Gimp.RunMode, layers: Sequence[Gimp.Layer], config: Gimp.ProcedureConfig
) -> list[Target]:
    """The layers to paint. A painting whose source is gone is painted itself only if the person agrees."""
    if run_mode != Gimp.RunMode.INTERACTIVE:
        # Filters > Repeat never paints a painting, even if the last call was asked to.
        is_asked = run_mode == Gimp.RunMode.NONINTERACTIVE and config.get_property("paint-painting")
        return targets_of(layers, is_asked)
    try:
        return targets_of(layers, False)
    except SourceGone as gone:
        from .dialog.output import is_wanted

        if not is_wanted(procedure, gone.question):
            raise JobCancelled("the painting was cancelled") from gone
        return targets_of(layers, True)


def _ask(procedure: Gimp.Procedure, config: Gimp.ProcedureConfig, target: Target) -> Sequence[Mapping[str, Any]]:
    """Let the person choose one painting or several; an earlier painting's settings are shown first.

    Returns the arguments of each. Raises `JobCancelled`."""
    from .dialog.dialog import ask

    if target.record is not None:
        target.record.restore(config, target.layer.get_image())
    chosen = ask(procedure, config, target.layer)
    if not chosen:
        raise JobCancelled("the dialog was cancelled")
    return chosen


def repaint(
    procedure: Gimp.Procedure,
    run_mode: Gimp.RunMode,
    image: Gimp.Image,
    targets: Sequence[Target],
    config: Gimp.ProcedureConfig,
    chosen: Sequence[Mapping[str, Any]],
    are_frames: bool,
) -> Placed:
    """Paint each layer with each of these arguments, then place all paintings, in one undo step.

    Raises `ImpastoError`, with the image as it was.
    """
    result = output_from(config).result
    check_result(image, [target.layer for target in targets if target.earlier is None], result)
    for target in targets:
        if target.earlier is not None:
            check_unlocked(target.earlier)
    paintings: list[Painting] = []
    for values in chosen:
        apply_values(config, values)
        paintings += _paint_all(procedure, run_mode, targets, config, are_frames)
    placed = place(image, paintings, has_screen=run_mode != Gimp.RunMode.NONINTERACTIVE, are_frames=are_frames)
    Gimp.displays_flush()
    if placed.sentences:
        Gimp.message("\n".join(placed.sentences))
    return placed


def _paint_all(
    procedure: Gimp.Procedure,
    run_mode: Gimp.RunMode,
    targets: Sequence[Target],
    config: Gimp.ProcedureConfig,
    are_frames: bool,
) -> list[Painting]:
    """The painting of each layer, by the arguments as they are now."""
    output = output_from(config)
    style = read_style(style_from(config), targets[0].layer.get_format())
    settings = settings_from(config, style.suggested)
    detail_map = config.get_property("detail-map")
    subjects = [subject_of(target, output.uses_selection, detail_map) for target in targets]
    paint_at = config.get_property("paint-at")
    layers = [subject.pixels.at_size(*painted_size(subject.size, paint_at)) for subject in subjects]
    task = painting_task(layers, style, settings, are_frames)
    record = record_of(procedure, config, style, settings)
    results = _painted(task, run_mode, targets[0].layer)
    return [
        Painting(
            subject,
            resized(result.picture, *subject.size),
            painting_name(subject.name, style.title, settings.strength),
            replace(record, plan=result.plan),
            output,
        )
        for subject, result in zip(subjects[: len(results)], results, strict=True)
    ]


def _painted(task: Task[list[Result]], run_mode: Gimp.RunMode, layer: Gimp.Layer) -> list[Result]:
    if run_mode != Gimp.RunMode.INTERACTIVE:
        return with_gimp_progress(task)
    from .dialog.window import in_own_window

    before = shrunk(read_pixels(layer, layer.get_format(), "u8"), BEFORE_SIDE)
    return in_own_window(task, _("Painting “{layer}”").format(layer=layer.get_name()), before)
