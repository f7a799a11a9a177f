"""The server, as a runner asks it in the name of one agent: the tools of MCP, and what REST has for runners."""

from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx2
from mcp.client.session import ClientSession
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolRequest, CallToolRequestParams, CallToolResult
from pydantic import BaseModel

from aiworker.core.connection import is_loopback
from aiworker.core.errors import Conflict, Unavailable
from aiworker.runner.presence import Presence
from aiworker.runner.upstream import Upstream, opened
from aiworker.wire.agents import NewLogLine
from aiworker.wire.attempts import AttemptKey, AttemptStanding, FailedAttempt, LogLines, OfRunner
from aiworker.wire.engine import ErrorCategory
from aiworker.wire.refusals import known_form, refusal
from aiworker.wire.work import MadeBranch, NextTask, UsageReport

# Errors that say that the attempt is no longer this runner's.
OVER = frozenset({"attempt_over", "attempt_unknown", "attempt_of_another_agent"})

_TIMEOUT = httpx2.Timeout(30.0, connect=5.0)
_UNKNOWN_AGENT = "agent_not_found"
_ERROR_META = "aiworker/error"

Model = TypeVar("Model", bound=BaseModel)


class Desk:
    """Asks in the name of the agent that `presence` has registered.

    Every call may raise an AiWorkerError: Unavailable where the server does not answer, a Conflict with a code of
    `OVER` where the attempt has ended.
    """

    def __init__(self, upstream: Upstream, http: httpx2.AsyncClient, presence: Presence) -> None:
        self._upstream = upstream
        self._http = http
        self._presence = presence

    async def next_task(
        self, *, project: str | None, capabilities: Sequence[str], wait_seconds: float, resume: bool = False
    ) -> NextTask:
        """Claim, or wait for what there will be. `resume`: take over what this agent holds already."""
        asked = {"capabilities": list(capabilities), "waitSeconds": wait_seconds, "resume": resume}
        return await self._tool("get_next_task", {**asked, "projectId": project} if project else asked, NextTask)

    async def branch(self, attempt: str) -> MadeBranch:
        """Make the task's branch, or find it."""
        return await self._tool("create_branch", {"attempt": attempt}, MadeBranch)

    async def hand_in(self, attempt: str, summary: str) -> None:
        """What was pushed goes to review."""
        await self._call("create_pull_request", {"attempt": attempt, "summary": summary[:16_000]})

    async def release(self, attempt: str, reason: str) -> None:
        """Give the task back; it does not count as a try."""
        await self._call("release_task", {"attempt": attempt, "reason": reason[:2_000]})

    async def usage(self, attempt: str, used: UsageReport) -> None:
        """What the attempt has used so far, in all."""
        await self._call("report_progress", {"attempt": attempt, "usage": used.model_dump(mode="json", by_alias=True)})

    async def step(self, attempt: str, step: str) -> None:
        """What the attempt is at."""
        await self._call("report_progress", {"attempt": attempt, "step": step})

    async def key(self, attempt: str) -> str:
        """A key for the program that works on the attempt."""
        return (await self._post("key", OfRunner(attempt=attempt), AttemptKey)).key

    async def standing(self, attempt: str) -> AttemptStanding:
        """Where the attempt is."""
        return await self._post("", OfRunner(attempt=attempt), AttemptStanding)

    async def log(self, attempt: str, lines: Sequence[NewLogLine], *, batch: str) -> None:
        """Add lines to the agent's log. `batch` names them: sent twice, they are written once."""
        await self._post("log", LogLines(attempt=attempt, lines=list(lines)), None, once=batch)

    async def park(self, attempt: str) -> AttemptStanding:
        """The program has left while people owe an answer."""
        return await self._post("park", OfRunner(attempt=attempt), AttemptStanding)

    async def fail(self, attempt: str, message: str, category: ErrorCategory) -> None:
        """The attempt came to nothing."""
        await self._post("fail", FailedAttempt(attempt=attempt, message=message[:8_000], category=category), None)

    async def _tool(self, name: str, arguments: Mapping[str, Any], gives: type[Model]) -> Model:
        result = await self._call(name, arguments)
        return _read(gives, result.structured_content)

    async def _call(self, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
        send = _sending(CallToolRequest(params=CallToolRequestParams(name=name, arguments=dict(arguments))))
        for last in (False, True):
            agent_id = await self._presence.agent_id()
            try:
                result = await self._upstream.ask(send, agent_id=agent_id)
            except MCPError as error:
                raise Unavailable(error.error.message, code="mcp_refused") from error
            if not result.is_error:
                return result
            told: dict[str, Any] = (result.meta or {}).get(_ERROR_META, {})
            code = str(told.get("code") or "unknown")
            if code != _UNKNOWN_AGENT or last:
                raise Conflict(str(told.get("message") or f"{name} was refused."), code=code)
            self._presence.forget(agent_id)
        raise AssertionError("the last try returns or raises")

    async def _post(self, name: str, body: BaseModel, gives: type[Model] | None, *, once: str | None = None) -> Model:
        agent_id = await self._presence.agent_id()
        try:
            response = await self._http.post(
                f"agents/{agent_id}/attempt{f'/{name}' if name else ''}",
                json=body.model_dump(mode="json", by_alias=True, exclude_none=True),
                headers={"Idempotency-Key": once} if once else None,
            )
            answer = response.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise Unavailable(f"The server does not answer ({type(error).__name__}).", code="server_away") from error
        if not isinstance(answer, dict) or "success" not in answer:
            raise Unavailable("What answers is not AiWorker.", code="not_aiworker")
        if not answer["success"]:
            raise refusal(response.status_code, answer, retry_after=response.headers.get("Retry-After"))
        return _read(gives, answer["data"]) if gives else answer["data"]


@asynccontextmanager
async def opened_desk(url: str, token: str, presence: Presence) -> AsyncGenerator[Desk]:
    """The server at `url`, asked with a key in the name of the agent of `presence`."""
    headers = {"Authorization": f"Bearer {token}"}
    direct = is_loopback(url)
    async with (
        opened(url, token) as upstream,
        httpx2.AsyncClient(
            base_url=f"{url.rstrip('/')}/api/", headers=headers, timeout=_TIMEOUT, trust_env=not direct
        ) as http,
    ):
        yield Desk(upstream, http, presence)


def _sending(request: CallToolRequest) -> Callable[[ClientSession], Coroutine[Any, Any, CallToolResult]]:
    async def send(session: ClientSession) -> CallToolResult:
        return await session.send_request(request, CallToolResult)

    return send


def _read(gives: type[Model], data: Any) -> Model:
    with known_form():
        return gives.model_validate(data)
