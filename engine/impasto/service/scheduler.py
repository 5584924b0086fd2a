"""The workers' side of the broker: jobs are handed out, and what comes of them is passed on."""

import logging
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from impasto_wire.errors import ImpastoError, WorkerDied
from impasto_wire.messages import (
    Cancelled,
    Failed,
    Finished,
    Forecast,
    Preview,
    Progress,
    Welcome,
)

from .jobs import Jobs, failure
from .pool import Crew, Death
from .queue import Place, Queue
from .session import MAX_JOBS, Session
from .store import Store
from .supervisor import Worker

log = logging.getLogger(__name__)

_MOST_RETURNS = 2
"""How often a job is begun again whose painter was lost with its machine."""


@dataclass(frozen=True)
class Question:
    """A forecast that a session waits for, and the client's name for it."""

    session: Session
    name: str


class Dispatch:
    """Gives each worker that is free the job whose turn it is."""

    def __init__(self, crew: Crew, queue: Queue, jobs: Jobs, store: Store) -> None:
        self._crew = crew
        self._queue = queue
        self._jobs = jobs
        self._store = store
        self._questions: dict[str, Question] = {}
        """Every forecast that was asked for and not answered yet, by the key that its worker knows it by."""

    def welcome(self) -> Welcome:
        """What a client is told of the engine."""
        return replace(self._crew.welcome(), queue=len(self._queue) + self._crew.tasks())

    # To the workers

    def hand_out(self) -> None:
        """Give free workers their next jobs, and tell everyone whose place in the queue has changed."""
        while (place := self._queue.first()) and (worker := self._worker_for(place)):
            if not self._give(place, worker):
                break  # it has just died, and the news of it are under way
        running = 1 if self._crew.tasks() else 0
        for position, waiting in enumerate(self._queue.order(), start=running):
            if job := self._jobs.get(waiting.job):
                self._jobs.tell_position(job, position)
        if place:
            self._replace_the_stuck()

    def _worker_for(self, place: Place) -> Worker | None:
        """An idle worker, or one that paints only thumbnails, which everything else interrupts."""
        candidates = self._crew.candidates()
        idle = [worker for worker in candidates if not worker.tasks]
        if place.purpose != "thumbnail":
            idle += [worker for worker in candidates if self._paints_thumbnails(worker)]
        return idle[0] if idle else None

    def _paints_thumbnails(self, worker: Worker) -> bool:
        running = [self._jobs.get(key) for key in worker.tasks]
        return all(job and job.submit.purpose == "thumbnail" for job in running)

    def _give(self, place: Place, worker: Worker) -> bool:
        job = self._jobs.get(place.job)
        assert job
        if not worker.send(replace(job.submit, job=job.key)):
            return False
        self._queue.take(place)
        worker.tasks.append(job.key)
        job.worker = worker
        self._jobs.tell_position(job, 0)
        return True

    def _replace_the_stuck(self) -> None:
        for worker in self._crew:
            if worker.is_stuck():
                log.warning("worker %d doesn't stop a cancelled job", worker.generation)
                worker.kill()

    def forecast(self, session: Session, message: Forecast) -> None:
        """Have the least busy worker forecast; its answer goes to the session."""
        asked = sum(question.session is session for question in self._questions.values())
        worker = min(self._crew.candidates(), key=lambda worker: len(worker.tasks), default=None)
        key = uuid4().hex
        if asked < MAX_JOBS and worker and worker.ask(replace(message, job=key)):
            self._questions[key] = Question(session, message.job)
        else:
            session.send(failure(message.job, WorkerDied("the engine can't forecast right now; try again")))

    # From the workers

    def take_news(self) -> bool:
        """Pass on what workers say, under the clients' names for the jobs; True if more is known of the devices."""
        is_more_known = False
        for worker, message in self._crew.news():
            try:
                if isinstance(message, Death):
                    self._on_death(worker)
                elif isinstance(message, Welcome):
                    worker.welcome = message
                    is_more_known = True
                elif message.job in worker.questions:
                    worker.questions.remove(message.job)
                    question = self._questions.pop(message.job)
                    question.session.send(replace(message, job=question.name))
                else:
                    self._on_news(worker, message)
            except (ImpastoError, OSError):
                log.exception("worker %d can't be understood", worker.generation)
                worker.kill()
        return is_more_known

    def _on_news(self, worker: Worker, message: Any) -> None:
        if isinstance(message, (Finished, Cancelled, Failed)):
            worker.end_task(message.job)
        job = self._jobs.get(message.job)
        match message:
            case Preview() | Finished():
                self._jobs.offer(message.job, message)
            case Progress() if job:
                job.session.send(replace(message, job=job.name))
            case Failed() if job:
                job.worker = None
                self._jobs.drop(job, replace(message, job=job.name))

    def _on_death(self, worker: Worker) -> None:
        """The job that was being painted fails, unless that was no fault of it; those that it had interrupted are begun
        again."""
        is_innocent = worker.is_leaving
        tasks, questions = worker.bury()
        self._store.sweep(tasks)
        died = WorkerDied("the process that was painting ended unexpectedly; try again")
        for question in map(self._questions.pop, questions):
            question.session.send(failure(question.name, died))
        for number, job in enumerate(map(self._jobs.get, tasks), start=1):
            if job is None:
                continue
            job.worker = None
            job.returns += is_innocent
            if number == len(tasks) and (not is_innocent or job.returns > _MOST_RETURNS):
                self._jobs.fail(job, died)
            else:
                self._queue.put_back(Place(job.key, job.session, job.submit.purpose))
