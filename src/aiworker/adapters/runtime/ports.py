"""Free ports of this machine."""

import random
import socket
from collections.abc import Container

from aiworker.core.errors import Unavailable

# Below the range that Linux gives to outgoing connections, so that a port stays free between two starts.
_RANGE = range(20_000, 32_000)
_TRIES = 200


def pick_port(taken: Container[int] = ()) -> int:
    """A port on which nothing listens, and that is not one of `taken`.

    Raises: Unavailable.
    """
    for _ in range(_TRIES):
        port = random.choice(_RANGE)  # noqa: S311 (to keep out of each other's way, not to be secret)
        if port not in taken and is_free(port):
            return port
    raise Unavailable("This machine has no free port for the program.", code="no_free_port")


def is_free(port: int) -> bool:
    """Whether a program could listen on the port now, on the loopback and on all addresses."""
    for address in ("127.0.0.1", "0.0.0.0"):  # noqa: S104 (bound for an instant, never listening)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True
