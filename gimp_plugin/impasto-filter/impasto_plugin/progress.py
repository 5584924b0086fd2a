"""Long work on a thread of its own, while the main thread, the only one that may call GIMP, shows its progress."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Generic, Literal, Protocol, TypeVar

from gi.repository import Gimp

from impasto_wire.errors import ImpastoError
from impasto_wire.pictures import Pixels

from .texts import _

Outcome = TypeVar("Outcome")
Answer = Literal["go-on", "here", "keep", "give-up"]
"""After the engine has failed: submit the painting again, which goes on where it can; the same on this computer instead
of another; keep the last picture; or end."""


class Watcher(Protocol):
    """Shows the progress of work. Its methods are called on the work's own thread."""

    def show_progress(self, fraction: float, text: str) -> None:
        """How far the work is, 0..1, and what it does, in words."""

    def show_picture(self, picture: Pixels) -> None:
        """The picture so far, RGB."""

    def is_cancelled(self) -> bool:
        """Does the person want it to stop?"""

    def takes_keep(self) -> bool:
        """Has the person asked, since this was last called, to keep the picture as it is now?"""

    def ask_after_fault(self, error: ImpastoError, has_picture: bool) -> Answer:
        """What to do after the engine has failed in the middle of a painting; waits for the person.

        `has_picture`: has a picture so far been shown, which could be kept?
        """


Task = Callable[[Watcher], Outcome]


class Work(Generic[Outcome]):
    """A task on a thread of its own, and its result."""

    def __init__(self, task: Task[Outcome], watcher: Watcher, when_done: Callable[[], object]) -> None:
        self._outcome: Outcome | None = None
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, args=(task, watcher, when_done), daemon=True)
        self._thread.start()

    def _run(self, task: Task[Outcome], watcher: Watcher, when_done: Callable[[], object]) -> None:
        try:
            self._outcome = task(watcher)
        except BaseException as error:
            self._error = error
        when_done()

    def result(self) -> Outcome:
        """What the task returned, once it is done; what it raised is raised here."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._outcome  # type: ignore[return-value]


class _InGimp:
    """Passes the work's progress to the main thread."""

    def __init__(self) -> None:
        self.news: SimpleQueue[tuple[float, str] | None] = SimpleQueue()

    def show_progress(self, fraction: float, text: str) -> None:
        self.news.put((fraction, text))

    def show_picture(self, picture: Pixels) -> None:
        """GIMP's progress bar has no room for a picture."""

    def is_cancelled(self) -> bool:
        """Cancelling GIMP's progress bar ends this process at once; the engine notices that we are gone."""
        return False

    def takes_keep(self) -> bool:
        """GIMP's progress bar has no such button."""
        return False

    def ask_after_fault(self, error: ImpastoError, has_picture: bool) -> Answer:
        """Nobody can be asked."""
        return "give-up"


def with_gimp_progress(task: Task[Outcome]) -> Outcome:
    """Do a task while GIMP's own progress bar shows how far it is."""
    watcher = _InGimp()
    Gimp.progress_init(_("Impasto"))
    work = Work(task, watcher, lambda: watcher.news.put(None))
    while (news := watcher.news.get()) is not None:
        fraction, text = news
        Gimp.progress_set_text(text)
        Gimp.progress_update(fraction)
    Gimp.progress_end()
    return work.result()
