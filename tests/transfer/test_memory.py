"""When memory runs short, a painting goes on in smaller tiles; a budget says beforehand how small."""

import logging
import platform
import subprocess
import sys
from dataclasses import replace

import numpy as np
import psutil
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from impasto.backbones import Backbone
from impasto.request import PaintRequest, WeightedStyle
from impasto.transfer import IMPASTO, stylize
from impasto.transfer.forecasts import memory_of, tile_side_within
from impasto.transfer.out_of_memory import is_out_of_memory
from impasto.transfer.tiles import largest_window, smaller_side
from impasto_wire.errors import OutOfMemory

Pixels = NDArray[np.generic]

GIB = 1 << 30
SHALLOW = replace(
    IMPASTO,
    style_layers=(("relu1_1", 1.0), ("relu2_1", 1.0)),
    content_layers=(("relu2_2", 1.0),),
    coarsest=None,
    steps={"standard": (3,)},
)
"""Quick where many pixels are needed."""


class SmallMemory:
    """A network whose memory holds windows of so many pixels; `windows` is what it was asked for."""

    def __init__(self, network: Backbone, pixels: int, error: Exception) -> None:
        self.network, self.pixels, self.error = network, pixels, error
        self.device, self.cells = network.device, network.cells
        self.windows: list[int] = []

    def __call__(self, picture: Tensor, *arguments: object) -> dict[str, Tensor]:
        self.windows.append(picture.shape[-2] * picture.shape[-1])
        # The layer's own maps and the style's fit; it is in the second step that memory runs short.
        if self.windows[-1] > self.pixels and len(self.windows) > 3:
            raise self.error
        return self.network(picture, *arguments)


def finished(layer: Pixels, backbone: object) -> Pixels:
    style = WeightedStyle(layer[..., ::-1].copy())
    painting = stylize(PaintRequest(layer, (style,)), backbone, SHALLOW)
    while True:
        try:
            next(painting)
        except StopIteration as end:
            return end.value


