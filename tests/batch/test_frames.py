"""Frames of an animation: each painting begins from the one before, moved, and goes on from there after a break."""

import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.data import chelsea

from impasto.batch.batch import Batch, Tally
from impasto.batch.file_painter import FilePainter
from impasto.batch.messages import FileJob, PoolMessage
from impasto.batch.pictures import find_pictures, place_outputs
from impasto.painting.frames import warped
from impasto.painting.order import Order
from impasto.request import FrameBefore, WeightedStyle
from impasto.transfer import recipe_named
from impasto_wire.settings import Settings


class Solo:
    """A pool of one, in this process."""

    def __init__(self, artist: FilePainter) -> None:
        self._painter = artist
        self._jobs: list[FileJob] = []

    def has_room(self) -> bool:
        return not self._jobs

    def give(self, job: FileJob) -> None:
        self._jobs.append(job)

    def messages(self) -> Iterator[PoolMessage]:
        yield from self._painter.paint(self._jobs.pop())

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def order(squeezenet_weights: Path) -> Order:
    """Few steps, but enough for a first frame to be settled, by the smallest network."""
    style = WeightedStyle(np.ascontiguousarray(chelsea()[:200, :200]))
    recipe = replace(recipe_named("impasto").on("squeezenet"), total_steps=20)
    return Order((style,), Settings(), recipe, weights=squeezenet_weights)


@pytest.fixture
def frames(tmp_path: Path) -> list[np.ndarray]:
    """Three frames in a folder: a square moves over a cat that keeps still."""
    (tmp_path / "frames").mkdir()
    made = []
    for number in range(3):
        frame = np.array(chelsea()[80:176, 100:228])
        frame[30:60, 10 + 6 * number : 40 + 6 * number] = (200, 60, 40)
        Image.fromarray(frame).save(tmp_path / "frames" / f"{number}.png")
        made.append(frame)
    return made


def run(
    order: Order, artist: FilePainter, folder: Path, output: str, frames: bool, stop_after: int = 99
) -> dict[str, bytes]:
    """Paint the frames, or begin to; every painting."""
    places = place_outputs(find_pictures([str(folder / "frames")]), folder / output, "{name}{suffix}")
    (folder / output).mkdir(exist_ok=True)

    def report(tally: Tally) -> None:
        if tally.painted >= stop_after:
            raise KeyboardInterrupt

    batch = Batch(places, folder / output, order, retry=False, frames=frames)
    try:
        tally = batch.run(lambda: Solo(artist), report)
        assert not tally.failures
    except KeyboardInterrupt:
        assert stop_after < 99
    return {path.name: path.read_bytes() for path in (folder / output).glob("*.png")}


@pytest.mark.timeout(900)
def test_frames_are_calm_and_go_on_after_a_break(order: Order, frames: list[np.ndarray], tmp_path: Path) -> None:
    artist = FilePainter(order)
    alone = run(order, artist, tmp_path, "alone", frames=False)
    carried = run(order, artist, tmp_path, "carried", frames=True)
    is_still = [(one == other).all(axis=2) for one, other in pairwise(frames)]

    def flicker(paintings: dict[str, bytes]) -> float:
        shown = [np.asarray(Image.open(io.BytesIO(paintings[f"{n}.png"])), np.float32) for n in range(3)]
        return float(np.mean([np.abs(shown[n + 1] - shown[n])[is_still[n]].mean() for n in range(2)]))

    assert flicker(carried) < 0.5 * flicker(alone)
    assert len(run(order, artist, tmp_path, "broken", frames=True, stop_after=1)) == 1
    assert run(order, artist, tmp_path, "broken", frames=True) == carried


def test_a_painting_moves_with_what_it_shows() -> None:
    photo = chelsea()[50:210, 50:300]
    before, now = photo[:, 7:207], photo[:, :200]  # the camera turns: all goes seven pixels to the right
    painting = np.ascontiguousarray(255 - before)
    found = warped(FrameBefore(np.ascontiguousarray(before), painting), np.ascontiguousarray(now))
    inside = np.s_[20:-20, 30:-20]
    difference = np.abs(found.painting[inside].astype(int) - (255 - now[inside].astype(int)))
    assert np.median(difference) <= 3
    assert found.trust[inside].mean() > 0.8
    assert found.trust[:, :4].mean() < 0.6  # what has come into sight is new
