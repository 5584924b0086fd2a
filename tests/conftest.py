"""What every folder of tests shares: data, networks, the tiers of ./check, and no way out for GIMP tests in CI."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from impasto.backbones import Backbone

TESTS = Path(__file__).resolve().parent
CHECKOUT = TESTS.parent


FAST = (
    *("wire", "presets", "plugin", "losses", "cli", "test_boundaries.py", "test_check.py", "test_docs.py"),
    *("backbones/test_vgg19.py", "backbones/test_weights.py", "transfer/test_colour.py", "transfer/test_optimise.py"),
    *(
        "transfer/test_forecasts.py",
        "transfer/test_start_and_pyramid.py",
        "service/test_queue.py",
        "service/test_store.py",
    ),
    *("service/test_hostile.py", "service/test_painting.py", "install/test_find_gimp.py", "install/test_place.py"),
)
"""The folders and files of `./check --fast`."""
SLOWEST_FIRST = ("gimp", "cluster", "service", "install", "release", "transfer")
"""So that two workers end at about the same time."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="run only the folders and files in FAST")
    parser.addoption(
        "--long", action="store_true", help="run the full counts too: faults, fuzzing, endurance, a real install"
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `--fast`, whatever is neither in `FAST` nor on the way to it isn't even imported."""
    if not config.getoption("--fast"):
        return None
    fast = [TESTS / name for name in FAST]
    is_on_the_way = any(path.is_relative_to(collection_path) for path in fast)
    return None if is_on_the_way or any(collection_path.is_relative_to(path) for path in fast) else True


@pytest.hookimpl(tryfirst=True)  # xdist, which reads the groups, comes after
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("long") and not config.getoption("--long"):
            item.add_marker(pytest.mark.skip(reason="only with --long"))
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: [folder != _folder(item) for folder in SLOWEST_FIRST])


def _folder(item: pytest.Item) -> str:
    """The folder of a test within tests/; none of those that lie there."""
    folder = item.path.parent.relative_to(TESTS)
    return "" if folder == Path() else folder.parts[0]


def _group(item: pytest.Item) -> str:
    """Tests of a group run in one worker: all of a folder that makes something costly for them, or those of a file."""
    folder = _folder(item)
    return folder if folder in ("cluster", "install") else f"{folder}/{item.path.stem}"


def _needs_gimp(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("gimp", "gui"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """In CI a GIMP test that is skipped for want of a GIMP has failed."""
    report = yield
    is_long = item.get_closest_marker("long") and not item.config.getoption("--long")
    if report.skipped and in_ci() and _needs_gimp(item) and not is_long:
        report.outcome = "failed"
        report.longrepr = f"In CI a test that needs GIMP may not be skipped: {report.longrepr}"
    return report


def in_ci() -> bool:
    """Is this continuous integration, where the tests against a real GIMP must run?"""
    return bool(os.environ.get("IMPASTO_CI"))


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The checkout's root folder."""
    return CHECKOUT


@pytest.fixture(scope="session")
def data() -> Path:
    """The tests' own pictures and weights; its README.md says where they come from."""
    return CHECKOUT / "tests" / "data"


@pytest.fixture(scope="session")
def squeezenet_weights(data: Path) -> Path:
    """SqueezeNet with its real weights, as a file."""
    return data / "weights" / "squeezenet1_0.safetensors"


@pytest.fixture(scope="session")
def vgg19() -> "Backbone":
    """The real network with its real weights, on the CPU."""
    import torch

    from impasto.backbones import load_backbone

    return load_backbone("vgg19", torch.device("cpu"))


@pytest.fixture(scope="session")
def is_long(request: pytest.FixtureRequest) -> bool:
    """Are the full counts asked for (`--long`)?"""
    return bool(request.config.getoption("--long"))
