"""The workers' side of the broker: gives jobs to workers, says whose turn it is, and passes on what they answer."""

import logging
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from impasto_wire.errors import WorkerDied
from impasto_wire.messages import AskForecast, Cancelled, Failed, Finished, Preview, Progress, Welcome

from .jobs import Jobs
from .pool import ProcessEnded, WorkerPool
from .questions import Questions
from .queue import Queue, QueuedJob
from .session import Job, Session
from .store import Store
from .supervisor import Worker
from .worker_messages import DiskFull, NoRoom, TurnTaken

log = logging.getLogger(__name__)

_MOST_RETURNS = 2
"""How often a job whose painter was lost, together with its machine, is begun again."""
_POSITIONS_AT_ONCE = 64
"""How many jobs are looked at in one turn of the broker's loop, to tell their clients a new position in the queue."""


class Scheduler:
    """Gives each worker the job whose turn it is."""

    def __init__(self, pool: WorkerPool, queue: Queue, jobs: Jobs, store: Store) -> None:
        self._pool = pool
        self._queue = queue
        self._jobs = jobs
        self._store = store
        self._questions = Questions(pool)
        self._charged = 0.0
        """When the painting seconds were last charged."""
        self._positions: Iterator[tuple[int, QueuedJob]] | None = None
        """The positions that are still to be looked at, if any: a client is told its job's if it has changed."""
        self._told: tuple[int, bool] = (0, False)
        """What these positions depend on."""

    def welcome(self) -> Welcome:
        """What a client is told about the engine."""
        return replace(self._pool.welcome(), queue=len(self._queue) + self._pool.tasks())

    @property
    def painting_seconds(self) -> Mapping[Hashable, float]:
        """How long each client's jobs have been painted, by the clients' keys."""
        return self._queue.seconds

    # To the workers

    def assign_jobs(self) -> None:
        """Give each worker the job whose turn it is, and tell clients when their jobs' positions in the queue have
        changed."""
        self._charge()
        for worker in sorted(self._pool.candidates(), key=_busyness):
            self._give_turn(worker)
        self._questions.send()
        self._tell_positions()
        self._kill_hung_workers()

    def _charge(self) -> None:
        """Charge the seconds since the last time to those whose jobs have been painted."""
        now = self._pool.clock.now()
        for worker in self._pool:
            if worker.painting:
                self._queue.charge(worker.painting, now - self._charged)
        self._charged = now

    def _give_turn(self, worker: Worker) -> None:
        """Let the worker go on with the job whose turn it is, or begin it."""
        begun = [key for key in worker.tasks if key not in worker.dropped]
        while not worker.is_switching and (following := self._queue.turn(worker.turn, begun, worker.may_begin)):
            if following.key == worker.turn:
                return
            if following.key in worker.tasks:
                worker.give_turn(following.key)
                return
            job = self._jobs.get(following.key)
            if job and self._begin(job, following, worker):
                return
            self._queue.remove(following.key)

    def _begin(self, job: Job, queued: QueuedJob, worker: Worker) -> bool:
        """Let the worker begin a job, unless it has just died: the report of that is on the way. False if the session
        is lost."""
        with job.session.containing_faults():
            if worker.begin(queued, replace(job.submit, job=job.key)):
                self._queue.take(queued)
                job.worker = worker
                self._jobs.send_position(job, 0)
        return not job.session.is_lost

    def _tell_positions(self) -> None:
        """Tell some of the clients whose jobs have another position in the queue; the others in the next turns."""
        state = self._queue.changes, self._pool.tasks() > 0
        if self._positions is None:
            if state == self._told:
                return
            self._told = state
            self._positions = enumerate(self._queue.order(), start=int(state[1]))
        looked_at = list(islice(self._positions, _POSITIONS_AT_ONCE))
        if len(looked_at) < _POSITIONS_AT_ONCE:
            self._positions = None
        for position, waiting in looked_at:
            if (job := self._jobs.get(waiting.key)) and job.worker is None:
                self._jobs.send_position(job, position)

    def are_positions_waiting(self) -> bool:
        """Are there clients that are to be told a position in the next turn of the loop?"""
        return self._positions is not None

    def _kill_hung_workers(self) -> None:
        for worker in self._pool:
            if len(self._queue) and worker.is_stuck():
                log.warning("worker %d doesn't stop a cancelled job", worker.generation)
                worker.kill()
            elif worker.is_hung():
                log.warning("worker %d hangs: nothing was heard of it for too long", worker.generation)
                worker.has_hung = True
                worker.kill()

    def forecast(self, session: Session, message: AskForecast) -> None:
        """Ask a worker for a forecast; its answer goes to the session. Raises `WireError`."""
        self._questions.add(session, message)

    def cancel_question(self, session: Session, name: str) -> None:
        """Drop a question of this session, if it has one of that name."""
        self._questions.cancel(session, name)

    def forget(self, session: Session) -> None:
        """Drop what a session that has ended wanted to know."""
        self._questions.forget(session)

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
                elif message.job == worker.question:
                    self._questions.answer(worker, message)
                else:
                    self._on_message(worker, message)
            except Exception:
                log.exception("worker %d sent something wrong", worker.generation)
                worker.kill()
        return is_one_ready

    def _on_message(self, worker: Worker, message: Any) -> None:
        if isinstance(message, (TurnTaken, Finished, Cancelled, Failed)):
            self._charge()
        if isinstance(message, (Finished, Cancelled, Failed)):
            worker.end_task(message.job)
            self._queue.remove(message.job)
        job = self._jobs.get(message.job)
        match message:
            case TurnTaken():
                worker.note_painting(message.job)
            case NoRoom():
                worker.refuse(message.job)
                self._put_back(message.job)
            case Preview() | Finished():
                self._jobs.announce(message.job, message)
            case Progress() if job:
                job.session.send(replace(message, job=job.name))
            case Failed() if job:
                job.worker = None
                self._jobs.drop(job, replace(message, job=job.name))

    def _put_back(self, key: str) -> None:
        """Let a job wait again that was given to a worker."""
        if job := self._jobs.get(key):
            job.worker = None
            self._queue.put_back(key)

    def _on_death(self, worker: Worker) -> None:
        """Fail the job that was being painted, unless the worker said that it isn't the job's fault; put the jobs that
        were interrupted back into the queue."""
        is_innocent = worker.is_leaving
        tasks, question = worker.clean_up()
        self._store.sweep(list(tasks))
        died = WorkerDied("the process that was painting ended unexpectedly; try again")
        if worker.has_hung:
            died = WorkerDied("the process that was painting took no step for several minutes; try again")
        self._questions.fail(question, died)
        for number, job in enumerate(map(self._jobs.get, tasks), start=1):
            if job is None:
                continue
            job.returns += is_innocent
            with job.session.containing_faults():
                if number == len(tasks) and (not is_innocent or job.returns > _MOST_RETURNS):
                    job.worker = None
                    self._jobs.fail(job, died)
                else:
                    self._put_back(job.key)


def _busyness(worker: Worker) -> tuple[bool, bool, int]:
    """Workers sorted by it: the idle ones first, then those that paint thumbnails, then those with few tasks."""
    is_thumbnail = worker.painting is not None and worker.painting.kind == "thumbnail"
    return bool(worker.tasks), not is_thumbnail, len(worker.tasks)
