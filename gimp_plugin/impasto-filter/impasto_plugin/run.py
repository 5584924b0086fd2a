"""What one call of the filter does: read the layers, let the engine paint them, place the paintings."""

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from gi.repository import Gimp, GLib, GObject

from impasto_setup.set_up import this_filter, wants_set_up
from impasto_wire.errors import EngineUnavailable, ImpastoError, JobCancelled, PictureError

from .arguments import PAINT_LAYERS, adds_another, output_from
from .engine.computers import chosen_computer, is_settled
from .image.frames import frames_of
from .image.grey import grey_of
from .image.layers import check_growable, check_repaintable, check_result, layer_for, paintable_layers
from .image.pixels import read_pixels, space_of
from .image.placing import Painting, Placed, place
from .image.scaling import shrunk
from .image.sources import SourceGone, SourceUnclear
from .image.subjects import Subject, Target, frame_target, target_of
from .painting import LayerOutcome, Result
from .plans import Failure, Plan, plans_of
from .progress import Task, with_gimp_progress
from .texts import _, as_sentence

if TYPE_CHECKING:
    from .dialog.keeping import Asked

BEFORE_SIDE = 1024


def run_filter(
    procedure: Gimp.Procedure,
    run_mode: Gimp.RunMode,
    image: Gimp.Image,
    drawables: Sequence[Gimp.Drawable],
    config: Gimp.ProcedureConfig,
    are_frames: bool = False,
) -> Gimp.ValueArray:
    """Carry out one call of the procedure, and return its answer to GIMP.

    An error leaves the image as it was, unless it says that only some of several layers have failed.
    """

    def paint() -> tuple[Placed, list[Failure]]:
        if run_mode == Gimp.RunMode.INTERACTIVE:
            _see_to_engine(procedure)
        layers = _meant(frames_of(image, drawables) if are_frames else drawables, run_mode)
        targets = list(map(frame_target, layers)) if are_frames else _targets(procedure, run_mode, layers, config)
        asked = _ask(procedure, config, targets) if run_mode == Gimp.RunMode.INTERACTIVE else None
        if adds_another(config):
            targets = [target.adding() for target in targets]
        return repaint(procedure, run_mode, image, targets, config, asked, are_frames)

    return _answered(procedure, run_mode, paint)


def _see_to_engine(procedure: Gimp.Procedure) -> None:
    """Let the person set the engine up where there is none, or an old one, and no other computer paints. Raises
    `JobCancelled`."""
    if is_settled() or chosen_computer() is not None or not wants_set_up(this_filter()):
        return
    from .dialog.set_up_page import ask_for_set_up

    if not ask_for_set_up(procedure):
        raise JobCancelled("the dialog was cancelled")


def _meant(drawables: Sequence[Gimp.Drawable], run_mode: Gimp.RunMode) -> list[Gimp.Layer]:
    """The layers that are to be painted; a person may have a channel active. Raises `PictureError`."""
    return paintable_layers(list(map(layer_for, drawables)) if run_mode == Gimp.RunMode.INTERACTIVE else drawables)


def _answered(
    procedure: Gimp.Procedure, run_mode: Gimp.RunMode, paint: Callable[[], tuple[Placed, list[Failure]]]
) -> Gimp.ValueArray:
    """Paint; then the answer to GIMP, also where that was cancelled or has failed."""
    try:
        placed, failures = paint()
    except JobCancelled:
        return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, None)
    except ImpastoError as error:
        return _failed(procedure, str(error))
    except Exception as error:
        traceback.print_exc()
        return _failed(procedure, _("Impasto met a fault of its own: {error}").format(error=error))
    return _done_with(procedure, run_mode, placed, failures)


def _done_with(
    procedure: Gimp.Procedure, run_mode: Gimp.RunMode, placed: Placed, failures: Sequence[Failure]
) -> Gimp.ValueArray:
    """The answer to GIMP, and sentences for the person."""
    sentences = [*placed.sentences, *dict.fromkeys(failure.sentence for failure in failures)]
    if failures and run_mode == Gimp.RunMode.NONINTERACTIVE:
        return _failed(procedure, " ".join(sentences))  # a script must learn that not all is painted
    if sentences:
        Gimp.message("\n".join(sentences))
    success = GObject.Value(Gimp.PDBStatusType, Gimp.PDBStatusType.SUCCESS)
    return Gimp.ValueArray.new_from_values([success, GObject.Value(Gimp.Image, placed.image)])


