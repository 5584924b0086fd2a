"""The real painter in a worker that can't have the memory it wants: a sentence, and the next job is right."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from fakes.engine import EngineHome, RawClient
from fakes.jobs import asking
from impasto_wire.errors import OutOfMemory
from impasto_wire.pictures import Pixels
from impasto_wire.settings import Settings

pytestmark = pytest.mark.skipif(not hasattr(psutil, "RLIMIT_AS"), reason="this system can't limit a process's memory")
SPARE = 40 << 20
"""More than the small layer takes; less than VGG-19's first feature maps of the large one's smallest scale."""


@pytest.fixture
def real_home(tmp_path: Path) -> Iterator[EngineHome]:
    """An engine as `impasto serve` starts it, whose worker a test may starve."""
    engine = EngineHome(tmp_path, options=("--device", "cpu"))
    engine.start()
    yield engine
    engine.stop()


def gradient(width: int, height: int) -> Pixels:
    picture = np.full((height, width, 4), 255, np.uint8)
    picture[:, :, 0] = np.linspace(0, 255, width)
    picture[:, :, 1] = np.linspace(0, 255, height)[:, None]
    return Pixels(width, height, 4, "u8", picture.tobytes())


@pytest.mark.parametrize("times", [pytest.param(1, id="once"), pytest.param(10, id="often", marks=pytest.mark.long)])
@pytest.mark.timeout(600)
def test_a_layer_that_memory_cannot_hold_is_refused_and_the_next_is_painted_right(
    real_home: EngineHome, times: int
) -> None:
    small, style = gradient(32, 24), [(gradient(32, 32), 1.0)]
    settings = Settings(quality="draft")
    with real_home.connect() as engine:
        expected = engine.paint(asking(small, style, settings)).data
        worker = real_home.worker()
        _, most = worker.rlimit(psutil.RLIMIT_AS)
        worker.rlimit(psutil.RLIMIT_AS, (worker.memory_info().vms + SPARE, most))
        for _ in range(times):
            with pytest.raises(OutOfMemory, match="machine's memory; paint a copy of half its size"):
                engine.paint(asking(gradient(900, 700), style, settings))
            with RawClient.of(real_home) as client:
                client.ping(7, seconds=1.0)
            assert engine.paint(asking(small, style, settings)).data == expected
        assert real_home.worker().pid == worker.pid, "it lives"
