"""`impasto batch`: repaint many pictures in the same way; started again, it goes on where it stopped."""

import argparse
import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impasto_wire.errors import SettingError

from .options import add_options, add_ray_options, check_ray_options, check_workers, read_order, read_plan
from .speak import say

if TYPE_CHECKING:
    from impasto.batch.batch import Tally
    from impasto.batch.messages import Pool
    from impasto.painting.order import Order


def add_parser(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "batch",
        help="repaint many pictures",
        description="Repaint many pictures. Begun again, it paints only what is missing.",
    )
    parser.add_argument("pictures", nargs="+", metavar="PICTURES", help="files, folders of them, patterns: '*.png'")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER", help="where the results go")
    parser.add_argument(
        "--name",
        default="{name}{suffix}",
        metavar="PATTERN",
        help="of results: {name}, {suffix}, {folder}, {number:04}",
    )
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="processes that share this machine's cores; 1, with --ray as many as fit",
    )
    add_ray_options(parser)
    parser.add_argument("--retry", action="store_true", help="try again what has failed before")
    parser.add_argument(
        "--frames", action="store_true", help="of an animation: each begins from the one before, one after the other"
    )
    add_options(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Paint what is missing; 1 when some pictures failed."""
    check_workers(chosen.workers or 1)
    check_ray_options(chosen)
    if chosen.frames and (chosen.workers or 1) > 1:
        raise SettingError(f"workers is {chosen.workers}; --frames paints one after the other, leave --workers out")
    order = read_order(chosen)

    from impasto.batch.batch import Batch, check_folder
    from impasto.batch.pictures import check_pictures, find_pictures, left_out, place_outputs

    places = place_outputs(find_pictures(chosen.pictures), chosen.output, chosen.name)
    if others := left_out(chosen.pictures):
        say(f"left out, for they are no pictures: {', '.join(path.name for path in others)}")
    check_folder(chosen.output)
    checked = check_pictures(places, order.size)
    places = checked.paintable
    for sentence in (*checked.remarks, *checked.problems.values()):
        say(sentence)
    batch = Batch(places, chosen.output, order, chosen.retry, chosen.frames)
    with _bar(len(places)) as report:
        tally = batch.run(lambda: _open_pool(chosen, order, 1 if chosen.frames else len(places)), report)
    for source, sentence in tally.failures.items():
        name = "" if sentence.startswith(str(source)) else f"{source}: "
        say(f"{name}{sentence}")
    tally.failures.update(checked.problems)
    say(_summary(tally))
    return 1 if tally.failures else 0


def _open_pool(chosen: argparse.Namespace, order: "Order", most: int) -> "Pool":
    """The pool that paints: processes of this machine, or workers on a cluster; at most `most` of them."""
    if chosen.ray is None:
        from impasto.batch.process_pool import ProcessPool

        return ProcessPool(order, min(chosen.workers or 1, most))
    from impasto.cluster.orders import order_values
    from impasto.cluster.pool import RayPool

    return RayPool(read_plan(chosen, order.device, most), order_values(order))


def _summary(tally: "Tally") -> str:
    parts = [f"{tally.painted} painted"]
    if tally.skipped:
        parts.append(f"{tally.skipped} were there already")
    if tally.failures:
        parts.append(f"{len(tally.failures)} failed; --retry tries those again")
    return ", ".join(parts)


@contextlib.contextmanager
def _bar(total: int) -> "Iterator[Callable[[Tally], None]]":
    """A progress bar with the time left and the pictures a minute."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Painting"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[speed]}"))
    began, console = time.monotonic(), Console(stderr=True)
    remaining = TimeRemainingColumn()
    with Progress(*columns, remaining, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total, speed="")
        printed = 0

        def report(tally: "Tally") -> None:
            nonlocal printed
            for remark in tally.remarks[printed:]:
                console.print(remark, highlight=False, markup=False, soft_wrap=True)
            printed = len(tally.remarks)
            made = tally.painted + sum(tally.fractions.values())
            speed = made / (time.monotonic() - began) * 60
            bar.update(task, completed=tally.done, speed=f"{speed:.3g} pictures a minute")

        yield report
