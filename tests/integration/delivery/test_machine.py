"""Whatever people, agents, pushes, releases and the clock do, in whatever order: the board agrees with its model."""

import asyncio
import tempfile
from collections import defaultdict
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule
from sqlalchemy import select

from aiworker.core.errors import Conflict, Invalid
from aiworker.delivery.agents import queries as agent_queries
from aiworker.delivery.attempts.errors import AttemptOver, AttemptUnknown, QuestionPending, TaskHeld
from aiworker.delivery.attempts.owner import TASK_WORK
from aiworker.delivery.attempts.records import AttemptRecord
from aiworker.delivery.attempts.tables import attempts
from aiworker.delivery.groups import queries as group_queries
from aiworker.delivery.groups.errors import Busy, NotShippable, OutOfOrder
from aiworker.delivery.groups.progress import Progress
from aiworker.delivery.groups.service import DEPLOY_PRODUCTION, DEPLOY_ROLLBACK, DEPLOY_STAGING, MERGE_GROUP
from aiworker.delivery.ports import Integration, PullRequest
from aiworker.delivery.projects.service import shipping_queue
from aiworker.delivery.questions import queries as question_queries
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.errors import IllegalMove
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.executions.errors import LeaseLost
from aiworker.engine.executions.records import Execution
from aiworker.engine.robots.records import Robot
from aiworker.engine.robots.states import UNFINISHED, rank
from aiworker.storage.outbox.tables import outbox
from aiworker.storage.transaction import Tx
from aiworker.wire.agents import AgentStatus
from aiworker.wire.engine import ClaimedRobot, Complete, ErrorCategory, ExecutionState, Fail, RobotPriority, RobotStatus
from aiworker.wire.groups import DeploymentEnvironment, GroupStatus
from aiworker.wire.projects import ProjectStatus
from aiworker.wire.tasks import QuestionStatus, TaskChanges, TaskPriority, TaskState
from tests.integration.delivery.model import (
    AT_WORK,
    BEFORE_STAGING,
    MOVES,
    RETURNS,
    ROBOTS,
    SHIPPED,
    TRIES,
    WORK_SECONDS,
    Card,
    Release,
    Shop,
    Try,
    Worker,
    circle,
    full,
    held,
    next_card,
)
from tests.support.workshop import ADA, BOB, Hand, Workshop, commit

T = TypeVar("T")
S = TaskState

ABILITIES = ("react", "spanish")
CLIENT, PROCESS, RESUMED = 1800, 60, 600
PRIORITIES = {
    TaskPriority.LOW: RobotPriority.LOW,
    TaskPriority.MEDIUM: RobotPriority.NORMAL,
    TaskPriority.HIGH: RobotPriority.HIGH,
    TaskPriority.URGENT: RobotPriority.CRITICAL,
}
ENVIRONMENTS = {
    GroupStatus.STAGING: DeploymentEnvironment.STAGING,
    GroupStatus.PRODUCTION: DeploymentEnvironment.PRODUCTION,
}


