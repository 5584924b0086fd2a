"""A console that runs many checks: each fails alone, whether it raises, hangs or takes GIMP down with it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gimp.console import Check, Console
from gimp.real_gimp import RealGimp

pytestmark = [pytest.mark.gimp, pytest.mark.long]


@contextmanager
def running(gimp: RealGimp, *names: str, patience: float) -> Iterator[list[str | None]]:
    """What such checks of inside/breaking.py find."""
    checks = [Check("breaking", name) for name in names]
    console = Console(gimp, checks, patience=patience).start()
    try:
        yield [console.found(check) for check in checks]
    finally:
        console.stop()


def test_a_check_that_fails_or_ends_gimp_leaves_the_others_alone(gimp: RealGimp) -> None:
    names = (
        "a_check_that_fails",
        "a_check_after_one_that_failed",
        "a_check_in_which_gimp_dies",
        "a_check_after_one_in_which_gimp_died",
        "no_such_check",
    )
    with running(gimp, *names, patience=100) as (failed, after, died, after_death, missing):
        assert failed and failed.endswith("AssertionError: on purpose\n")
        assert after is None, after
        assert died and died.startswith("GIMP has ended with -9"), died
        assert after_death is None, after_death
        assert missing and "no_such_check" in missing


def test_a_check_that_hangs_has_failed(gimp: RealGimp) -> None:
    with running(gimp, "a_check_that_hangs", patience=4) as (found,):
        assert found and found.startswith("the check takes longer than 4 s")
