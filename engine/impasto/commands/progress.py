"""The progress bar of whatever paints."""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from impasto.request import Step


@contextlib.contextmanager
def progress_bar() -> "Iterator[Callable[[Step], None]]":
    """A bar for one painting, to which its steps are reported."""
    with fraction_bar() as show:
        yield lambda step: show(
            step.fraction, f"Painting, scale {step.scale} of {step.scales}, step {step.step} of {step.steps}"
        )


@contextlib.contextmanager
def fraction_bar() -> Iterator[Callable[[float, str], None]]:
    """A bar with the time left, to be told how much is done, 0..1, and in words what is being done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    remaining, console = TimeRemainingColumn(), Console(stderr=True)
    with Progress(*columns, remaining, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Painting", total=1.0)
        yield lambda fraction, text: bar.update(task, completed=fraction, description=text)
