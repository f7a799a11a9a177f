"""Ask a program whether it answers."""

from httpcore2 import (
    URL,
    AsyncHTTPConnection,
    ConnectError,
    NetworkError,
    Origin,
    ProtocolError,
    Request,
    TimeoutException,
)

from aiworker.core.sayings import Saying
from aiworker.delivery.ports import rollout_troubles as troubles

HOST = "127.0.0.1"
_WELL_BELOW = 500


async def answers(port: int, path: str, host: str, *, timeout: float = 5.0) -> Saying | None:  # noqa: ASYNC109
    """GET `path` on the port of 127.0.0.1, under the name `host`. None if it answers below 500; else why not."""
    limits = {"connect": timeout, "read": timeout, "write": timeout}
    request = Request(
        "GET",
        URL(scheme=b"http", host=HOST, port=port, target=path.encode()),
        headers=[
            (b"host", host.encode()),
            (b"user-agent", b"AiWorker"),
            (b"accept", b"*/*"),
            (b"connection", b"close"),
        ],
        extensions={"timeout": limits},
    )
    connection = AsyncHTTPConnection(Origin(b"http", HOST.encode(), port))
    try:
        response = await connection.handle_async_request(request)
    except ConnectError:
        return troubles.NOBODY_LISTENS(port=port)
    except TimeoutException:
        return troubles.NO_ANSWER(path=path, seconds=timeout)
    except (NetworkError, ProtocolError):
        return troubles.NO_HTTP(path=path)
    finally:
        await connection.aclose()
    return None if response.status < _WELL_BELOW else troubles.BAD_STATUS(path=path, status=response.status)


def as_sentence(reason: Saying) -> str:
    """Why it does not answer, as a sentence of its own."""
    return f"{reason.words[0].upper()}{reason.words[1:]}."
