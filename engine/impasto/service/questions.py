"""Forecasts that clients have asked for and not been told yet; each question dies with whoever asked it."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from impasto_wire.errors import ImpastoError, WireError, WorkerDied
from impasto_wire.messages import AskForecast, Cancelled

from .jobs import failure
from .pool import WorkerPool
from .session import Session
from .supervisor import Worker

MOST_QUESTIONS = 16
"""How many questions of one client may wait at a time, whichever of its sessions asked them."""


@dataclass(frozen=True)
class Question:
    """A forecast that a session waits for."""

    session: Session
    message: AskForecast
    """As the client sent it, with the client's name for it."""


class Questions:
    """Asks one after the other: a worker is asked the next one when it has answered, so that its inbox stays short."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self._waiting: dict[str, Question] = {}
        """Those that no worker was asked yet, by their keys."""
        self._asked: dict[str, Question] = {}

    def add(self, session: Session, message: AskForecast) -> None:
        """Take a question. Raises `WireError` if its client has too many."""
        questions = [*self._waiting.values(), *self._asked.values()]
        if sum(question.session.key == session.key for question in questions) >= MOST_QUESTIONS:
            error = WireError(f"{MOST_QUESTIONS} of your forecasts are being made; wait for one or cancel it")
            error.job = message.job
            raise error
        self._waiting[uuid4().hex] = Question(session, message)

    def send(self) -> None:
        """Ask the workers that have no question; those with the fewest tasks first."""
        if not self._waiting:
            return
        workers = self._pool.candidates()
        if not workers:
            for key in list(self._waiting):
                self._say(self._waiting.pop(key), WorkerDied("the engine can't forecast right now; try again"))
        for worker in sorted(workers, key=lambda worker: len(worker.tasks)):
            key = next(iter(self._waiting), "")
            if key and worker.question is None and worker.ask(replace(self._waiting[key].message, job=key)):
                self._asked[key] = self._waiting.pop(key)

    def answer(self, worker: Worker, message: Any) -> None:
        """Pass a worker's answer on, if somebody still waits for it."""
        worker.question = None
        if question := self._asked.pop(message.job, None):
            question.session.send(replace(message, job=question.message.job))

    def fail(self, key: str | None, error: ImpastoError) -> None:
        """Tell whoever asked a worker that it didn't answer."""
        if question := self._asked.pop(key or "", None):
            self._say(question, error)

    def cancel(self, session: Session, name: str) -> None:
        """Drop a session's question by the client's name for it."""
        if self._drop(session, name):
            session.send(Cancelled(name))

    def forget(self, session: Session) -> None:
        """Drop all questions of a session."""
        self._drop(session, None)

    def _drop(self, session: Session, name: str | None) -> bool:
        """Drop a session's question of that name, or all; True if there was one."""
        is_one_dropped = False
        for questions in (self._waiting, self._asked):
            for key, question in list(questions.items()):
                if question.session is session and name in (None, question.message.job):
                    del questions[key]
                    is_one_dropped = True
        return is_one_dropped

    @staticmethod
    def _say(question: Question, error: ImpastoError) -> None:
        question.session.send(failure(question.message.job, error))
