"""The engine's own way to knock at the broker's door, for `impasto status` and `impasto relay`."""

import zmq

from impasto_wire.bands import MAX_MESSAGE
from impasto_wire.connection import Connection


def open_dealer(context: zmq.Context[zmq.Socket[bytes]], connection: Connection) -> zmq.Socket[bytes]:
    """A socket that is connected to the engine, encrypted; a lost connection stays lost."""
    dealer = context.socket(zmq.DEALER)
    dealer.linger = 0
    dealer.maxmsgsize = MAX_MESSAGE
    dealer.reconnect_ivl = -1
    dealer.curve_serverkey = connection.server_key.encode()
    dealer.curve_publickey = connection.client_key.encode()
    dealer.curve_secretkey = connection.client_secret.encode()
    dealer.connect(connection.endpoint)
    return dealer
