"""The port on which HTTP is served."""

import socket

from host.errors import PortInUse

LISTEN = "127.0.0.1"
BACKLOG = 128  # requests wait there while the web process is started again


def bind(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; PortInUse with a sentence."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LISTEN, port))
    except OSError as error:
        listener.close()
        raise PortInUse(
            f"Port {port} cannot be used ({error.strerror}): choose another with --port."
        ) from None
    listener.listen(BACKLOG)
    return listener
