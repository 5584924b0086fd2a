"""What ./check counts, and that a GIMP test can't be skipped quietly where it must run."""

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SKIPPING = """
import pytest
pytestmark = pytest.mark.{marker}
@pytest.mark.skipif(True, reason="no GIMP here")
def test_one(): pass
def test_two(): pytest.skip("no GIMP here either")
def test_three(): pass
"""
MIXED = """
import pytest
@pytest.fixture
def broken(): raise RuntimeError
def test_passes(): pass
def test_fails(): assert False
def test_errors(broken): pass
def test_skips(): pytest.skip("a reason")
"""


@pytest.fixture
def run_pytest(checkout: Path, tmp_path: Path):
    """Runs a test file under our conftest.py; returns what ./check would count: passed, failed, skipped."""
    shutil.copy(checkout / "tests/conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  gimp: x\n  gui: x\n  long: x\n")
    counts = runpy.run_path(str(checkout / "tests/junit_counts.py"))["counts"]

    def run(test_file: str, *options: str, ci: bool = False) -> tuple[int, int, int]:
        (tmp_path / "test_it.py").write_text(test_file)
        environ = {name: value for name, value in os.environ.items() if name != "IMPASTO_CI"}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--junitxml", "junit.xml", "-p", "no:cacheprovider", *options],
            cwd=tmp_path,
            env={**environ, "IMPASTO_CI": "1"} if ci else environ,
            capture_output=True,
            timeout=120,
            check=False,
        )
        return counts(tmp_path / "junit.xml", done.returncode)

    return run


def test_errors_count_as_failed(run_pytest) -> None:
    assert run_pytest(MIXED) == (1, 2, 1)


def test_a_run_that_breaks_off_has_failed(run_pytest) -> None:
    assert run_pytest("import os\ndef test(): os._exit(3)") == (0, 1, 0)
    assert run_pytest("import no_such_module") == (0, 1, 0)


def test_a_run_with_nothing_to_do_has_not_failed(run_pytest) -> None:
    assert run_pytest("") == (0, 0, 0)


@pytest.mark.parametrize("marker", ["gimp", "gui"])
def test_in_ci_a_skipped_gimp_test_has_failed(run_pytest, marker: str) -> None:
    text = SKIPPING.format(marker=marker)
    assert run_pytest(text) == (1, 0, 2)
    assert run_pytest(text, ci=True) == (1, 2, 0)


def test_long_tests_wait_for_their_option_even_in_ci(run_pytest) -> None:
    text = "import pytest\n@pytest.mark.gimp\n@pytest.mark.long\ndef test_hours(): pass"
    assert run_pytest(text, ci=True) == (0, 0, 1)
    assert run_pytest(text, "--long", ci=True) == (1, 0, 0)
