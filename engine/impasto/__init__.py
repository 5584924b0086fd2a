"""The Impasto engine: repaints a picture in the style of a painting. docs/python.md shows it from Python."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from impasto.libraries import find_runtime
from impasto_wire import __version__ as __version__
from impasto_wire.request import PaintRequest as PaintRequest
from impasto_wire.request import WeightedStyle as WeightedStyle
from impasto_wire.settings import Settings as Settings

if TYPE_CHECKING:
    from impasto.request import Picture, Step

# Before torch is loaded, which reads them once. Threads that wait sleep instead of spinning: beside GIMP, or any other
# program, spinning makes everyone many times slower. GNU's spin for some microseconds first, for the next operation
# mostly comes at once: a fifth quicker alone, a tenth slower beside a program that keeps all cores busy.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "3000")
find_runtime()


def paint(
    request: "PaintRequest[Picture]",
    *,
    device: str = "auto",
    backbone: str | None = None,
    weights: Path | None = None,
    steps: int | None = None,
    memory_budget: int | None = None,
    on_step: "Callable[[Step], object]" = lambda step: None,
) -> "Picture":
    """The painting of a request's layer: ``(H, W, 3)`` in the layer's own type, or the window's size where it has one.

    `device` is "auto", "cpu", "cuda" or "mps". `backbone`, its file of `weights`, and `steps` of all scales together
    take the place of what the request's recipe says. `memory_budget` is in bytes: larger layers are painted in tiles.
    `on_step` sees each step. To paint many pictures, keep a `impasto.painting.local_painter.LocalPainter`.

    Raises `impasto_wire.errors.ImpastoError`: `PictureError`, `SettingError`, `WeightsMissing`, `OutOfMemory`.
    """
    from impasto.painting.local_painter import LocalPainter
    from impasto.request import Step, drained
    from impasto.transfer import custom_recipe

    recipe = custom_recipe(request.recipe, backbone, steps)
    painter = LocalPainter(device, recipe, weights, memory_budget)
    return drained(painter.paint(request), lambda news: on_step(news) if isinstance(news, Step) else None)
