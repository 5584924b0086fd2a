"""A running engine with the fake painter: one for a module's tests, or a fresh one that a test may harm."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.engine import EngineHome


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHome]:
    """A running engine, shared by the module's tests."""
    engine = EngineHome(tmp_path_factory.mktemp("engine"))
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
def fresh_home(tmp_path: Path) -> Iterator[EngineHome]:
    """A place for an engine; the test starts it."""
    engine = EngineHome(tmp_path)
    yield engine
    engine.stop()
