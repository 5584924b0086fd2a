"""The broker: one thread and one loop, between the clients and the workers. It never touches a pixel."""

from collections.abc import Callable

import zmq

from .clients import Clients
from .frontend import Frontend
from .jobs import Jobs
from .pool import WorkerPool
from .queue import Queue
from .scheduler import Scheduler
from .store import Store

MOST_MEMORY = 256 << 20
"""Bytes that the broker stays below, whatever is sent to it: only bands are in memory, pictures are on disk."""
_POLL_MS = 250
_SHORT_POLL_MS = 10
_MESSAGES_AT_ONCE = 16


class Broker:
    """Connects the frontend, the queue, the store and the workers."""

    def __init__(self, frontend: Frontend, store: Store, pool: WorkerPool, is_ending: Callable[[float], bool]) -> None:
        """`is_ending` is called several times a second, with the seconds for which there has been no session."""
        self._frontend = frontend
        self._pool = pool
        self._is_ending = is_ending
        queue = Queue()
        jobs = Jobs(store, queue)
        self._scheduler = Scheduler(pool, queue, jobs, store)
        self._clients = Clients(frontend, jobs, self._scheduler, pool.clock)

    def run(self) -> None:
        """Serve until `is_ending` returns True or a client stops it; then tell every client and end the workers."""
        poller = zmq.Poller()
        self._frontend.register(poller)
        self._pool.register(poller)
        try:
            while not (self._clients.is_stopped or self._is_ending(self._clients.idle_seconds())):
                self._pool.start_workers()
                poller.poll(_SHORT_POLL_MS if self._is_more_to_do() else _POLL_MS)
                self._pool.clock.tick()
                self._frontend.authenticate()
                if self._scheduler.read_workers():
                    self._clients.send_to_all(self._scheduler.welcome())
                count = self._clients.read(self._frontend.messages(_MESSAGES_AT_ONCE))
                self._clients.send_waiting()
                self._clients.end_sessions(is_all_read=count < _MESSAGES_AT_ONCE)
                self._scheduler.assign_jobs()
        finally:
            self._clients.say_that_engine_ends()
            self._pool.close()

    def _is_more_to_do(self) -> bool:
        return (
            self._clients.are_messages_waiting()
            or self._scheduler.are_positions_waiting()
            or self._frontend.are_strangers_many()
        )
