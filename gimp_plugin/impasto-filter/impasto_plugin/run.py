"""What one call of the filter does: read the layers, have them painted, hang the paintings above them."""

import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from gi.repository import Gimp, GLib

from impasto_wire.errors import ImpastoError, JobCancelled, SettingError

from .arguments import apply_values, settings_from, style_from
from .layers import as_it_looks, hang, make_painting, paintable_layers, record_of
from .painting import Sitting, painting_task
from .pixels import read_map, read_pixels, read_selection, samples_for
from .progress import with_gimp_progress
from .sizes import painted_size, resized
from .styles import read_style
from .texts import _, as_sentence

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
        chosen: Sequence[Mapping[str, Any]] = [{}]
        if is_interactive:
            from .dialog import ask

            chosen = ask(procedure, config, layers[0])
            if not chosen:
                return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, None)
        for values in chosen:
            apply_values(config, values)
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
    return procedure.new_return_values(Gimp.PDBStatusType.EXECUTION_ERROR, GLib.Error(as_sentence(sentence)))


def repaint(
    image: Gimp.Image, layers: Sequence[Gimp.Layer], config: Gimp.ProcedureConfig, is_interactive: bool
) -> None:
    """Paint each layer and hang the paintings, all of them or none. Raises `ImpastoError`."""
    style = read_style(style_from(config), layers[0].get_format())
    settings = settings_from(config, style.preset)
    detail_map = config.get_property("detail-map")
    paint_at = config.get_property("paint-at")
    task = painting_task([_sitting(layer, detail_map, paint_at) for layer in layers], style, settings)
    if is_interactive:
        from .window import in_own_window

        before = read_pixels(layers[0], layers[0].get_format(), "u8", BEFORE_SIDE)
        results = in_own_window(task, _("Painting “{layer}”").format(layer=layers[0].get_name()), before)
    else:
        results = with_gimp_progress(task)
    _check_alive(image, layers)
    results = [
        resized(result, layer.get_width(), layer.get_height()) for result, layer in zip(results, layers, strict=True)
    ]
    names = [f"{layer.get_name()} ({style.title})" for layer in layers]
    paintings = [make_painting(*painting) for painting in zip(layers, results, names, strict=True)]
    hang(image, paintings, record_of(style, settings))
    Gimp.displays_flush()


def _sitting(layer: Gimp.Layer, detail_map: Gimp.Drawable | None, paint_at: str) -> Sitting:
    with as_it_looks(layer) as seen:
        pixels = read_pixels(seen, layer.get_format(), samples_for(layer.get_image().get_precision()))
    size, selection = painted_size(layer, paint_at), read_selection(layer)
    detail = None if detail_map is None else read_map(detail_map, layer)
    maps = (map_ if map_ is None else resized(map_, *size) for map_ in (selection, detail))
    return Sitting(resized(pixels, *size), *maps)


def _check_alive(image: Gimp.Image, layers: Sequence[Gimp.Layer]) -> None:
    if not image.is_valid() or not all(layer.is_valid() for layer in layers):
        raise SettingError("the layer was deleted or its image closed while it was being painted; nothing was changed")
