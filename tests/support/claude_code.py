"""The real Claude Code, at the versions that scripts/setup brings, with a scripted model behind it."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.programs import need_npm
from tests.support.scenario import Call
from tests.support.scripted_model import ScriptedModel

# They speak the two generations of MCP: 2025-11-25, and 2026-07-28 without sessions.
OLD, NEW = "2.1.197", "2.1.329"
Json = dict[str, Any]


def claude_program(version: str = NEW) -> Path:
    """The program."""
    return need_npm(f"claude-code-{version}/bin/claude.exe")


def claude_environment(home: Path, model: ScriptedModel, *, key: str = "test-key") -> dict[str, str]:
    """What makes it ask the model, and nobody else, and keep its files below `home`."""
    home.mkdir(exist_ok=True)
    return {
        "ANTHROPIC_BASE_URL": model.url,
        "ANTHROPIC_API_KEY": key,
        "HOME": str(home),
        "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_TELEMETRY": "1",
        "DISABLE_ERROR_REPORTING": "1",
        "DISABLE_AUTOUPDATER": "1",
        "NO_PROXY": "127.0.0.1",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        **{
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "claude"), ("EMAIL", "claude@example.invalid"))
        },
    }


def bash(command: str) -> Call:
    """A command that the model runs."""
    return Call("Bash", {"command": command, "description": "As the script says"})


def tool(name: str, /, **arguments: Any) -> Call:
    """A call of one of AiWorker's tools."""
    return Call(f"mcp__aiworker__{name}", arguments)


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that has ended: what it wrote in stream-json."""

    status: int
    events: Sequence[Json]
    errors: str

    def event(self, kind: str, subtype: str | None = None) -> Json:
        """The first event of a kind."""
        found = [e for e in self.events if e["type"] == kind and subtype in (None, e.get("subtype"))]
        assert found, f"no {kind} {subtype or ''} in {self.events} {self.errors}"
        return found[0]


async def run_claude(
    prompt: str, *, program: Path, folder: Path, environment: Mapping[str, str], url: str, key: str
) -> Ran:
    """Claude Code as a person starts it by hand in `folder`, with AiWorker's server at `url` and a key."""
    server = {"type": "http", "url": f"{url}/mcp", "headers": {"Authorization": f"Bearer {key}"}, "alwaysLoad": True}
    (folder / "mcp.json").write_text(json.dumps({"mcpServers": {"aiworker": server}}))
    process = await asyncio.create_subprocess_exec(
        program,
        *("-p", prompt, "--mcp-config", "mcp.json", "--strict-mcp-config", "--output-format", "stream-json"),
        *("--verbose", "--permission-mode", "acceptEdits", "--allowedTools", "mcp__aiworker", "Bash(git *)"),
        cwd=folder,
        env=dict(environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        said, complained = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    events = [json.loads(line) for line in said.splitlines()]
    return Ran(process.returncode or 0, events, complained.decode(errors="replace"))
