"""The real painter with a small network, which keeps every finished scale, however short the painting."""

import os
from dataclasses import replace
from pathlib import Path

from impasto.folders import folders
from impasto.painting.checkpoints import CheckpointFolder
from impasto.painting.local_painter import LocalPainter
from impasto.transfer import IMPASTO

WEIGHTS = "FAKE_SQUEEZENET_WEIGHTS"
RECIPE = replace(IMPASTO.on("squeezenet"), precision="float32")


def open_painter(device: str) -> LocalPainter:
    """What `impasto serve --painter` names."""
    kept = CheckpointFolder(folders().checkpoints, long_seconds=0)
    return LocalPainter("cpu", RECIPE, Path(os.environ[WEIGHTS]), checkpoints=kept)
