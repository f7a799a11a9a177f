"""A project whose releases move when a test says so: the real pipelines and a real repository, one robot at a time,
killed between any two reports if that is wanted. Nothing listens and nothing runs by itself."""

import hashlib
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aiworker.core.errors import AiWorkerError
from aiworker.delivery.deployments.previews import CLEANUP_PREVIEW, DEPLOY_PREVIEW
from aiworker.delivery.groups import queries as group_queries
from aiworker.delivery.groups.records import GroupRecord
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.projects.service import shipping_queue
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.context import Context
from aiworker.engine.robots.errors import NotClaimable
from aiworker.engine.robots.records import Robot
from aiworker.engine.robots.states import UNFINISHED
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import ClaimedRobot, Complete, ErrorCategory, Fail, Report, ReportAnswer, RobotStatus
from aiworker.wire.failures import failure_of
from tests.support.databases import Backend
from tests.support.memory_runtime import MemoryRuntime
from tests.support.workshop import Hand, Workshop

Files = Mapping[str, str]
LEASE_SECONDS = 60
_PREVIEWS = (DEPLOY_PREVIEW, CLEANUP_PREVIEW)


class Killed(BaseException):
    """The process is gone: nothing more is written."""


class Stopped(BaseException):
    """The engine told the worker that the robot is not its any more."""


@dataclass(frozen=True, slots=True)
class Told:
    """A commit of a branch, as git tells it."""

    sha: str
    parents: tuple[str, ...]
    subject: str


