"""The socket on which a server listens."""

import socket

import pytest

from aiworker.app.listening import listening
from aiworker.core.errors import Unavailable


def test_an_answer_does_not_wait_for_the_receipt_of_its_head() -> None:
    with (
        listening("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as connection,
    ):
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_port_that_is_taken_is_told_with_what_to_do() -> None:
    with listening("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(Unavailable, match=f"127.0.0.1:{port}: .*--port"):
            listening("127.0.0.1", port)


def test_a_port_that_there_is_not_is_told_with_what_to_do() -> None:
    with pytest.raises(Unavailable, match=r"127.0.0.1:99999: .*0-65535\. Choose another with --port\."):
        listening("127.0.0.1", 99_999)