@pytest.fixture
def wide(photo: Pixels) -> Pixels:
    """A narrow strip, 24x600: large enough to be cut, small enough to be quick."""
    return np.ascontiguousarray(np.tile(photo[20:44], (1, 7, 1))[:, :600])


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
        MemoryError(),
    ],
)
def test_a_painting_goes_on_in_smaller_tiles(
    vgg19: Backbone,
    wide: Pixels,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("impasto.transfer.tiles.WHOLE_PIXELS", 70_000)
    untroubled = finished(wide, vgg19)
    troubled = SmallMemory(vgg19, 24 * 500, error)
    with caplog.at_level(logging.WARNING):
        result = finished(wide, troubled)
    assert max(troubled.windows[-4:]) <= 24 * 500
    assert "memory runs short; going on in tiles of" in caplog.text
    assert np.abs(result.astype(int) - untroubled).max() <= 2


def test_memory_for_no_tile_at_all_is_told_in_a_sentence(vgg19: Backbone, wide: Pixels) -> None:
    with pytest.raises(OutOfMemory, match="the layer is 600x24, too large for this machine's memory"):
        finished(wide, SmallMemory(vgg19, 100, MemoryError()))


def test_other_faults_are_not_taken_for_want_of_memory(vgg19: Backbone, wide: Pixels) -> None:
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        finished(wide, SmallMemory(vgg19, 100, RuntimeError("mat1 and mat2 shapes cannot be multiplied")))


def test_smaller_tiles_mean_smaller_windows_down_to_the_smallest() -> None:
    height, width, side = 3000, 4000, 640
    windows = [largest_window(height, width, side)]
    while (side := smaller_side(height, width, side)) is not None:
        windows.append(largest_window(height, width, side))
        last = side
    assert windows == sorted(set(windows), reverse=True)
    assert last == 128


@pytest.mark.parametrize(("width", "height", "gib"), [(4000, 3000, 3), (4000, 3000, 4), (1024, 683, 2), (64, 48, 2)])
def test_a_budget_takes_the_largest_tiles_that_fit(width: int, height: int, gib: float) -> None:
    side = tile_side_within(int(gib * GIB), width, height, "draft", IMPASTO)
    assert side % 16 == 0
    assert side >= 128
    assert memory_of(width, height, "draft", IMPASTO, side) <= gib * GIB
    if side < max(width, height):
        assert memory_of(width, height, "draft", IMPASTO, side + 16) > gib * GIB


def test_a_larger_budget_gives_larger_tiles_up_to_the_whole() -> None:
    sides = [tile_side_within(gib * GIB, 2000, 1500, "draft", IMPASTO) for gib in (2, 3, 5, 100)]
    assert sides == sorted(set(sides))
    assert sides[-1] >= 2000


def test_a_budget_that_is_too_small_says_what_would_do() -> None:
    with pytest.raises(
        OutOfMemory, match=r"memory_budget is 1 GiB; painting 4000x3000 takes at least \d\.?\d* GiB"
    ) as told:
        tile_side_within(GIB, 4000, 3000, "draft", IMPASTO)
    needed = float(str(told.value).split("at least ")[1].split()[0])
    assert tile_side_within(int(needed * GIB), 4000, 3000, "draft", IMPASTO) >= 128
    with pytest.raises(OutOfMemory):
        tile_side_within(int((needed - 0.11) * GIB), 4000, 3000, "draft", IMPASTO)


IN_LITTLE_MEMORY = """
import logging, re, resource, sys
import numpy as np, torch
from dataclasses import replace
from impasto.backbones import load_backbone
from impasto.request import PaintRequest, WeightedStyle
from impasto.transfer import IMPASTO, stylize
from impasto_wire.settings import Settings

torch.set_num_threads(1)
backbone = load_backbone("vgg19", torch.device("cpu"))
layers = dict(style_layers=(("relu1_1", 1.0), ("relu2_1", 1.0)), content_layers=(("relu2_2", 1.0),))
recipe = replace(IMPASTO, coarsest=None, shallow=None, steps={"standard": (1,)}, **layers)
noise = np.random.default_rng(0).integers(0, 255, (160, 2400, 3), dtype=np.uint8)
style = WeightedStyle(noise[:64, :64])
list(stylize(PaintRequest(noise[:64, :64], (style,)), backbone, recipe))  # what libraries allocate once
taken = int(re.search(r"VmSize:\\s+(\\d+)", open("/proc/self/status").read())[1]) << 10
resource.setrlimit(resource.RLIMIT_AS, (taken + int(sys.argv[1]), resource.RLIM_INFINITY))
request = PaintRequest(noise, (WeightedStyle(noise[:, :1600]),), Settings(brush_size=0.25))
steps = list(stylize(request, backbone, recipe))
print(len(steps))
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its address space")
def test_a_process_whose_memory_ends_goes_on_in_smaller_tiles() -> None:
    command = [sys.executable, "-c", IN_LITTLE_MEMORY, str(544 << 20)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "1"
    assert "memory runs short; going on in tiles of" in done.stderr


KEEPS = """
import sys
import psutil, torch

from impasto.transfer.out_of_memory import give_back, keep_freed_memory

if sys.argv[1] == "keeps":
    keep_freed_memory()
def taken():
    return psutil.Process().memory_info().rss >> 20
before = taken()
torch.ones(50 << 20, dtype=torch.uint8)
kept = taken() - before
give_back()
print(kept, taken() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries decide by themselves")
def test_freed_memory_is_kept_for_the_next_step_and_given_back_at_the_end() -> None:
    for how, is_kept in (("keeps", psutil.virtual_memory().available > 3 << 30), ("as ever", False)):
        done = subprocess.run(
            [sys.executable, "-c", KEEPS, how], check=True, capture_output=True, text=True, timeout=60
        )
        kept, left = map(int, done.stdout.split())
        assert (kept >= 50) is is_kept
        assert left < 10


GIVES_BACK = """
import sys
import numpy as np, psutil

from impasto.transfer import out_of_memory

if sys.argv[1] == "little is free":
    out_of_memory._PLENTY = 1 << 60
    out_of_memory.keep_freed_memory(up_to=140 << 20)
np.ones(31 << 20, np.uint8)  # from now on glibc keeps pieces of that size, left to itself
before, pieces, pins = psutil.Process().memory_info().rss, [], []
for _ in range(20):
    pieces.append(np.ones(8 << 20, np.uint8))
    pins.append(np.ones(64 << 10, np.uint8))
del pieces
print((psutil.Process().memory_info().rss - before) >> 20)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries decide by themselves")
def test_where_little_is_free_freed_pieces_go_back_to_the_system() -> None:
    kept = [
        int(
            subprocess.run([sys.executable, "-c", GIVES_BACK, how], check=True, capture_output=True, timeout=120).stdout
        )
        for how in ("little is free", "as ever")
    ]
    assert kept[0] < 20 < 100 < kept[1]
