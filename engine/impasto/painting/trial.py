"""A graphics card paints by itself only after a trial: a small picture, in a process of its own, as the CPU paints it.

A driver or a torch that is too old for a card ends the process, hangs, or paints something else. The outcome is
remembered for this card, driver and torch.
"""

import json
import logging
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from impasto.backbones import load_backbone
from impasto.devices import available_devices, choose_device, describe_device, driver_of
from impasto.folders import folders, private_folder
from impasto.request import PaintRequest, WeightedStyle, drained
from impasto.transfer import IMPASTO, stylize
from impasto_wire import __version__
from impasto_wire.errors import ImpastoError
from impasto_wire.files import write_whole
from impasto_wire.programs import OUT_OF_SIGHT

log = logging.getLogger(__name__)

SECONDS = 180
"""How long a trial may take: a card's first painting compiles its kernels. A worker that is silent for longer hangs."""
MOST_DIFFERENCE = 4.0
"""How far the two paintings may be from each other, of 255, on average: bfloat16 differs from float32 by 0.4."""
_SIDE, _STEPS = 96, 8


@dataclass(frozen=True)
class Verdict:
    """What came of a trial."""

    is_trusted: bool
    why: str = ""
    """Why not, as the end of a sentence."""


def trusted_device(name: str = "auto") -> torch.device:
    """The device of that name; ``auto`` is the fastest that has passed its trial, or the CPU.

    The first call on a machine tries its graphics card, which takes half a minute. Raises `SettingError` where this
    machine doesn't have the device.
    """
    if name != "auto":
        return choose_device(name)
    return next(device for device in map(torch.device, available_devices()) if verdict_on(device).is_trusted)


def verdict_on(device: torch.device) -> Verdict:
    """Whether a device can be trusted: as it is remembered, or else tried now."""
    if device.type == "cpu":
        return Verdict(True)
    file, key = folders().cache / "devices.json", _key(device)
    known = _read(file)
    if key in known:
        return known[key]
    verdict = _tried([sys.executable, "-m", "impasto.painting.trial", str(device)], SECONDS)
    log.info("the trial of %s: %s", key, verdict.why or "it paints as the CPU does")
    _remember(file, {**known, key: verdict})
    return verdict


def _key(device: torch.device) -> str:
    """What a verdict holds for."""
    return f"{describe_device(device)}, driver {driver_of(device)}, torch {torch.__version__}, Impasto {__version__}"


def _tried(command: list[str], seconds: float) -> Verdict:
    """The verdict of a trial in a process of its own, which may die or hang."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            text=True,
            check=False,
            creationflags=OUT_OF_SIGHT,
        )
    except subprocess.TimeoutExpired:
        return Verdict(False, f"it had not painted a small picture after {seconds:g} s")
    except OSError as error:
        return Verdict(False, f"it could not be tried ({error.strerror})")
    try:
        *_, last = done.stdout.splitlines()
        return Verdict(**json.loads(last))
    except (ValueError, TypeError):
        log.warning("the trial said: %s", done.stderr[-2000:])
        return Verdict(False, f"its driver ended the program (exit status {done.returncode})")


def _read(file: Path) -> dict[str, Verdict]:
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return {key: Verdict(**verdict) for key, verdict in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _remember(file: Path, verdicts: dict[str, Verdict]) -> None:
    try:
        private_folder(file.parent)
        text = json.dumps({key: asdict(verdict) for key, verdict in verdicts.items()}, indent=1)
        write_whole(file, text.encode(), 0o600)
    except (OSError, ImpastoError) as error:
        log.warning("the verdict on a device can't be kept: %s", error)


def trial(device: torch.device) -> Verdict:
    """Paint a small picture on a device and on the CPU, and compare."""
    try:
        there, here = (_painted(place) for place in (device, torch.device("cpu")))
    except Exception as error:  # whatever a driver raises
        return Verdict(False, f"it failed: {str(error).splitlines()[0] if str(error) else type(error).__name__}")
    difference = float(np.abs(there - here).mean())
    if difference > MOST_DIFFERENCE:
        return Verdict(False, f"its painting differs from the CPU's by {difference:.1f} of 255")
    return Verdict(True)


def _painted(device: torch.device) -> np.ndarray[Any, np.dtype[np.float64]]:
    across, down = np.meshgrid(np.linspace(0, 12, _SIDE), np.linspace(0, 9, _SIDE - 16))
    layer = np.stack([np.sin(across), np.cos(down), np.sin(across * down)], axis=2)
    pixels = np.rint(127.5 + 127.5 * layer).astype(np.uint8)
    style = WeightedStyle(np.ascontiguousarray(pixels[::-1, :, ::-1]))
    # What the CPU is quickest with may differ by more than a card that works: strokes fall otherwise.
    recipe = replace(IMPASTO, coarsest=48, total_steps=_STEPS, precision="float32" if device.type == "cpu" else "fast")
    backbone = load_backbone(recipe.backbone, device)
    return drained(stylize(PaintRequest(pixels, (style,)), backbone, recipe)).astype(float)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(trial(torch.device(sys.argv[1])))) + "\n")
