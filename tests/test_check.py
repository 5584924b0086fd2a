"""What ./check runs, counts and measures, and that a GIMP test can't be skipped quietly where it must run."""

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


SLOW_AND_QUICK = """
import time
import pytest
@pytest.fixture
def ready(): time.sleep(0.2)
def test_slow(ready): time.sleep(0.2)
def test_quick(): pass
"""
WORKERS = ["--numprocesses", "2", "--dist", "loadgroup", "--no-loadscope-reorder", "--max-worker-restart", "0"]
"""As ./check starts them."""


@pytest.fixture
def run_pytest(checkout: Path, tmp_path: Path):
    """Runs a test file under our conftest.py; returns what ./check would count: passed, failed, skipped."""
    shutil.copy(checkout / "tests/conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  gimp: x\n  gui: x\n  long: x\n")
    counts = runpy.run_path(str(checkout / "tests/junit_counts.py"))["counts"]

    def run(test_file: str, *options: str, ci: bool = False) -> tuple[int, int, int]:
        (tmp_path / "test_it.py").write_text(test_file)
        environ = {name: value for name, value in os.environ.items() if name != "IMPASTO_CI"}
        environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # to be quick
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "xdist",
                "--junitxml",
                "junit.xml",
                "-p",
                "no:cacheprovider",
                *options,
            ],
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


def test_two_workers_count_each_test_once(run_pytest) -> None:
    assert run_pytest(MIXED, *WORKERS) == (1, 2, 1)
    passed, failed, _ = run_pytest("import os\ndef test(): os._exit(3)", *WORKERS)
    assert passed == 0 < failed


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


def test_the_slowest_tests_and_folders_are_named(
    run_pytest, checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the time that it took to make ready what they need."""
    run_pytest(SLOW_AND_QUICK, *WORKERS)
    show = runpy.run_path(str(checkout / "tests/junit_times.py"))["show"]
    show(tmp_path / "junit.xml")
    _, _, slowest, quick, _, _, folder = capsys.readouterr().out.splitlines()
    assert slowest.endswith("test_it.py::test_slow")
    assert 0.4 <= float(slowest.split()[0]) < 5
    assert quick.endswith("test_it.py::test_quick")
    assert float(folder) == pytest.approx(float(slowest.split()[0]), abs=0.2)
    show(tmp_path / "nowhere.xml")
    assert capsys.readouterr().out == ""


def test_the_fast_tier_is_its_folders_and_files(run_pytest, checkout: Path, tmp_path: Path) -> None:
    fast = runpy.run_path(str(checkout / "tests/conftest.py"))["FAST"]
    assert [name for name in fast if not (checkout / "tests" / name).exists()] == []
    for place in ("wire/test_a.py", "wire/deep/test_b.py", "gimp/test_c.py"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text("def test(): pass")
    assert run_pytest("def test(): pass") == (4, 0, 0)
    assert run_pytest("def test(): pass", "--fast") == (2, 0, 0)


def test_the_workers_are_those_of_the_check(checkout: Path) -> None:
    assert " ".join(WORKERS) in (checkout / "check").read_text()


def test_the_tiers_are_named_for_people(checkout: Path) -> None:
    told = subprocess.run([checkout / "check", "--help"], capture_output=True, text=True, timeout=60, check=True).stdout
    assert all(f"./check {tier}" in told for tier in ("--fast", " ", "--windows", "--ci", "--long"))
    assert "set -u" not in told
