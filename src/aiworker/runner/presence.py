"""Being there: one process is one agent, registered at the server, with a heartbeat from a thread of its own.

The thread keeps beating while the event loop is busy, so a live agent never looks dead.
"""

import asyncio
import socket
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import httpx2

from aiworker.core.connection import is_loopback
from aiworker.core.errors import Unavailable
from aiworker.core.logging import get_logger

BEAT_SECONDS = 15.0
_FIRST_PAUSE_SECONDS = 0.5
_TIMEOUT = httpx2.Timeout(10.0, connect=5.0)
_NOT_FOUND = 404
_DENIED = 403
_ERROR = 400

_log = get_logger(__name__)


class Presence:
    """Registers this process as an agent of the key, and says every `beat_seconds` that it lives.

    `name`: as whom it was registered before a restart; without it, the server finds a free name.
    """

    def __init__(
        self,
        url: str,
        token: str,
        capabilities: Sequence[str] = (),
        *,
        name: str | None = None,
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._capabilities = list(capabilities)
        self._beat_seconds = beat_seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asking: deque[asyncio.Future[None]] = deque()
        self._wake = threading.Event()
        self._stopped = False
        self._agent_id: str | None = None
        self.name = name
        self._trouble = self._away("no answer yet")
        self._thread = threading.Thread(target=self._live, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin; from the event loop that will ask for `agent_id`."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def stop(self) -> None:
        """End; the server notices by the silence."""
        self._stopped = True
        self._wake.set()

    async def agent_id(self) -> str:
        """Who this process is to the server; if that is not known, it is tried now.

        Raises: Unavailable, with what is in the way.
        """
        if self._agent_id is None:
            answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._asking.append(answered)
            self._wake.set()
            await answered
        if self._agent_id is None:
            raise Unavailable(self._trouble.message, code=self._trouble.code)
        return self._agent_id

    def forget(self, agent_id: str) -> None:
        """The server does not know this agent (any more): register anew."""
        if self._agent_id == agent_id:
            self._agent_id = None

    def _live(self) -> None:
        failures = 0
        with httpx2.Client(
            base_url=f"{self._url}/api/",
            headers=self._headers,
            timeout=_TIMEOUT,
            trust_env=not is_loopback(self._url),
        ) as http:
            while not self._stopped:
                self._wake.clear()
                asked_before = len(self._asking)
                failures = 0 if self._beat(http) else failures + 1
                # Who asked meanwhile hears of the next one, if this one found out what may no longer be true.
                self._tell(asked_before if failures else len(self._asking))
                pause = min(self._beat_seconds, _FIRST_PAUSE_SECONDS * 2 ** min(failures, 10))
                if not self._stopped:
                    self._wake.wait(pause if failures else self._beat_seconds)

    def _beat(self, http: httpx2.Client) -> bool:
        agent_id = self._agent_id
        try:
            if agent_id is None:
                return self._register(http)
            response = http.post(f"agents/{agent_id}/heartbeat")
        except httpx2.HTTPError as error:
            return self._failed(self._away(type(error).__name__))
        if response.status_code == _NOT_FOUND:
            self._agent_id = None
            return self._register(http)
        return response.status_code < _ERROR or self._failed(_refusal(response))

    def _register(self, http: httpx2.Client) -> bool:
        new = {"capabilities": self._capabilities, "nodeName": socket.gethostname()[:253]}
        try:
            response = http.post("agents", json={**new, "podName": self.name} if self.name else new)
            if response.status_code == _DENIED and self.name is not None:
                # The name is another key's now.
                self.name = None
                response = http.post("agents", json=new)
            if response.status_code >= _ERROR:
                return self._failed(_refusal(response))
            agent = response.json()["data"]
            self.name = str(agent["podName"])
            self._agent_id = str(agent["id"])
        except httpx2.HTTPError as error:
            return self._failed(self._away(type(error).__name__))
        except (ValueError, KeyError, TypeError):
            return self._failed(Unavailable(f"At {self._url} answers something else than AiWorker.", code="no_server"))
        _log.info("agent_registered", agent_id=self._agent_id, name=self.name)
        return True

    def _tell(self, number: int) -> None:
        """Answer the first ones who asked."""
        with suppress(RuntimeError):  # the loop has ended, and nobody waits
            if self._loop is not None and number:
                self._loop.call_soon_threadsafe(_answer, [self._asking.popleft() for _ in range(number)])

    def _failed(self, trouble: Unavailable) -> bool:
        if trouble.message != self._trouble.message:
            _log.warning("heartbeat_failed", code=trouble.code, reason=trouble.message)
        self._trouble = trouble
        return False

    def _away(self, why: str) -> Unavailable:
        return Unavailable(
            f"The AiWorker server at {self._url} does not answer ({why}). Try again in a few seconds.",
            code="server_away",
        )


def _answer(asking: Sequence[asyncio.Future[None]]) -> None:
    for answered in asking:
        if not answered.done():
            answered.set_result(None)


def _refusal(response: httpx2.Response) -> Unavailable:
    try:
        error: dict[str, Any] = response.json()["error"]
        return Unavailable(str(error["message"]), code=str(error["code"]))
    except (ValueError, KeyError, TypeError):
        return Unavailable(f"The server answered {response.status_code} to the heartbeat.", code="heartbeat_refused")
