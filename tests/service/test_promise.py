"""The promise: whatever one client does, the others' answers, turns and results are theirs. One liar a test.

`python -m service.promise` prints the same as a table.
"""

import os
from collections.abc import Iterator

import pytest

from impasto.service.broker import MOST_MEMORY

from .liars import LIARS, Liar
from .promise import TURN_SECONDS, Notice, Stage

LIE_SECONDS, LONG_LIE_SECONDS = 1.5, 15.0
PING_SECONDS = 0.05
BUSY_PING_SECONDS = 1.0
"""What is asked of pings in the short check, which shares its machine with other tests."""
BUSY_SECONDS = 3.0
"""How much longer a job may take there."""
LEAST_SHARE = 0.35
"""What honest clients, who paint one job after the other, have of the painter beside a liar; half is fair, and each job
waits for its own way there and back."""

if os.name != "posix":
    pytest.skip("the liars are stopped and counted as POSIX does it", allow_module_level=True)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An engine that all liars share."""
    made = Stage(tmp_path_factory.mktemp("engine"))
    yield made
    made.close()


CASES = [pytest.param(liar, id=liar.name, marks=() if liar.in_check else pytest.mark.long) for liar in LIARS.values()]


@pytest.mark.parametrize("liar", CASES)
@pytest.mark.timeout(240)
def test_one_client_lies_and_the_others_lose_nothing(stage: Stage, liar: Liar, is_long: bool) -> None:
    outcome = stage.watch(liar, LONG_LIE_SECONDS if is_long else LIE_SECONDS)
    assert outcome.is_engine_alive, liar.says
    assert not outcome.notice.lost, liar.says
    assert outcome.broker_mib < MOST_MEMORY >> 20, liar.says
    assert outcome.is_let_in_again, "the liar's key must work again"
    if not liar.kills_painter:
        assert_in_time(stage, liar, outcome.notice, is_quiet=is_long and is_quiet())
    if is_long and liar.paints and not liar.kills_painter:
        assert outcome.notice.share > LEAST_SHARE * stage.idle.share, liar.says


def assert_in_time(stage: Stage, liar: Liar, notice: Notice, is_quiet: bool) -> None:
    """Pings, the next draft and the next preview came when they should."""
    turn = TURN_SECONDS if liar.paints else 0.0
    slack = 0.1 if is_quiet else BUSY_SECONDS
    assert notice.ping_99th < (PING_SECONDS if is_quiet else BUSY_PING_SECONDS), liar.says
    assert notice.slowest_draft < turn + 2 * stage.idle_draft + slack, liar.says
    assert notice.latest_preview < turn + slack, liar.says


def is_quiet() -> bool:
    """Has this machine no other work than the engine's, the liar's and the honest clients'?"""
    return os.getloadavg()[0] <= 1.5 * (os.cpu_count() or 1)
