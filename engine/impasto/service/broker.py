"""The broker: one thread, one loop, clients on one side and workers on the other. It never touches a pixel."""

from collections.abc import Callable

import zmq

from .clients import Reception
from .frontend import Door
from .jobs import Jobs
from .pool import Crew
from .queue import Queue
from .scheduler import Dispatch
from .store import Store

MOST_MEMORY = 256 << 20
"""What the broker stays under, whatever is sent to it: only bands are ever in memory, pictures lie on disk."""
_TICK_MS = 250
_HURRIED_TICK_MS = 10
_ARRIVALS_AT_ONCE = 16


class Broker:
    """Joins the door, the queue, the store and the crew."""

    def __init__(self, door: Door, store: Store, crew: Crew, is_ending: Callable[[float], bool]) -> None:
        """`is_ending(seconds without sessions)` is asked several times a second."""
        self._door = door
        self._crew = crew
        self._is_ending = is_ending
        queue = Queue()
        jobs = Jobs(store, queue)
        self._dispatch = Dispatch(crew, queue, jobs, store)
        self._reception = Reception(door, jobs, queue, self._dispatch)

    def run(self) -> None:
        """Serve until `is_ending` says so, then let everyone know and end the workers."""
        poller = zmq.Poller()
        self._door.register(poller)
        self._crew.register(poller)
        try:
            while not self._is_ending(self._reception.idle_seconds()):
                self._crew.start_if_due()
                poller.poll(_HURRIED_TICK_MS if self._reception.is_hurried() else _TICK_MS)
                self._door.authenticate()
                if self._dispatch.take_news():
                    self._reception.announce(self._dispatch.welcome())
                self._reception.take(self._door.arrivals(_ARRIVALS_AT_ONCE))
                self._reception.send_waiting()
                self._reception.end_sessions()
                self._dispatch.hand_out()
        finally:
            self._reception.say_farewell()
            self._crew.close()
