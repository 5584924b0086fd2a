"""Files that lie, are damaged or mean harm: each is answered by a sentence or its picture, soon and in little memory.

By every door that opens pictures, in a process of its own; what the files are: tests/samples/hostile.py.
"""

import json
import os
import selectors
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from samples.hostile import MARK, Hostile, corpus

DOORS = ("picture", "stylize", "batch", "style", "preset", "add", "map")
MOST_SECONDS, MOST_MEBIBYTES = 2.0, 512.0
PATIENCE = 60.0
"""Seconds by the clock until a file counts as one that hangs: the processor may be busy with other tests."""
CHILD = Path(__file__).parent.parent / "samples" / "open_hostile.py"
QUICK = {
    "postscript": 6, "no picture": 6, "lying header": 14, "metadata bomb": 8, "loop": 4, "zero size": 4, "palette": 3,
    "odd samples": 6, "garbage": 4, "flipped bits": 4, "cut off": 8, "special file": 30,
}  # fmt: skip
"""How many of each kind are opened without `--long`; the others take a while to be made, or to be opened."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is told by Linux's /proc")


class Answer(NamedTuple):
    ending: str
    words: str
    seconds: float
    mebibytes: float


class Child:
    """A process that opens files; a new one follows one that hung or died."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._start()

    def _start(self) -> None:
        environment = {**os.environ, "PATH": f"{self._folder}{os.pathsep}{os.environ['PATH']}"}
        self._process = subprocess.Popen(
            [sys.executable, str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        assert self._read() == ["ready"]

    def open(self, door: str, path: Path) -> Answer:
        assert self._process.stdin
        self._process.stdin.write(json.dumps([door, str(path)]) + "\n")
        self._process.stdin.flush()
        answer = self._read()
        if answer is None:
            self.close()
            self._start()
            return Answer("hung or died", "", PATIENCE, 0)
        return Answer(*answer)

    def _read(self) -> list | None:
        assert self._process.stdout
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            line = self._process.stdout.readline() if selector.select(PATIENCE) else ""
        return json.loads(line) if line else None

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    """A process that would find Ghostscript, if it looked for it."""
    (tmp_path / "bin").mkdir()
    for name in ("gs", "gswin32c", "gswin64c"):
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\ntouch '{tmp_path / MARK}'\n")
        (tmp_path / "bin" / name).chmod(0o755)
    made = Child(tmp_path / "bin")
    yield made
    made.close()


def few_of_each_kind() -> Iterator[Hostile]:
    left = dict(QUICK)
    by_kind = defaultdict(list)
    for hostile in corpus(25, kinds=frozenset(QUICK)):
        by_kind[hostile.kind].append(hostile)
    for kind, files in by_kind.items():
        step = max(1, len(files) // left[kind])
        yield from files[::step][: left[kind]]


def faults(answer: Answer) -> Iterator[str]:
    if answer.ending not in ("sentence", "picture"):
        yield f"ended in {answer.ending} {answer.words}"
    if answer.seconds > MOST_SECONDS:
        yield f"took {answer.seconds:.1f} s"
    if answer.mebibytes > MOST_MEBIBYTES:
        yield f"took {answer.mebibytes:.0f} MiB"


def opened(child: Child, hostile: Hostile, doors: tuple[str, ...], folder: Path) -> Iterator[tuple[str, Answer]]:
    path = hostile.put(folder)
    for door in doors:
        yield door, child.open(door, path)
    if path.is_file() and not path.is_symlink():
        path.unlink()


def test_a_hostile_file_is_answered_soon_and_in_little_memory(child: Child, tmp_path: Path) -> None:
    wrong = []
    for number, hostile in enumerate(few_of_each_kind()):
        doors = (DOORS[number % len(DOORS)],)
        for door, answer in opened(child, hostile, doors, tmp_path):
            wrong += [f"{hostile.kind} {hostile.name!r} by {door} {fault}" for fault in faults(answer)]
            if hostile.kind in ("postscript", "no picture"):
                assert answer.ending == "sentence"
    assert not wrong
    assert not (tmp_path / MARK).exists(), "Ghostscript was run"


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_every_hostile_file_is_answered_by_every_door(
    child: Child, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong, rows, count = [], defaultdict(list), 0
    for hostile in corpus(1):
        count += 1
        # What is cut off is so in every format and at every place: one door for each will do.
        doors = (DOORS[count % len(DOORS)],) if hostile.kind == "cut off" else DOORS
        for door, answer in opened(child, hostile, doors, tmp_path):
            rows[hostile.kind].append(answer)
            wrong += [f"{hostile.kind} {hostile.name!r} by {door} {fault}" for fault in faults(answer)]
    with capsys.disabled():
        print("\nkind: openings, of them pictures, most seconds, most MiB")
        for kind, answers in rows.items():
            pictures = sum(answer.ending == "picture" for answer in answers)
            seconds, mebibytes = (max(answer[place] for answer in answers) for place in (2, 3))
            print(f"{kind}: {len(answers)}, {pictures}, {seconds:.2f}, {mebibytes:.0f}")
    assert count >= 200
    assert not wrong
    assert not (tmp_path / MARK).exists(), "Ghostscript was run"
    shutil.rmtree(tmp_path, ignore_errors=True)
