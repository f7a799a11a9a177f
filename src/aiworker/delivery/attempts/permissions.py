"""Tools that an agent was not allowed to use: what is kept of them, and which rule would allow them. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from aiworker.core.errors import Invalid

_MOST = 50
_LONGEST_TEXT = 1_000
_LONGEST_COMMAND = 200
_UNNAMEABLE = str.maketrans("", "", "()*")

Denial = dict[str, Any]


def rule_for(tool: str, tool_input: Mapping[str, Any]) -> str:
    """The narrowest rule that allows it again: this very command, this host; else the tool as a whole."""
    command, url = tool_input.get("command"), tool_input.get("url")
    if tool == "Bash" and isinstance(command, str) and command.strip():
        return f"Bash({_plain(command.strip())})"
    if tool == "WebFetch" and isinstance(url, str) and (host := _host(url)):
        return f"WebFetch(domain:{host})"
    return tool


def with_denials(known: Sequence[Denial] | None, new: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Denial]:
    """What is known with what is new, each rule once, the newest of them, and no text longer than people read."""
    by_rule = {rule_for(one["tool"], one["input"]): one for one in known or ()}
    for tool, tool_input in new:
        by_rule.setdefault(rule_for(tool, tool_input), {"tool": tool, "input": _short(tool_input)})
    return list(by_rule.values())[-_MOST:]


def require_denied(denials: Sequence[Denial] | None, rule: str) -> None:
    """Only a tool that was denied can be allowed from here. Raises: Invalid, naming the rules that would be taken."""
    tools = {str(one["tool"]) for one in denials or ()}
    if rule not in tools and rule.partition("(")[0] not in tools:
        rules = [rule_for(one["tool"], one["input"]) for one in denials or ()]
        hint = f"denied were {', '.join(rules[:5])}" if rules else "nothing was denied in it"
        raise Invalid(f"This attempt was not denied {rule!r}; {hint}.", code="not_denied", details={"rules": rules})


def _plain(command: str) -> str:
    """A command as a rule names it; one that no rule can name, by its first word."""
    if len(command) <= _LONGEST_COMMAND and command.isprintable() and not set(command) & set("()*"):
        return command
    return f"{command.split(maxsplit=1)[0][:_LONGEST_COMMAND].translate(_UNNAMEABLE)} *"


def _short(value: Any) -> Any:
    match value:
        case str():
            return value if len(value) <= _LONGEST_TEXT else value[: _LONGEST_TEXT - 1] + "…"
        case dict():
            return {str(name): _short(part) for name, part in list(value.items())[:_MOST]}
        case list():
            return [_short(part) for part in value[:_MOST]]
        case _:
            return value


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
