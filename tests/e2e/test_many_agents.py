"""Four runners and a hundred tasks that all change one file, on the whole program: nothing twice, nothing lost.

`.venv/bin/pytest -m soak -s tests/e2e/test_many_agents.py` measures what benchmarks/agents.md says.
"""

import os
import shlex
import statistics
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from aiworker.cli.client import Server
from aiworker.cli.demo.server import DemoServer
from aiworker.wire.access import NewKey, Scope
from aiworker.wire.projects import NewProject
from aiworker.wire.tasks import NewTask
from tests.support.checkouts import Checkout, git
from tests.support.claude_code import bash, claude_program, tool
from tests.support.claude_runner import claude_runner
from tests.support.scenario import Call, Step, Turn
from tests.support.scripted_model import scripted_model
from tests.support.story import api_of, until
from tests.support.talk import Talk

RUNNERS = 4
# Fewer are sooner.
TASKS_EACH = int(os.environ.get("TASKS_EACH", "25"))
# Stands before the program that works, and notes when it began and ended.
NOTED = """\
#!/bin/sh
case "$1" in --version|auth) exec {program} "$@";; esac
began=$(date +%s.%N)
{program} "$@"
status=$?
echo "$(basename "$(dirname "$PWD")") $began $(date +%s.%N)" >> {notes}
exit $status
"""
# A program that is done at once: what is measured then is AiWorker.
AT_ONCE = "sh -c 'echo $AIWORKER_TASK_KEY > price.txt && git commit --quiet --all --message Price'"


@dataclass(frozen=True)
class Place:
    folder: Path
    url: str


def read(talk: Talk) -> Turn:
    return Turn(calls=[Call("Read", {"file_path": f"{talk.folder}/price.txt"})])


def write(talk: Talk) -> Turn:
    key = talk.prompt.partition(":")[0].removeprefix("# ")
    return Turn(calls=[Call("Write", {"file_path": f"{talk.folder}/price.txt", "content": f"{key}\n"})])


PUSH = Turn(calls=[bash("git commit --quiet --all --message Price && git push --quiet origin HEAD")])
HAND_IN = Turn(calls=[tool("create_pull_request", summary="The price.")])
WORK: Sequence[Step] = (read, write, PUSH, HAND_IN)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", ["claude", "command"])
async def test_a_hundred_tasks_are_each_done_once(tmp_path: Path, kind: str) -> None:
    source = Checkout(tmp_path / "source")
    source.commit("First", price__txt="0\n")
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(DemoServer(tmp_path))
        model = stack.enter_context(scripted_model(*WORK))
        with api_of(server) as api:
            project = NewProject(name="Shop", key="SHOP", repo=source.source, preview_enabled=False)
            api.post("projects", body=project)
            for number in range(RUNNERS * TASKS_EACH):
                api.post("tasks", body=NewTask(project_id="SHOP", title=f"Set price {number}"))
            key = api.post("keys", body=NewKey(name="agents", scope=Scope.AGENT))["key"]
            runners = [
                await stack.enter_async_context(claude_runner(Place(tmp_path / str(n), server.url), key, model))
                for n in range(RUNNERS)
            ]
            noted = [note(runner.folder, kind) for runner in runners]
            arguments = [] if kind == "claude" else ["--driver", "command", "--", "worker"]
            for runner in runners:
                await runner.start(*arguments)
            done = await finished(api, RUNNERS * TASKS_EACH)
        for runner in runners:
            assert await runner.stop() == 0
            assert [line for line in runner.log if line["level"] not in {"debug", "info"}] == []
    assert '"level": "error"' not in server.log.read_text()
    assert '"level": "warning"' not in server.log.read_text()
    for task in done:
        branch = f"refs/heads/{task['branchName']}"
        assert git(server.home / "repositories/shop.git", "show", f"{branch}:price.txt") == task["key"]
    tell(kind, done, noted)


def note(folder: Path, kind: str) -> Path:
    """Put a program into the runner's way that notes its times; where."""
    program = shlex.quote(str(claude_program())) if kind == "claude" else AT_ONCE
    file = folder / "bin" / ("claude" if kind == "claude" else "worker")
    file.unlink(missing_ok=True)
    file.write_text(NOTED.format(program=program, notes=shlex.quote(str(folder / "times"))))
    file.chmod(0o755)
    return folder / "times"


async def finished(api: Server, count: int) -> list[dict[str, Any]]:
    """The tasks with their only attempt, once all are with people."""

    def with_people() -> list[dict[str, Any]] | None:
        tasks = api.list("tasks", projectId="SHOP", state="ready_to_test", limit=2 * count)
        return tasks if len(tasks) == count else None

    for _ in range(60):
        try:
            tasks = await until(with_people, what="all tasks are ready to test")
            break
        except AssertionError:
            continue
    else:
        raise AssertionError("not within an hour")
    for task in tasks:
        (task["attempt"],) = api.get("tasks", task["key"], "attempts")
        (cloned,) = api.get("tasks", task["key"], "logs", q="Cloned ")
        task["clone"] = float(cloned["message"].split()[-2])
    return tasks


def tell(kind: str, done: Sequence[dict[str, Any]], noted: Sequence[Path]) -> None:
    """How long a task waited for its program, and for its review after the program."""
    times = {
        name.rpartition("-")[0].upper(): (float(began), float(ended))
        for file in noted
        for name, began, ended in (line.split() for line in file.read_text().splitlines())
    }
    before = [times[task["key"]][0] - seconds(task["attempt"]["startedAt"]) - task["clone"] for task in done]
    after = [seconds(task["attempt"]["completedAt"]) - times[task["key"]][1] for task in done]
    whole = max(ended for _, ended in times.values()) - min(began for began, _ in times.values())
    lines = [f"{kind}: {len(done)} tasks, {RUNNERS} runners, {whole:.0f} s; load {os.getloadavg()[0]:.1f}"]
    cloned = [task["clone"] for task in done]
    parts = {"claim to program, without the clone": before, "program to ready_to_test": after, "the clone": cloned}
    for what, took in parts.items():
        p95 = sorted(took)[int(len(took) * 0.95)]
        lines.append(f"{what}: median {statistics.median(took):.2f} s, p95 {p95:.2f} s, most {max(took):.2f} s")
    sys.stdout.write("\n" + "\n".join(lines) + "\n")


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
