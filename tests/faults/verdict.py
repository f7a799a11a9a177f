"""What came of it: the database's account against the workers' own."""

import subprocess
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from aiworker.delivery.attempts.tables import attempts
from aiworker.delivery.tasks.tables import tasks
from aiworker.engine.executions.tables import robot_execute
from aiworker.engine.robots.tables import robots
from aiworker.storage.outbox.tables import outbox
from aiworker.storage.transaction import Tx
from tests.faults.robot_worker import ROBOT_TYPE


@dataclass
class Verdict:
    """Sentences about what was lost, done twice, or is out of order; all empty if the promises were kept."""

    lost: list[str] = field(default_factory=list[str])
    twice: list[str] = field(default_factory=list[str])
    disorder: list[str] = field(default_factory=list[str])

    def __bool__(self) -> bool:
        return not (self.lost or self.twice or self.disorder)

    def __str__(self) -> str:
        return "\n".join(
            f"{name}: {len(found)}" + "".join(f"\n  {one}" for one in found[:20])
            for name, found in (("lost", self.lost), ("twice", self.twice), ("disorder", self.disorder))
        )


def judge(tx: Tx, account: Sequence[dict[str, Any]], *, robots_made: int, tasks_made: int, home: Path) -> Verdict:
    """Everything at once. `account`: the lines of every worker's ledger."""
    verdict = Verdict()
    judge_robots(tx, verdict, account, robots_made)
    _judge_tasks(tx, verdict, account, tasks_made, home)
    _judge_streams(tx, verdict)
    return verdict


def judge_robots(tx: Tx, verdict: Verdict, account: Sequence[dict[str, Any]], made: int) -> None:
    found = tx.rows(
        select(robots.c.robot_id, robots.c.status, robots.c.input_data, robots.c.output_data)
        .where(robots.c.robot_type == ROBOT_TYPE)
        .limit(1_000_000)
    )
    numbers = Counter(row.input_data["n"] for row in found)
    verdict.lost += [f"robot {n} was confirmed and never made" for n in range(made) if n not in numbers]
    verdict.twice += [f"robot {n} was made {times} times" for n, times in numbers.items() if times > 1]
    verdict.lost += [f"robot {row.robot_id} is {row.status}" for row in found if row.status != "COMPLETED"]
    completed = completed_tries(tx, ROBOT_TYPE)
    verdict.twice += [f"robot {robot} has {len(done)} results" for robot, done in completed.items() if len(done) > 1]
    sent, confirmed = _noted(account, "sent", "robot", "execution"), _noted(account, "confirmed", "robot", "execution")
    for robot, executions in confirmed.items():
        if len(executions) > 1:
            verdict.twice.append(f"robot {robot} was confirmed {len(executions)} times")
        if executions - completed.get(robot, set()):
            verdict.lost.append(f"robot {robot} was confirmed, but its execution is not completed")
    for robot, done in completed.items():
        if done - sent.get(robot, set()):
            verdict.twice.append(f"robot {robot} was completed by nobody's hand")


def _judge_tasks(tx: Tx, verdict: Verdict, account: Sequence[dict[str, Any]], made: int, home: Path) -> None:
    found = tx.rows(select(tasks.c.id, tasks.c.task_key, tasks.c.state).limit(100_000))
    if len(found) != made:
        verdict.lost.append(f"{made} tasks were made, and {len(found)} are there")
    verdict.lost += [f"{row.task_key} is {row.state}" for row in found if row.state != "production"]
    keys = {row.id: row.task_key for row in found}
    handed_in: defaultdict[str, set[str]] = defaultdict(set)
    rows = tx.rows(
        select(attempts.c.task_id, robot_execute.c.execute_id)
        .join(robot_execute, robot_execute.c.execute_id == attempts.c.execute_id)
        .where(robot_execute.c.execution_state == "COMPLETED")
        .limit(1_000_000)
    )
    for row in rows:
        handed_in[keys[row.task_id]].add(row.execute_id)
    verdict.twice += [f"{key} was handed in {len(done)} times" for key, done in handed_in.items() if len(done) > 1]
    verdict.lost += [f"{key} was never handed in" for key in keys.values() if not handed_in.get(key)]
    for key, confirmed in _noted(account, "confirmed", "task", "attempt").items():
        if len(confirmed) > 1:
            verdict.twice.append(f"{key} was confirmed to {len(confirmed)} attempts")
    shipped = Counter(
        line.removeprefix("Task: ")
        for repository in (home / "repositories").glob("*.git")
        for line in _git(repository, "log", "--format=%(trailers:key=Task)", "main").splitlines()
        if line.startswith("Task: ")
    )
    verdict.lost += [f"{key} is not on main" for key in keys.values() if key not in shipped]
    verdict.twice += [f"{key} is on main {times} times" for key, times in shipped.items() if times > 1]


def _judge_streams(tx: Tx, verdict: Verdict) -> None:
    """Numbers without a gap in each feed, positions without a gap in each stream, both rising together."""
    rows = tx.rows(
        select(outbox.c.feed, outbox.c.number, outbox.c.size, outbox.c.events)
        .order_by(outbox.c.feed, outbox.c.number)
        .limit(10_000_000)
    )
    last: dict[str, int] = {}
    positions: dict[str, int] = {}
    for row in rows:
        if row.number is None:
            verdict.disorder.append(f"an event of feed {row.feed} was never numbered")
            continue
        before = last.get(row.feed, 0)
        if row.number - row.size != before:
            verdict.disorder.append(f"feed {row.feed}: after {before} comes {row.number - row.size + 1}")
        last[row.feed] = row.number
        for event in row.events:
            position, stream = event["position"], event["stream"]
            if position is None:
                continue
            if stream in positions and position != positions[stream] + 1:
                verdict.disorder.append(f"stream {stream}: after {positions[stream]} comes {position}")
            positions[stream] = position


def completed_tries(tx: Tx, robot_type: str) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    rows = tx.rows(
        select(robot_execute.c.robot_id, robot_execute.c.execute_id)
        .join(robots, robots.c.robot_id == robot_execute.c.robot_id)
        .where(robots.c.robot_type == robot_type, robot_execute.c.execution_state == "COMPLETED")
        .limit(1_000_000)
    )
    for row in rows:
        found[row.robot_id].add(row.execute_id)
    return found


def _noted(account: Sequence[dict[str, Any]], what: str, thing: str, by: str) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for line in account:
        if line["what"] == what and thing in line:
            found[line[thing]].add(line[by])
    return found


def _git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "--git-dir", repository, *arguments], capture_output=True, text=True, check=True)
    return done.stdout
