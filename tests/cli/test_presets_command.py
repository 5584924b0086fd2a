"""`impasto presets`: styles of one's own as a person meets them, in a configuration folder of their own."""

import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.data import coffee

from impasto.cli import main
from impasto.painting.order import sample_photo
from impasto.pictures import files, outputs
from impasto.pictures.style_files import THUMBNAIL_SIDE, artwork_jpeg, read_flat, thumbnail_jpeg
from impasto_presets import SHIPPED, Preset, save_preset
from impasto_wire.request import WeightedStyle

Run = Callable[..., subprocess.CompletedProcess[str]]

LIST_OF_THE_FILTER = """
import sys
sys.path.insert(0, sys.argv[1])
from impasto_plugin.image.mixes import all_presets, chosen_preset
from impasto_wire.errors import PresetError
try:
    chosen_preset("nosuch")
except PresetError as error:
    assert "there is no style 'nosuch'" in str(error)
print([preset.name for preset in all_presets() if preset.group == "Mine"])
print(chosen_preset("evening-light").settings.strength)
"""


@pytest.fixture
def presets(run: Run, tmp_path: Path) -> Run:
    """Run `impasto presets` in a folder with a picture, cup.png."""
    Image.fromarray(coffee()).save(tmp_path / "cup.png")
    return partial(run, "presets")


def png_that_says(width: int, height: int) -> bytes:
    """A small file that promises a picture of any size."""
    header = struct.pack(">II5B", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    packed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def own_files(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "config" / "impasto" / "presets").glob("*")}


def test_a_style_is_added_listed_sent_and_removed(presets: Run, tmp_path: Path) -> None:
    flags = ("--group", "Mine", "--strength", "0.8", "--description", "Brown.", "--no-sample")
    done = presets("add", "cup.png:2", "cup.png", "--name", "Evening light", *flags)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "evening-light  Evening light (Mine)\n"
    assert own_files(tmp_path) == {f"evening-light.{end}" for end in ("json", "jpg", "2.jpg", "thumb.jpg")}
    row = {"name": "evening-light", "title": "Evening light", "group": "Mine"}
    assert row in json.loads(presets("list", "--json").stdout)
    plug_in = str(SHIPPED.parents[1])
    command = [sys.executable, "-I", "-S", "-c", LIST_OF_THE_FILTER, plug_in]
    seen = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert seen.stdout == "['evening-light']\n0.8\n"
    assert presets("export", "evening-light", "-o", "light.impasto").returncode == 0
    assert presets("remove", "evening-light").returncode == 0
    assert own_files(tmp_path) == set()
    assert presets("import", "light.impasto").stdout == done.stdout
    assert len(own_files(tmp_path)) == 4


