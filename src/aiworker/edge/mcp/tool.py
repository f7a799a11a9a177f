"""A tool: how agents see it, and what a call of it does."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import mcp_types
import msgspec
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import ValidationError

from aiworker.access.actors import Actor, Permission
from aiworker.core.errors import AiWorkerError, Invalid
from aiworker.core.logging import get_logger
from aiworker.delivery.attempts.callers import Caller
from aiworker.edge.mcp.answers import tool_crash, tool_refusal
from aiworker.edge.mcp.inputs import ToolInput
from aiworker.edge.mcp.schemas import input_schema, output_schema
from aiworker.wire.access import Scope
from aiworker.wire.base import Wire
from aiworker.wire.problems import first_problem

_log = get_logger(__name__)

Input = TypeVar("Input", bound=ToolInput)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(Generic[Input]):
    """One tool. `when` tells an agent in a sentence when to use it.

    `reads`: it changes nothing. `repeatable`: a second call with the same arguments has no further effect.
    `gives_up`: it takes something away that the caller had. `scopes`, `needs`: whom it is listed for; whoever calls it
    all the same is asked for the permission.
    """

    name: str
    title: str
    when: str
    takes: type[Input]
    gives: type[Wire]
    run: Callable[[Caller, Input], Awaitable[Wire]]
    reads: bool = False
    repeatable: bool = False
    gives_up: bool = False
    scopes: frozenset[Scope] = frozenset(Scope)
    needs: Permission = Permission.READ

    def listed_for(self, actor: Actor) -> bool:
        """Whether it is among the tools that somebody is shown."""
        return actor.scope in self.scopes and actor.may(self.needs)

    def described(self) -> mcp_types.Tool:
        """As it is listed."""
        return mcp_types.Tool(
            name=self.name,
            title=self.title,
            description=self.when,
            input_schema=input_schema(self.takes),
            output_schema=output_schema(self.gives),
            annotations=ToolAnnotations(
                title=self.title,
                read_only_hint=self.reads,
                destructive_hint=self.gives_up,
                idempotent_hint=self.reads or self.repeatable,
                open_world_hint=False,
            ),
        )

    async def call(self, caller: Caller, arguments: Mapping[str, Any], *, request_id: str) -> CallToolResult:
        """Check the arguments, run it, and turn what comes out, or what went wrong, into an answer."""
        began = time.perf_counter()
        code = "cancelled"
        try:
            answer = _answer(await self.run(caller, self._read(arguments)))
        except AiWorkerError as error:
            code = error.code
            return tool_refusal(error, request_id=request_id)
        except Exception:  # noqa: BLE001 (the last one who can answer)
            code = "internal_error"
            _log.exception("tool_failed", tool=self.name)
            return tool_crash(request_id=request_id)
        else:
            code = "ok"
            return answer
        finally:
            milliseconds = round((time.perf_counter() - began) * 1000, 1)
            (_log.debug if self.reads else _log.info)("tool", tool=self.name, code=code, ms=milliseconds)

    def _read(self, arguments: Mapping[str, Any]) -> Input:
        try:
            return self.takes.model_validate(dict(arguments))
        except ValidationError as error:
            raise Invalid(f"{self.name} cannot use these arguments: {_readable(first_problem(error).words)}") from None


def _answer(result: Wire) -> CallToolResult:
    content = result.model_dump(mode="json", by_alias=True)
    text = msgspec.json.format(msgspec.json.encode(content), indent=2).decode()
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=content)


def _readable(sentence: str) -> str:
    """The name of an unknown field is the caller's own text: it may hold anything."""
    return "".join(c if c.isprintable() else "?" for c in sentence)[:500]
