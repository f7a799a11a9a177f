"""Calling a module's health end point: one GET, with a time limit, and not a byte more than the first line is read."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiworker.core.addresses import Reach, Target, checked_target
from aiworker.core.errors import Invalid
from aiworker.core.sayings import Saying, Sentence
from aiworker.engine.health.records import Check

Probe = Callable[[str], Awaitable[Check]]

_BAD_STATUS = Sentence("health_bad_status", "{url} answered {status}")
_LATE = Sentence("health_late", "{url} did not answer within {seconds} s")
_REFUSED = Sentence("health_refused", "{url}: {error}")
_UNSAFE = Sentence("health_unsafe", "{url} has no safe connection: {error}")
_NOBODY = Sentence("health_nobody", "{url} cannot be reached: nobody listens there")
_UNREACHED = Sentence("health_unreached", "{url} cannot be reached: {error}")
_NO_HTTP = Sentence("health_no_http", "{url} did not answer as HTTP does")

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
        wrong = await self._wrong(url, _shown(url))
        took_ms = round((time.monotonic() - started) * 1000)
        return Check(took_ms=took_ms) if wrong is None else Check.failed(wrong, took_ms)

    async def _wrong(self, url: str, shown: str) -> Saying | None:  # noqa: PLR0911 (one for each kind)
        try:
            async with asyncio.timeout(self._seconds):
                status = await _status(await checked_target(url, self._reach))
        except TimeoutError:
            return _LATE(url=shown, seconds=f"{self._seconds:g}")
        except Invalid as refused:
            return _REFUSED(url=shown, error=refused.said)
        except ssl.SSLError as error:
            return _UNSAFE(url=shown, error=error.reason or str(error))
        except ConnectionRefusedError:
            return _NOBODY(url=shown)
        except OSError as error:
            return _UNREACHED(url=shown, error=error.strerror or str(error))
        except ValueError:
            return _NO_HTTP(url=shown)
        return None if status in _GOOD else _BAD_STATUS(url=shown, status=status)


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
