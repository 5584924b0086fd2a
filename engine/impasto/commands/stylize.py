"""`impasto stylize`: repaint a picture file."""

import argparse
import contextlib
import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impasto_presets import Preset, list_presets, load_preset, user_folder
from impasto_presets.preset import RANGES
from impasto_wire.errors import PictureError, SettingError
from impasto_wire.settings import Settings, ranges

from .progress import drained, progress_bar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from impasto.backbones import Backbone
    from impasto.transfer import Recipe, Step, StylePicture

_NUMBER = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")


def add_parser(subparsers: Any) -> None:
    """Hang the command on the command line."""
    parser = subparsers.add_parser("stylize", help="repaint a picture", description="Repaint a picture.")
    parser.add_argument("content", type=Path, metavar="CONTENT", help="the picture to repaint")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="where the result goes")
    style = parser.add_mutually_exclusive_group()
    style.add_argument(
        "--style",
        action="append",
        metavar="PICTURE[:WEIGHT]",
        help="a picture to take the style from; again for a mix, each with its weight",
    )
    style.add_argument("--preset", metavar="NAME", help="a style of the gallery; see: impasto presets list")
    for name, allowed in ranges().items():
        choices = "|".join(allowed.choices) or f"{allowed.minimum:g}..{allowed.maximum:g}"
        parser.add_argument(f"--{name.replace('_', '-')}", dest=name, metavar=choices, help=allowed.help)
    parser.add_argument(
        "--detail-map", type=Path, metavar="PICTURE", help="grey: white keeps the drawing, black lets go"
    )
    parser.add_argument(
        "--selection", type=Path, metavar="PICTURE", help="grey: white is painted, black stays as it is"
    )
    parser.add_argument("--size", type=int, metavar="LONG_SIDE", help="paint at this size, in pixels")
    parser.add_argument("--recipe", metavar="NAME", help="impasto|classic|gatys|pastiche; by style, impasto")
    parser.add_argument("--backbone", metavar="NAME", help="vgg19|vgg16|squeezenet; by recipe")
    parser.add_argument(
        "--weights", type=Path, metavar="FILE", help=".safetensors or .pth, or 'torchvision' for what it has fetched"
    )
    parser.add_argument("--steps", type=int, metavar="N", help="steps of all scales together, instead of the quality's")
    parser.add_argument("--memory-budget", type=float, metavar="GIB", help="paint in tiles that fit into this")
    parser.add_argument("--device", default="auto", metavar="auto|cpu|cuda|mps", help="what computes")
    parser.add_argument("--json", action="store_true", help="one JSON object for each step on standard output")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Repaint the picture; nothing is written unless all went well."""
    preset = _preset(chosen)
    settings = _settings(chosen, preset)
    budget = _bytes(chosen.memory_budget)
    _check_numbers(chosen)
    from impasto import images

    picture = images.read_picture(chosen.content)
    images.check_output(chosen.output, has_alpha=picture.pixels.shape[2] == 4)
    selection, detail_map = (_map(path, picture.pixels, chosen.size) for path in (chosen.selection, chosen.detail_map))
    pixels = picture.pixels if chosen.size is None else images.resized(picture.pixels, chosen.size)
    styles = _styles(chosen, preset)

    from impasto.transfer import Layer, recipe_named, stylize

    recipe = recipe_named(chosen.recipe or (preset.recipe if preset else "impasto"))
    recipe = replace(recipe.on(chosen.backbone or recipe.backbone), total_steps=chosen.steps)
    backbone = _backbone(recipe.backbone, chosen)
    styles = [_finest(style, pixels, settings, recipe) for style in styles]
    painting = stylize(Layer(pixels, selection, detail_map), styles, settings, backbone, recipe, budget)
    with _json_reporter() if chosen.json else progress_bar() as report:
        result = _with_alpha(drained(painting, report), pixels)
    images.write_picture(chosen.output, images.Picture(result, picture.profile))
    return 0


def _preset(chosen: argparse.Namespace) -> Preset | None:
    """The style that is asked for, or the first; None where pictures are given instead."""
    if chosen.style is not None:
        return None
    return load_preset(chosen.preset, user_folder()) if chosen.preset else list_presets()[0]


def _settings(chosen: argparse.Namespace, preset: Preset | None) -> Settings:
    """What was asked for, else what the style suggests for its own recipe, else the default."""
    settings = given_settings(chosen, ranges())
    if preset is None or chosen.recipe not in (None, preset.recipe):
        return settings
    return replace(settings, **{name: getattr(preset, name) for name in RANGES if getattr(chosen, name) is None})


def given_settings(chosen: argparse.Namespace, names: Iterable[str]) -> Settings:
    """The settings of those names that the command line gives; the others at their defaults. Raises `SettingError`."""
    given = {name: getattr(chosen, name) for name in names}
    return Settings.from_dict({name: _value(name, text) for name, text in given.items() if text is not None})


def _value(name: str, text: str) -> str | float:
    if ranges()[name].choices:
        return text
    try:
        return float(text)
    except ValueError as error:
        raise SettingError(f"{name} is {text!r}; it must be a number") from error


def _check_numbers(chosen: argparse.Namespace) -> None:
    if chosen.size is not None and not 16 <= chosen.size <= 100_000:
        raise SettingError(f"size is {chosen.size}; it must lie in 16..100000 pixels")
    if chosen.steps is not None and not 1 <= chosen.steps <= 100_000:
        raise SettingError(f"steps is {chosen.steps}; it must lie in 1..100000")


def _bytes(gib: float | None) -> int | None:
    if gib is None:
        return None
    if not 0 < gib <= 100_000:
        raise SettingError(f"memory_budget is {gib:g}; it must be a number of GiB above 0")
    return int(gib * (1 << 30))


def _styles(chosen: argparse.Namespace, preset: Preset | None) -> "list[StylePicture]":
    from impasto import images
    from impasto.transfer import StylePicture

    pictures = preset.pictures if preset else [weighted_style(text) for text in chosen.style]
    return [StylePicture(images.read_picture(path).pixels, weight) for path, weight in pictures]


def _finest(
    style: "StylePicture", pixels: "NDArray[np.generic]", settings: Settings, recipe: "Recipe"
) -> "StylePicture":
    """The style; where a shipped artwork is too small for the layer, a larger one, after a word about it."""
    from impasto.fine_artworks import as_fine_as_needed

    making, told = as_fine_as_needed(style.picture, pixels, settings, recipe), None
    while True:
        try:
            sentence = next(making)
        except StopIteration as made:
            return replace(style, picture=made.value)
        if sentence != told:
            told = sentence
            sys.stderr.write(f"{sentence}\n")


def weighted_style(text: str) -> tuple[Path, float]:
    """A picture's path and its weight: what follows the last colon, if that is a number, else 1."""
    path, _, weight = text.rpartition(":")
    if not path or not _NUMBER.fullmatch(weight) or Path(text).exists():
        return Path(text), 1.0
    if not float(weight) > 0:
        raise SettingError(f"the weight of {path} is {weight}; it must be above 0")
    return Path(path), float(weight)


