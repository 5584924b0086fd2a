"""`impasto forget`: what the filter keeps of a person's pictures goes, and nothing else."""

from pathlib import Path

import pytest

from impasto.cli import main
from impasto_install.uninstall import PICTURES, uninstall
from impasto_presets import PRIVATE
from impasto_setup.manifest import Manifest


def test_tries_and_thumbnails_go_and_what_the_engine_keeps_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("FLATPAK_ID", raising=False)
    files = [
        tmp_path / "impasto" / place
        for place in ("kept/a/0.try.json", "tiles/b.png", "checkpoints/c.safetensors", "spool/job")
    ]
    for file in files:
        file.parent.mkdir(parents=True)
        file.write_bytes(b"something")
    assert main(["forget"]) == 0
    assert capsys.readouterr().out.startswith("3 files were deleted in ")
    assert [file.exists() for file in files] == [False, False, False, True]
    assert main(["forget"]) == 0


def test_the_installer_knows_the_same_folders() -> None:
    assert PICTURES == PRIVATE


def test_an_uninstallation_takes_them_along(tmp_path: Path) -> None:
    files = [tmp_path / name / "picture" for name in PICTURES]
    for file in files:
        file.parent.mkdir()
        file.write_bytes(b"something")
    assert uninstall(tmp_path / "nothing", Manifest(paths={"cache": str(tmp_path)})) > 0
    assert not any(file.exists() for file in files)