def test_an_added_style_paints_its_own_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("impasto.painting.order.THUMBNAIL_SIDE", 96)  # as small as can be told apart, to be quick
    Image.fromarray(coffee()).save(tmp_path / "cup.png")
    assert main(["presets", "add", str(tmp_path / "cup.png"), "--name", "Cup"]) == 0
    folder = tmp_path / "config" / "impasto" / "presets"
    thumbnail, sample = (read_flat(folder / f"cup.{kind}.jpg") for kind in ("thumb", "sample"))
    assert (thumbnail.shape, sample.shape) == ((THUMBNAIL_SIDE, THUMBNAIL_SIDE, 3), (96, 96, 3))
    assert np.abs(sample.astype(int) - files.resized(sample_photo(), 96)).mean() > 10


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["add", "nosuch.png", "--name", "A"], "there is no file nosuch.png"),
        (["add", "text.png", "--name", "A"], "text.png is not a picture"),
        (["add", ".", "--name", "A"], ". is a folder"),
        (["add", "huge.png", "--name", "A"], "huge.png takes 1074 MB; at most 300 can be used here"),
        (["add", "bomb.png", "--name", "A"], "bomb.png is 20000x20000; at most 100 megapixels"),
        (["add", "cut.png", "--name", "A"], "cut.png can't be read to its end"),
        (["add", "cup.png", "--name", "a/b"], "the name has '/' in it"),
        (["add", "cup.png", "--name", "a.b"], "the name has '.' in it"),
        (["add", "cup.png", "--name", "sea \N{WATER WAVE}"], "in it; it may have letters, digits, spaces"),
        (["add", "cup.png", "--name", "a" * 300], "the name has 300 characters"),
        (["add", "cup.png", "--name", "Woodcut"], "there is a style 'woodcut' already"),
        (["add", "cup.png", "--name", "A", "--strength", "2"], "strength is 2.0; it must lie in 0..1"),
        (["add", "cup.png", "--name", "A", "--detail", "much"], "detail is 'much'; it must be a number"),
        (["add", "cup.png", "--name", "A", "--group", "g" * 41], "at most 40 characters"),
        (["add", "cup.png"], "--name"),
        (["remove", "woodcut"], "woodcut is shipped with Impasto"),
        (["remove", "nosuch"], "there is no style 'nosuch' of your own"),
        (["export", "nosuch", "-o", "out"], "there is no style 'nosuch'"),
        (["export", "woodcut", "-o", "nowhere/out"], "woodcut can't be written to nowhere/out"),
        (["import", "cup.png"], "cup.png is no exported style"),
        (["import", "nosuch"], "nosuch can't be read"),
        (["sheet", "cup.png", "-o", "out.png", "--size", "9999"], "size is 9999; it must lie in 64..2048"),
        (["sheet", "cup.png", "-o", "out.png", "--styles", "nosuch"], "there is no style 'nosuch'"),
        (["sheet", "nosuch.png", "-o", "out.png"], "there is no file nosuch.png"),
    ],
)
def test_a_mistake_gets_one_sentence_and_writes_nothing(
    presets: Run, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    Path("text.png").write_text("not a picture")
    Path("cut.png").write_bytes(Path("cup.png").read_bytes()[:9000])
    Path("bomb.png").write_bytes(png_that_says(20_000, 20_000))
    with Path("huge.png").open("wb") as huge:
        huge.truncate(1 << 30)
    before = sorted(tmp_path.iterdir())
    done = presets(*arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == before


def test_a_photo_is_shown_in_each_style_with_its_name(
    presets: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    odd = Preset("odd", "Odd", recipe="baroque")
    save_preset(tmp_path / "config" / "impasto" / "presets", odd, [WeightedStyle(artwork_jpeg(coffee()))])
    done = presets("sheet", "cup.png", "-o", "sheet.png", "--size", "64", "--styles", "odd", "woodcut")
    assert done.returncode == 0, done.stderr
    assert "style odd is left out: recipe is baroque" in caplog.text
    sheet = files.read_picture(tmp_path / "sheet.png").pixels
    assert sheet.shape[:2] > (64, 64 * 2)
    small = files.resized(coffee(), 64)
    assert any(
        np.array_equal(sheet[top : top + 43, left : left + 64], small) for top in range(20) for left in range(20)
    )


@pytest.mark.parametrize(
    "shape", [(8, 8), (320, 320), (200, 1700), pytest.param((2000, 2000), marks=pytest.mark.long)], ids=str
)
def test_an_artwork_becomes_files_within_their_limits(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    assert len(artwork_jpeg(noise)) <= 350_000
    assert len(thumbnail_jpeg(noise)) <= 20_000


def test_a_picture_is_seen_in_srgb_and_on_white(tmp_path: Path) -> None:
    Image.new("RGBA", (16, 16), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert np.all(read_flat(tmp_path / "clear.png") == 255)
    deep = np.full((16, 16, 4), 65535, np.uint16) // np.array([1, 2, 4, 2], np.uint16)
    outputs.write_picture(tmp_path / "deep.png", files.PictureFile(deep))
    assert read_flat(tmp_path / "deep.png")[0, 0].tolist() == [255, 191, 159]