class Dock(Workshop):
    """One project, SHOP, on a repository of its own."""

    def __init__(self, folder: Path, *, backend: Backend = "sqlite") -> None:
        self.runtime = MemoryRuntime()
        super().__init__(folder, backend=backend, runtime=self.runtime)
        self.repository = folder / "forge" / "shop.git"
        self._handlers = self.delivery.handlers()
        self._commits = 0

    async def start(self, files: Files) -> ProjectRecord:
        """The project, with a first commit on its default branch."""
        await self.open()
        project = await self.project("SHOP", preview_enabled=False)
        self.commit("main", files, "First")
        return project

    # --- git, as other people's programs use it ---

    def commit(self, branch: str, files: Files, subject: str, *, onto: str | None = None, merging: str = "") -> str:
        """A commit on a branch (begun at `onto` if it is not there); its name."""
        self._commits += 1
        lines = [f"commit refs/heads/{branch}", "mark :1"]
        lines += [f"committer Ada <ada@example.com> {1_700_000_000 + self._commits} +0000"]
        lines += [f"data {len(subject)}\n{subject}"]
        start = onto or self.head(branch)
        lines += [f"from {start}"] if start else []
        lines += [f"merge {merging}"] if merging else []
        for path, content in files.items():
            lines += [f"M 100644 inline {path}", f"data {len(content)}\n{content}"]
        return self.git("fast-import", "--quiet", "--force", stdin="\n".join([*lines, "", "get-mark :1", ""]))

    def head(self, branch: str) -> str | None:
        return self.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}") or None

    def branches(self) -> set[str]:
        return set(self.git("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/").splitlines())

    def files(self, commit: str) -> dict[str, str]:
        """What every file of a commit holds, as the name of its content."""
        listed = self.git("ls-tree", "-r", commit).splitlines()
        return {path: line.split()[2] for line, _, path in (entry.partition("\t") for entry in listed)}

    def history(self, branch: str) -> list[Told]:
        """First parents only, oldest first."""
        found = self.git("log", "--first-parent", "--reverse", "--format=%H|%P|%s", branch).splitlines()
        parts = (line.split("|", 2) for line in found)
        return [Told(sha, tuple(parents.split()), subject) for sha, parents, subject in parts]

    def git(self, *arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            ["git", f"--git-dir={self.repository}", *arguments], input=stdin, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    # --- tasks ---

    async def finished(self, task: TaskRecord, files: Files) -> TaskRecord:
        """An agent takes the task, which is the only one to be had, and hands these files in on its branch."""
        hand = await self.claim_one(f"agent-{task.task_key}")
        assert hand.task_id == task.id
        base = self.head("main")
        branch = f"task-{task.short_id}"
        at = self.commit(branch, files, f"Work on {task.task_key}", onto=base)
        pull = await self.delivery.forge.open_pull_request(
            "shop", head=branch, base="main", title=task.title, body=task.task_key
        )
        work = {"branch_name": branch, "base_commit": base, "head_commit": at, "pr_number": pull.number}
        return await self.write(self._hand_in_on, hand, work)

    def _hand_in_on(self, tx: Tx, hand: Hand, work: Mapping[str, str | int | None]) -> TaskRecord:
        holding = self.holding(tx, hand)
        task = board.change(tx, board.lock(tx, hand.task_id), **work)
        return self.delivery.work.hand_in(tx, task, holding.execution.execute_id, hand.token, summary="Done.")

    # --- releases ---

    async def groups(self, project: ProjectRecord) -> list[GroupRecord]:
        return await self.read(group_queries.list_groups, project_id=project.id, limit=500)

    async def run_one(
        self, project: ProjectRecord, *, killed_after: int | None = None, gives_up: bool = False
    ) -> ClaimedRobot | None:
        """The next robot of the shipping queue, to its end, or until the process is killed at one of its reports.

        `gives_up`: instead of being killed there, it fails for good.
        """
        queue = shipping_queue(project.id)
        claimed = await self.write(
            self.engine.claim, "control", holder="control", queues=[queue], internal=True, lease_seconds=LEASE_SECONDS
        )
        if not claimed:
            return None
        await self._run(claimed[0], killed_after=killed_after, gives_up=gives_up)
        return claimed[0]

    async def run_preview(self, *, killed_after: int | None = None, gives_up: bool = False) -> ClaimedRobot | None:
        """The next robot that puts a preview up or takes one down, likewise."""
        robot = await self.write(self._claim_preview)
        if robot is not None:
            await self._run(robot, killed_after=killed_after, gives_up=gives_up)
        return robot

    def _claim_preview(self, tx: Tx) -> ClaimedRobot | None:
        for robot in self._previews(tx):
            if robot.status in {RobotStatus.PENDING, RobotStatus.RETRYING}:
                with suppress(NotClaimable):
                    return self.engine.claim_robot(
                        tx, robot.robot_id, holder="control", lease_seconds=LEASE_SECONDS, as_owner=True
                    )
        return None

    def _previews(self, tx: Tx) -> list[Robot]:
        return [robot for kind in _PREVIEWS for robot in self.engine.list_robots(tx, robot_type=kind, limit=500)[0]]

    async def _run(self, robot: ClaimedRobot, *, killed_after: int | None, gives_up: bool) -> None:
        reports = 0

        async def send(report: Report) -> ReportAnswer:
            nonlocal reports
            reports += 1
            if killed_after is not None and reports > killed_after:
                raise Killed
            answer = await self.write(self.engine.report, robot.execute_id, report)
            if answer.directive in {"cancel", "lost"}:
                raise Stopped
            return answer

        try:
            await self._handlers[robot.robot_type](Context(robot, send))
            done = Complete(lease_token=robot.lease_token)
            await self.write(self.engine.complete, robot.execute_id, done)
        except Killed:
            if gives_up:
                failure = Fail(lease_token=robot.lease_token, error_category=ErrorCategory.BUSINESS, error_message="no")
                await self.write(self.engine.fail, robot.execute_id, failure)
        except Stopped:
            pass
        except AiWorkerError as error:
            await self.write(self.engine.fail, robot.execute_id, failure_of(error, robot.lease_token))

    async def settle(self, project: ProjectRecord) -> None:
        """Until nothing is under way and nothing is left to be done."""
        for _ in range(60):
            await self.tick()
            if await self.run_one(project) is None and await self.run_preview() is None:
                if not await self.read(self._unfinished, project):
                    return
                self.clock.pass_seconds(LEASE_SECONDS + 1)
        raise AssertionError("the releases do not settle")

    def _unfinished(self, tx: Tx, project: ProjectRecord) -> bool:
        queue = shipping_queue(project.id)
        robots, _ = self.engine.list_robots(tx, queue=queue, limit=500)
        found = [*robots, *self._previews(tx)]
        return any(robot.status in UNFINISHED and robot.status is not RobotStatus.FAILED for robot in found)


def content(words: str) -> str:
    """What a file holds: nothing of one is like another, so that git takes none for a renaming."""
    return hashlib.sha256(words.encode()).hexdigest() + "\n"


def blob(text: str) -> str:
    """The name that git gives to a file's content."""
    raw = text.encode()
    return hashlib.sha1(b"blob %d\0%b" % (len(raw), raw), usedforsecurity=False).hexdigest()
