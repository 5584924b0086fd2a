"""Real GIMPs with the filter in them, one root for each version, and engines outside of the roots that they talk to."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fakes.engine import EngineHome
from gimp import roots
from gimp.desktop import Desktop, desktop
from gimp.real_gimp import RealGimp

HERE = Path(__file__).resolve().parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test with windows is tried once more, and the summary tells of it: on a busy machine a key may get lost.

    Where the filter's process has died it fails at once.
    """
    for item in items:
        if item.get_closest_marker("gui"):
            item.add_marker(pytest.mark.flaky(reruns=1, rerun_except=["Plug-in crashed"]))


def _root(version: str, folder: Path) -> roots.Root:
    try:
        return roots.root_of(version, folder)
    except roots.CannotBuild as error:
        if os.environ.get("CI") or os.environ.get("IMPASTO_CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session", params=list(roots.SUITES))
def root(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> roots.Root:
    """A root for each version of GIMP."""
    return _root(request.param, tmp_path_factory.mktemp("roots"))


@pytest.fixture(scope="session")
def fake_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHome]:
    """A running engine whose painter turns every sample into its opposite."""
    with _running(EngineHome(tmp_path_factory.mktemp("fake-engine"))) as home:
        yield home


@pytest.fixture(scope="session")
def frail_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHome]:
    """Another, whose jobs may die."""
    with _running(EngineHome(tmp_path_factory.mktemp("frail-engine"))) as home:
        yield home


@pytest.fixture(scope="session")
def desks_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHome]:
    """Another, for the GIMP with windows alone."""
    with _running(EngineHome(tmp_path_factory.mktemp("desks-engine"))) as home:
        yield home


@pytest.fixture(scope="session")
def real_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHome]:
    """A running engine that paints."""
    with _running(EngineHome(tmp_path_factory.mktemp("real-engine"), options=())) as home:
        yield home


@contextmanager
def _running(home: EngineHome) -> Iterator[EngineHome]:
    home.start()
    try:
        yield home
    finally:
        home.stop()


@pytest.fixture(scope="session")
def gimp(
    request: pytest.FixtureRequest,
    root: roots.Root,
    checkout: Path,
    fake_engine: EngineHome,
    frail_engine: EngineHome,
) -> Iterator[RealGimp]:
    """A real GIMP with the filter, the fake engine and what may be wrong with one, and some pictures.

    The checks inside it begin now, while tests with windows run.
    """
    found = RealGimp(root, checkout)
    shutil.copytree(HERE / "inside", found.work / "inside")
    found.knows("fake", fake_engine)
    found.knows("frail", frail_engine)
    found.pretends("gone", fake_engine, endpoint="tcp://127.0.0.1:1")
    found.pretends("older", fake_engine, protocol=0)
    found.has_doctor("ill", "engine   ok   Everything was mended.")
    found.describe("missing", command=["/no/such/program"])
    found.knows("relayed", fake_engine, command=found.relaying_command())
    found.pretends("relayed-gone", fake_engine, endpoint="tcp://127.0.0.1:1", command=found.relaying_command())
    _put_pictures(found.work / "pictures")
    shutil.copy(checkout / "docs" / "scripting.md", found.work)
    found.begin(_chosen_checks(request.session.items, root.version))
    yield found
    found.end()


def _chosen_checks(items: Sequence[pytest.Item], version: str) -> list[str]:
    """The files of checks of which some are to be run, but those that the real engine takes part in."""
    chosen = [item for item in items if item.path.name == "test_filter.py" and f"[{version}" in item.name]
    names = [item.originalname.removeprefix("test_") for item in chosen if isinstance(item, pytest.Function)]
    return [name for name in dict.fromkeys(names) if name != "photo"]


@pytest.fixture(scope="session")
def desk(gimp: RealGimp, desks_engine: EngineHome) -> Iterator[Desktop]:
    """A GIMP with windows, whose filter talks to a fake painter of its own."""
    gimp.knows("desk", desks_engine)
    with desktop(gimp, "desk") as shown:
        yield shown


@pytest.fixture(scope="session")
def painting_gimp(gimp: RealGimp, real_engine: EngineHome) -> RealGimp:
    """A real GIMP that knows the real engine too."""
    gimp.knows("real", real_engine)
    return gimp


def _put_pictures(folder: Path) -> None:
    from skimage import data

    folder.mkdir()
    cat = Image.fromarray(data.chelsea())
    cat.save(folder / "cat.png")
    cat.resize((150, 100)).save(folder / "small-cat.png")
    cat.resize((1600, 1064), Image.Resampling.BICUBIC).save(folder / "large-cat.png")
    ramp = np.indices((60, 80)).sum(0) % 256
    Image.fromarray(np.stack([ramp, 255 - ramp, ramp // 2], -1).astype(np.uint8)).save(folder / "style.png")
    walk = [cat.crop((40 + 30 * number, 0, 340 + 30 * number, 300)) for number in range(3)]
    walk[0].save(folder / "walk.gif", save_all=True, append_images=walk[1:], duration=100, loop=0)
    (folder / "not-a-picture.png").write_bytes(b"nothing that GIMP could open")


@pytest.fixture(scope="session")
def artefacts(checkout: Path) -> Callable[[str], Path]:
    """Where to keep what a person should look at."""
    folder = checkout / "artefacts"
    folder.mkdir(exist_ok=True)
    return lambda name: folder / name
