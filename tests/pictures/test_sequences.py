"""Animations go in and come out as animations, pages as pages."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageSequence

from impasto.pictures.files import PictureFile, decode_picture
from impasto.pictures.metadata import Metadata
from impasto.pictures.sequences import Sequence, encode_sequence, open_sequence
from impasto_wire.errors import PictureError
from samples.grid import CASES

TIMES, LOOP = (50, 120, 200), 3


def squares() -> list[Image.Image]:
    """Three frames that an encoder stores as what has changed."""
    frames = []
    for number in range(3):
        frame = Image.new("RGB", (32, 24), "red")
        frame.paste("blue", (4 * number, 4, 4 * number + 8, 12))
        frames.append(frame)
    return frames


def saved(kind: str) -> bytes:
    frames, buffer = squares(), io.BytesIO()
    options = {"lossless": True} if kind == "WEBP" else {}
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:], duration=list(TIMES), loop=LOOP, **options)
    return buffer.getvalue()


def opened(data: bytes, name: str = "a") -> Sequence:
    sequence = open_sequence(data, Path(name))
    assert sequence is not None
    return sequence


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_frames_are_composed_as_they_are_seen(kind: str) -> None:
    sequence = opened(saved(kind))
    assert (sequence.kind, sequence.count, sequence.times) == ("frames", 3, TIMES)
    for number, frame in enumerate(squares()):
        assert np.array_equal(sequence.picture(number).pixels[..., :3], np.asarray(frame))


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp"])
def test_an_animation_keeps_its_times_and_its_loop(kind: str, suffix: str) -> None:
    sequence = opened(saved(kind))
    pictures = [sequence.picture(number) for number in range(3)]
    data = encode_sequence(pictures, "frames", sequence.times, sequence.loop, suffix)
    with Image.open(io.BytesIO(data)) as image:
        shown = [(np.asarray(frame.convert("RGB")), frame.info["duration"]) for frame in ImageSequence.Iterator(image)]
        # A GIF says how often it is played again, the others how often it is played.
        assert image.info["loop"] + (suffix == ".gif") == LOOP + (kind == "GIF")
    assert tuple(round(time) for _, time in shown) == TIMES
    for (pixels, _), frame in zip(shown, squares(), strict=True):
        assert np.array_equal(pixels, np.asarray(frame))


def test_pages_come_out_as_pages() -> None:
    sequence = opened((CASES / "multi.tif").read_bytes())
    assert (sequence.kind, sequence.count) == ("pages", 3)
    data = encode_sequence([sequence.picture(number) for number in range(3)], "pages", (), 0, ".tif")
    assert np.array_equal(tifffile.imread(io.BytesIO(data)), tifffile.imread(CASES / "multi.tif"))


def test_pages_with_metadata_stay_pages() -> None:
    exif = Image.Exif()
    exif[0x013B] = "Käthe".encode()
    page = PictureFile(np.zeros((24, 32, 3), np.uint8), metadata=Metadata(exif.tobytes()))
    data = encode_sequence([page] * 3, "pages", (), 0, ".tif")
    assert opened(data).count == 3
    assert tifffile.imread(io.BytesIO(data)).shape == (3, 24, 32, 3)


def test_pages_of_different_sizes_are_known_before_the_painting() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (32, 24)).save(buffer, "TIFF", save_all=True, append_images=[Image.new("RGB", (16, 12))])
    assert not opened(buffer.getvalue()).is_uniform


def test_a_still_picture_is_no_sequence() -> None:
    for name in ("flat.png", "romm.tif", "photo.avif", "dpi300.jpg"):
        assert open_sequence((CASES / name).read_bytes(), Path(name)) is None


def test_what_cannot_hold_several_gets_a_sentence() -> None:
    pictures = [PictureFile(np.zeros((24, 32, 3), np.uint8))] * 2
    with pytest.raises(PictureError, match="a JPEG can't hold 2 frames"):
        encode_sequence(pictures, "frames", (), 0, ".jpg")


@pytest.mark.timeout(600)
def test_stylize_says_what_it_will_do_and_does_it(tmp_path: Path) -> None:
    def stylize(source: str, output: str) -> str:
        command = [sys.executable, "-m", "impasto", "stylize", str(CASES / source), "-o", output, "--strength", "0"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, done.stderr
        return done.stderr

    assert "anim.gif has 3 frames; all are painted, each from the one before" in stylize("anim.gif", "a.webp")
    assert opened((tmp_path / "a.webp").read_bytes()).times == (100, 100, 100)
    assert "anim.gif has 3 frames; the first is painted, for a.jpg can hold one" in stylize("anim.gif", "a.jpg")
    assert decode_picture((tmp_path / "a.jpg").read_bytes(), Path("a.jpg")).size == (180, 120)
    assert "multi.tif has 3 pages; all are painted, each on its own" in stylize("multi.tif", "a.tif")
    assert np.array_equal(tifffile.imread(tmp_path / "a.tif"), tifffile.imread(CASES / "multi.tif"))
