"""A conversation as a model of the messages API is shown it: read by scripted models to decide what to say next."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

Json = dict[str, Any]
# What Claude Code writes in the model's name when it resumes after an interruption.
_NOT_OURS = "No response requested."
_REMINDER = "<system-reminder>"


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool answered. `tool` without the `mcp__SERVER__` in front of it."""

    tool: str
    text: str
    is_error: bool

    @property
    def json(self) -> Json:
        """The answer of a tool that answers in JSON."""
        return cast("Json", json.loads(self.text))


@dataclass(frozen=True, slots=True)
class Talk:
    """One request for the model's next words."""

    key: str
    session: str
    body: Json

    @property
    def tools(self) -> list[str]:
        """The full names of the tools that the model may call."""
        return [tool["name"] for tool in self.body.get("tools") or []]

    @property
    def system(self) -> str:
        """What the client tells the model before anything else."""
        return text_of(self.body.get("system"))

    @property
    def said(self) -> list[str]:
        """What the user said, without the client's own reminders."""
        return [text for text in self._texts("user") if not text.lstrip().startswith(_REMINDER)]

    @property
    def prompt(self) -> str:
        """The user's first words."""
        return self.said[0] if self.said else ""

    @property
    def folder(self) -> str:
        """Where the client works, as it tells the model. Raises: LookupError."""
        told = re.search(r"[Ww]orking directory: (\S+)", "\n".join([self.system, *self._texts("user", "system")]))
        if told is None:
            raise LookupError("the client does not tell where it works")
        return told[1]

    @property
    def turn(self) -> int:
        """How often the model has spoken before: the client may tell one reply in several messages."""
        speakers = [(message["role"], text_of(message["content"])) for message in self._messages]
        ours = [role == "assistant" and text != _NOT_OURS for role, text in speakers]
        return sum(mine and not before for before, mine in zip([False, *ours], ours, strict=False))

    @property
    def results(self) -> list[ToolResult]:
        """What the tools answered, in their order."""
        called: dict[str, str] = {}
        found: list[ToolResult] = []
        for block in (block for message in self._messages for block in _blocks(message)):
            if block["type"] == "tool_use":
                called[block["id"]] = block["name"].rpartition("__")[2]
            elif block["type"] == "tool_result":
                name = called.get(block["tool_use_id"], "")
                found.append(ToolResult(name, text_of(block.get("content")), bool(block.get("is_error"))))
        return found

    def result(self, tool: str) -> ToolResult:
        """The latest answer of a tool. Raises: LookupError, if it was not called."""
        for result in reversed(self.results):
            if result.tool == tool:
                return result
        raise LookupError(f"{tool} has not been called; there are {[result.tool for result in self.results]}")

    def _texts(self, *roles: str) -> list[str]:
        blocks = [block for message in self._messages if message["role"] in roles for block in _blocks(message)]
        return [block["text"] for block in blocks if block["type"] == "text"]

    @property
    def _messages(self) -> Sequence[Json]:
        return self.body.get("messages") or []


def text_of(content: Any) -> str:
    """The text of a message, of a tool's answer, or of the system prompt."""
    return "\n".join(block.get("text") or "" for block in _content(content))


def _blocks(message: Mapping[str, Any]) -> list[Json]:
    return _content(message.get("content"))


def _content(content: Any) -> list[Json]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return content or []
