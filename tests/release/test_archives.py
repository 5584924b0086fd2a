"""What a release holds: the project, and nothing that tools leave behind; and what its wheel can do."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from impasto_install.source import FILTER, files_below
from release.archives import PLUG_IN, SOURCES, build, wrong_in_sdist, wrong_in_wheel
from release.make_release import wrong_in_checkout

LEFT_BEHIND = (
    f"{PLUG_IN}/impasto_plugin/__pycache__/run.cpython-313.pyc",
    f"{PLUG_IN}/.mypy_cache/cache.db",
    "engine/impasto/__pycache__/cli.cpython-311.pyc",
    "engine/impasto/.idea/workspace.xml",
    f"{PLUG_IN}/.idea/workspace.xml",
    "install/.ruff_cache/content",
    "docs/.DS_Store",
)
SECONDS = 280


@pytest.fixture(scope="module")
def tree(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout in which tools have left what they leave."""
    copy = tmp_path_factory.mktemp("tree")
    for path in [checkout / ".gitignore", *(path for part in SOURCES for path in files_below(checkout / part))]:
        target = copy / path.relative_to(checkout)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    for name in LEFT_BEHIND:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text("not the project's")
    return copy


@pytest.fixture(scope="module")
def archives(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return build(tree, tmp_path_factory.mktemp("archives"))


def test_the_archives_hold_the_project_and_nothing_else(tree: Path, archives: tuple[Path, Path]) -> None:
    sdist, wheel = archives
    assert wrong_in_sdist(sdist, tree) == []
    assert wrong_in_wheel(wheel, tree) == []


def test_the_same_sources_give_the_same_bytes_wherever_they_lie(
    tree: Path, archives: tuple[Path, Path], tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(tree, elsewhere, copy_function=shutil.copy)  # at other times
    again = build(elsewhere, tmp_path / "archives")
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in archives]


def test_what_is_missing_or_too_much_is_named(checkout: Path, archives: tuple[Path, Path], tmp_path: Path) -> None:
    """The check itself can fail: a file that came later is missing, one that went is too much."""
    changed = tmp_path / "changed"
    for package in ("engine", "gimp_plugin", "install"):
        ignored = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(checkout / package, changed / package, ignore=ignored)
    (changed / "engine/impasto/later.py").touch()
    (changed / PLUG_IN / "impasto_plugin/run.py").unlink()
    assert wrong_in_wheel(archives[1], changed) == [
        f"impasto/_filter/{FILTER}/impasto_plugin/run.py doesn't belong there",
        "impasto/later.py is missing",
    ]


@pytest.mark.timeout(3 * SECONDS)
def test_the_wheel_puts_its_filter_into_gimp_and_takes_it_out_again(
    archives: tuple[Path, Path], tmp_path: Path
) -> None:
    """In an environment that borrows everything but the project from the one that runs the tests."""
    environment, home, runtime = tmp_path / "environment", tmp_path / "Käthe Kollwitz", tmp_path / "runtime"
    impasto = install_wheel(archives[1], environment)
    plug_ins = home / ".config/GIMP/3.0/plug-ins"
    plug_ins.mkdir(parents=True)
    runtime.mkdir(mode=0o700)
    before = contents(home)

    def run(*arguments: str) -> str:
        environ = {"HOME": str(home), "PATH": os.defpath, "XDG_RUNTIME_DIR": str(runtime), "LANG": "C.UTF-8"}
        done = subprocess.run(
            [impasto, *arguments], env=environ, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("install-filter")
    note = json.loads((plug_ins / FILTER / "engine.json").read_text(encoding="utf-8"))
    assert Path(note["python"]).is_relative_to(environment)
    assert os.access(plug_ins / FILTER / f"{FILTER}.py", os.X_OK)
    told = {finding["what"]: finding for finding in json.loads(run("doctor", "--json"))["findings"]}
    assert told["filter in GIMP 3.0"]["state"] == "ok"
    assert "64x64 pixels painted" in told["bridge"]["told"]
    assert "Kollwitz" not in json.dumps(told, ensure_ascii=False)
    run("install-filter", "--uninstall")
    assert contents(home) == before


def contents(folder: Path) -> dict[Path, bytes | None]:
    """Everything in a folder, so that two moments can be compared."""
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def install_wheel(wheel: Path, environment: Path) -> Path:
    """Install the wheel without a network; returns its command `impasto`."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True, timeout=SECONDS)
    python = environment / "bin/python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(pip, check=True, timeout=SECONDS)
    (libraries,) = environment.glob("lib/python3.*/site-packages")
    # A plain line: the .pth files over there, one of which may name a checkout, aren't read.
    (libraries / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return environment / "bin/impasto"


def test_a_release_wants_a_new_version_a_dated_changelog_and_a_clean_tree(checkout: Path, tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        own = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments]
        subprocess.run(own, cwd=tmp_path, check=True, capture_output=True)

    version_file, changelog = tmp_path / PLUG_IN / "impasto_wire/__init__.py", tmp_path / "CHANGELOG.md"
    version_file.parent.mkdir(parents=True)
    version_file.write_text('__version__ = "1.2.3"\n')
    changelog.write_text("# Changelog\n\n## 1.2.3 (2031-05-04)\n\n- New.\n\n## 1.2.2 (unreleased)\n")
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "x")
    assert list(wrong_in_checkout(tmp_path)) == []
    git("tag", "v1.2.3")
    changelog.write_text("# Changelog\n\n## 1.2.3 (unreleased)\n")
    assert list(wrong_in_checkout(tmp_path)) == [
        f"there is a tag v1.2.3 already; raise the version in {PLUG_IN}/impasto_wire/__init__.py",
        "the changelog says that 1.2.3 is unreleased; write the day instead, as YYYY-MM-DD",
        "CHANGELOG.md is not as it is in git",
    ]
    version_file.write_text('__version__ = "1.3.dev1"\n')
    found = list(wrong_in_checkout(tmp_path))
    assert "the version is 1.3.dev1; it must be three numbers, such as 1.2.3" in found
    assert "the changelog's first heading must be: ## 1.3.dev1 (YYYY-MM-DD)" in found
