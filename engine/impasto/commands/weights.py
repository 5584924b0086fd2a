"""`impasto weights`: which networks' weights there are, fetching more, and where they lie."""

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impasto_wire.errors import SettingError, WeightsMissing

from .speak import say

if TYPE_CHECKING:
    from impasto.backbones.published import PublishedWeights

MIRROR = "IMPASTO_WEIGHTS_MIRROR"


def add_parser(subparsers: Any) -> None:
    """Hang the command on the command line."""
    parser = subparsers.add_parser("weights", help="the networks' weights: list, fetch, path")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="say which weights are here")
    listing.add_argument("--json", action="store_true", help="as one JSON list")
    listing.set_defaults(run=run_list)
    fetching = actions.add_parser(
        "fetch", help="bring a network's weights", description="Bring a network's weights; broken off, it goes on."
    )
    fetching.add_argument("name", metavar="NAME", help="vgg19|vgg16|squeezenet")
    fetching.add_argument("--from", dest="file", type=Path, metavar="FILE", help="take them from this file")
    fetching.add_argument(
        "--mirror",
        metavar="URL",
        default=os.environ.get(MIRROR),
        help=f"ask here first, for the file of torchvision's name (or set {MIRROR})",
    )
    fetching.add_argument(
        "--sha256", metavar="DIGEST", help="what the file must have, where only a part of it is published: 64 digits"
    )
    fetching.set_defaults(run=run_fetch)
    path = actions.add_parser("path", help="say where weights lie")
    path.add_argument("name", nargs="?", metavar="NAME", help="a network's file instead of the folder")
    path.set_defaults(run=run_path)


def run_list(chosen: argparse.Namespace) -> int:
    """Print every network's weights, what they are under, and whether they are here."""
    from impasto.backbones.published import PUBLISHED

    rows = [_row(published) for published in PUBLISHED.values()]
    if chosen.json:
        sys.stdout.write(json.dumps(rows, indent=1) + "\n")
        return 0
    for row in rows:
        sys.stdout.write(f"{row['name']:12}{row['state']}\n{'':12}{row['megabytes']} MB; {row['licence']}\n")
    return 0


def run_fetch(chosen: argparse.Namespace) -> int:
    """Bring a network's weights to where the engine looks for them."""
    from impasto.backbones import download
    from impasto.locks import FileLock

    published = _published(chosen.name)
    target = published.path
    say(f"{published.file}, {published.megabytes} MB; licence: {published.licence}")
    expected = published.expected(chosen.sha256)
    if published.is_whole(expected.sha256):
        published.keep_digest(expected.sha256)
        say("It is here already.")
        return 0
    download.make_folder(target.parent)
    lock = FileLock(target.with_name(f"{target.name}.lock"))
    if not lock.acquire():
        raise WeightsMissing(f"{published.file} is being fetched already; wait for that")
    with contextlib.closing(lock):
        if chosen.file:
            download.copy(chosen.file, target, expected)
        else:
            with _bar(published.file) as on_progress:
                download.download(_addresses(published, chosen.mirror), target, expected, on_progress)
        published.keep_digest(expected.sha256)
    say(f"It is in {target}{_how_to_use(published.network)}.")
    return 0


def run_path(chosen: argparse.Namespace) -> int:
    """Print the folder of fetched weights, or a network's file. Raises `WeightsMissing` when it isn't here."""
    from impasto.backbones import weights

    if chosen.name is None:
        sys.stdout.write(f"{weights.in_torchvision_cache('')}\n")
        return 0
    published = _published(chosen.name)
    path = published.path
    if not path.is_file() and published.network == "vgg19":
        path = weights.embedded_path()
    if not path.is_file():
        raise WeightsMissing(f"there are no weights of {chosen.name}; run: impasto weights fetch {chosen.name}")
    sys.stdout.write(f"{path}\n")
    return 0


def _published(name: str) -> "PublishedWeights":
    from impasto.backbones.published import PUBLISHED

    if name not in PUBLISHED:
        raise SettingError(f"there are no weights for {name!r}; it must be one of {', '.join(PUBLISHED)}")
    return PUBLISHED[name]


def _addresses(published: "PublishedWeights", mirror: str | None) -> list[str]:
    """Where to ask, in this order."""
    return [*([f"{mirror.rstrip('/')}/{published.file}"] if mirror else []), published.address]


def _row(published: "PublishedWeights") -> dict[str, str | int]:
    fetching = f"impasto weights fetch {published.network}"
    if not published.is_proven():
        fetching += " --sha256 DIGEST"
    if not published.path.is_file():
        state = f"not here; to have it, run: {fetching}"
    elif not published.is_proven():
        state = f"here, but nothing proves it; run: {fetching}"
    else:
        state = "fetched" if published.is_whole() else f"damaged; run: {fetching}"
    if published.network == "vgg19":
        state = f"comes with the engine, in 8 bits; in full precision: {state}"
    return {
        "name": published.network,
        "state": state,
        "megabytes": published.megabytes,
        "licence": published.licence,
        "file": str(published.path),
    }


def _how_to_use(network: str) -> str:
    """What more a command needs to paint with fetched weights: VGG-19 has its own, which stay the default."""
    return "; paint with it by --weights torchvision" if network == "vgg19" else ""


@contextlib.contextmanager
def _bar(file: str) -> Iterator[Callable[[int, int | None], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(file, total=None)
        yield lambda have, whole: bar.update(task, completed=have, total=whole)