def run_repaint(
    procedure: Gimp.Procedure, run_mode: Gimp.RunMode, image: Gimp.Image, drawables: Sequence[Gimp.Drawable]
) -> Gimp.ValueArray:
    """Paint paintings again, each by its own record from its source as that is now; asks nothing.

    All are one undo step; where one fails or is cancelled, all are left as they were.
    """

    def paint() -> tuple[Placed, list[Failure]]:
        if run_mode == Gimp.RunMode.INTERACTIVE:
            _see_to_engine(procedure)
        targets = [_painting_target(procedure, run_mode, layer) for layer in _meant(drawables, run_mode)]
        painter = Gimp.get_pdb().lookup_procedure(PAINT_LAYERS)
        # They stay in their layers, wherever their records say that a new painting goes.
        result = "new-image" if _is_indexed(image) and run_mode != Gimp.RunMode.NONINTERACTIVE else "new-layer"
        paintings: list[Painting] = []
        for target in targets:
            config = painter.create_config()
            assert target.record
            target.record.restore(config, image)
            made, failures = _paintings(painter, run_mode, image, [target], config, [{}], result)
            if failures:
                raise failures[0].error if len(targets) == 1 else PictureError(failures[0].sentence)
            paintings += made
        return _placed(image, run_mode, paintings), []

    return _answered(procedure, run_mode, paint)


def _painting_target(procedure: Gimp.Procedure, run_mode: Gimp.RunMode, layer: Gimp.Layer) -> Target:
    target = _target_by_asking(procedure, layer) if run_mode == Gimp.RunMode.INTERACTIVE else target_of(layer)
    if target.earlier is None:
        sentence = _(
            "“{name}” is no painting of Impasto's, so it can't be repainted; "
            "choose Filters ▸ Artistic ▸ Impasto Style Transfer"
        )
        raise PictureError(sentence.format(name=layer.get_name()))
    return target


def _failed(procedure: Gimp.Procedure, sentence: str) -> Gimp.ValueArray:
    return procedure.new_return_values(Gimp.PDBStatusType.EXECUTION_ERROR, GLib.Error(as_sentence(sentence)))


def _targets(
    procedure: Gimp.Procedure, run_mode: Gimp.RunMode, layers: Sequence[Gimp.Layer], config: Gimp.ProcedureConfig
) -> list[Target]:
    """The layers to paint.

    The person is asked whether a painting whose source is gone is to be painted itself, and which of several copies is
    the source.
    """
    if run_mode != Gimp.RunMode.INTERACTIVE:
        # Filters > Repeat never paints a painting, even if the last call was asked to.
        is_asked = run_mode == Gimp.RunMode.NONINTERACTIVE and config.get_property("paint-painting")
        return [Target(layer) if is_asked else target_of(layer) for layer in layers]
    return [_target_by_asking(procedure, layer) for layer in layers]


def _target_by_asking(procedure: Gimp.Procedure, layer: Gimp.Layer) -> Target:
    from .dialog.output import ask_source, is_wanted

    source: Gimp.Layer | None
    try:
        return target_of(layer)
    except SourceUnclear as unclear:
        source = ask_source(procedure, unclear.question, unclear.layers)
    except SourceGone as gone:
        source = layer if is_wanted(procedure, gone.question) else None
    if source is None:
        raise JobCancelled("the painting was cancelled")
    return target_of(layer, source)


def _ask(procedure: Gimp.Procedure, config: Gimp.ProcedureConfig, targets: Sequence[Target]) -> "Asked":
    """Let the person choose one painting or several; an earlier painting's settings are shown first.

    Raises `JobCancelled`."""
    from .dialog.dialog import ask

    first = targets[0]
    if first.record is not None:
        first.record.restore(config, first.layer.get_image())
    asked = ask(procedure, config, targets)
    if asked is None:
        raise JobCancelled("the dialog was cancelled")
    return asked


