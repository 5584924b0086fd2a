"""One picture over the machines of a real Ray cluster: what one machine would paint, but for rounding."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.data import chelsea, coffee

from fakes.batches import NOTHING, ended
from fakes.ray_cluster import RayCluster
from impasto.devices import working_dtype

Stylize = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def stylize(squeezenet_weights: Path, tmp_path: Path) -> Stylize:
    """Start `impasto stylize` on a cat that is high enough to be shared, by the smallest network and a thread."""
    Image.fromarray(chelsea()).resize((120, 240)).save(tmp_path / "cat.png")
    Image.fromarray(coffee()).resize((64, 96)).save(tmp_path / "style.png")
    weights = ("--backbone", "squeezenet", "--weights", str(squeezenet_weights))

    def start(
        output: str, *arguments: str, steps: int = 8, environment: Mapping[str, str] = NOTHING
    ) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "impasto", "stylize", "cat.png", "-o", output, "--style", "style.png"]
        command += ["--steps", str(steps), *weights, *arguments]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
        return subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    return start


def test_machines_paint_together_what_one_would(cluster: RayCluster, stylize: Stylize, tmp_path: Path) -> None:
    assert ended(stylize("alone.png"))[0] == 0
    arguments = ("--ray", cluster.address, "--workers", "2")
    code, said = ended(stylize("together.png", *arguments, environment=cluster.environment))
    assert code == 0, said
    alone, together, cat = (
        np.asarray(Image.open(tmp_path / f"{name}.png"), np.int16) for name in ("alone", "together", "cat")
    )
    difference = np.abs(together - alone)
    is_exact = working_dtype(torch.device("cpu")) is torch.float32  # else, another order of sums shows more
    assert difference.max() <= (3 if is_exact else 8)
    assert difference.mean() < (0.05 if is_exact else 0.25)
    assert np.abs(alone - cat).mean() > 5


@pytest.mark.long
def test_a_machine_that_is_lost_in_mid_picture_is_told_and_nothing_is_written(
    cluster: RayCluster, stylize: Stylize, tmp_path: Path
) -> None:
    arguments = ("--ray", cluster.address, "--workers", "2", "--json")
    process = stylize("together.png", *arguments, steps=20_000, environment=cluster.environment)
    assert process.stdout
    assert process.stdout.readline(), process.stderr and process.stderr.read()
    cluster.kill("two")
    begun = time.monotonic()
    try:
        code, said = ended(process)
    finally:
        cluster.add("two")
    assert (code, said.count("\n")) == (2, 1), said
    assert "a machine that was painting has gone, or its worker; start again" in said
    assert time.monotonic() - begun < 60
    assert not (tmp_path / "together.png").exists()


def test_more_workers_than_there_is_room_for_are_refused(cluster: RayCluster, stylize: Stylize) -> None:
    arguments = ("--ray", cluster.address, "--workers", "3")
    code, said = ended(stylize("together.png", *arguments, environment=cluster.environment))
    assert (code, said) == (2, "impasto: workers is 3; the Ray cluster has room for 2, ask for fewer\n")
