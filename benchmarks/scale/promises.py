"""The promised times, asked of the whole program over HTTP, with a million robots and 100,000 tasks in its database."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from sqlalchemy import literal

from benchmarks.engines.contestants.protocol import payload
from benchmarks.engines.results import percentile
from benchmarks.scale.fill import Made, Original, fill, robot, task, uuid
from benchmarks.servers import Servers, settle

_MODULE, _TYPE = "reader", "ocr.read"
_PATIENCE_SECONDS = 60.0
_WARM_UP = 20
_SETTLE_SECONDS = 5.0
Json = dict[str, Any]

CREATE, COMPLETE, MOVE = "create a robot", "update a status (a robot completed)", "update a status (a task moved)"
PROGRESS, TOLD = "progress (of a robot)", "progress (of a task, MCP)"
HEALTH, NEXT = "health", "get_next_task (MCP)"
# Nothing is promised of it.
CLAIM = "claim a robot"
ANALYTICS = "analytics (five reports, a day's trends)"
_ANALYTICS = ("performance", "errors", "capacity", "efficiency", "bottlenecks", "trends?hours=24")
# Milliseconds at p99 on 2 cores.
PROMISED = {
    CREATE: 50.0,
    COMPLETE: 25.0,
    MOVE: 25.0,
    PROGRESS: 10.0,
    TOLD: 10.0,
    HEALTH: 15.0,
    NEXT: 25.0,
    ANALYTICS: 100.0,
}


@dataclass(frozen=True, slots=True)
class Load:
    """What is in the database: robots in all, those of them that are waiting; tasks, those that are waiting.

    `pause`: seconds between two requests of the second round.
    """

    robots: int = 1_000_000
    waiting: int = 50_000
    tasks: int = 100_000
    backlog: int = 10_000
    samples: int = 300
    pause: float = 0.05


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds."""

    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Times:
    """How long each request took, by what it asked for: one right after the other, and with a pause between them."""

    hurried: dict[str, Took]
    paced: dict[str, Took]


async def promised_times(servers: Servers, kind: str, home: Path, load: Load) -> Times:
    """The times on one kind of database."""
    url = await servers.fresh(kind)
    with running(url, home / "home") as door:
        originals = written(door, home)
    await _filled(url, originals, load)
    await settle(url)
    with running(url, home / "home") as door:
        door.close()
        await asyncio.sleep(_SETTLE_SECONDS)
        hurried = _asked(door, load.samples, 0)
        return Times(hurried, _asked(door, load.samples, load.pause))


