"""Whatever is shipped, promoted, rolled back, withdrawn, pushed, merged by hand or killed, in whatever order: the
branches hold what the history says, the environments run it, and nothing is left behind."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from aiworker.core.errors import Conflict
from aiworker.delivery.deployments import queries as deployments
from aiworker.delivery.groups import queries as group_queries
from aiworker.delivery.groups.records import GroupRecord, GroupTaskRecord
from aiworker.delivery.groups.robots import DEPLOY_STAGING, tidy_again
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.storage.transaction import Tx
from aiworker.wire.groups import DeploymentEnvironment, GroupStatus
from aiworker.wire.tasks import RequestChanges, TaskState
from tests.integration.delivery.ledger import Ledger
from tests.support.dock import Dock, content
from tests.support.workshop import ADA, BOB

T = TypeVar("T")
S = TaskState

PATHS = ("a.txt", "b.txt", "c.txt", "d/e.txt")
FIRST = {"a.txt": content("first a"), "b.txt": content("first b")}
MOST_RELEASES = 8
COMMANDS = ("promote", "promote", "rollback", "rollback", "withdraw")
CHOICES = st.integers(0, 30)
SOME_PATHS = st.lists(st.sampled_from(PATHS), min_size=1, max_size=2, unique=True)
# At which of its reports a pipeline is cut short; None: it runs to its end.
CUT = st.one_of(st.none(), st.none(), st.integers(0, 24))


class ReleaseMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.dock = Dock(self.folder)
        self.tasks: list[str] = []
        self.written = 0

    def teardown(self) -> None:
        try:
            self.everything_settles()
        finally:
            self.run(self.dock.database.close())
            self.runner.close()
            shutil.rmtree(self.folder)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def do(self, body: Callable[..., T], *arguments: Any) -> T:
        return self.run(self.dock.write(body, *arguments))

    @initialize(first=st.lists(SOME_PATHS, min_size=2, max_size=4))
    def open(self, first: list[list[str]]) -> None:
        self.project = self.run(self.dock.start(FIRST))
        self.ledger = Ledger(str(self.dock.head("main")), FIRST)
        for paths in first:
            self.a_task_is_approved(paths)

    # --- tasks ---

    @rule(paths=SOME_PATHS)
    def a_task_is_approved(self, paths: list[str]) -> None:
        if len(self.tasks) >= 2 * MOST_RELEASES:
            return
        task = self.run(self.dock.task(self.project, f"Task {len(self.tasks)}"))
        changes = self._new(paths)
        task = self.run(self.dock.finished(task, changes))
        self.tasks.append(task.id)
        self._worked(task, changes)
        self.run(self.dock.approve(task, str(task.head_commit)))

    @rule(choice=CHOICES, path=st.sampled_from(PATHS))
    def somebody_pushes_to_a_task(self, choice: int, path: str) -> None:
        task = self._task(choice, S.APPROVED, S.READY_TO_TEST, S.STAGING)
        if task is not None:
            changes = self._new([path])
            before = self.ledger.work[str(task.head_commit)]
            at = self.dock.commit(str(task.branch_name), changes, "More")
            task = self.run(self.dock.push(task, at, by=BOB))
            self._worked(task, {**before, **changes})

    @rule(choice=CHOICES)
    def a_person_approves(self, choice: int) -> None:
        task = self._task(choice, S.READY_TO_TEST)
        if task is not None:
            self.run(self.dock.approve(task.id, str(task.head_commit)))

    @rule(choice=CHOICES, cancels=st.booleans())
    def a_person_takes_a_task_away(self, choice: int, cancels: bool) -> None:
        task = self._task(choice, S.APPROVED, S.STAGING, S.PRODUCTION)
        if task is None:
            return
        tasks = self.dock.delivery.tasks
        allowed = task.state is S.APPROVED and task.group_id is None
        with nullcontext() if allowed else pytest.raises(Conflict):
            if not cancels:
                self.do(tasks.request_changes, ADA, task.id, RequestChanges(body="Not like this."))
            self.do(tasks.cancel, ADA, task.id, "no longer needed")

    # --- previews ---

    @rule(choice=CHOICES, ends=st.booleans())
    def a_person_wants_a_preview_or_none(self, choice: int, ends: bool) -> None:
        task = self._task(choice, S.READY_TO_TEST, S.APPROVED, S.STAGING)
        if task is not None:
            self.do(self._end_preview if ends else self._request_preview, task)

    def _request_preview(self, tx: Tx, task: TaskRecord) -> None:
        self.dock.delivery.previews.request(tx, self.project, board.lock(tx, task.id), by=ADA, automatic=False)

    def _end_preview(self, tx: Tx, task: TaskRecord) -> None:
        self.dock.delivery.previews.end(tx, board.lock(tx, task.id), by=ADA, asked=True)

    @rule(cut=CUT, gives_up=st.booleans())
    def a_preview_is_worked_on(self, cut: int | None, gives_up: bool) -> None:
        self.run(self.dock.tick())
        self.run(self.dock.run_preview(killed_after=cut, gives_up=gives_up))

    @rule(times=st.integers(1, 8))
    def removals_fail_for_a_while(self, times: int) -> None:
        self.dock.runtime.stuck = times

    # --- by hand ---

    @rule(path=st.sampled_from(PATHS))
    def somebody_commits_to_the_default_branch(self, path: str) -> None:
        self._by_hand(self._new([path]), "By hand")

    @rule(choice=CHOICES)
    def somebody_merges_a_task_by_hand(self, choice: int) -> None:
        task = self._task(choice, S.APPROVED, S.READY_TO_TEST)
        if task is None:
            return
        at, head = str(task.head_commit), str(self.dock.head("main"))
        if self._goes_into(head, at, self.ledger.work[at]):
            self._by_hand(self.ledger.work[at], f"Merge {task.task_key}", merging=at)

    def _by_hand(self, changes: dict[str, str], subject: str, merging: str = "") -> None:
        at = self.dock.commit("main", changes, subject, merging=merging)
        self.ledger.by_hand[at] = changes
        self.run(self.dock.delivery.review.pushed(BOB, self.project.repository, {"refs/heads/main": at}))

    def _goes_into(self, head: str, at: str, changes: dict[str, str]) -> bool:
        base = self.dock.git("merge-base", head, at)
        before, now = self.dock.files(base), self.dock.files(head)
        return all(before.get(path) == now.get(path) for path in changes)

    # --- releases ---

    @rule(choices=st.lists(CHOICES, min_size=1, max_size=3), cut=CUT, gives_up=st.booleans())
    def a_person_ships(self, choices: list[int], cut: int | None, gives_up: bool) -> None:
        found = [self._task(choice, S.APPROVED) for choice in choices]
        tasks = list({task.id: task for task in found if task is not None and task.group_id is None}.values())
        if not tasks or len(self._groups()) >= MOST_RELEASES:
            return
        foreseen = self.run(self.dock.delivery.foresight.check([task.id for task in tasks]))
        assert not foreseen.missing
        alone = not self._under_way()
        group_id = self.run(self.dock.ship(*tasks))
        self._work(cut, gives_up)
        group = self._group(group_id)
        if alone and cut is None and (group.status is GroupStatus.FAILED or group.under_way == DEPLOY_STAGING):
            assert (group.status is GroupStatus.FAILED) == bool(foreseen.conflicts), (group.error, foreseen)

    @rule(choice=CHOICES, command=st.sampled_from(COMMANDS), cut=CUT, gives_up=st.booleans())
    def a_person_commands(self, choice: int, command: str, cut: int | None, gives_up: bool) -> None:
        groups = self._groups()
        if groups:
            group = groups[choice % min(3, len(groups))]
            with suppress(Conflict):
                self.do(getattr(self.dock.delivery.groups, command), ADA, group)
            self._work(cut, gives_up)

    @rule()
    def the_next_roll_out_fails(self) -> None:
        self.dock.runtime.refuses = True

    @rule(cut=CUT, gives_up=st.booleans())
    def a_pipeline_works(self, cut: int | None, gives_up: bool) -> None:
        self._work(cut, gives_up)

    def _work(self, cut: int | None, gives_up: bool) -> None:
        self.run(self.dock.tick())
        self.run(self.dock.run_one(self.project, killed_after=cut, gives_up=gives_up))

    @rule()
    def a_lease_runs_out(self) -> None:
        self.dock.clock.pass_seconds(61)
        self.run(self.dock.tick())

    # --- what must be true whenever nothing is under way ---

    @precondition(lambda self: self.tasks)
    @rule()
    def everything_settles(self) -> None:
        self.run(self.dock.settle(self.project))
        # What robots gave up on is swept up within the hour.
        self.do(tidy_again, self.dock.engine)
        self.run(self.dock.settle(self.project))
        self.dock.runtime.stuck = 0
        # A preview that somebody ended, and that no robot could remove, is waited for a while.
        self.dock.clock.pass_seconds(3_601)
        assert not self.run(self.dock.delivery.orphans.sweep(unheard_of)).left
        groups, members = self._groups(), self._members()
        by_status = {status: {group.number for group in groups if group.status is status} for status in GroupStatus}
        assert not by_status[GroupStatus.PENDING]
        assert all(group.under_way is None for group in groups)
        self._check_branches(groups, members, by_status)
        self._check_environments(groups)
        self._check_tasks(groups)
        self._check_nothing_is_left(groups)

    def _check_branches(
        self,
        groups: Sequence[GroupRecord],
        members: dict[str, list[GroupTaskRecord]],
        by_status: dict[GroupStatus, set[int]],
    ) -> None:
        in_production = by_status[GroupStatus.PRODUCTION]
        in_staging = by_status[GroupStatus.STAGING] | in_production
        for branch, expected in (("main", in_production), ("staging", in_staging)):
            if self.dock.head(branch) is None:
                assert not expected
                continue
            standing = self.ledger.read(self.dock, branch, groups, members)
            assert standing.layers.keys() == expected, branch
            assert standing.files == self.dock.files(branch), branch

    def _check_environments(self, groups: Sequence[GroupRecord]) -> None:
        running = self.dock.runtime.running
        for environment in (DeploymentEnvironment.STAGING, DeploymentEnvironment.PRODUCTION):
            page = self.run(self.dock.read(deployments.running, self.project.id, environment))
            assert (page is None) == (f"{environment}-shop" not in running)
        if (staged := running.get("staging-shop")) is not None:
            assert self.dock.files(staged) == self.dock.files("staging")
        standing = [group for group in groups if group.status is GroupStatus.PRODUCTION]
        if standing:
            newest = max(standing, key=lambda group: (group.production_deployed_at or group.created_at, group.number))
            assert running["production-shop"] == newest.production_commit
            assert [group.id for group in standing if group.production_rollback_available] == [newest.id]

    def _check_tasks(self, groups: Sequence[GroupRecord]) -> None:
        by_id = {group.id: group for group in groups}
        for task in self._tasks():
            group = by_id.get(task.group_id or "")
            if task.state is S.STAGING:
                assert group is not None
                assert group.status is GroupStatus.STAGING
            elif task.state is S.PRODUCTION:
                assert group is None or group.status in {GroupStatus.PRODUCTION, GroupStatus.WITHDRAWN}
            else:
                assert group is None, (task.task_key, task.state)

    def _check_nothing_is_left(self, groups: Sequence[GroupRecord]) -> None:
        assert {name for name in self.dock.branches() if not name.startswith("task-")} <= {"main", "staging"}
        pulls = self.run(self.dock.delivery.forge.list_pull_requests("shop", state="open"))
        assert [pull.title for pull in pulls if pull.base == "staging"] == []
        previews = {task.instance for task in self._tasks() if task.preview_status in {"running", "failed"}}
        running = {name for name in self.dock.runtime.running if name.startswith("task-")}
        assert running <= previews
        assert {task.instance for task in self._tasks() if task.preview_status == "running"} <= running
        assert self.dock.runtime.running.keys() - running <= {"staging-shop", "production-shop"}

    # --- small things ---

    def _new(self, paths: Sequence[str]) -> dict[str, str]:
        self.written += 1
        return {path: content(f"{path} {self.written}") for path in paths}

    def _worked(self, task: TaskRecord, changes: dict[str, str]) -> None:
        self.ledger.work[str(task.head_commit)] = changes

    def _tasks(self) -> list[TaskRecord]:
        found = self.run(self.dock.read(task_queries.by_ids, self.tasks))
        return sorted(found, key=lambda task: self.tasks.index(task.id))

    def _task(self, choice: int, *states: TaskState) -> TaskRecord | None:
        fitting = [task for task in self._tasks() if task.state in states]
        return fitting[choice % len(fitting)] if fitting else None

    def _groups(self) -> list[GroupRecord]:
        return self.run(self.dock.groups(self.project))

    def _group(self, group_id: str) -> GroupRecord:
        return next(group for group in self._groups() if group.id == group_id)

    def _under_way(self) -> bool:
        return any(group.under_way or group.status is GroupStatus.PENDING for group in self._groups())

    def _members(self) -> dict[str, list[GroupTaskRecord]]:
        def body(tx: Tx) -> dict[str, list[GroupTaskRecord]]:
            groups = group_queries.list_groups(tx, project_id=self.project.id, limit=500)
            return group_queries.members(tx, [group.id for group in groups])

        return self.run(self.dock.read(body))


async def unheard_of(_sentence: str) -> None:
    pass


_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
# A failure as it was found tells enough, and making it smaller takes minutes of real releases.
_PHASES = [Phase.explicit, Phase.generate]


class _ForLong(ReleaseMachine):
    pass


TestReleasesOnGit = ReleaseMachine.TestCase
TestReleasesOnGit.settings = settings(
    max_examples=4, stateful_step_count=14, derandomize=True, deadline=None, suppress_health_check=_SLOW, phases=_PHASES
)

TestReleasesOnGitForLong = pytest.mark.soak(pytest.mark.timeout(4 * 3600)(_ForLong.TestCase))
TestReleasesOnGitForLong.settings = settings(
    max_examples=600, stateful_step_count=50, deadline=None, database=None, suppress_health_check=_SLOW, phases=_PHASES
)