def _map(path: Path | None, content: "NDArray[np.generic]", size: int | None) -> "NDArray[np.generic] | None":
    """A grey picture as large as the content, brought to the size that is painted at. Raises `PictureError`."""
    if path is None:
        return None
    from impasto import images

    grey = images.read_grey(path)
    if grey.shape != content.shape[:2]:
        (height, width), (rows, columns) = grey.shape, content.shape[:2]
        raise PictureError(f"{path} is {width}x{height}; it must be as large as the picture, {columns}x{rows}")
    return grey if size is None else images.resized(grey, size)


def _backbone(name: str, chosen: argparse.Namespace) -> "Backbone":
    from impasto.backbones import load_backbone
    from impasto.devices import choose_device

    return load_backbone(name, choose_device(chosen.device), chosen.weights)


def _with_alpha(colours: "NDArray[np.generic]", pixels: "NDArray[np.generic]") -> "NDArray[np.generic]":
    """The colours with the content's own alpha."""
    import numpy as np

    return np.concatenate([colours, pixels[..., 3:]], axis=2)


@contextlib.contextmanager
def _json_reporter() -> "Iterator[Callable[[Step], None]]":
    started = time.monotonic()

    def report(step: "Step") -> None:
        line = {
            "step": step.step,
            "scale": step.scale,
            "loss": step.loss,
            "style_loss": step.style_loss,
            "content_loss": step.content_loss,
            "seconds": round(time.monotonic() - started, 3),
        }
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()

    yield report
