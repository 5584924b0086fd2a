"""The workers' side of the broker: gives jobs to workers, and passes on what they answer."""

import logging
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from impasto_wire.errors import WorkerDied
from impasto_wire.messages import AskForecast, Cancelled, Failed, Finished, Preview, Progress, Welcome

from .jobs import Jobs, failure
from .pool import ProcessEnded, WorkerPool
from .queue import Queue, QueuedJob
from .session import MAX_JOBS, Job, Session
from .store import Store
from .supervisor import Worker
from .worker_messages import DiskFull

log = logging.getLogger(__name__)

_MOST_RETURNS = 2
"""How often a job whose painter was lost, together with its machine, is begun again."""


@dataclass(frozen=True)
class Question:
    """A forecast that a session waits for, and the client's name for it."""

    session: Session
    name: str


class Scheduler:
    """Gives each free worker the next job of the queue."""

    def __init__(self, pool: WorkerPool, queue: Queue, jobs: Jobs, store: Store) -> None:
        self._pool = pool
        self._queue = queue
        self._jobs = jobs
        self._store = store
        self._questions: dict[str, Question] = {}
        """The forecasts that were asked for and not answered yet, by the keys that the workers know them by."""

    def welcome(self) -> Welcome:
        """What a client is told about the engine."""
        return replace(self._pool.welcome(), queue=len(self._queue) + self._pool.tasks())

    # To the workers

    def assign_jobs(self) -> None:
        """Give free workers their next jobs, and tell clients when a job's position in the queue has changed."""
        while (queued := self._queue.first()) and (worker := self._worker_for(queued)):
            job = self._jobs.get(queued.key)
            assert job
            is_given = False
            with job.session.containing_faults():
                is_given = self._assign(job, queued, worker)
            if job.session.is_lost:
                self._queue.remove(queued.key)
            elif not is_given:
                break  # the worker has just died, and the report of its death is on the way
        running = 1 if self._pool.tasks() else 0
        for position, waiting in enumerate(self._queue.order(), start=running):
            if job := self._jobs.get(waiting.key):
                self._jobs.send_position(job, position)
        if queued:
            self._kill_stuck_workers()

    def _worker_for(self, queued: QueuedJob) -> Worker | None:
        """An idle worker, or one that paints only thumbnails, which every other job interrupts."""
        candidates = self._pool.candidates()
        free = [worker for worker in candidates if not worker.tasks]
        if queued.purpose != "thumbnail":
            free += [worker for worker in candidates if self._paints_only_thumbnails(worker)]
        return free[0] if free else None

    def _paints_only_thumbnails(self, worker: Worker) -> bool:
        running = [self._jobs.get(key) for key in worker.tasks]
        return all(job and job.submit.purpose == "thumbnail" for job in running)

    def _assign(self, job: Job, queued: QueuedJob, worker: Worker) -> bool:
        if not worker.send(replace(job.submit, job=job.key)):
            return False
        self._queue.take(queued)
        worker.tasks.append(job.key)
        job.worker = worker
        self._jobs.send_position(job, 0)
        return True

    def _kill_stuck_workers(self) -> None:
        for worker in self._pool:
            if worker.is_stuck():
                log.warning("worker %d doesn't stop a cancelled job", worker.generation)
                worker.kill()

    def forecast(self, session: Session, message: AskForecast) -> None:
        """Ask the worker with the fewest tasks for a forecast; its answer goes to the session."""
        asked = sum(question.session is session for question in self._questions.values())
        worker = min(self._pool.candidates(), key=lambda worker: len(worker.tasks), default=None)
        key = uuid4().hex
        if asked < MAX_JOBS and worker and worker.ask(replace(message, job=key)):
            self._questions[key] = Question(session, message.job)
        else:
            session.send(failure(message.job, WorkerDied("the engine can't forecast right now; try again")))

    # From the workers

    def read_workers(self) -> bool:
        """Pass on the workers' messages, with the clients' names for the jobs; True when a worker has become ready."""
        is_one_ready = False
        for worker, message in self._pool.messages():
            try:
                if isinstance(message, ProcessEnded):
                    self._on_death(worker)
                elif isinstance(message, Welcome):
                    worker.welcome = message
                    is_one_ready = True
                elif isinstance(message, DiskFull):
                    self._store.evict(message.bytes)
                elif message.job in worker.questions:
                    worker.questions.remove(message.job)
                    question = self._questions.pop(message.job)
                    question.session.send(replace(message, job=question.name))
                else:
                    self._on_message(worker, message)
            except Exception:
                log.exception("worker %d sent something wrong", worker.generation)
                worker.kill()
        return is_one_ready

    def _on_message(self, worker: Worker, message: Any) -> None:
        if isinstance(message, (Finished, Cancelled, Failed)):
            worker.end_task(message.job)
        job = self._jobs.get(message.job)
        match message:
            case Preview() | Finished():
                self._jobs.announce(message.job, message)
            case Progress() if job:
                job.session.send(replace(message, job=job.name))
            case Failed() if job:
                job.worker = None
                self._jobs.drop(job, replace(message, job=job.name))

    def _on_death(self, worker: Worker) -> None:
        """Fail the job that was being painted, unless the worker said that it isn't the job's fault; put the jobs that
        were interrupted back into the queue."""
        is_innocent = worker.is_leaving
        tasks, questions = worker.clean_up()
        self._store.sweep(tasks)
        died = WorkerDied("the process that was painting ended unexpectedly; try again")
        for question in map(self._questions.pop, questions):
            question.session.send(failure(question.name, died))
        for number, job in enumerate(map(self._jobs.get, tasks), start=1):
            if job is None:
                continue
            job.worker = None
            job.returns += is_innocent
            with job.session.containing_faults():
                if number == len(tasks) and (not is_innocent or job.returns > _MOST_RETURNS):
                    self._jobs.fail(job, died)
                else:
                    self._queue.put_back(QueuedJob(job.key, job.session, job.submit.purpose))
