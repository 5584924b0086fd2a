"""`impasto stylize`: repaint a picture file."""

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .options import add_options, add_ray_options, check_ray_options, check_workers, read_order, read_plan
from .progress import progress_bar
from .speak import say

if TYPE_CHECKING:
    from impasto.painting.order import Order
    from impasto.request import PaintRequest, Picture, Step


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser("stylize", help="repaint a picture", description="Repaint a picture.")
    parser.add_argument("content", type=Path, metavar="CONTENT", help="the picture to repaint")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="where the result goes")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes that share a large picture")
    add_ray_options(parser)
    add_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object for each step on standard output")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Repaint the picture; nothing is written unless all went well."""
    check_workers(chosen.workers)
    check_ray_options(chosen)
    order = read_order(chosen)
    from impasto.painting.order import with_own_alpha
    from impasto.pictures import files, outputs
    from impasto.pictures.print_size import enlargement
    from impasto.pictures.sequences import open_sequence
    from impasto.request import drained

    from .sequence import is_painted_whole, paint_sequence

    data = files.read_file(chosen.content)
    sequence = open_sequence(data, chosen.content)
    if sequence is not None and is_painted_whole(sequence, chosen.output):
        painter = order.open_painter() if chosen.ray is None and chosen.workers == 1 else None

        def paint(request: "PaintRequest") -> "Picture":
            painting = painter.paint(request) if painter else _painting(order, request, chosen)
            with _json_reporter() if chosen.json else progress_bar() as report:
                return drained(painting, _reporting(report))

        paint_sequence(order, sequence, chosen.output, paint)
        return 0
    picture = files.decode_picture(data, chosen.content)
    request = order.request(picture.pixels, profile=picture.profile)
    height, width = request.layer.shape[:2]
    left_out = outputs.check_output(chosen.output, (width, height), picture.transparency, picture.metadata)
    for sentence in left_out + enlargement(str(chosen.content), *picture.size, order.size):
        say(sentence)
    painting = _painting(order, request, chosen)
    with _json_reporter() if chosen.json else progress_bar() as report:
        result = drained(painting, _reporting(report))
    outputs.write_picture(chosen.output, order.finished(picture, with_own_alpha(result, request.layer)))
    return 0


def _painting(
    order: "Order", request: "PaintRequest", chosen: argparse.Namespace
) -> "Generator[Step | str, Any, Picture]":
    """The painting as a generator of steps and remarks: by this process, by several, or by workers on a cluster."""
    if chosen.ray is not None:
        from impasto.cluster.one_picture import paint_on_cluster

        return paint_on_cluster(order, request, read_plan(chosen, "cpu", chosen.workers))
    if chosen.workers == 1:
        return order.open_painter().paint(request)
    from impasto.painting.processes import paint_in_processes

    return paint_in_processes(order, request, chosen.workers)


def _reporting(report: "Callable[[Step], None]") -> "Callable[[Step | str], None]":
    """A function that reports steps, and prints a remark unless it is the same as the last one."""
    last = None

    def take(news: "Step | str") -> None:
        nonlocal last
        if not isinstance(news, str):
            report(news)
        elif news != last:
            last = news
            say(news)

    return take


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
