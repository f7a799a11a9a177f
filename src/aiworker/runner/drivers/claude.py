"""Claude Code, headless: by default with the person's own login."""

import asyncio
import json
import re
import time
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

from aiworker.core.errors import Unavailable
from aiworker.core.files import write_private
from aiworker.core.logging import without_secrets
from aiworker.runner.drivers.driver import Ending, Result, Session, Tell, Turn, Usage, line
from aiworker.runner.drivers.stream import Began, Ended, Said, Waits, events
from aiworker.runner.program import Program, environment, running
from aiworker.wire.agents import LogLevel

SERVER = "aiworker"
_CHECK_SECONDS = 30.0
# Tools of AiWorker wait up to a minute, and handing in takes git a while.
_TOOL_MILLISECONDS = 300_000
_START_MILLISECONDS = 60_000
_CONNECTED = {"connected", "pending"}


class Claude:
    """Runs `claude` (or what `program` names). `model`: its name, where it is not Claude Code's own choice."""

    resumes = True

    def __init__(self, program: str = "claude", *, model: str | None = None) -> None:
        self._program = program
        self._model = model

    async def check(self) -> str:
        """Its version, and that it is signed in. Raises: Unavailable, saying what to do."""
        status, said = await self._ask("--version")
        found = re.search(r"\d+\.\d+\.\d+", said)
        if status != 0 or found is None:
            raise Unavailable(f"`{self._program} --version` says no version: {said[:200]!r}.", code="claude_broken")
        status, said = await self._ask("auth", "status")
        if status != 0 and '"loggedIn": false' in said:
            raise Unavailable(
                "Claude Code is not signed in: run `claude` once and sign in, or set ANTHROPIC_API_KEY.",
                code="claude_signed_out",
            )
        return f"Claude Code {found[0]}"

    async def run(self, turn: Turn, tell: Tell) -> Result:
        """One run of the session."""
        async with running(
            self._command(turn),
            cwd=turn.workspace,
            environment=environment(
                MCP_TIMEOUT=str(_START_MILLISECONDS),
                MCP_TOOL_TIMEOUT=str(_TOOL_MILLISECONDS),
                DISABLE_AUTOUPDATER="1",
            ),
            token=turn.token,
            stdin=turn.prompt,
        ) as program:
            return await _heard(program, turn, tell)

    def _command(self, turn: Turn) -> list[str]:
        command = [
            self._program,
            "-p",
            "--output-format=stream-json",
            "--verbose",
            f"--mcp-config={_mcp_config(turn)}",
            "--strict-mcp-config",
            f"--permission-mode={'acceptEdits' if 'edits' in turn.allow else 'default'}",
        ]
        if turn.session is not None:
            command.append(f"--resume={turn.session.id}")
        if self._model is not None:
            command.append(f"--model={self._model}")
        if turn.budget_usd is not None:
            # Claude Code compares this limit with the cost of the whole session.
            spent = turn.session.cost_usd if turn.session else 0.0
            command.append(f"--max-budget-usd={spent + turn.budget_usd:.4f}")
        # Takes all that follow, so it comes last.
        return [*command, "--allowedTools", f"mcp__{SERVER}", *_rules(turn)]

    async def _ask(self, *arguments: str) -> tuple[int, str]:
        try:
            process = await asyncio.create_subprocess_exec(
                self._program, *arguments, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env=environment()
            )
        except OSError:
            raise Unavailable(
                f"There is no program `{self._program}`: install Claude Code "
                "(`npm install -g @anthropic-ai/claude-code`), or name another driver.",
                code="claude_missing",
            ) from None
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                said, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise Unavailable(
                f"`{self._program} {' '.join(arguments)}` does not answer; try it by hand.", code="claude_broken"
            ) from None
        return process.returncode or 0, said.decode(errors="replace").strip()


async def _heard(program: Program, turn: Turn, tell: Tell) -> Result:
    complaints = asyncio.create_task(program.complaints())
    session, until, ended = turn.session, None, None
    async for text in program.lines():
        for event in events(text):
            match event:
                case Began():
                    if session is None:
                        session = Session(event.session)
                        turn.began(session)
                    server = event.servers.get(SERVER, "missing")
                    if server not in _CONNECTED:
                        words = f"Claude Code could not reach AiWorker's MCP server at {turn.url} ({server})."
                        return Result(Ending.UNREACHABLE, words, session=session)
                case Said(said, level):
                    _tell(tell, said, level)
                case Waits():
                    until = event.until
                case Ended():
                    ended = event
    status = await program.wait()
    if ended is None:
        words = " ".join(await complaints) or "it said nothing"
        return Result(Ending.FAILED, f"Claude Code ended with exit status {status}: {words}", session=session)
    return _result(ended, session, until)


def _result(ended: Ended, session: Session | None, until: float | None) -> Result:
    spent_before = session.cost_usd if session else 0.0
    cost = None if ended.cost_usd is None else max(0.0, ended.cost_usd - spent_before)
    name = ended.session or (session.id if session else None)
    ending = Ending.DONE
    if ended.failed:
        ending = Ending.LIMITED if ended.limited else Ending.SPENT if ended.spent else Ending.FAILED
    return Result(
        ending,
        ended.words,
        usage=Usage(ended.tokens.tokens_in, ended.tokens.tokens_out, cost),
        session=None if name is None else Session(name, spent_before if ended.cost_usd is None else ended.cost_usd),
        denials=ended.denials,
        retry_after=None if until is None else max(0.0, until - time.time()),
    )


def _tell(tell: Tell, said: str, level: LogLevel) -> None:
    if (told := line(without_secrets(said), level)) is not None:
        tell(told)


def _mcp_config(turn: Turn) -> Path:
    """The file that tells Claude Code of AiWorker: it holds the key, which must not be in the arguments."""
    server = {
        "type": "http",
        "url": f"{turn.url}/mcp",
        "headers": {"Authorization": f"Bearer {turn.key}"},
        "alwaysLoad": True,
    }
    file = turn.private / "mcp.json"
    write_private(file, json.dumps({"mcpServers": {SERVER: server}}))
    return file


def _rules(turn: Turn) -> list[str]:
    """What the project allows, in Claude Code's words: its own rules stay as they are."""
    project = turn.task.project
    commands = (
        {"setup": project.setup_command, "test": project.test_command, "start": project.start_command}
        if project
        else {}
    )
    rules: list[str] = []
    for allowed in turn.allow:
        if allowed == "edits":
            rules += ["Edit", "Write", "NotebookEdit"]
        elif allowed == "git":
            rules.append("Bash(git *)")
        elif allowed in commands:
            rules += [f"Bash({command})" for command in (commands[allowed],) if command]
        else:
            rules.append(allowed)
    return rules
