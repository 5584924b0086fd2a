"""Which list a machine gets: its platform, its card, and the index that the files come from."""

from pathlib import Path

import pytest

from impasto_setup.errors import Unsuitable
from impasto_setup.index import PYPI, TORCH, chosen_indexes
from impasto_setup.machine import AMD, APPLE, CPU, NVIDIA, kinds, this_platform
from impasto_setup.places import default_prefix, earlier_prefix, size


@pytest.mark.parametrize(
    ("system", "machine", "platform"),
    [
        ("linux", "x86_64", "linux-x86_64"),
        ("linux", "aarch64", "linux-aarch64"),
        ("win32", "AMD64", "windows-x86_64"),
        ("darwin", "arm64", "macos-arm64"),
    ],
)
def test_a_platform_is_known_by_what_its_python_says(system: str, machine: str, platform: str) -> None:
    assert this_platform(system, machine) == platform


@pytest.mark.parametrize(
    ("system", "machine"), [("darwin", "x86_64"), ("win32", "ARM64"), ("linux", "i686"), ("freebsd14", "amd64")]
)
def test_a_machine_without_pytorch_is_told_so(system: str, machine: str) -> None:
    with pytest.raises(Unsuitable, match=f"no PyTorch for this machine .*{machine}"):
        this_platform(system, machine)


def test_the_card_that_is_there_comes_first_and_the_processor_can_be_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert kinds("linux-x86_64", tmp_path) == [CPU, NVIDIA]
    card = tmp_path / "sys/class/kfd/kfd/topology/nodes/1/properties"
    card.parent.mkdir(parents=True)
    card.write_text("gfx_target_version 80000\n")
    assert kinds("linux-x86_64", tmp_path)[0] == CPU, "PyTorch isn't built for that card"
    card.write_text("simd_count 4\ngfx_target_version 110000\n")
    assert kinds("linux-x86_64", tmp_path) == [AMD, CPU, NVIDIA]
    assert kinds("windows-x86_64", tmp_path)[0] == CPU, "PyTorch has no ROCm there"
    driver = tmp_path / "proc/driver/nvidia/version"
    driver.parent.mkdir(parents=True)
    driver.touch()
    assert kinds("linux-x86_64", tmp_path) == [NVIDIA, CPU]
    assert kinds("macos-arm64", tmp_path) == [APPLE]


def test_a_card_is_known_by_its_drivers_own_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'GPU 0: a card'\n")
    program.chmod(0o755)
    assert kinds("linux-x86_64", tmp_path)[0] == NVIDIA
    program.write_text("#!/bin/sh\necho failed\nexit 9\n")
    assert kinds("linux-x86_64", tmp_path)[0] == CPU


def test_an_index_is_named_by_a_variable_or_beside_the_filter() -> None:
    told = {"index": "https://mirror.example/simple/", "torch_index": "https://mirror.example/whl"}
    assert chosen_indexes({}).packages == PYPI
    assert chosen_indexes({}).of("cpu") == f"{TORCH}/cpu"
    assert chosen_indexes({}, told).packages == "https://mirror.example/simple"
    assert chosen_indexes({}, told).of("cpu") == "https://mirror.example/whl/cpu"
    assert (
        chosen_indexes({"PIP_INDEX_URL": "https://pip.example/simple"}, told).packages == "https://pip.example/simple"
    )
    both = {"PIP_INDEX_URL": "https://pip.example/simple", "IMPASTO_INDEX": "https://own.example"}
    assert chosen_indexes(both, told).packages == "https://own.example"


def test_the_engine_lives_apart_from_a_persons_settings(tmp_path: Path) -> None:
    assert default_prefix("linux", tmp_path, {}) == tmp_path / ".local/share/impasto"
    assert default_prefix("linux", tmp_path, {"XDG_DATA_HOME": "/data"}) == Path("/data/impasto")
    assert default_prefix("win32", tmp_path, {}) == tmp_path / "AppData/Local/Programs/impasto"
    assert default_prefix("darwin", tmp_path, {}).name == "impasto-engine"


def test_where_it_lived_at_first_is_known(tmp_path: Path) -> None:
    assert earlier_prefix("linux", tmp_path, {}) is None
    assert earlier_prefix("win32", tmp_path, {}) == tmp_path / "AppData/Local/impasto"
    assert earlier_prefix("win32", tmp_path, {"LOCALAPPDATA": "/local"}) == Path("/local/impasto")
    assert earlier_prefix("darwin", tmp_path, {}) == tmp_path / "Library/Application Support/impasto"


def test_bytes_are_said_as_people_read_them() -> None:
    assert [size(count) for count in (0, 1500, 812_400_000, 3_190_343_916)] == ["0 kB", "2 kB", "812 MB", "3.2 GB"]
