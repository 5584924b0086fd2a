"""What every folder of tests shares: data, networks, `--long`, and no way out for GIMP tests in CI."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from impasto.backbones import Backbone

CHECKOUT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="run the full counts too: faults, fuzzing, endurance, a real install"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="only with --long"))


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
