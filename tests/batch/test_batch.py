"""A batch as a person meets it: real processes, killed at random, a real network, small pictures."""

import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from fakes.batches import SmallDisk, Start, contents, ended, make_pictures, start_batch
from impasto.batch.pictures import find_pictures, place_outputs
from impasto_wire.errors import PictureError, SettingError


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, is_long: bool) -> tuple[Path, dict[str, bytes]]:
    """A folder of pictures, and what a batch that nothing befalls makes of them."""
    place = tmp_path_factory.mktemp("undisturbed")
    (place / "pictures").mkdir()
    folder = make_pictures(place / "pictures", 40 if is_long else 4)
    code, said = ended(start_batch(place, str(folder), "-o", "out", "--workers", "2"))
    assert code == 0, said
    return folder, contents(place / "out")


@pytest.mark.timeout(3600)
def test_a_killed_batch_goes_on_to_the_same_bytes(
    undisturbed: tuple[Path, dict[str, bytes]], start: Start, tmp_path: Path, is_long: bool
) -> None:
    folder, expected = undisturbed
    dice = random.Random(8)
    for _ in range(10 if is_long else 1):
        process = start(str(folder), "-o", "killed", "--workers", "2")
        began = len(contents(tmp_path / "killed")) if (tmp_path / "killed").exists() else 0
        end = time.monotonic() + 200
        # Somewhere in the next pictures; where the counts are full, sometimes before the first of them.
        wanted = began + (dice.randrange(5) if is_long else 1)
        while time.monotonic() < end and process.poll() is None:
            if (tmp_path / "killed").exists() and len(contents(tmp_path / "killed")) >= wanted:
                break
            time.sleep(0.01)
        time.sleep(dice.random() / 2)
        process.kill()
        ended(process)
    code, said = ended(start(str(folder), "-o", "killed", "--workers", "2"))
    assert code == 0, said
    assert contents(tmp_path / "killed") == expected
    code, said = ended(start(str(folder), "-o", "killed"))
    assert (code, said) == (0, f"0 painted, {len(expected)} were there already\n")


def test_a_damaged_picture_stops_no_other_and_is_told_in_the_end(
    pictures: Callable[[int], Path], start: Start, tmp_path: Path
) -> None:
    folder = pictures(2)
    good = (folder / "frame0.png").read_bytes()
    (folder / "frame0.png").write_bytes(good[:500])
    code, said = ended(start(str(folder), "-o", "out"))
    assert code == 1
    assert f"{folder}/frame0.png can't be read to its end; it may be damaged, save it again\n" in said
    assert "1 painted, 1 failed; --retry tries those again" in said
    assert set(contents(tmp_path / "out")) == {"frame1.png"}
    code, said = ended(start(str(folder), "-o", "out"))
    assert "1 were there already, 1 failed" in said
    (folder / "frame0.png").write_bytes(good)  # another picture: it needs no --retry
    assert ended(start(str(folder), "-o", "out"))[0] == 0
    assert set(contents(tmp_path / "out")) == {"frame0.png", "frame1.png"}


def test_a_full_disk_is_told_and_nothing_is_lost(
    undisturbed: tuple[Path, dict[str, bytes]], start: Start, small_disk: SmallDisk
) -> None:
    folder, expected = undisturbed
    code, said = ended(start(str(folder), "-o", str(small_disk.folder)))
    assert code == 2
    told = re.fullmatch(
        r"impasto: the disk is full, so \S+ can't be written; the painting is kept as (\S+); "
        r"free some space and start again\n",
        said,
    )
    assert told, said
    with Image.open(told[1]) as kept:
        kept.load()
    Path(told[1]).unlink()
    before = contents(small_disk.folder)
    assert 0 < len(before) < len(expected)
    small_disk.grow()
    code, said = ended(start(str(folder), "-o", str(small_disk.folder)))
    assert code == 0, said
    assert contents(small_disk.folder) == expected
    assert before.items() <= expected.items()


def test_pictures_are_found_and_named(tmp_path: Path) -> None:
    for name in ("b/10.png", "b/9.png", "a/9.jpg", "a/notes.txt", "a/.hidden.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (8, 8)).save(tmp_path / name, "PNG")
    found = find_pictures([str(tmp_path / "b"), str(tmp_path / "*" / "9.*"), str(tmp_path / "b" / "9.png")])
    assert [str(path.relative_to(tmp_path)) for path in found] == ["b/9.png", "b/10.png", "a/9.jpg"]
    places = place_outputs(found, tmp_path, "{folder}-{name}-{number:03}.tif")
    assert [place.output.name for place in places] == ["b-9-001.tif", "b-10-002.tif", "a-9-003.tif"]
    for folder, pattern, sentence in (
        (tmp_path, "painted.png", "3 pictures would be written to"),
        (tmp_path / "b", "{name}{suffix}", "is one of the pictures"),
        (tmp_path, "{nme}.png", "it may hold {name}"),
        (tmp_path, "{name}", "it must give names of files that end in"),
    ):
        with pytest.raises(SettingError, match=sentence):
            place_outputs(found, folder, pattern)
    with pytest.raises(PictureError, match="there is no picture at"):
        find_pictures([str(tmp_path / "*.gif")])
