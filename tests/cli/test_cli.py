"""The command line as a person meets it: a real photo, a real network, and now and then a process of its own."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from skimage.data import chelsea

from impasto import __version__
from impasto.commands.options import weighted_style
from impasto.pictures.files import PictureFile, read_picture
from impasto.pictures.outputs import write_picture
from impasto_wire.request import WeightedStyle

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run_process(tmp_path: Path) -> Run:
    """Run `impasto` in a folder and a process of its own."""

    def run_impasto(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "impasto", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)

    return run_impasto


@pytest.fixture
def photo(tmp_path: Path) -> np.ndarray:
    """A cat of 16 bits with a soft hole in it, as cat.png."""
    pixels = chelsea()[100:148, 150:214].astype(np.uint16) * 257 + 5
    alpha = np.linspace(0, 65535, 64, dtype=np.uint16)[None, :, None].repeat(48, axis=0)
    picture = np.concatenate([pixels, alpha], axis=2)
    write_picture(tmp_path / "cat.png", PictureFile(picture))
    return picture


def test_a_picture_is_repainted_with_its_depth_and_alpha(run_process: Run, photo: np.ndarray, tmp_path: Path) -> None:
    done = run_process(
        "stylize", "cat.png", "-o", "out.png", "--preset", "impasto-night", "--quality", "draft", "--json"
    )
    assert done.returncode == 0, done.stderr
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert set(steps[0]) == {"step", "scale", "loss", "style_loss", "content_loss", "seconds"}
    assert steps[-1]["loss"] < steps[0]["loss"]
    result = read_picture(tmp_path / "out.png").pixels
    assert result.dtype == np.uint16
    assert np.array_equal(result[..., 3], photo[..., 3])
    assert np.abs(result[..., :3].astype(int) - photo[..., :3]).mean() > 2000


def test_maps_mixed_styles_recipe_and_network_are_chosen(
    run: Run, photo: np.ndarray, squeezenet_weights: Path, tmp_path: Path
) -> None:
    """Sixteen bits, a selection, a network from a file, and as many steps as asked for."""
    half = np.zeros((48, 64, 3), np.uint8)
    half[:, :32] = 255
    write_picture(tmp_path / "half.png", PictureFile(half))
    choices = ["--backbone", "squeezenet", "--weights", str(squeezenet_weights), "--steps", "5", "--memory-budget", "2"]
    maps = ["--selection", "half.png", "--detail-map", "half.png", "--detail", "0.8", "--original-colours", "0.3"]
    styles = ["--style", "cat.png:2", "--style", "half.png:0.5"]
    done = run("stylize", "cat.png", "-o", "out.png", "--json", *styles, *choices, *maps)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 5
    result = read_picture(tmp_path / "out.png").pixels
    assert np.array_equal(result[:, 32:], photo[:, 32:])
    assert not np.array_equal(result[:, :32, :3], photo[:, :32, :3])


@pytest.mark.parametrize(
    ("text", "path", "weight"),
    [("a.png", "a.png", 1), ("a.png:2", "a.png", 2), ("a.png:.25", "a.png", 0.25), ("a:b.png", "a:b.png", 1)],
)
def test_a_style_may_end_in_its_weight(text: str, path: str, weight: float) -> None:
    assert weighted_style(text) == WeightedStyle(Path(path), weight)


def test_a_file_whose_name_ends_like_a_weight_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "12:30").touch()
    assert weighted_style(str(tmp_path / "12:30")) == WeightedStyle(tmp_path / "12:30")


def test_strength_zero_writes_the_same_picture(run: Run, photo: np.ndarray, tmp_path: Path) -> None:
    done = run("stylize", "cat.png", "-o", "out.png", "--strength", "0")
    assert done.returncode == 0, done.stderr
    assert np.array_equal(read_picture(tmp_path / "out.png").pixels, photo)


def test_a_mistake_ends_the_process_with_a_sentence_and_a_code(run_process: Run) -> None:
    done = run_process("stylize", "nosuch.png", "-o", "out.png")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "impasto: there is no file nosuch.png; check the name\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nosuch.png", "-o", "out.png"], "there is no file nosuch.png"),
        (["text.png", "-o", "out.png"], "text.png is not a picture"),
        (["dot.png", "-o", "out.png"], "dot.png is 1x1"),
        (["cat.png", "-o", "nowhere/out.png"], "there is no folder nowhere"),
        (["cat.png", "-o", "out.png", "--strength", "1.5"], "strength is 1.5; it must lie in 0..1"),
        (["cat.png", "-o", "out.png", "--brush-size", "nan"], "brush_size is nan; it must lie in 0.25..4"),
        (["cat.png", "-o", "out.png", "--strength", "much"], "strength is 'much'; it must be a number"),
        (["cat.png", "-o", "out.png", "--quality", "best"], "it must be one of draft, standard, fine"),
        (["cat.png", "-o", "out.png", "--size", "2"], "size is 2; it must lie in 16..100000"),
        (["cat.png", "-o", "out.png", "--device", "abacus"], "device is abacus"),
        (
            ["cat.png", "-o", "out.png", "--preset", "nosuch"],
            "there is no style 'nosuch'; choose one of: impasto-night",
        ),
        (["cat.png", "-o", "out.png", "--style", "nosuch.jpg"], "there is no file nosuch.jpg"),
        (["cat.png"], "-o/--output"),
        (["cat.png", "-o", "out.png", "--style", "cat.png:0"], "the weight of cat.png is 0; it must be above 0"),
        (["cat.png", "-o", "out.png", "--steps", "0"], "steps is 0; it must lie in 1..100000"),
        (["cat.png", "-o", "out.png", "--memory-budget", "nan"], "memory_budget is nan; it must be a number of GiB"),
        (
            ["cat.png", "-o", "out.png", "--memory-budget", "0.1"],
            "memory_budget is 0.1 GiB; painting 64x48 takes at least",
        ),
        (
            ["cat.png", "-o", "out.png", "--selection", "dot8.png"],
            "dot8.png is 8x8; it must be as large as the picture, 64x48",
        ),
        (["cat.png", "-o", "out.png", "--recipe", "baroque"], "recipe is baroque; it must be one of impasto, classic"),
        (["cat.png", "-o", "out.png", "--recipe", "classic", "--backbone", "vgg19"], "is made for squeezenet"),
        (["cat.png", "-o", "out.png", "--weights", "nosuch.pth"], "there is no file nosuch.pth with weights"),
        (["cat.png", "-o", "out.png", "--weights", "text.png"], "text.png can't be read to its end"),
    ],
)
def test_a_mistake_gets_one_sentence_and_writes_nothing(
    run: Run, photo: np.ndarray, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    (tmp_path / "text.png").write_text("not a picture")
    write_picture(tmp_path / "dot.png", PictureFile(np.zeros((1, 1, 3), np.uint8)))
    write_picture(tmp_path / "dot8.png", PictureFile(np.zeros((8, 8, 3), np.uint8)))
    before = sorted(tmp_path.iterdir())
    done = run("stylize", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == before


def test_the_styles_are_listed_for_people_and_programs(run: Run) -> None:
    rows = json.loads(run("presets", "list", "--json").stdout)
    assert len(rows) >= 3
    assert all(set(row) == {"name", "title", "group"} for row in rows)
    text = run("presets", "list").stdout
    assert all(row["title"] in text for row in rows)


def test_the_version_is_the_projects(run_process: Run) -> None:
    assert run_process("--version").stdout.strip() == f"impasto {__version__}"


def test_an_artwork_is_painted_at_the_size_asked_for(run: Run, tmp_path: Path) -> None:
    done = run("artworks", "paint", "stained-glass", "--size", "96", "-o", "window.png")
    assert done.returncode == 0, done.stderr
    assert max(read_picture(tmp_path / "window.png").pixels.shape) == 96
