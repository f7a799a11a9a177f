"""The server, as a module asks it: by REST, in batches."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, TypeAdapter

from aiworker.core.connection import is_loopback
from aiworker.core.errors import Unavailable
from aiworker.wire.base import ListAnswer
from aiworker.wire.batches import AnswerOf, Ending, Endings, RefusedEnding, ReportOf, Reports
from aiworker.wire.engine import Claim, ClaimedRobot, NewModule
from aiworker.wire.refusals import known_form, refusal

_TIMEOUT_SECONDS = 30.0
_CONNECT_SECONDS = 5.0
_CLAIMED: TypeAdapter[ListAnswer[ClaimedRobot]] = TypeAdapter(ListAnswer[ClaimedRobot])
_ANSWERS: TypeAdapter[ListAnswer[AnswerOf]] = TypeAdapter(ListAnswer[AnswerOf])
_REFUSED: TypeAdapter[ListAnswer[RefusedEnding]] = TypeAdapter(ListAnswer[RefusedEnding])


class Server:
    """Every call may raise an AiWorkerError: Unavailable where nobody answers, Limited with the seconds to wait."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        self._http = httpx2.AsyncClient(
            base_url=f"{self.url}/api/",
            headers={"Authorization": f"Bearer {token}"},
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
            raise Unavailable(
                f"The server at {self.url} does not answer ({type(error).__name__}).", code="server_away"
            ) from error
        if response.is_success:
            return response.content
        raise refusal(response.status_code, _answer(response), retry_after=response.headers.get("Retry-After"))


def _answer(response: httpx2.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or "success" not in answer:
        raise Unavailable(f"What answers is not AiWorker (status {response.status_code}).", code="not_aiworker")
    return answer


def _read(kind: TypeAdapter[Any], content: bytes) -> Any:
    with known_form():
        return kind.validate_json(content)
