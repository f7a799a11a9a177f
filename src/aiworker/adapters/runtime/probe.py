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

HOST = "127.0.0.1"
_WELL_BELOW = 500


async def answers(port: int, path: str, host: str, *, timeout: float = 5.0) -> str | None:  # noqa: ASYNC109
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
        return f"nothing listens on port {port}"
    except TimeoutException:
        return f"GET {path} got no answer within {timeout:g} s"
    except (NetworkError, ProtocolError):
        return f"GET {path} got no proper HTTP answer"
    finally:
        await connection.aclose()
    return None if response.status < _WELL_BELOW else f"GET {path} answers {response.status}"