class Door:
    """The program's address, with an admin's key, on one connection."""

    def __init__(self, url: str, key: str) -> None:
        self.process = 0
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=_PATIENCE_SECONDS)
        self._headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2025-11-25",
        }

    def call(self, method: str, path: str, body: Json | None = None) -> Any:
        """The data of an answer. Raises: RuntimeError if it is refused."""
        status, text = self.raw(method, path, body)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {text[:500]}")
        return json.loads(text).get("data")

    def tool(self, name: str, **arguments: Any) -> Json:
        """A tool's answer. Raises: RuntimeError if it is refused."""
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
        _, text = self.raw("POST", "/mcp", asked)
        result = json.loads(text.partition("data: ")[2] or text)["result"]
        if result.get("isError"):
            raise RuntimeError(f"{name}: {result['content'][0]['text']}")
        return result["structuredContent"]

    def close(self) -> None:
        """Let go of the connection; the next call opens another."""
        self._connection.close()

    def raw(self, method: str, path: str, body: Json | None = None) -> tuple[int, str]:
        """The status and the text of an answer."""
        self._connection.request(method, path, None if body is None else json.dumps(body), self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read().decode()


@dataclass(frozen=True, slots=True)
class Originals:
    waiting: str
    finished: str
    project: str
    task: str
    task_robot: str
    ended_task: str
    ended_robot: str


def written(door: Door, home: Path) -> Originals:
    """One of everything, made by the program itself."""
    repository = home / "repository"
    for arguments in (["init", "-q", "-b", "main", str(repository)], [*_commit(repository), "-m", "Begin"]):
        subprocess.run(["git", *arguments], check=True)
    door.call("POST", "/api/modules", {"moduleName": _MODULE, "moduleVersion": "1", "supportedRobotTypes": [_TYPE]})
    door.call("POST", "/api/robots", {"robotType": _TYPE, "inputData": {"page": 1}})
    (claimed,) = door.call("POST", f"/api/modules/{_MODULE}/claim", {"holder": "bench"})
    door.call("POST", f"/api/executions/{claimed['executeId']}/complete", {"leaseToken": claimed["leaseToken"]})
    waiting = door.call("POST", "/api/robots", {"robotType": _TYPE, "inputData": {"page": 1}})
    project = door.call("POST", "/api/projects", {"name": "Bench", "key": "BENCH", "repo": str(repository)})
    tasks = [door.call("POST", "/api/tasks", {"projectId": project["id"], "title": "A task"}) for _ in range(2)]
    door.call("POST", f"/api/tasks/{tasks[1]['id']}/cancel", {})
    robots = [door.call("GET", f"/api/robots?correlationId={each['id']}")[0]["robotId"] for each in tasks]
    return Originals(
        waiting=waiting["robotId"],
        finished=claimed["robotId"],
        project=project["id"],
        task=tasks[0]["id"],
        task_robot=robots[0],
        ended_task=tasks[1]["id"],
        ended_robot=robots[1],
    )


def _commit(repository: Path) -> list[str]:
    who = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"]
    return ["-C", str(repository), *who, "commit", "-q", "--allow-empty"]


async def _filled(url: str, made: Originals, load: Load) -> None:
    """Finished ones first: what waits is the newest."""

    def one(robot_id: str, task_id: str, prefix: str, key: str, **state: str) -> list[Original]:
        keys: dict[str, Made] = {
            "input_data": lambda number: literal('{"taskId": "') + uuid(number) + literal('", "round": 1}'),
            "correlation_id": uuid,
            "source_reference": lambda number: literal(key) + number,
        }
        return [robot(robot_id, prefix, keys=keys), task(task_id, prefix, key, **state)]

    ended = load.tasks - load.backlog
    await fill(url, [robot(made.finished, "ocr_")], load.robots - load.tasks - load.waiting)
    await fill(url, one(made.ended_robot, made.ended_task, "task_", "OLD-", state="production"), ended)
    await fill(url, [robot(made.waiting, "ocr_new_")], load.waiting)
    await fill(url, one(made.task_robot, made.task, "task_", "NEW-"), load.backlog, start=ended)


class Timed(Protocol):
    """Does a request and notes what it took, by what it asked for."""

    def __call__(self, what: str, ask: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """The request's answer."""
        ...


def one_turn(door: Door, number: int, timed: Timed) -> None:
    """Each kind of request once."""
    timed(HEALTH, door.raw, "GET", "/api/health")
    timed(ANALYTICS, door.call, "GET", f"/api/analytics/{_ANALYTICS[number % len(_ANALYTICS)]}")
    timed(CREATE, door.call, "POST", "/api/robots", {"robotType": _TYPE, "inputData": payload(number)})
    (claimed,) = timed(CLAIM, door.call, "POST", f"/api/modules/{_MODULE}/claim", {"holder": "bench"})
    path, token = f"/api/executions/{claimed['executeId']}", claimed["leaseToken"]
    timed(PROGRESS, door.call, "PATCH", path, {"leaseToken": token, "progressPercentage": 50})
    timed(COMPLETE, door.call, "POST", f"{path}/complete", {"leaseToken": token})
    given = timed(NEXT, door.tool, "get_next_task")
    mine: Json = {"attempt": given["attempt"], "taskId": given["task"]["id"]}
    timed(TOLD, door.tool, "report_progress", **mine, step="Reading", percentage=50)
    timed(MOVE, door.tool, "update_task_status", **mine, status="backlog", reason="It was only tried.")


def _asked(door: Door, samples: int, pause: float) -> dict[str, Took]:
    took: defaultdict[str, list[float]] = defaultdict(list)

    def timed(what: str, ask: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        time.sleep(pause)
        began = time.perf_counter()
        answer = ask(*arguments, **named)
        took[what].append(time.perf_counter() - began)
        return answer

    for number in range(_WARM_UP + samples):
        one_turn(door, number, timed)
    return {
        what: Took(1000 * percentile(times[_WARM_UP:], 0.5), 1000 * percentile(times[_WARM_UP:], 0.99))
        for what, times in took.items()
        if what in PROMISED
    }


@contextmanager
def running(url: str, home: Path, source: Path | None = None) -> Generator[Door]:
    """The whole program on a database; `source`: of another tree than this."""
    environment = {
        **os.environ,
        **({"PYTHONPATH": str(source)} if source is not None else {}),
        "AIWORKER_HOME": str(home),
        "DATABASE_URL": url,
        "AIWORKER_RATE_LIMIT": "10000000",
        "LOG_LEVEL": "error",
    }
    command = [sys.executable, "-m", "aiworker", "up", "--port", "0"]
    (home / "server.json").unlink(missing_ok=True)
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            door = _opened(home, process)
            door.process = process.pid
            yield door
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_PATIENCE_SECONDS)


def _opened(home: Path, process: subprocess.Popen[bytes]) -> Door:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            url = json.loads((home / "server.json").read_text())["url"]
            door = Door(url, (home / "admin.key").read_text().strip())
            # The whole program is there when MCP answers.
            door.tool("list_tasks")
        except (OSError, ValueError, KeyError, RuntimeError):
            time.sleep(0.1)
        else:
            return door
    raise SystemExit(f"aiworker up did not answer (exit status {process.returncode})")
