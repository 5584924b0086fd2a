"""Runs the tests that can show something of Windows under Wine: `python tests/windows/run.py JUNIT_FILE [OPTIONS]`.

The engine paints with the tests' own painter, without PyTorch. Ends with pytest's status; where this machine has no
Wine and can't build it, with a sentence and that of a run without tests, or in CI of one that failed.
"""

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

from debian_roots import CannotBuild, cache_folder  # noqa: E402
from windows.root import CHECKOUT, WORK, built_root, entered  # noqa: E402

SECONDS = 900
"""How long all tests may take."""
LONGEST = 7200
"""And the longest run that a caller may ask for."""
TEST_SECONDS = 300
"""How long each test may take. One that takes longer ends all, since there pytest-timeout ends the process."""
SERVICE = ("commands", "lifecycle", "painting", "queue", "store", "strangers")
INSTALL = ("find_gimp", "gimp_python", "manifest", "place", "stop")
PLACES = (
    ("wire", "plugin", *(f"install/test_{name}.py" for name in INSTALL), "service/test_hostile.py"),
    ("presets", "windows/inside", *(f"service/test_{name}.py" for name in SERVICE)),
)
"""What two processes run beside each other."""
GIVEN = f"{WORK}/given"
"""Where what a caller gives them is seen inside."""
CODE = ("tests", "engine", "gimp_plugin/impasto-filter", "install")
PYTHON = r"Z:\windows\python\python.exe"
NO_TESTS = 5
_OWN = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout", str(TEST_SECONDS), "--durations", "10")
_OWN += ("--basetemp", r"C:\tNUMBER", "--junitxml", rf"Z:{WORK}\junit-NUMBER.xml")


def main() -> int:
    """Run the tests that the command line names, or all."""
    report, *options = sys.argv[1:]
    try:
        return run_under_wine(built_root(), _parts(options), Path(report))
    except CannotBuild as error:
        print(f"Nothing is tested for Windows: {error}")
        Path(report).write_text("<testsuites/>")
        return 1 if os.environ.get("IMPASTO_CI") else NO_TESTS


def run_under_wine(
    tree: Path, parts: list[list[str]], report: Path, seconds: float = SECONDS, given: Path | None = None
) -> int:
    """Run pytest once for each list of arguments, in a folder and a prefix of their own; what they print is shown as it
    comes. The tests see the folder `given` as GIVEN.
    """
    _sweep(cache_folder("windows-root"))
    with tempfile.TemporaryDirectory(prefix="work-", dir=cache_folder("windows-root")) as folder:
        work = Path(folder)
        shutil.copytree(tree / "windows/prefix", work / "prefix", symlinks=True, copy_function=_linked)
        binds = [(work, WORK), (TESTS.parent, CHECKOUT), (work / "prefix", "/windows/prefix")]
        if given:
            (work / "given").mkdir()
            binds.append((given, GIVEN))
        status = _run(tree, work, parts, seconds, binds)
        reports = [ElementTree.parse(path).getroot() for path in sorted(work.glob("junit-*.xml"))]
        if len(reports) == len(parts):  # else one has broken off, and that there is no report says so
            joined = ElementTree.Element("testsuites")
            joined.extend(suite for report in reports for suite in report.iter("testsuite"))
            ElementTree.ElementTree(joined).write(report)
    return status


def _sweep(folder: Path) -> None:
    """Delete what runs that were killed have left."""
    for work in folder.glob("work-*"):
        if time.time() - work.stat().st_mtime > 2 * LONGEST:
            shutil.rmtree(work, ignore_errors=True)


def _linked(source: str, target: str) -> None:
    """Copy a file of a prefix as a hard link, which nobody writes into; Wine does write into its registry."""
    (shutil.copy2 if source.endswith(".reg") else os.link)(source, target)


def _parts(options: list[str]) -> list[list[str]]:
    """The arguments of each pytest: for all places, or for those that are named."""
    is_named = any(not word.startswith("-") for word in options[:1])
    places = [[]] if is_named else [[f"tests/{place}" for place in part] for part in PLACES]
    return [[*part, *options] for part in places]


def _run(tree: Path, work: Path, parts: list[list[str]], seconds: float, binds: list[tuple[Path, str]]) -> int:
    """The worst exit status of several of Windows' Pythons, or 124 where they take too long.

    What they print goes by way of files, since a service of Wine's would keep a pipe open.
    """
    code = ";".join([r"Z:\windows\packages", *(f"Z:{CHECKOUT}/{place}" for place in CODE)])
    variables = [f"PYTHONPATH={code}", "PYTHONDONTWRITEBYTECODE=1"]
    steps = ["wineserver -p 2>/dev/null", f"cd {CHECKOUT}"]
    for number, part in enumerate(parts):
        own = [word.replace("NUMBER", str(number)) for word in (*_OWN, *part)]
        steps.append(f"{shlex.join(['env', *variables, 'wine', PYTHON, *own])} >{WORK}/said-{number}.txt 2>&1 &")
        steps.append('started="$started $!"')
    steps += ["status=0", "for each in $started; do wait $each || status=$?; done", "wineserver -k", "exit $status"]
    for number in range(len(parts)):
        (work / f"said-{number}.txt").touch()
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(entered(tree, "\n".join(steps), *binds), stdin=quiet, stdout=quiet, stderr=quiet)
    with contextlib.ExitStack() as held:
        said = [held.enter_context(path.open("rb")) for path in sorted(work.glob("said-*.txt"))]
        end = time.monotonic() + seconds
        while process.poll() is None and time.monotonic() < end:
            _show(said[0].read())
            time.sleep(0.2)
        is_late = process.poll() is None
        if is_late:
            process.kill()  # with it go all the others
        for file in said:
            _show(file.read())
    if is_late:
        print(f"\nTOO SLOW: broken off after {seconds:.0f} s")
    return 124 if process.wait() < 0 else process.returncode


def _show(text: bytes) -> None:
    sys.stdout.write(text.decode("utf-8", "replace").replace("\r", ""))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
