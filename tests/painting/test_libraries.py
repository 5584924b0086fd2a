"""What paints but can't be loaded is a sentence with what to do, at every door: the engine's, the command line's."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fakes.engine import EngineHome, random_pixels
from fakes.jobs import asking
from impasto.libraries import lacks_runtime, why_not_loaded
from impasto.painting.painter import open_named
from impasto_wire.errors import EngineFault, ImpastoError
from impasto_wire.programs import INSTALL

BROKEN = """
error = OSError(22, "The specified module could not be found. Error loading c10.dll")
error.winerror = 126
raise error
"""
"""What torch does on a Windows without Microsoft's runtime."""


@pytest.fixture
def without_runtime(tmp_path: Path) -> Path:
    """A folder for PYTHONPATH in which torch can't be loaded."""
    (tmp_path / "torch.py").write_text(BROKEN)
    return tmp_path


def test_a_library_that_windows_lacks_is_named_with_its_link() -> None:
    missing, refused = OSError(22, "no c10.dll"), OSError(13, "access denied")
    missing.winerror = 126  # type: ignore[attr-defined]
    for error in (missing, ImportError("DLL load failed while importing _C: it isn't there")):
        assert lacks_runtime(error)
        assert "Visual C++ Redistributable" in why_not_loaded(error)
        assert "https://aka.ms/vs/17/release/vc_redist.x64.exe" in why_not_loaded(error)
    for error in (refused, ImportError("No module named 'torch'")):
        assert not lacks_runtime(error)
        assert why_not_loaded(error).endswith(f"install again: {INSTALL}")


def test_a_painter_that_cannot_be_loaded_is_no_mystery(without_runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(without_runtime))
    (without_runtime / "painter_of_torch.py").write_text(BROKEN)
    with pytest.raises(EngineFault, match=r"Visual C\+\+ Redistributable.*and try again"):
        open_named("painter_of_torch:open_painter", "cpu")


def test_the_filter_hears_what_is_missing_and_not_to_try_again(
    tmp_path: Path, without_runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker lives on, and each job fails with the reason."""
    home = EngineHome(tmp_path / "engine", options=())
    monkeypatch.setenv("PYTHONPATH", str(without_runtime), prepend=os.pathsep)
    home.start()
    try:
        with home.connect() as engine, pytest.raises(ImpastoError, match=r"Visual C\+\+ Redistributable") as told:
            engine.paint(asking(random_pixels(8, 8), [(random_pixels(8, 8), 1.0)]))
        assert told.value.code == "fault"
        assert "ended with status" not in home.log()
    finally:
        home.stop()


def test_the_command_line_says_it_too(tmp_path: Path, without_runtime: Path, data: Path) -> None:
    home = EngineHome(tmp_path / "engine")
    photo = str(data / "images" / "tubingen.jpg")
    code = f"import sys; sys.path.insert(0, {str(without_runtime)!r}); from impasto.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, "stylize", photo, "-o", str(tmp_path / "o.png"), "--preset", "woodcut"],
        env={**os.environ, **home.environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "Visual C++ Redistributable" in done.stderr
    assert "Traceback" not in done.stderr
