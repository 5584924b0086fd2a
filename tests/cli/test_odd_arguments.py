"""Odd names, values and files on the command line: each command ends with its work done or with one sentence."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile

from impasto import cli
from impasto.batch.manifest import MANIFEST_NAME
from impasto.commands import batch as batch_command
from impasto.commands import stylize as stylize_command
from impasto.pictures.files import PictureFile
from impasto.pictures.outputs import write_picture

Run = Callable[..., "subprocess.CompletedProcess[str]"]
ODD = (
    "", "\n", "-", "\0", "folder", "pipe.png", "circle.png", "nosuch", os.devnull, "x" * 5000, "n\udcff.png",
    "line\nbreak.png", "escape\x1b[2J.png", "~", "$(true)", "%s{}", "{0.__class__}", "1e999", "nan", "-1", "9" * 5000,
    "²", "float.tif",
)  # fmt: skip
COMMANDS = (
    "stylize {} -o out.png", "stylize {} -o out.png --style cat.png", "stylize cat.png -o out.png --style {}",
    *(f"stylize cat.png -o out.png --{option} {{}}" for option in (
        "size", "selection", "detail-map", "weights", "preset", "recipe", "backbone", "steps", "device",
        "memory-budget", "workers", "strength",
    )),
    "batch nosuch.png -o {}", "batch cat.png -o painted --name {}.jxl", "presets add --name {} nosuch.png",
    "presets add --name x {}", "presets remove {}", "presets import {}", "presets export {} -o x",
    "presets sheet {} -o x.png --styles woodcut", "presets thumbnails {}", "weights fetch {}", "weights path {}",
    "weights fetch vgg19 --from {}", "weights fetch vgg19 --sha256 {}", "artworks paint {} -o x.png",
)  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_is_painted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What can be painted counts as painted: these tests are about what can't."""
    from impasto.painting.order import Order

    def end(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Order, "open_painter", end)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


@pytest.fixture
def odd_files(tmp_path: Path) -> None:
    write_picture(tmp_path / "cat.png", PictureFile(np.full((32, 32, 3), 90, np.uint8)))
    png = (tmp_path / "cat.png").read_bytes()
    (tmp_path / "folder").mkdir()
    (tmp_path / "float.tif").write_bytes(b"PF\n32 32\n-1.0\n" + bytes(32 * 32 * 12))
    if os.name == "nt":
        return
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "circle.png").symlink_to("circle.png")
    for name in ("line\nbreak.png", "escape\x1b[2J.png", "n\udcff.png"):
        (tmp_path / name).write_bytes(png[:200])


@pytest.mark.usefixtures("odd_files")
@pytest.mark.parametrize("command", COMMANDS)
def test_an_odd_argument_gets_at_most_one_sentence(run: Run, command: str, is_long: bool) -> None:
    for odd in ODD if is_long else ODD[COMMANDS.index(command) % 6 :: 6]:
        done = run(*(word.format(odd) if "{}" in word else word for word in command.split()))
        assert done.returncode in (0, 2, 130), (odd[:40], done.stderr)
        assert "Traceback" not in done.stderr
        assert "inside Impasto" not in done.stderr, odd[:40]
        told = [line for line in done.stderr.splitlines() if "licence" not in line]
        assert len(told) <= 1 or done.returncode != 2, (odd[:40], told)
        assert "\x1b[2J" not in done.stderr


@pytest.mark.parametrize(
    "line",
    [
        b'{"output": [], "key": "a"}', b'{"output": {}, "key": "a"}', b"[" * 100_000, b"9" * 5000, b"\xff\xfe", b"[]",
        b"null", b'{"output": "cat.png", "key": 1e999}', b'{"output": "cat.png", "key": "a", "bytes": "x"}',
        b'{"a": 1}',
    ],
)  # fmt: skip
def test_an_odd_line_in_a_manifest_is_passed_over(tmp_path: Path, line: bytes) -> None:
    from impasto.batch.manifest import BatchManifest, Entry

    right = Entry("cat.png", "key", failure="why")
    (tmp_path / MANIFEST_NAME).write_bytes(line + b"\n" + json.dumps(vars(right)).encode() + b"\n")
    assert BatchManifest(tmp_path).entry_of(tmp_path / "cat.png", "key") == right


@pytest.mark.skipif(os.name == "nt", reason="no pipes in folders")
@pytest.mark.usefixtures("odd_files")
def test_a_manifest_that_is_none_gets_a_sentence(run: Run, tmp_path: Path) -> None:
    for make in (lambda path: path.mkdir(), os.mkfifo):
        folder = tmp_path / make.__name__
        folder.mkdir()
        make(folder / MANIFEST_NAME)
        done = run("batch", "cat.png", "-o", str(folder))
        assert done.returncode == 2
        assert f"{MANIFEST_NAME} can't be read" in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_digits_that_are_no_number_are_sorted_as_text(tmp_path: Path) -> None:
    from impasto.batch.pictures import find_pictures

    for name in ("m1²2.png", "m10.png", "m9.png", "m٣.png", "m09.png"):
        write_picture(tmp_path / name, PictureFile(np.zeros((8, 8, 3), np.uint8)))
    names = [path.name for path in find_pictures([str(tmp_path)])]
    assert names.index("m9.png") < names.index("m10.png")
    assert set(names) == {"m1²2.png", "m10.png", "m9.png", "m٣.png", "m09.png"}


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
def test_what_is_no_number_gets_a_sentence(
    run: Run, tmp_path: Path, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    from impasto.painting.order import Order
    from impasto.transfer.canvas import read_layer

    def look(order: Order, *_: object) -> object:
        import torch

        class Painter:
            def paint(self, request: object) -> object:
                read_layer(request, torch.device("cpu"))  # type: ignore[arg-type]
                raise KeyboardInterrupt

        return Painter()

    monkeypatch.setattr(Order, "open_painter", look)
    tifffile.imwrite(tmp_path / "float.tif", np.full((32, 32, 3), value, np.float32), photometric="rgb")
    done = run("stylize", "float.tif", "-o", "out.png")
    if value == 3e38:
        assert done.returncode == 130, "it is white"
    else:
        assert "pixels that are not numbers" in done.stderr
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RuntimeError("first line\nsecond"), "something went wrong inside Impasto (RuntimeError: first line)"),
        (RecursionError(), "something went wrong inside Impasto (RecursionError)"),
        (MemoryError(), "there is too little memory for that"),
        (PermissionError(13, "Permission denied", "/a/b"), "/a/b can't be used (Permission denied)"),
    ],
)
def test_what_nobody_has_foreseen_ends_in_one_sentence_and_its_details_are_kept(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str
) -> None:
    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(stylize_command, "check_workers", fail)
    done = run("stylize", "a.png", "-o", "b.png")
    assert done.returncode == 2
    assert done.stderr.startswith(f"impasto: {sentence}")
    assert len(done.stderr.splitlines()) == 1
    kept = [*tmp_path.rglob("command.log")]
    assert bool(kept) == ("inside Impasto" in sentence)
    if kept:
        assert "test_odd_arguments" in kept[0].read_text()
        assert os.name == "nt" or kept[0].stat().st_mode & 0o077 == 0
        assert str(kept[0]) in done.stderr


def test_details_that_cannot_be_kept_are_no_second_fault(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise ZeroDivisionError

    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(batch_command, "check_workers", fail)
    monkeypatch.setattr(cli, "_keep", full)
    done = run("batch", "a.png", "-o", "b")
    assert done.stderr == "impasto: something went wrong inside Impasto (ZeroDivisionError); please report it\n"
