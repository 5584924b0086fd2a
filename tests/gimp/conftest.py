"""Real GIMPs with the filter in them, one root for each version, and engines outside of the roots that they talk to."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
import zmq
from PIL import Image

from debian_roots import CannotBuild
from fakes.engine import EngineHome, at_a_port
from gimp import roots
from gimp.console import Check, Console
from gimp.desktop import Desktop, Desktops
from gimp.real_gimp import ZMQ, RealGimp

HERE = Path(__file__).resolve().parent
HAS_FAILED = pytest.StashKey[bool]()
HIDES = {"relaying": ZMQ, "foreign_zmq": ZMQ}
"""Files of checks that need a GIMP of their own: it can't see its ZeroMQ."""


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks for groups, and `long` is looked for
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each version of GIMP is one process's alone. A test with windows is tried once more, and the summary tells of it:
    on a busy machine a key may get lost. Where the filter's process has died it fails at once.
    """
    for item in items:
        if version := _version_of(item):
            item.add_marker(pytest.mark.xdist_group(f"gimp-{version}"))
            if any(version in marker.args for marker in item.iter_markers("long_in")):
                item.add_marker(pytest.mark.long)
        if item.get_closest_marker("gui"):
            item.add_marker(pytest.mark.flaky(reruns=1, rerun_except=["Plug-in crashed"]))


def _version_of(item: pytest.Item) -> str | None:
    """The version of GIMP that a test of this folder uses, if any."""
    if not item.path.is_relative_to(HERE) or not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return None
    version = item.callspec.params.get("root")
    return str(version) if version else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Let the fixtures know of a test that has failed."""
    report = yield
    item.stash[HAS_FAILED] = report.failed or (call.when != "setup" and item.stash[HAS_FAILED])
    return report


def _root(version: str, folder: Path) -> roots.Root:
    try:
        return roots.root_of(version, folder)
    except CannotBuild as error:
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
    with _running(EngineHome(at_a_port(tmp_path_factory.mktemp("fake-engine")))) as home:
        yield home


@pytest.fixture(scope="session")
def desks_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHome]:
    """Another, for the GIMP with windows alone."""
    with _running(EngineHome(at_a_port(tmp_path_factory.mktemp("desks-engine")))) as home:
        yield home


@pytest.fixture(scope="session")
def real_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHome]:
    """A running engine that paints."""
    with _running(EngineHome(at_a_port(tmp_path_factory.mktemp("real-engine")), options=())) as home:
        yield home


@contextmanager
def _running(home: EngineHome) -> Iterator[EngineHome]:
    home.start()
    try:
        yield home
    finally:
        home.stop()


@pytest.fixture(scope="session")
def gimp(root: roots.Root, checkout: Path, fake_engine: EngineHome, desks_engine: EngineHome) -> RealGimp:
    """A real GIMP with the filter, the fake engines and what may be wrong with one, and some pictures."""
    found = RealGimp(root, checkout)
    for folder in ("inside", "inputs"):
        shutil.copytree(HERE / folder, found.work / folder)
    found.knows("fake", fake_engine)
    found.knows("desk", desks_engine)
    found.pretends("gone", fake_engine, endpoint="tcp://127.0.0.1:1")
    found.pretends("older", fake_engine, protocol=0)
    found.has_doctor("ill", "engine   ok   Everything was mended.")
    found.describe("missing", command=["/no/such/program"])
    found.knows("relayed", fake_engine, command=found.relaying_command())
    found.pretends("relayed-gone", fake_engine, endpoint="tcp://127.0.0.1:1", command=found.relaying_command())
    shutil.copytree(Path(zmq.__file__).parent, found.work / "libraries" / "zmq")
    _put_pictures(found.work / "pictures")
    shutil.copy(checkout / "docs" / "scripting.md", found.work)
    return found


@pytest.fixture(scope="session")
def painting_gimp(gimp: RealGimp, real_engine: EngineHome) -> RealGimp:
    """A real GIMP that knows the real engine too."""
    gimp.knows("real", real_engine)
    return gimp


@pytest.fixture(scope="session")
def console(request: pytest.FixtureRequest, gimp: RealGimp) -> Iterator[Console]:
    """What the chosen checks of inside/ find. They begin now."""
    checks = [check for item in request.session.items if (check := _check_of(item, gimp.root.version))]
    if any(check.file in ("photo", "cases") for check in checks):
        request.getfixturevalue("painting_gimp")
    found = Console(gimp, checks, HIDES).start()
    yield found
    found.stop()


def _check_of(item: pytest.Item, version: str) -> Check | None:
    """The check of inside/ that a test reports, if it does so for that version of GIMP."""
    if _version_of(item) != version or not isinstance(item, pytest.Function):
        return None
    check = item.callspec.params.get("check")
    return check if isinstance(check, Check) else None


@pytest.fixture(scope="session")
def desktops(gimp: RealGimp, console: Console) -> Iterator[Desktops]:
    """GIMPs with windows, one at a time, whose filter talks to a fake painter of their own.

    The checks of inside/ run meanwhile.
    """
    with closing(Desktops(gimp, "desk")) as shown:
        yield shown


@pytest.fixture
def desk(request: pytest.FixtureRequest, desktops: Desktops) -> Iterator[Desktop]:
    """A GIMP with windows: the same for all tests, until one has failed in it."""
    yield desktops.current()
    if request.node.stash[HAS_FAILED]:
        desktops.close()


def _put_pictures(folder: Path) -> None:
    from skimage import data

    folder.mkdir()
    shutil.copytree(HERE.parent / "data" / "cases", folder / "cases")
    cat = Image.fromarray(data.chelsea())
    cat.save(folder / "cat.png")
    cat.resize((150, 100)).save(folder / "small-cat.png")
    cat.resize((72, 48)).save(folder / "tiny-cat.png")
    cat.resize((1600, 1064), Image.Resampling.BICUBIC).save(folder / "large-cat.png")
    turned = Image.Exif()
    turned[0x0112] = 6  # its orientation: to be turned by 90° to the right
    for name in ("turned.jpg", "turned.png"):
        cat.resize((150, 100)).rotate(90, expand=True).save(folder / name, exif=turned)
    ramp = np.indices((60, 80)).sum(0) % 256
    Image.fromarray(np.stack([ramp, 255 - ramp, ramp // 2], -1).astype(np.uint8)).save(folder / "style.png")
    walk = [cat.crop((40 + 30 * number, 0, 340 + 30 * number, 300)) for number in range(3)]
    walk[0].save(folder / "walk.gif", save_all=True, append_images=walk[1:], duration=100, loop=0)
    frames = [cat.resize((150, 100)).quantize(64) for _number in range(4)]
    for number, frame in enumerate(frames):
        frame.paste(7, (20 + 25 * number, 30, 40 + 25 * number, 50))
    # Each frame after the first holds only what has changed.
    frames[0].save(folder / "optimised.gif", save_all=True, append_images=frames[1:], duration=80, loop=0)
    (folder / "not-a-picture.png").write_bytes(b"nothing that GIMP could open")


@pytest.fixture(scope="session")
def artefacts(checkout: Path) -> Callable[[str], Path]:
    """Where to keep what a person should look at."""
    folder = checkout / "artefacts"
    folder.mkdir(exist_ok=True)
    return lambda name: folder / name
