"""Calling a module's health end point: one GET, with a time limit, and not a byte more than the first line is read."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiworker.core.addresses import Reach, Target, checked_target
from aiworker.core.errors import Invalid
from aiworker.engine.health.records import Check

Probe = Callable[[str], Awaitable[Check]]

_SECONDS = 5.0
_LONGEST_LINE = 4_096
_GOOD = range(200, 400)


class HttpProbe:
    """Asks end points. An answer below 400 within `seconds` is well; everything else says what is wrong."""

    def __init__(self, reach: Reach, *, seconds: float = _SECONDS) -> None:
        self._reach = reach
        self._seconds = seconds

    async def __call__(self, url: str) -> Check:
        """One look; it never raises."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._seconds):
                status = await _status(await checked_target(url, self._reach))
            wrong = None if status in _GOOD else f" answered {status}"
        except TimeoutError:
            wrong = f" did not answer within {self._seconds:g} s"
        except Invalid as refused:
            wrong = f": {refused.message}"
        except ssl.SSLError as error:
            wrong = f": no safe connection ({error.reason})"
        except OSError as error:
            wrong = f" cannot be reached ({error.strerror or error})"
        except ValueError:
            wrong = " did not answer as HTTP does"
        took_ms = round((time.monotonic() - started) * 1000)
        return Check(took_ms=took_ms) if wrong is None else Check.failed(f"{_shown(url)}{wrong}", took_ms)


async def _status(target: Target) -> int:
    """The status that a GET is answered with. Raises: OSError, ValueError (it is no HTTP)."""
    context = ssl.create_default_context() if target.secure else None
    name = target.host if target.secure else None
    reader, writer = await asyncio.open_connection(
        target.address, target.port, ssl=context, server_hostname=name, limit=_LONGEST_LINE
    )
    try:
        lines = (
            f"GET {target.path} HTTP/1.1",
            f"Host: {target.host_header}",
            "User-Agent: aiworker",
            "Accept: */*",
            "Connection: close",
        )
        writer.write("".join(f"{line}\r\n" for line in (*lines, "")).encode())
        await writer.drain()
        first = await reader.readline()
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    version, status, *_ = first.decode("ascii").split() or ("", "")
    if not version.startswith("HTTP/"):
        raise ValueError("no HTTP")
    return int(status)


def _shown(url: str) -> str:
    """Without what may be a secret: the user's name and the query."""
    before, _, rest = url.partition("://")
    place = rest.partition("?")[0]
    host, slash, path = place.partition("/")
    return f"{before}://{host.rpartition('@')[2]}{slash}{path}"
