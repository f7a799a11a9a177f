"""A socket to listen on."""

import socket

from aiworker.core.errors import Unavailable

_BACKLOG = 2048


def listening(host: str, port: int, *, variable: str = "--port") -> socket.socket:
    """A listening socket; port 0 takes a free one. `variable`: where another port is chosen. Raises: Unavailable."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Inherited by every connection. Without it an answer's body waits 40 ms for the receipt of its head.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
        listener.set_inheritable(False)
    except (OSError, OverflowError) as error:
        listener.close()
        why = (isinstance(error, OSError) and error.strerror) or str(error).rstrip(".")
        raise Unavailable(
            f"Cannot listen on {host}:{port}: {why}. Choose another with {variable}.",
            code="port_taken",
        ) from error
    return listener
