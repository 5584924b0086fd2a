"""What one call of the filter does: read the layers, have them painted, hang the paintings above them."""

import traceback
from collections.abc import Sequence

from gi.repository import Gimp, GLib

from impasto_wire.errors import ImpastoError, JobCancelled, SettingError
from impasto_wire.messages import Progress
from impasto_wire.pictures import Pixels
from impasto_wire.settings import Settings

from .arguments import settings_from, style_from
from .launcher import find_or_start, read_config
from .layers import as_it_looks, hang, make_painting, paintable_layers
from .pixels import read_pixels, read_selection, samples_for
from .progress import Task, Watcher, with_gimp_progress
from .styles import Style, read_style
from .texts import _, time_left

BEFORE_SIDE = 480


def run_filter(
    procedure: Gimp.Procedure,
    run_mode: Gimp.RunMode,
    image: Gimp.Image,
    drawables: Sequence[Gimp.Drawable],
    config: Gimp.ProcedureConfig,
) -> Gimp.ValueArray:
    """One call of the procedure, with its answer to GIMP. An error leaves the image as it was."""
    try:
        layers = paintable_layers(image, drawables)
        is_interactive = run_mode == Gimp.RunMode.INTERACTIVE
        if is_interactive:
            from .dialog import ask

            if not ask(procedure, config, layers[0]):
                return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, None)
        repaint(image, layers, config, is_interactive)
    except JobCancelled:
        return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, None)
    except ImpastoError as error:
        return _failed(procedure, str(error))
    except Exception as error:
        traceback.print_exc()
        return _failed(procedure, _("Impasto met a fault of its own: {error}").format(error=error))
    return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)


def _failed(procedure: Gimp.Procedure, sentence: str) -> Gimp.ValueArray:
    return procedure.new_return_values(Gimp.PDBStatusType.EXECUTION_ERROR, GLib.Error(_first_upper(sentence)))


def _first_upper(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def repaint(
    image: Gimp.Image, layers: Sequence[Gimp.Layer], config: Gimp.ProcedureConfig, is_interactive: bool
) -> None:
    """Paint each layer and hang the paintings, all of them or none. Raises `ImpastoError`."""
    style = read_style(style_from(config), layers[0].get_format())
    settings = settings_from(config, style.preset)
    pictures = [_read(layer) for layer in layers]
    selections = [read_selection(layer) for layer in layers]
    task = painting_task(list(zip(pictures, selections, strict=True)), style, settings)
    if is_interactive:
        from .window import in_own_window

        before = read_pixels(layers[0], layers[0].get_format(), "u8", BEFORE_SIDE)
        results = in_own_window(task, _("Painting “{layer}”").format(layer=layers[0].get_name()), before)
    else:
        results = with_gimp_progress(task)
    _check_alive(image, layers)
    names = [f"{layer.get_name()} ({style.title})" for layer in layers]
    hang(image, [make_painting(*painting) for painting in zip(layers, results, names, strict=True)])
    Gimp.displays_flush()


def _read(layer: Gimp.Layer) -> Pixels:
    with as_it_looks(layer) as seen:
        return read_pixels(seen, layer.get_format(), samples_for(layer.get_image().get_precision()))


def _check_alive(image: Gimp.Image, layers: Sequence[Gimp.Layer]) -> None:
    if not image.is_valid() or not all(layer.is_valid() for layer in layers):
        raise SettingError("the layer was deleted or its image closed while it was being painted; nothing was changed")


Sitting = tuple[Pixels, Pixels | None]
"""A layer and what of it is selected."""


def painting_task(sittings: Sequence[Sitting], style: Style, settings: Settings) -> Task[list[Pixels]]:
    """Finds or starts the engine and paints the layers, one after the other."""

    def paint_all(watcher: Watcher) -> list[Pixels]:
        watcher.tell(0, _("Finding the engine…"))
        results = []
        with find_or_start(read_config()) as engine:
            for number, (picture, selection) in enumerate(sittings):

                def tell(progress: Progress, done: int = number) -> None:
                    watcher.tell((done + progress.fraction) / len(sittings), sentence_of(progress))

                watcher.tell(number / len(sittings), _("The engine is getting ready…"))
                results.append(
                    engine.paint(
                        picture,
                        style.pictures,
                        settings,
                        on_progress=tell,
                        on_preview=lambda painted: watcher.show(painted.picture),
                        is_cancelled=watcher.is_cancelled,
                        selection=selection,
                    )
                )
        return results

    return paint_all


def sentence_of(progress: Progress) -> str:
    """How far the work is, in words."""
    text = _("Painting, scale {scale} of {scales}").format(scale=progress.scale, scales=progress.scales)
    return text if progress.seconds_left is None else f"{text}, {time_left(progress.seconds_left)}"
