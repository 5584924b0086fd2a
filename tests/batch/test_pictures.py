"""Which pictures a batch takes, and what it says of them before the first is painted."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fakes.batches import Start, contents, ended
from impasto.batch.pictures import PicturePaths, check_pictures, find_pictures, left_out, place_outputs
from impasto.pictures.files import PictureFile, encode_picture
from samples.grid import CASES


def saved(path: Path, size: tuple[int, int] = (16, 12), mode: str = "RGB") -> Path:
    Image.new(mode, size).save(path)
    return path


def test_a_folder_gives_every_kind_of_picture_and_names_the_rest(tmp_path: Path) -> None:
    suffixes = (".png", ".jpg", ".webp", ".avif", ".gif", ".bmp", ".jp2", ".tif")
    for suffix in suffixes:
        saved(tmp_path / f"a{suffix}")
    saved(tmp_path / "b.png").rename(tmp_path / "camera")  # a picture by what is in it
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "phone.heic").write_bytes(b"its extra may be missing")
    (tmp_path / "more").mkdir()
    found = find_pictures([str(tmp_path)])
    assert {path.name for path in found} == {*(f"a{suffix}" for suffix in suffixes), "camera", "phone.heic"}
    assert [path.name for path in left_out([str(tmp_path)])] == ["more", "notes.txt"]
    places = place_outputs(found, tmp_path / "out", "{number}{suffix}")
    endings = {place.source.suffix: place.output.suffix for place in places}
    assert endings == {suffix: suffix for suffix in suffixes} | {".jp2": ".png", "": ".png", ".heic": ".png"}


def test_everything_that_stands_in_the_way_is_known_before_the_first_picture(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "folder.png").mkdir(parents=True)
    wide = encode_picture(PictureFile(np.zeros((16, 16_500, 3), np.uint8)), ".png")
    (tmp_path / "wide.png").write_bytes(wide)
    (tmp_path / "glass.png").write_bytes(encode_picture(PictureFile(np.full((16, 16, 4), 99, np.uint8)), ".png"))
    (tmp_path / "solid.png").write_bytes(encode_picture(PictureFile(np.full((16, 16, 4), 255, np.uint8)), ".png"))
    (tmp_path / "torn.png").write_bytes(b"torn")
    source = saved(tmp_path / "plain.png")
    places = [
        PicturePaths(tmp_path / "wide.png", out / "wide.webp"),
        PicturePaths(tmp_path / "glass.png", out / "glass.jpg"),
        PicturePaths(tmp_path / "solid.png", out / "solid.jpg"),
        PicturePaths(tmp_path / "torn.png", out / "torn.png"),
        PicturePaths(source, out / "folder.png"),
        PicturePaths(source.with_name("gone.png"), out / "gone.png"),
        PicturePaths(CASES / "bigxmp.png", out / "bigxmp.jpg"),
        PicturePaths(source, out / f"{'long' * 64}.png"),
    ]
    checked = check_pictures(places, None)
    assert [place.output.name for place in checked.paintable] == ["solid.jpg", "bigxmp.jpg"]
    assert checked.remarks == ["bigxmp.jpg: a JPEG can't hold the picture's XMP; left out"]
    said = "\n".join(checked.problems.values())
    for part in ("at most 16383 pixels a side", "can't hold the picture's transparency", "is not a picture", "no file"):
        assert part in said
    assert check_pictures(places[:1], 1000).problems == {}, "scaled down, it fits"


@pytest.mark.timeout(600)
def test_a_batch_says_it_all_first(pictures: Callable[[int], Path], start: Start, tmp_path: Path) -> None:
    folder = pictures(1)
    shutil.copy(CASES / "photo.avif", folder)
    (folder / "notes.txt").write_text("no picture")
    (folder / "torn.png").write_bytes(b"torn")
    code, said = ended(start(str(folder), "-o", "out"))
    assert code == 1
    assert said.splitlines()[0] == "left out, for they are no pictures: notes.txt"
    assert "torn.png is not a picture" in said.splitlines()[1]
    assert "2 painted, 1 failed" in said
    assert set(contents(tmp_path / "out")) == {"frame0.png", "photo.avif"}