def repaint(
    procedure: Gimp.Procedure,
    run_mode: Gimp.RunMode,
    image: Gimp.Image,
    targets: Sequence[Target],
    config: Gimp.ProcedureConfig,
    asked: "Asked | None",
    are_frames: bool,
) -> tuple[Placed, list[Failure]]:
    """Paint each layer with all that was asked for, or else with `config`; then place all, in one undo step.

    Returns also what has failed; if all has, raises `ImpastoError`, with the image as it was.
    """
    result = output_from(config).result
    if _is_indexed(image) and run_mode != Gimp.RunMode.NONINTERACTIVE:
        result = "new-image"  # and `config` keeps what goes for other images
    chosen = asked.values if asked else [{}]
    paintings, failures = _paintings(procedure, run_mode, image, targets, config, chosen, result, are_frames)
    if not paintings:
        raise failures[0].error
    painted = asked.painted if asked and not failures else ()
    also = partial(asked.keeping.save_with_image, painted) if asked else None
    placed = _placed(image, run_mode, paintings, are_frames, also)
    if asked:
        asked.keeping.note_painted(painted)
    return placed, failures


def _is_indexed(image: Gimp.Image) -> bool:
    return bool(image.get_base_type() == Gimp.ImageBaseType.INDEXED)


def _paintings(
    procedure: Gimp.Procedure,
    run_mode: Gimp.RunMode,
    image: Gimp.Image,
    targets: Sequence[Target],
    config: Gimp.ProcedureConfig,
    chosen: Sequence[Mapping[str, Any]],
    result: str,
    are_frames: bool = False,
) -> tuple[list[Painting], list[Failure]]:
    """Each layer painted by each of the chosen arguments, and what has failed; the image isn't touched."""
    check_result(image, [target.layer for target in targets if target.earlier is None], result)
    for target in targets:
        if target.earlier is not None:
            check_repaintable(target.earlier, target.layer)
        if target.below and result == "replace":
            check_growable(target.layer)
    plans = plans_of(procedure, targets, config, chosen, result)
    paintings: list[Painting] = []
    failures: list[Failure] = []
    for plan in plans:
        for subject, outcome in _painted(plan, run_mode, are_frames):
            if isinstance(outcome, Result):
                paintings.append(plan.painting(subject, outcome))
            else:
                failures.append(Failure(subject.name, outcome))
        if failures and isinstance(failures[-1].error, EngineUnavailable):
            break
    return paintings, failures


def _placed(
    image: Gimp.Image,
    run_mode: Gimp.RunMode,
    paintings: Sequence[Painting],
    are_frames: bool = False,
    also: Callable[[], None] | None = None,
) -> Placed:
    """Place all paintings in one undo step, and show that."""
    has_screen = run_mode != Gimp.RunMode.NONINTERACTIVE
    placed = place(image, paintings, has_screen=has_screen, are_frames=are_frames, also=also)
    Gimp.displays_flush()
    return placed


def _painted(plan: Plan, run_mode: Gimp.RunMode, are_frames: bool) -> Iterator[tuple[Subject, LayerOutcome]]:
    """The layers of a plan with what became of each. After a frame that has failed there are no others."""
    try:
        outcomes = _done(plan.task(are_frames), run_mode, plan.subjects[0].target.layer)
    except JobCancelled:
        raise
    except ImpastoError as error:
        outcomes = [error]
    last = outcomes[-1]
    if isinstance(last, ImpastoError) and not are_frames:
        outcomes += [last] * (len(plan.subjects) - len(outcomes))
    return zip(plan.subjects, outcomes, strict=False)


def _done(task: Task[list[LayerOutcome]], run_mode: Gimp.RunMode, layer: Gimp.Layer) -> list[LayerOutcome]:
    if run_mode != Gimp.RunMode.INTERACTIVE:
        return with_gimp_progress(task)
    from .dialog.window import in_own_window

    space = space_of(layer)
    before = shrunk(read_pixels(layer, space, "u8"), BEFORE_SIDE)
    title = _("Painting “{layer}”").format(layer=layer.get_name())
    return in_own_window(task, title, before, grey_of(layer, space))
