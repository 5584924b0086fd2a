"""What goes out to clients: messages in order, kept for a client that must make room first."""

from impasto_wire.codec import encode
from impasto_wire.messages import FromEngine

from .frontend import Door, Gone
from .session import MAX_UNSENT, Session


class Post:
    """Sends to sessions and never waits. A client that is gone or doesn't read loses its session soon."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def send(self, session: Session, message: FromEngine) -> None:
        """Send a message."""
        self.send_frame(session, encode(message))

    def send_frame(self, session: Session, frame: bytes) -> None:
        """Send a frame, after what still waits."""
        if session.unsent or not self._try(session, frame):
            session.unsent.append(frame)
            session.is_lost |= len(session.unsent) > MAX_UNSENT

    def send_waiting(self, session: Session) -> bool:
        """Send what waits; True when that was all and there may be room for more."""
        if not session.unsent:
            return False
        while session.unsent and self._try(session, session.unsent[0]):
            session.unsent.popleft()
        return not session.unsent

    def _try(self, session: Session, frame: bytes) -> bool:
        try:
            return self._door.send(session.identity, frame)
        except Gone:
            session.is_lost = True
            return True