class BoardMachine(RuleBasedStateMachine):
    cards = Bundle("cards")
    hands = Bundle("hands")
    questions = Bundle("questions")
    releases = Bundle("releases")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.shop = Workshop(Path(self.folder.name))
        delivery = self.shop.delivery
        self.progress = Progress(self.shop.engine, delivery.runtime, delivery.groups, delivery.previews)
        self.shops: dict[str, Shop] = {}
        self.board: dict[str, Card] = {}
        self.tries: dict[str, Try] = {}
        self.shipped: dict[str, Release] = {}
        self.in_work: dict[str, tuple[Release, ClaimedRobot]] = {}
        self.commits = 0
        self.workers = {
            "claude": Worker("claude", CLIENT),
            "codex": Worker("codex", CLIENT),
            "solo": Worker("solo", PROCESS, abilities=frozenset({"react"})),
            "duo": Worker("duo", PROCESS, limit=2, abilities=frozenset(ABILITIES)),
        }

    def teardown(self) -> None:
        self.run(self.shop.database.close())
        self.runner.close()
        self.folder.cleanup()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def do(self, body: Callable[..., T], *arguments: Any, **options: Any) -> T:
        return self.run(self.shop.write(body, *arguments, **options))

    @property
    def now(self) -> datetime:
        # The database's clock is some microseconds ahead of ours: it never tells the same instant twice.
        return self.shop.clock.now

    @initialize()
    def open(self) -> None:
        self.run(self.shop.open())
        for key in ("SHOP", "BLOG"):
            project = self.run(self.shop.project(key))
            self.shops[project.id] = Shop(project.id, key)
        for worker in self.workers.values():
            if worker.heartbeats:
                self.run(
                    self.shop.process(
                        worker.name, capabilities=sorted(worker.abilities), max_concurrent_tasks=worker.limit
                    )
                )
                worker.heard = self.now

    # --- people write ---

    @rule(
        target=cards,
        key=st.sampled_from(["SHOP", "SHOP", "BLOG"]),
        priority=st.sampled_from(TaskPriority),
        needs=st.sampled_from([(), (), ("react",), ABILITIES]),
        others=st.lists(cards, max_size=2),
    )
    def write(self, key: str, priority: TaskPriority, needs: tuple[str, ...], others: list[str]) -> str | Any:
        shop = next(shop for shop in self.shops.values() if shop.key == key)
        known = [self.board[other] for other in dict.fromkeys(others) if other in self.board]
        if any(other.shop is not shop for other in known):
            with pytest.raises(Invalid, match="another project"):
                self._write(shop, priority, needs, known)
            return multiple()
        task = self._write(shop, priority, needs, known)
        self.board[task.id] = Card(
            task.id, task.task_key, shop, priority, task.created_at, frozenset(needs), [other.id for other in known]
        )
        return task.id

    def _write(self, shop: Shop, priority: TaskPriority, needs: tuple[str, ...], known: list[Card]) -> TaskRecord:
        project = self.do(self.shop.delivery.projects.get, shop.id)
        named = [other.key for other in known]
        return self.run(self.shop.task(project, priority=priority, capabilities=list(needs), depends_on=named))

    @rule(card=cards, priority=st.sampled_from(TaskPriority))
    def change_the_priority(self, card: str, priority: TaskPriority) -> None:
        if found := self.board.get(card):
            self._change(found, priority=priority)
            found.priority = priority

    @rule(card=cards, needs=st.sampled_from([(), ("react",), ABILITIES]))
    def change_the_capabilities(self, card: str, needs: tuple[str, ...]) -> None:
        if found := self.board.get(card):
            self._change(found, capabilities=list(needs))
            found.needs = frozenset(needs)

    @rule(card=cards, others=st.lists(cards, max_size=2))
    def change_the_dependencies(self, card: str, others: list[str]) -> None:
        found = self.board.get(card)
        wanted = [other for other in dict.fromkeys(others) if other in self.board]
        if found is None:
            return
        if any(self.board[other].shop is not found.shop for other in wanted):
            with pytest.raises(Invalid, match="another project"):
                self._change(found, depends_on=wanted)
        elif circle(found, wanted, self.board):
            with pytest.raises(Conflict, match="wait for itself"):
                self._change(found, depends_on=wanted)
        else:
            self._change(found, depends_on=wanted)
            found.depends_on = sorted(wanted)

    def _change(self, card: Card, **fields: Any) -> None:
        self.do(self.shop.delivery.tasks.change, ADA, card.id, TaskChanges(**fields))

    @rule(card=cards)
    def delete(self, card: str) -> None:
        if (found := self.board.get(card)) is None:
            return
        untouched = found.state is S.BACKLOG and not found.tries
        with self._refused_unless(untouched or found.state is S.CANCELLED, Conflict):
            self.do(self.shop.delivery.tasks.delete, found.id)
            del self.board[found.id]
            for other in self.board.values():
                other.depends_on = [one for one in other.depends_on if one != found.id]

    # --- agents ---

    @rule(
        target=hands,
        name=st.sampled_from(["claude", "codex", "solo", "duo"]),
        abilities=st.sampled_from([(), (), ABILITIES]),
        resume=st.booleans(),
    )
    def claim(self, name: str, abilities: tuple[str, ...], resume: bool) -> Hand | Any:
        self.tick()
        worker = self.workers[name]
        mine = self._held_by(worker)
        if len(mine) >= worker.limit:
            if mine[0].used and not resume:
                with pytest.raises(TaskHeld):
                    self.run(self.shop.claim(name, resume=resume))
                return multiple()
            hand = self.run(self.shop.claim_one(name, resume=resume))
            assert hand.execute_id == mine[0].hand.execute_id
            assert hand.token != mine[0].hand.token
            mine[0].hand, mine[0].used = hand, False
            self._hear(worker)
            return hand
        expected = next_card(self.board, worker.abilities | frozenset(abilities), self.now)
        claimed = self.run(self.shop.claim(name, resume=resume, capabilities=abilities))
        self._hear(worker)
        assert (claimed and claimed.task_id) == (expected and expected.id)
        if claimed is None or expected is None:
            return multiple()
        self._taken(expected, claimed, worker)
        return claimed

    def _taken(self, card: Card, hand: Hand, worker: Worker | None) -> None:
        ends = (None, None)
        if worker is not None:
            ends = (self.now + timedelta(seconds=worker.lease), self.now + timedelta(seconds=WORK_SECONDS))
        one = Try(hand, worker, len(card.tries) + 1, *ends)
        card.tries.append(one)
        self.tries[hand.execute_id] = one
        card.state, card.due, card.retrying, card.worn = S.IN_PROGRESS, None, False, False

    def _held_by(self, worker: Worker) -> list[Try]:
        return [one for one in self.tries.values() if one.worker is worker and one.outcome is None]

    def _hear(self, worker: Worker) -> None:
        worker.heard, worker.offline = self.now, False
        for one in self._held_by(worker):
            if not one.parked:
                one.lease_until = self.now + timedelta(seconds=worker.lease)

    def _opens(self, hand: Hand, work: Coroutine[Any, Any, Any]) -> tuple[Try, Card] | None:
        """Whether the token still opens its attempt: else the call is refused with what to do."""
        one = self.tries[hand.execute_id]
        card = self.board.get(hand.task_id)
        if one.hand.token != hand.token or card is None:
            with pytest.raises(AttemptUnknown):
                self.run(work)
            return None
        if one.outcome is not None:
            with pytest.raises(AttemptOver):
                self.run(work)
            return None
        return one, card

    def _used(self, one: Try) -> None:
        one.used = True
        if one.worker is not None:
            self._hear(one.worker)

    @rule(hand=hands)
    def heartbeat(self, hand: Hand) -> None:
        if opened := self._opens(hand, work := self.shop.heartbeat(hand)):
            self.run(work)
            self._used(opened[0])

    @rule(target=questions, hand=hands)
    def ask(self, hand: Hand) -> tuple[str, str] | Any:
        if (opened := self._opens(hand, work := self.shop.ask(hand))) is None:
            return multiple()
        one, card = opened
        asked = self.run(work)
        self._used(one)
        card.pending.add(asked.id)
        card.state, one.paused_at = S.NEEDS_INPUT, one.paused_at or self.now
        return card.id, asked.id

    @rule(hand=hands)
    def hand_in(self, hand: Hand) -> None:
        at = self._new_commit()
        if (opened := self._opens(hand, work := self.shop.hand_in(hand, at))) is None:
            return
        one, card = opened
        if card.pending:
            with pytest.raises(QuestionPending):
                self.run(work)
            return
        self.run(work)
        self._used(one)
        self._handed_in(one, card, at)

    def _handed_in(self, one: Try, card: Card, at: str) -> None:
        one.outcome, card.state, card.head = "completed", S.READY_TO_TEST, at
        card.returns = 0

    @rule(hand=hands, category=st.sampled_from([ErrorCategory.APPLICATION, ErrorCategory.VALIDATION]))
    def fail(self, hand: Hand, category: ErrorCategory) -> None:
        one = self.tries[hand.execute_id]
        work = self.shop.fail(hand, category)
        if one.hand.token != hand.token or one.outcome not in {None, "failed"}:
            with pytest.raises(LeaseLost):
                self.run(work)
            return
        if hand.task_id not in self.board:
            work.close()
            return
        self.run(work)
        if one.outcome is None:
            self._failed(one, self.board[hand.task_id], counted=category.retried)

    @rule(hand=hands)
    def give_back(self, hand: Hand) -> None:
        if opened := self._opens(hand, work := self.shop.give_back(hand, "I am the wrong one")):
            self.run(work)
            self._used(opened[0])
            self._returned(*opened, "released")

    def _failed(self, one: Try, card: Card, *, counted: bool) -> None:
        one.outcome, card.state, card.returns = "failed", S.BACKLOG, 0
        card.failures += 1
        card.spent = not counted or card.failures == TRIES
        card.retrying = not card.spent
        # As stored: the dice are thrown there.
        robot = self.do(self.shop.engine.get_robot, str(self.run(self.shop.look(card.id)).robot_id))
        card.due = robot.retry_at if card.retrying else None

    def _returned(self, one: Try, card: Card, outcome: str) -> None:
        one.outcome, card.state = outcome, S.BACKLOG
        card.returns += 1
        if card.returns == RETURNS:
            card.worn, card.returns = True, 0

    # --- people answer, judge, stop, work by hand ---

    @rule(named=questions, who=st.sampled_from([ADA, BOB]), skip=st.booleans())
    def answer(self, named: tuple[str, str], who: Any, skip: bool) -> None:
        card_id, question = named
        if (card := self.board.get(card_id)) is None:
            return
        given = {"skip": True} if skip else {"response": "21 %"}
        if question not in card.pending:
            with pytest.raises(Conflict, match="settled"):
                self.run(self.shop.respond(card_id, question_id=question, **given))
            return
        self.run(self.shop.respond(card_id, question_id=question, **given))
        card.pending.remove(question)
        card.settled.add(question)
        one = card.at_work
        if card.state is S.NEEDS_INPUT and one is not None and not card.pending:
            card.state = S.IN_PROGRESS
            waited = self.now - (one.paused_at or self.now)
            one.timeout_at = one.timeout_at and one.timeout_at + waited
            if one.worker is not None:
                one.lease_until = self.now + timedelta(seconds=RESUMED if one.parked else one.worker.lease)
            one.paused_at, one.parked = None, False

    @rule(card=cards)
    def answer_without_saying_which(self, card: str) -> None:
        found = self.board.get(card)
        if found is None or len(found.pending) == 1:
            return
        with pytest.raises(Invalid if found.pending else Conflict):
            self.run(self.shop.respond(card, response="21 %"))

    @rule(card=cards)
    def approve(self, card: str) -> None:
        if (found := self.board.get(card)) is None:
            return
        with self._refused_unless(found.state is S.READY_TO_TEST, IllegalMove):
            self.run(self.shop.approve(card, found.head or commit(0)))
            found.state, found.approved = S.APPROVED, found.head

    @rule(card=cards)
    def request_changes(self, card: str) -> None:
        if (found := self.board.get(card)) is None:
            return
        allowed = found.state in {S.READY_TO_TEST, S.APPROVED} and found.release is None
        with self._refused_unless(allowed, Conflict):
            self.run(self.shop.request_changes(self.run(self.shop.look(card))))
            found.new_round()

    @rule(card=cards, merged=st.booleans())
    def push(self, card: str, merged: bool) -> None:
        found = self.board.get(card)
        if found is None or found.head is None:
            return
        found.head = self._new_commit()
        self.run(self.shop.push(card, found.head, by=BOB))
        if merged:
            self.do(self.shop.delivery.pushes.merged_outside, BOB, card)
        waiting = found.release is None or found.release.under_way in {None, MERGE_GROUP}
        if waiting and (found.state is S.APPROVED or (merged and found.state in BEFORE_STAGING)):
            self._withdrawn(found.release)
            found.approved = None
            found.state = S.READY_TO_TEST if found.state is S.APPROVED else found.state
        if merged and waiting and found.state in BEFORE_STAGING:
            self._over(found, S.PRODUCTION)

    @rule(card=cards)
    def cancel(self, card: str) -> None:
        if (found := self.board.get(card)) is None:
            return
        allowed = found.state in BEFORE_STAGING and found.release is None
        with self._refused_unless(allowed, Conflict):
            self.do(self.shop.delivery.tasks.cancel, ADA, card, "no longer needed")
            found.approved = None
            self._over(found, S.CANCELLED)

    def _over(self, card: Card, state: TaskState) -> None:
        card.state = state
        card.settled |= card.pending
        card.pending.clear()
        if one := card.at_work:
            one.outcome = "cancelled"

    @rule(card=cards)
    def reopen(self, card: str) -> None:
        if (found := self.board.get(card)) is None:
            return
        with self._refused_unless(found.state is S.CANCELLED, IllegalMove):
            self.do(self.shop.delivery.tasks.reopen, ADA, card)
            found.new_round()

    @rule(card=cards)
    def retry(self, card: str) -> None:
        if (found := self.board.get(card)) is None:
            return
        with self._refused_unless(found.state is S.BACKLOG and (found.spent or found.worn), Conflict):
            self.do(self.shop.delivery.tasks.retry, ADA, card)
            found.refreshed()

    @rule(card=cards)
    def stop(self, card: str) -> None:
        if (found := self.board.get(card)) is None:
            return
        one = found.at_work
        with self._refused_unless(one is not None, Conflict):
            self.do(self.shop.delivery.tasks.stop, ADA, card, "it is the wrong way")
            assert one is not None
            self._returned(one, found, "released")

    @rule(card=cards)
    def take_by_hand(self, card: str) -> None:
        if (found := self.board.get(card)) is None:
            return
        open_to_all = not found.shop.paused and not full(found.shop, self.board.values())
        with self._refused_unless(found.state is S.BACKLOG and open_to_all, Conflict):
            self._by_hand(found)

    def _by_hand(self, card: Card) -> None:
        self.do(self.shop.delivery.tasks.start_by_hand, ADA, card.id)
        execution = self.do(self.shop.delivery.tasks.active_execution, self.run(self.shop.look(card.id)))
        assert execution is not None
        card.refreshed()
        self._taken(card, Hand(ADA.name, execution.lease_token, card.id, execution.execute_id), None)

    @rule(card=cards)
    def give_back_by_hand(self, card: str) -> None:
        if (found := self.board.get(card)) is None:
            return
        one = found.at_work
        with self._refused_unless(one is not None and one.worker is None, Conflict):
            self.do(self.shop.delivery.tasks.release_by_hand, ADA, card, None)
            assert one is not None
            self._returned(one, found, "released")

    @rule(card=cards)
    def finish_by_hand(self, card: str) -> None:
        """From the backlog to the approval at one go, so that releases get something to ship."""
        found = self.board.get(card)
        if found is None or found.shop.paused or full(found.shop, self.board.values()) or found.pending:
            return
        if found.state is S.BACKLOG:
            self._by_hand(found)
        one = found.at_work
        if one is None or one.worker is not None:
            return
        task, at = self.run(self.shop.look(card)), self._new_commit()
        self.do(self.shop.delivery.work.hand_in, task, one.hand.execute_id, one.hand.token, summary=None)
        self._handed_in(one, found, at)
        self.run(self.shop.approve(card, at))
        found.state, found.approved = S.APPROVED, at

    # --- projects ---

    @rule(key=st.sampled_from(["SHOP", "BLOG"]), paused=st.booleans())
    def pause_or_open(self, key: str, paused: bool) -> None:
        shop = self._set(key, status=ProjectStatus.PAUSED if paused else ProjectStatus.ACTIVE)
        shop.paused = paused

    @rule(key=st.sampled_from(["SHOP", "BLOG"]), limit=st.sampled_from([None, 1, 2]))
    def limit(self, key: str, limit: int | None) -> None:
        self._set(key, wip_limit=limit).limit = limit

    def _set(self, key: str, **changes: Any) -> Shop:
        project = self.do(self.shop.delivery.projects.get, key)
        self.run(self.shop.set_project(project, **changes))
        return self.shops[project.id]

    # --- releases ---

    @rule(target=releases, chosen=st.lists(cards, min_size=1, max_size=3, unique=True))
    def ship(self, chosen: list[str]) -> str | Any:
        found = [self.board[card] for card in chosen if card in self.board]
        if not found:
            return multiple()
        fit = all(
            card.state is S.APPROVED
            and card.release is None
            and card.shop is found[0].shop
            and all(self.board[other] in found or self.board[other].state in SHIPPED for other in card.depends_on)
            for card in found
        )
        work = self._ship(found)
        if not fit:
            with pytest.raises(NotShippable):
                self.run(work)
            return multiple()
        group = self.do(self.shop.delivery.groups.get, self.run(work))
        release = Release(group.id, group.number, found[0].shop, [self.board[task] for task in group.task_ids])
        for place, card in enumerate(release.cards):
            before = {other.id for other in release.cards[:place]}
            assert {other for other in card.depends_on if self.board[other] in found} <= before
            card.release = release
        self.shipped[group.id] = release
        return group.id

    async def _ship(self, chosen: list[Card]) -> str:
        return await self.shop.ship(*[await self.shop.look(card.id) for card in chosen])

    @rule(release=releases)
    def withdraw(self, release: str) -> None:
        found = self.shipped[release]
        allowed = found.status is GroupStatus.PENDING and found.under_way is None
        with self._refused_unless(allowed, Conflict):
            self._command(self.shop.delivery.groups.withdraw, found)
            self._withdrawn(found)

    def _withdrawn(self, release: Release | None) -> None:
        if release is not None and release.status is GroupStatus.PENDING:
            release.status, release.under_way = GroupStatus.WITHDRAWN, None
            self._freed(release)

    @rule(release=releases)
    def promote(self, release: str) -> None:
        found = self.shipped[release]
        standing = self._standing(found.shop, GroupStatus.STAGING)
        if found.status is not GroupStatus.STAGING:
            problem: type[Conflict] | None = Conflict
        elif self._busy(found.shop):
            problem = Busy
        else:
            problem = OutOfOrder if standing[0] is not found else None
        with self._refused_unless(problem is None, problem or Conflict):
            self._command(self.shop.delivery.groups.promote, found)
            found.under_way = DEPLOY_PRODUCTION

    @rule(release=releases)
    def roll_back(self, release: str) -> None:
        found = self.shipped[release]
        if found.status not in ENVIRONMENTS:
            problem: type[Conflict] | None = Conflict
        elif self._busy(found.shop):
            problem = Busy
        else:
            problem = OutOfOrder if self._standing(found.shop, found.status)[-1] is not found else None
        with self._refused_unless(problem is None, problem or Conflict):
            self._command(self.shop.delivery.groups.rollback, found)
            found.under_way = DEPLOY_ROLLBACK

    def _command(self, command: Callable[..., Any], release: Release) -> None:
        def body(tx: Tx) -> None:
            command(tx, ADA, self.shop.delivery.groups.get(tx, release.id))

        self.do(body)

    def _busy(self, shop: Shop) -> bool:
        return any(one.shop is shop and one.under_way is not None for one in self.shipped.values())

    def _standing(self, shop: Shop, status: GroupStatus) -> list[Release]:
        """What stands in an environment, in order of its arrival."""
        stored = self.run(self.shop.read(group_queries.in_environment, shop.id, status))
        assert {group.id for group in stored} == {
            one.id for one in self.shipped.values() if one.shop is shop and one.status is status
        }
        return [self.shipped[group.id] for group in stored]

    @rule(key=st.sampled_from(["SHOP", "SHOP", "BLOG"]))
    def begin_shipping(self, key: str) -> None:
        """The control module takes what the project's shipping queue has for it: one thing at a time."""
        shop = next(shop for shop in self.shops.values() if shop.key == key)
        claimed = self.do(
            self.shop.engine.claim, "control", holder="control", queues=[shipping_queue(shop.id)], internal=True
        )
        mine = [one for one in self.shipped.values() if one.shop is shop]
        waiting = [one for one in mine if one.under_way or one.status is GroupStatus.PENDING]
        assert bool(claimed) == (bool(waiting) and shop.id not in self.in_work)
        if not claimed:
            return
        release = self.shipped[claimed[0].input_data["groupId"]]
        if claimed[0].robot_type == MERGE_GROUP:
            # What is under way goes before what waits: nothing is merged on top of a release that may yet go back.
            assert not self._busy(shop)
            self.do(self.progress.begin_merge, release.id, claimed[0].robot_id)
            release.under_way = MERGE_GROUP
        assert claimed[0].robot_type == release.under_way
        self.in_work[shop.id] = (release, claimed[0])

    @rule(key=st.sampled_from(["SHOP", "SHOP", "BLOG"]), well=st.sampled_from([True, True, False]))
    def end_shipping(self, key: str, well: bool) -> None:
        shop = next(shop for shop in self.shops.values() if shop.key == key)
        if shop.id not in self.in_work:
            return
        release, robot = self.in_work.pop(shop.id)
        if release.under_way != robot.robot_type:
            # Withdrawn by a push while it was being merged.
            with pytest.raises(Conflict):
                self.do(self._merged, release, robot)
            with pytest.raises(LeaseLost):
                self.do(self._complete, robot)
            return
        if not well:
            failure = Fail(lease_token=robot.lease_token, error_category=ErrorCategory.BUSINESS, error_message="no")
            self.do(self.shop.engine.fail, robot.execute_id, failure)
            release.under_way = None
            if release.status is GroupStatus.PENDING:
                release.status = GroupStatus.FAILED
                self._freed(release)
            return
        does: dict[str, Callable[[Tx, Release, ClaimedRobot], None]] = {
            MERGE_GROUP: self._merged,
            DEPLOY_STAGING: self._staged,
            DEPLOY_PRODUCTION: self._promoted,
            DEPLOY_ROLLBACK: self._rolled_back,
        }
        does_it = does[robot.robot_type]

        def finish(tx: Tx) -> None:
            does_it(tx, release, robot)
            self._complete(tx, robot)

        self.do(finish)
        self._moved_on(release, robot.robot_type)

    def _complete(self, tx: Tx, robot: ClaimedRobot) -> None:
        self.shop.engine.complete(tx, robot.execute_id, Complete(lease_token=robot.lease_token))

    def _merged(self, tx: Tx, release: Release, robot: ClaimedRobot) -> None:
        result = Integration(commit(7), tuple(commit(7) for _ in release.cards))
        pull = PullRequest(7, "http://pull", "Release", "", "release", "staging", commit(7), "open")
        self.progress.integrated(tx, release.id, base=commit(6), result=result)
        self.progress.pull_request_opened(tx, release.id, "release", pull)
        self.progress.merged(tx, release.id, robot.robot_id)

    def _staged(self, tx: Tx, release: Release, robot: ClaimedRobot) -> None:
        self.progress.staged(tx, release.id, robot.robot_id, url="http://staging", log="")

    def _promoted(self, tx: Tx, release: Release, robot: ClaimedRobot) -> None:
        commits = [commit(7) for _ in release.cards]
        self.progress.production_planned(tx, release.id, base=commit(6), head=commit(7), commits=commits)
        self.progress.promoted(tx, release.id, robot.robot_id, url="http://production", log="")

    def _rolled_back(self, tx: Tx, release: Release, robot: ClaimedRobot) -> None:
        environment = ENVIRONMENTS[release.status]
        self.progress.rolled_back(tx, release.id, robot.robot_id, environment, url="http://before", log="")

    def _moved_on(self, release: Release, robot_type: str) -> None:
        if robot_type == MERGE_GROUP:
            release.under_way = DEPLOY_STAGING
            return
        release.under_way = None
        if robot_type == DEPLOY_ROLLBACK:
            release.status = GroupStatus.ROLLED_BACK
            for card in release.cards:
                card.state = S.APPROVED
            self._freed(release)
            return
        production = robot_type == DEPLOY_PRODUCTION
        release.status = GroupStatus.PRODUCTION if production else GroupStatus.STAGING
        for card in release.cards:
            card.state = S.PRODUCTION if production else S.STAGING

    def _freed(self, release: Release) -> None:
        for card in release.cards:
            card.release = None
            if card.state is S.APPROVED and card.head != card.approved:
                # It was pushed to while the release was on the move: that approval is not for what the branch holds.
                card.state, card.approved = S.READY_TO_TEST, None

    # --- the clock ---

    @rule(seconds=st.sampled_from([7.37, 61.37, 61.37, 901.37, 1801.37, 14401.37]))
    def let_time_pass(self, seconds: float) -> None:
        self.shop.clock.pass_seconds(seconds)

    @rule()
    def tick(self) -> None:
        self.run(self.shop.tick())
        for card in self.board.values():
            one = card.at_work
            if one is None:
                continue
            if one.paused_at is None and one.timeout_at is not None and one.timeout_at <= self.now:
                self._failed(one, card, counted=True)
            elif not one.parked and one.lease_until is not None and one.lease_until <= self.now:
                if card.state is S.NEEDS_INPUT and one.worker is not None and not one.worker.heartbeats:
                    one.parked, one.lease_until = True, None
                else:
                    self._returned(one, card, "lost")
        for worker in self.workers.values():
            silent = worker.heard is not None and worker.heard + timedelta(seconds=worker.lease) < self.now
            worker.offline = worker.offline or silent

    # --- what must always be true ---

    @invariant()
    def agrees(self) -> None:
        if self.shops:
            self.run(self.shop.read(self._check))

    def _check(self, tx: Tx) -> None:
        tasks = {task.id: task for task in task_queries.by_ids(tx, list(self.board))}
        assert set(tasks) == set(self.board)
        assert len(task_queries.list_tasks(tx)) == len(self.board)
        self._check_history(tx, tasks)
        open_attempts = self._check_work(tx, tasks)
        self._check_agents(tx, tasks, open_attempts)
        self._check_views(tx, tasks)
        for release in self.shipped.values():
            group = group_queries.find(tx, release.id)
            assert group is not None
            assert (group.status, group.under_way) == (release.status, release.under_way), group.name

    def _check_work(self, tx: Tx, tasks: dict[str, TaskRecord]) -> dict[str, AttemptRecord]:
        robots, _ = self.shop.engine.list_robots(tx, robot_type=TASK_WORK, limit=500)
        under_way: dict[str, Execution] = {}
        for state in (ExecutionState.RUNNING, ExecutionState.PAUSED):
            for execution in self.shop.engine.list_executions(tx, state=state, limit=500)[0]:
                assert execution.robot_id not in under_way, "two hold the same task"
                under_way[execution.robot_id] = execution
        rows = tx.records(AttemptRecord, select(attempts).where(attempts.c.ended_at.is_(None)).limit(500))
        open_attempts = {attempt.task_id: attempt for attempt in rows}
        assert len(open_attempts) == len(rows)
        by_task: dict[str, list[Robot]] = defaultdict(list)
        for robot in robots:
            by_task[str(robot.correlation_id)].append(robot)
        for card in self.board.values():
            self._check_task(card, tasks[card.id], by_task[card.id], under_way, open_attempts.get(card.id))
        gone = [robot for task_id, found in by_task.items() if task_id not in self.board for robot in found]
        assert all(robot.status not in UNFINISHED for robot in gone)
        return open_attempts

    def _check_task(
        self,
        card: Card,
        task: TaskRecord,
        robots: list[Robot],
        under_way: dict[str, Execution],
        attempt: AttemptRecord | None,
    ) -> None:
        (robot,) = [robot for robot in robots if robot.robot_id == task.robot_id]
        execution = under_way.get(robot.robot_id)
        assert task.state is card.state, card.key
        assert robot.status in ROBOTS[card.state]
        assert (execution is not None) == (card.state in AT_WORK) == (card.at_work is not None)
        assert [one for one in robots if one.status in UNFINISHED and one is not robot] == []
        assert (task.round, task.attempts) == (card.round, len(card.tries))
        assert (task.priority, set(task.capabilities)) == (card.priority, card.needs)
        assert (task.head_commit, task.approved_commit) == (card.head, card.approved)
        assert task.group_id == (
            card.release.id if card.release else None if card.state not in SHIPPED else task.group_id
        )
        if card.state is S.BACKLOG:
            self._check_waiting(card, task, robot)
        if execution is not None:
            one = card.at_work
            assert attempt is not None
            assert one is not None
            assert attempt.execute_id == execution.execute_id == one.hand.execute_id
            paused = execution.execution_state is ExecutionState.PAUSED
            assert paused == (card.state is S.NEEDS_INPUT)
            assert (execution.parked_at is not None) == one.parked
            assert task.assigned_agent_id == attempt.agent_id
            assert not paused or card.pending
            assert not card.pending or paused or one.worker is None
        else:
            assert attempt is None

    def _check_waiting(self, card: Card, task: TaskRecord, robot: Robot) -> None:
        reason = held(card, self.board)
        assert task.held == reason, card.key
        assert task.assigned_agent_id is None
        assert robot.rank == rank(PRIORITIES[card.priority])
        assert set(robot.needs) == card.needs
        assert robot.age == task.created_at
        assert (robot.status is RobotStatus.FAILED) == card.spent
        assert (robot.status is RobotStatus.RETRYING) == card.retrying
        if not card.spent:
            assert robot.held == reason
        assert not (robot.ready_lane and reason), "what is held may not be claimed"
        due = robot.due_at is not None
        assert reason or card.spent or due or robot.ready_lane, "nobody would ever take it"

    def _check_agents(self, tx: Tx, tasks: dict[str, TaskRecord], open_attempts: dict[str, AttemptRecord]) -> None:
        for agent in agent_queries.list_agents(tx):
            worker = self.workers[agent.pod_name]
            mine = {attempt.task_id for attempt in open_attempts.values() if attempt.agent_id == agent.id}
            assert mine == {one.hand.task_id for one in self._held_by(worker)}
            assert {task.id for task in tasks.values() if task.assigned_agent_id == agent.id} >= mine
            assert (agent.current_task_id in mine) if mine else (agent.current_task_id is None)
            status = AgentStatus.BUSY if mine else AgentStatus.IDLE
            assert agent.status is (AgentStatus.OFFLINE if worker.offline else status), agent.pod_name

    def _check_history(self, tx: Tx, tasks: dict[str, TaskRecord]) -> None:
        events: dict[str, list[int]] = defaultdict(list)
        for row in tx.rows(select(outbox.c.stream, outbox.c.position).order_by(outbox.c.id)):
            events[row.stream].append(row.position)
        for card in self.board.values():
            assert events[f"task:{card.id}"] == list(range(1, tasks[card.id].position + 1))
            state, last = S.BACKLOG, 0
            for line in task_queries.timeline(tx, card.id):
                assert line.position > last, "history goes forward"
                last = line.position
                assert line.message
                if line.kind == "moved":
                    assert line.from_state == state
                    assert line.to_state is not None
                    assert (line.from_state, line.to_state) in MOVES
                    state = S(line.to_state)
            assert state is card.state

    def _check_views(self, tx: Tx, tasks: dict[str, TaskRecord]) -> None:
        pending = question_queries.pending(tx)
        assert {question.id for question in pending} == {one for card in self.board.values() for one in card.pending}
        settled = question_queries.of_tasks(tx, list(self.board))
        assert all((one.status is QuestionStatus.PENDING) == (one in pending) for one in settled)
        for view in self.shop.delivery.task_views.many(tx, list(tasks.values())):
            card = self.board[view.id]
            assert bool(view.waiting) == (card.state is S.BACKLOG), "a silent gate is a defect"
            reason = held(card, self.board)
            assert reason is None or view.waiting == reason
            if reason is None and card.state is S.BACKLOG and card.shop.paused:
                assert view.waiting == "project paused"

    def _new_commit(self) -> str:
        self.commits += 1
        return commit(1000 + self.commits)

    def _refused_unless(self, allowed: bool, error: type[Exception]) -> AbstractContextManager[Any]:
        """What is not allowed is refused with one clear sentence; the body stops there."""
        return _Allowed() if allowed else pytest.raises(error)


class _Allowed(AbstractContextManager[None]):
    def __exit__(self, *_: object) -> None:
        return None


_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


class TestBoardAgreesWithItsModel(BoardMachine.TestCase):
    settings = settings(
        max_examples=15, stateful_step_count=40, derandomize=True, deadline=None, suppress_health_check=_SLOW
    )


@pytest.mark.soak
@pytest.mark.timeout(3600)
class TestBoardAgreesWithItsModelForLong(BoardMachine.TestCase):
    settings = settings(
        max_examples=1_000, stateful_step_count=80, deadline=None, database=None, suppress_health_check=_SLOW
    )
