"""The server, as a module asks it: by REST, in batches."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, TypeAdapter

from aiworker.core.connection import is_loopback
from aiworker.core.errors import AiWorkerError, Unavailable
from aiworker.wire.base import ListAnswer
from aiworker.wire.batches import AnswerOf, Ending, Endings, RefusedEnding, ReportOf, Reports
from aiworker.wire.engine import Claim, ClaimedRobot, NewModule
from aiworker.wire.refusals import known_form, refusal

_TIMEOUT_SECONDS = 30.0
_CONNECT_SECONDS = 5.0
_CLAIMED: TypeAdapter[ListAnswer[ClaimedRobot]] = TypeAdapter(ListAnswer[ClaimedRobot])
_ANSWERS: TypeAdapter[ListAnswer[AnswerOf]] = TypeAdapter(ListAnswer[AnswerOf])
_REFUSED: TypeAdapter[ListAnswer[RefusedEnding]] = TypeAdapter(ListAnswer[RefusedEnding])


# Tells the server's address and the key. Raises: an AiWorkerError if it does not know them.
Find = Callable[[], tuple[str, str]]


class Server:
    """Every call may raise an AiWorkerError: Unavailable where nobody answers, Limited with the seconds to wait.

    Where nobody answers it is looked for again: the server of this machine may have been started at another port.
    """

    def __init__(self, find: Find) -> None:
        self._find = find
        url, token = find()
        self.url = url.rstrip("/")
        self._http = httpx2.AsyncClient(
            base_url=f"{self.url}/api/",
            headers=_with_key(token),
            timeout=httpx2.Timeout(_TIMEOUT_SECONDS, connect=_CONNECT_SECONDS),
            # This machine is never asked for through a proxy.
            trust_env=not is_loopback(self.url),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def register(self, new: NewModule) -> None:
        """Make the module known, or bring it up to date."""
        await self._post("modules", new)

    async def claim(self, module_name: str, claim: Claim) -> list[ClaimedRobot]:
        """Up to `limit` robots; waits for the first as long as the claim says."""
        content = await self._post(
            f"modules/{quote(module_name, safe='')}/claim", claim, seconds=claim.wait_seconds + _TIMEOUT_SECONDS
        )
        return _read(_CLAIMED, content).data

    async def report(self, reports: Sequence[ReportOf]) -> list[AnswerOf]:
        """What each execution that is named should do now."""
        return _read(_ANSWERS, await self._post("executions/report", Reports(reports=list(reports)))).data

    async def end(self, endings: Sequence[Ending]) -> list[RefusedEnding]:
        """Those that were refused; the others are on disk."""
        return _read(_REFUSED, await self._post("executions/end", Endings(endings=list(endings)))).data

    async def _post(self, path: str, body: BaseModel, *, seconds: float = _TIMEOUT_SECONDS) -> bytes:
        content = body.model_dump_json(by_alias=True, exclude_unset=True).encode()
        try:
            response = await self._http.post(
                path,
                content=content,
                headers={"Content-Type": "application/json"},
                timeout=httpx2.Timeout(seconds, connect=_CONNECT_SECONDS),
            )
        except httpx2.HTTPError as error:
            away = Unavailable(
                f"The server at {self.url} does not answer ({type(error).__name__}).", code="server_away"
            )
            self._look_again()
            raise away from error
        if response.is_success:
            return response.content
        if (answer := _answer(response)) is None:
            self._look_again()
            raise Unavailable(f"What answers is not AiWorker (status {response.status_code}).", code="not_aiworker")
        raise refusal(response.status_code, answer, retry_after=response.headers.get("Retry-After"))

    def _look_again(self) -> None:
        with suppress(AiWorkerError):
            url, token = self._find()
            self.url = url.rstrip("/")
            self._http.base_url = f"{self.url}/api/"
            self._http.headers.update(_with_key(token))


def _with_key(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _answer(response: httpx2.Response) -> dict[str, Any] | None:
    """What AiWorker said; None: somebody else did."""
    try:
        answer = response.json()
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and "success" in answer else None


def _read(kind: TypeAdapter[Any], content: bytes) -> Any:
    with known_form():
        return kind.validate_json(content)
