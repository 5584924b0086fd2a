"""`--region`: parts of a picture in styles of their own."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.data import chelsea

from .conftest import Run


@pytest.fixture
def command(tmp_path: Path, squeezenet_weights: Path) -> tuple[str, ...]:
    """A cat in red, and a map of its left half."""
    Image.fromarray(chelsea()[100:148, 150:214]).save(tmp_path / "cat.png")
    strokes = np.random.default_rng(1).integers(-25, 26, (48, 16, 1)).repeat(4, axis=1)
    for name, colour in (("red", (200, 40, 30)), ("blue", (30, 60, 200))):
        Image.fromarray(np.clip(np.array(colour) + strokes, 0, 255).astype(np.uint8)).save(tmp_path / f"{name}.png")
    half = np.zeros((48, 64), np.uint8)
    half[:, :32] = 255
    Image.fromarray(half).save(tmp_path / "left=half.png")
    network = ("--backbone", "squeezenet", "--weights", str(squeezenet_weights), "--steps", "12", "--device", "cpu")
    return ("stylize", "cat.png", "-o", "out.png", "--style", "red.png", *network)


def test_a_region_is_painted_in_a_picture_or_a_style_of_the_gallery(
    run: Run, command: tuple[str, ...], tmp_path: Path
) -> None:
    done = run(*command, "--region", "left=half.png=blue.png:0.9")
    assert done.returncode == 0, done.stderr
    painted = np.asarray(Image.open(tmp_path / "out.png"), float)
    assert [painted[:, half].mean(axis=(0, 1)).argmax() for half in (slice(0, 28), slice(36, 64))] == [2, 0]
    assert run(*command, "--region", "left=half.png=woodcut").returncode == 0


@pytest.mark.parametrize(
    ("region", "sentence"),
    [
        ("left=half.png", "left"),
        ("sky.png", "region is 'sky.png'; it must be MAP=STYLE or MAP=STYLE:STRENGTH"),
        ("left=half.png=none-such", "none-such"),
        ("left=half.png=blue.png:7", "strength is 7"),
        ("missing.png=blue.png", "missing.png"),
        ("blue.png=blue.png", "it must be as large as the picture"),
    ],
)
def test_a_wrong_region_is_named(
    run: Run, command: tuple[str, ...], tmp_path: Path, region: str, sentence: str
) -> None:
    if region == "blue.png=blue.png":
        Image.new("L", (9, 9)).save(tmp_path / "blue.png")
    done = run(*command, "--region", region)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out.png").exists()
