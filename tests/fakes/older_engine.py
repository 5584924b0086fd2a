"""An engine from before `Status` and `Stop`, for one client."""

import threading

import zmq

from fakes.engine import PATIENCE
from impasto_wire import PROTOCOL
from impasto_wire.codec import TO_ENGINE, decode, encode
from impasto_wire.connection import Connection
from impasto_wire.messages import Failed, Hello, Pong, Stop, Welcome


class OlderEngine(threading.Thread):
    """It ends when it is asked for what it doesn't know, to stop."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        public, secret = zmq.curve_keypair()
        self._context = zmq.Context[zmq.Socket[bytes]]()
        self._router = self._context.socket(zmq.ROUTER)
        self._router.linger = 1000
        self._router.curve_server, self._router.curve_secretkey = True, secret
        port = self._router.bind_to_random_port("tcp://127.0.0.1")
        ours, theirs = zmq.curve_keypair()
        keys = public.decode(), ours.decode(), theirs.decode()
        self.connection = Connection(f"tcp://127.0.0.1:{port}", *keys, PROTOCOL, "0", 1)
        self.start()

    def run(self) -> None:
        while self._router.poll(int(PATIENCE * 1000)):
            client, frame = self._router.recv_multipart()
            message = decode(frame, TO_ENGINE)
            if isinstance(message, Hello):
                self._router.send_multipart([client, encode(Pong(0))])
                self._router.send_multipart([client, encode(Welcome(PROTOCOL, "0", (), ()))])
            else:
                self._router.send_multipart([client, encode(Failed("", "wire", "unknown message"))])
            if isinstance(message, Stop):
                break
        self._context.destroy()
