"""`impasto stylize`: repaint a picture file."""

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impasto_presets import list_presets, load_preset
from impasto_wire.errors import SettingError
from impasto_wire.settings import Settings, ranges

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from impasto.transfer import Step, StylePicture

_BY_PRESET = ("strength", "brush_size", "detail", "original_colours")


def add_parser(subparsers: Any) -> None:
    """Hang the command on the command line."""
    parser = subparsers.add_parser("stylize", help="repaint a picture", description="Repaint a picture.")
    parser.add_argument("content", type=Path, metavar="CONTENT", help="the picture to repaint")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="where the result goes")
    style = parser.add_mutually_exclusive_group()
    style.add_argument("--style", type=Path, metavar="PICTURE", help="a picture to take the style from")
    style.add_argument("--preset", metavar="NAME", help="a shipped style; see: impasto presets list")
    for name, allowed in ranges().items():
        choices = "|".join(allowed.choices) or f"{allowed.minimum:g}..{allowed.maximum:g}"
        parser.add_argument(f"--{name.replace('_', '-')}", dest=name, metavar=choices, help=allowed.help)
    parser.add_argument("--size", type=int, metavar="LONG_SIDE", help="paint at this size, in pixels")
    parser.add_argument("--device", default="auto", metavar="auto|cpu|cuda|mps", help="what computes")
    parser.add_argument("--json", action="store_true", help="one JSON object for each step on standard output")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Repaint the picture; nothing is written unless all went well."""
    settings = _settings(chosen)
    if chosen.size is not None and not 16 <= chosen.size <= 100_000:
        raise SettingError(f"size is {chosen.size}; it must lie in 16..100000 pixels")
    from impasto import images

    picture = images.read_picture(chosen.content)
    images.check_output(chosen.output, has_alpha=picture.pixels.shape[2] == 4)
    pixels = picture.pixels if chosen.size is None else images.resized(picture.pixels, chosen.size)
    styles = _styles(chosen)
    with _json_reporter() if chosen.json else _bar_reporter() as report:
        result = _paint(pixels, styles, settings, chosen.device, report)
    images.write_picture(chosen.output, images.Picture(result, picture.profile))
    return 0


def _settings(chosen: argparse.Namespace) -> Settings:
    """What was asked for, else what the style suggests, else the default."""
    given = {name: _value(name, getattr(chosen, name)) for name in ranges() if getattr(chosen, name) is not None}
    settings = Settings.from_dict(given)
    if chosen.style is not None:
        return settings
    preset = load_preset(chosen.preset) if chosen.preset else list_presets()[0]
    return replace(settings, **{name: getattr(preset, name) for name in _BY_PRESET if name not in given})


def _value(name: str, text: str) -> str | float:
    if ranges()[name].choices:
        return text
    try:
        return float(text)
    except ValueError as error:
        raise SettingError(f"{name} is {text!r}; it must be a number") from error


def _styles(chosen: argparse.Namespace) -> "list[StylePicture]":
    from impasto import images
    from impasto.transfer import StylePicture

    if chosen.style is not None:
        return [StylePicture(images.read_picture(chosen.style).pixels)]
    preset = load_preset(chosen.preset) if chosen.preset else list_presets()[0]
    return [StylePicture(images.read_picture(path).pixels, weight) for path, weight in preset.pictures]


def _paint(
    pixels: "NDArray[np.generic]",
    styles: "list[StylePicture]",
    settings: Settings,
    device: str,
    report: "Callable[[Step], None]",
) -> "NDArray[np.generic]":
    """The result with the content's own alpha, at the content's own depth."""
    import numpy as np

    from impasto.backbones import load_backbone
    from impasto.devices import choose_device
    from impasto.transfer import Layer, stylize

    backbone = load_backbone("vgg19", choose_device(device))
    painting = stylize(Layer(pixels), styles, settings, backbone)
    colours = _drain(painting, report)
    return np.concatenate([colours, pixels[..., 3:]], axis=2)


def _drain(
    painting: "Generator[Step, bool | None, NDArray[np.generic]]", report: "Callable[[Step], None]"
) -> "NDArray[np.generic]":
    while True:
        try:
            report(next(painting))
        except StopIteration as finished:
            result: NDArray[np.generic] = finished.value
            return result


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


@contextlib.contextmanager
def _bar_reporter() -> "Iterator[Callable[[Step], None]]":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Painting", total=1.0)

        def report(step: "Step") -> None:
            text = f"Painting, scale {step.scale} of {step.scales}, step {step.step} of {step.steps}"
            bar.update(task, completed=step.fraction, description=text)

        yield report
