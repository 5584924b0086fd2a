"""Findings about the machine: what paints, and the room that there is for it."""

import importlib
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil

from impasto.folders import folders
from impasto.libraries import why_not_loaded
from impasto_install.speak import size
from impasto_install.system import System
from impasto_setup.machine import has_nvidia
from impasto_wire import __version__
from impasto_wire.programs import INSTALL

from .finding import Finding

_LAYER = (1920, 1280)
_SMALL_LAYER = (512, 512)
_DISK_SCARCE, _DISK_FULL = 2 * 10**9, 200 * 10**6
"""The engine keeps the pictures of its jobs on the disk: 24 megapixels take 0.1 to 0.4 GB."""


def versions() -> Iterator[Finding]:
    """What runs on what."""
    system = f"{platform.system()} {platform.release()}, {platform.machine()}"
    yield Finding("engine", "ok", f"Impasto {__version__}, Python {platform.python_version()}, {system}")


def device(system: System) -> Iterator[Finding]:
    """What paints; a graphics card that lies idle is worth a warning."""
    try:
        torch = importlib.import_module("torch")
    except (ImportError, OSError) as error:
        told, _, remedy = why_not_loaded(error).rpartition("; ")
        yield Finding("device", "wrong", told, remedy)
        return
    from impasto.devices import available_devices, describe_device, working_dtype
    from impasto.painting.trial import trusted_device, verdict_on

    chosen = trusted_device()
    precision = str(working_dtype(chosen)).removeprefix("torch.")
    told = f"{describe_device(chosen)}, {precision}, PyTorch {torch.__version__}"
    fastest = torch.device(available_devices()[0])
    if fastest.type != chosen.type:
        yield _mistrusted(describe_device(fastest), told, verdict_on(fastest).why)
    elif chosen.type != "cuda" and has_nvidia(system.root, system.environ):
        yield _idle_card(system, told, torch.version.cuda)
    else:
        yield Finding("device", "ok", told)


def _mistrusted(card: str, told: str, why: str) -> Finding:
    told = f"{told}; {card} was tried and isn't used: {why}"
    return Finding("device", "warning", told, "update its driver or the system, then Impasto; it is tried again then")


def _idle_card(system: System, told: str, cuda: str | None) -> Finding:
    if cuda is None:
        remedy = f"run: {INSTALL} --torch cuda"
        return Finding("device", "warning", f"{told}; an NVIDIA card is here but torch is a CPU build", remedy)
    driver = system.ask(["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]).split("\n")[0].strip()
    named = f"driver {driver}" if driver else "its driver"
    told = f"{told}; an NVIDIA card is here but torch can't use it with {named}"
    return Finding("device", "warning", told, f"install a driver for CUDA {cuda} or newer, and start the machine again")


def memory() -> Iterator[Finding]:
    """The free memory, against what the painter itself says that it takes."""
    from impasto.transfer.forecasts import memory_of
    from impasto.transfer.recipes import IMPASTO
    from impasto.transfer.tiles import SMALLEST_TILE, usual_side

    free = psutil.virtual_memory().available
    wanted = memory_of(*_LAYER, "standard", IMPASTO, usual_side(*_LAYER))
    least = memory_of(*_SMALL_LAYER, "draft", IMPASTO, SMALLEST_TILE)
    told = f"{size(free)} free; a layer of {_LAYER[0]}x{_LAYER[1]} takes {size(wanted)}"
    if free >= wanted:
        yield Finding("memory", "ok", told)
    elif free >= least:
        yield Finding("memory", "warning", told, "close other programs, or paint smaller layers")
    else:
        yield Finding("memory", "wrong", f"{size(free)} free; painting takes {size(least)}", "close other programs")


def disk() -> Iterator[Finding]:
    """The room where the engine keeps pictures while it works."""
    place = _existing(folders().spool)
    free = shutil.disk_usage(place).free
    told = f"{size(free)} free for the engine's pictures in {place}"
    if free >= _DISK_SCARCE:
        yield Finding("disk", "ok", told)
    else:
        yield Finding("disk", "warning" if free >= _DISK_FULL else "wrong", told, "make room there")


def _existing(place: Path) -> Path:
    return next(folder for folder in (place, *place.parents) if folder.exists())
