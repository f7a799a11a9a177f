"""An agent that knows git, and nothing of AiWorker: what it does comes from what it reads in tools and answers."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

import mcp_types
from mcp import Client

from tests.support.agents import Json, text_of

# Does the work that a task asks for: gets a clone, a branch and a password, and pushes.
Hands = Callable[[Mapping[str, Any]], Awaitable[None]]

_NAMED = re.compile(r"\b[Cc]all (\w+)")
_WITH = re.compile(r" with ([^.;,]+)")
_LITERAL = re.compile(r"\b(\w+): (\d+|true|false)\b")
_MOST_CALLS = 30


class Reader:
    """`known` is every field of every answer so far, by its name; `called` the tools, in their order."""

    def __init__(self, client: Client, hands: Hands, *, doubt: str | None = None) -> None:
        self._client = client
        self._hands = hands
        self._doubt = doubt
        self._tools: dict[str, mcp_types.Tool] = {}
        self.known: Json = {}
        self.called: list[str] = []

    async def work(self, *, first: str | None = None) -> None:
        """Until it reads that it is done. `first`: a tool to go to, as a careless agent does, once it has a task."""
        self._tools = {tool.name: tool for tool in (await self._client.list_tools()).tools}
        read = await self._call(self._whose("to start"))
        if first is not None:
            read = await self._call(first)
        while "you are done" not in read:
            read = await self._follow(read)

    async def _follow(self, read: str) -> str:
        """Do what a text says before it names a tool, then call the tool; what that says."""
        name = self._named(read)
        assert name is not None, f"nothing to do next in: {read}"
        if "push" in read.partition(name)[0]:
            if self._doubt is not None:
                await self._ask()
            await self._hands(self.known)
        return await self._call(name, read)

    async def _ask(self) -> None:
        """Put the doubt to whoever decides, and wait for an answer as long as one is told to."""
        doubt, self._doubt = self._doubt, None
        read = await self._call(self._whose("need a decision"), question=doubt)
        while name := self._named(read):
            read = await self._call(name, read)

    def _named(self, read: str) -> str | None:
        """The first tool that a text says to call."""
        return next((name for name in _NAMED.findall(read) if name in self._tools), None)

    def _whose(self, purpose: str) -> str:
        """The tool that says it is for this."""
        (name,) = (name for name, tool in self._tools.items() if purpose in (tool.description or ""))
        return name

    async def _call(self, name: str, hint: str = "", **arguments: Any) -> str:
        """Call a tool with what it asks for and what the hint says; what it answers, in words."""
        assert len(self.called) < _MOST_CALLS, self.called
        self.called.append(name)
        result = await self._client.call_tool(name, {**self._arguments(name, hint), **arguments})
        if result.is_error:
            return text_of(result)
        answer = cast("Json", result.structured_content)
        self._learn(answer)
        return str(answer.get("message", ""))

    def _arguments(self, name: str, hint: str) -> Json:
        schema = self._tools[name].input_schema
        said = " ".join(_WITH.findall(hint))
        literals: Json = {key: int(value) for key, value in _LITERAL.findall(said) if value.isdigit()}
        wanted = [
            field
            for field, about in schema["properties"].items()
            if field in schema.get("required", []) or "Always pass it" in about.get("description", "") or field in said
        ]
        return {field: literals.get(field, self.known.get(field)) for field in wanted if field in literals | self.known}

    def _learn(self, answer: Mapping[str, Any]) -> None:
        for name, value in answer.items():
            if isinstance(value, Mapping):
                self._learn(cast("Mapping[str, Any]", value))
            elif value is not None:
                self.known[name] = value
