"""Whatever people, agents, pushes, releases and the clock do, in whatever order: the board agrees with its model."""

import asyncio
import tempfile
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from aiworker.core.errors import Conflict, Invalid
from aiworker.core.sayings import Saying
from aiworker.delivery.agents import queries as agent_queries
from aiworker.delivery.agents.views import agent_views
from aiworker.delivery.attempts.errors import AttemptOver, AttemptUnknown, QuestionPending, TaskHeld
from aiworker.delivery.attempts.owner import TASK_WORK
from aiworker.delivery.attempts.records import AttemptRecord
from aiworker.delivery.attempts.tables import attempts
from aiworker.delivery.groups import queries as group_queries
from aiworker.delivery.groups.by_hand import NOTHING
from aiworker.delivery.groups.errors import Busy, NotShippable, OutOfOrder
from aiworker.delivery.groups.progress import Progress
from aiworker.delivery.groups.records import GroupRecord
from aiworker.delivery.groups.robots import (
    CLEANUP_RELEASE,
    DEPLOY_PRODUCTION,
    DEPLOY_ROLLBACK,
    DEPLOY_STAGING,
    MERGE_GROUP,
)
from aiworker.delivery.ports.forge import Integration, PullRequest
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
from aiworker.wire.tasks import QuestionStatus, Task, TaskChanges, TaskPriority, TaskState
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
from tests.support.databases import Backend
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


# Which of the things at hand a rule takes: mostly one that the move fits, sometimes any.
CHOICES = st.integers(0, 59)
NEWEST = 1
KEYS = st.sampled_from(["SHOP", "SHOP", "SHOP", "BLOG"])
CALLS = st.sampled_from(
    ["heartbeat", "ask", "ask", "hand_in", "hand_in", "hand_in", "fail", "fail_for_good", "give_back"]
)
NEEDS = st.sampled_from([(), (), (), ("react",), ABILITIES])


@dataclass
class InWork:
    """What the control module is at."""

    release: Release
    robot: ClaimedRobot
    lease_until: datetime


class BoardMachine(RuleBasedStateMachine):
    backend: ClassVar[Backend] = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.shop = Workshop(Path(self.folder.name), backend=self.backend)
        delivery = self.shop.delivery
        self.progress = Progress(self.shop.engine, delivery.groups, delivery.previews)
        self.shops: dict[str, Shop] = {}
        self.board: dict[str, Card] = {}
        self.hands: list[Hand] = []
        self.tries: dict[str, Try] = {}
        self.questions: list[tuple[str, str]] = []
        self.releases: dict[str, Release] = {}
        self.in_work: dict[str, InWork] = {}
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

    def card(self, choice: int, fits: Callable[[Card], object]) -> Card | None:
        return chosen(choice, list(self.board.values()), fits)

    def hand(self, choice: int, fits: Callable[[Try], object] = lambda one: True) -> Hand | None:
        def is_open(hand: Hand) -> bool:
            one = self.tries[hand.execute_id]
            return one.outcome is None and one.hand == hand and bool(fits(one))

        return chosen(choice, self.hands, is_open)

    def release(self, choice: int, fits: Callable[[Release], object]) -> Release | None:
        return chosen(choice, list(self.releases.values()), fits)

    @initialize()
    def open(self) -> None:
        self.run(self.shop.open())
        for key in ("SHOP", "BLOG"):
            project = self.run(self.shop.project(key))
            self.shops[project.id] = Shop(project.id, key)
        for worker in self.workers.values():
            if worker.heartbeats:
                can = {"capabilities": sorted(worker.abilities), "max_concurrent_tasks": worker.limit}
                self.run(self.shop.process(worker.name, **can))
                worker.heard = self.now
        for key in ("SHOP", "SHOP", "SHOP", "SHOP", "BLOG"):
            self.write(key, TaskPriority.MEDIUM, (), [])
        for _ in range(2):
            self.finish_by_hand(NEWEST)

    # --- people write ---

    @rule(key=KEYS, priority=st.sampled_from(TaskPriority), needs=NEEDS, after=st.lists(CHOICES, max_size=2))
    def write(self, key: str, priority: TaskPriority, needs: tuple[str, ...], after: list[int]) -> None:
        shop = self._shop(key)
        others = self._others(shop, after)
        with self._refused_unless(all(other.shop is shop for other in others), Invalid):
            project = self.do(self.shop.delivery.projects.get, shop.id)
            named = [other.key for other in others]
            task = self.run(self.shop.task(project, priority=priority, capabilities=list(needs), depends_on=named))
            depends_on = sorted(other.id for other in others)
            self.board[task.id] = Card(
                task.id, task.task_key, shop, priority, task.created_at, frozenset(needs), depends_on
            )

    def _others(self, shop: Shop, choices: list[int]) -> list[Card]:
        found = [self.card(choice, lambda card: card.shop is shop) for choice in choices]
        return list({card.id: card for card in found if card is not None}.values())

    def _shop(self, key: str) -> Shop:
        return next(shop for shop in self.shops.values() if shop.key == key)

    @rule(choice=CHOICES, priority=st.sampled_from(TaskPriority), needs=NEEDS)
    def edit(self, choice: int, priority: TaskPriority, needs: tuple[str, ...]) -> None:
        if card := self.card(choice, lambda card: card.state in {S.BACKLOG, *AT_WORK}):
            self._change(card, priority=priority, capabilities=list(needs))
            card.priority, card.needs = priority, frozenset(needs)

    @rule(choice=CHOICES, after=st.lists(CHOICES, max_size=2))
    def depend(self, choice: int, after: list[int]) -> None:
        if (card := self.card(choice, lambda card: card.state in {S.BACKLOG, *AT_WORK})) is None:
            return
        others = self._others(card.shop, after)
        wanted = sorted(other.id for other in others)
        strange = any(other.shop is not card.shop for other in others)
        round_about = not strange and circle(card, wanted, self.board)
        with self._refused_unless(not strange and not round_about, Invalid if strange else Conflict):
            self._change(card, depends_on=wanted)
            card.depends_on = wanted

    def _change(self, card: Card, **fields: Any) -> None:
        self.do(self.shop.delivery.tasks.change, ADA, card.id, TaskChanges(**fields))

    # --- agents ---

    @rule(
        name=st.sampled_from(["claude", "codex", "solo", "duo", "duo"]),
        abilities=st.sampled_from([(), ABILITIES]),
        resume=st.booleans(),
        then=st.lists(CALLS, max_size=3),
    )
    def an_agent_works(self, name: str, abilities: tuple[str, ...], resume: bool, then: list[str]) -> None:
        self.claim(name, abilities, resume)
        for move in then:
            getattr(self, move)(NEWEST)

    def claim(self, name: str, abilities: tuple[str, ...], resume: bool) -> None:
        self.tick()
        worker = self.workers[name]
        mine = self._at_work(worker)
        back = next((one for one in mine if one.to_resume and not self.board[one.hand.task_id].shop.paused), None)
        if back is not None or len(mine) >= worker.limit:
            unused = next((one for one in mine if not one.used), None)
            self._claim_again(worker, back or unused or mine[0], resume or back is not None)
            return
        expected = next_card(self.board, worker.abilities | frozenset(abilities), self.now)
        claimed = self.run(self.shop.claim(name, resume=resume, capabilities=abilities))
        self._hear(worker)
        assert (claimed and claimed.task_id) == (expected and expected.id)
        if claimed is not None and expected is not None:
            self._taken(expected, claimed, worker)

    def _claim_again(self, worker: Worker, oldest: Try, resume: bool) -> None:
        """At its limit an agent gets what it holds, if its first answer was lost or it says so."""
        with self._refused_unless(resume or not oldest.used, TaskHeld):
            hand = self.run(self.shop.claim_one(worker.name, resume=resume))
            assert hand.execute_id == oldest.hand.execute_id
            assert hand.token != oldest.hand.token
            oldest.hand, oldest.used, oldest.to_resume = hand, False, False
            self.hands.append(hand)
            self._hear(worker)

    def _taken(self, card: Card, hand: Hand, worker: Worker | None) -> None:
        ends = (None, None)
        if worker is not None:
            ends = (self.now + timedelta(seconds=worker.lease), self.now + timedelta(seconds=WORK_SECONDS))
            self.hands.append(hand)
        one = Try(hand, worker, *ends, round=card.round)
        card.tries.append(one)
        self.tries[hand.execute_id] = one
        card.state, card.due, card.retrying, card.worn = S.IN_PROGRESS, None, False, False

    def _held_by(self, worker: Worker) -> list[Try]:
        return [one for one in self.tries.values() if one.worker is worker and one.outcome is None]

    def _at_work(self, worker: Worker) -> list[Try]:
        """A parked attempt takes no slot."""
        return [one for one in self._held_by(worker) if not one.parked]

    def _hear(self, worker: Worker) -> None:
        worker.heard, worker.offline = self.now, False
        for one in self._held_by(worker):
            if not one.parked:
                one.lease_until = self.now + timedelta(seconds=worker.lease)

    def _opened(self, hand: Hand | None, call: Callable[[Hand], Coroutine[Any, Any, Any]]) -> tuple[Try, Card] | None:
        """The attempt that a token still opens; one that is stale is refused with what to do."""
        if hand is None:
            return None
        one, card = self.tries[hand.execute_id], self.board.get(hand.task_id)
        if one.hand == hand and card is not None and self._comes_back(one, card):
            one.outcome, card.state, card.returns = None, S.IN_PROGRESS, card.returns - 1
            missed = self.now - (one.ended_at or self.now)
            one.timeout_at = one.timeout_at and one.timeout_at + missed
        if one.outcome is None and one.hand == hand and card is not None:
            return one, card
        with pytest.raises(AttemptOver if one.hand == hand and card is not None else AttemptUnknown):
            self.run(call(hand))
        return None

    def _comes_back(self, one: Try, card: Card) -> bool:
        """Whether a plain client that was lost simply goes on: nobody took the task since, and it may be taken."""
        worker = one.worker
        if one.outcome != "lost" or worker is None or worker.heartbeats or len(self._at_work(worker)) >= worker.limit:
            return False
        waits = card.state is S.BACKLOG and card.tries[-1] is one and card.round == one.round
        return waits and held(card, self.board) is None and self._open_to_all(card)

    def _call(self, hand: Hand | None, call: Callable[[Hand], Coroutine[Any, Any, T]]) -> tuple[Try, Card, T] | None:
        """A call of an agent that succeeds, unless its token is stale."""
        if (opened := self._opened(hand, call)) is None or hand is None:
            return None
        said = self.run(call(hand))
        one, card = opened
        one.used, one.to_resume = True, False
        if one.worker is not None:
            self._hear(one.worker)
        return one, card, said

    @rule(choice=CHOICES, move=CALLS)
    def an_agent_calls(self, choice: int, move: str) -> None:
        getattr(self, move)(choice)

    def heartbeat(self, choice: int) -> None:
        self._call(self.hand(choice), self.shop.heartbeat)

    def ask(self, choice: int) -> None:
        if called := self._call(self.hand(choice), self.shop.ask):
            one, card, asked = called
            card.pending.add(asked.id)
            card.state, one.paused_at = S.NEEDS_INPUT, one.paused_at or self.now
            self.questions.append((card.id, asked.id))

    def hand_in(self, choice: int) -> None:
        at = self._new_commit()
        hand = self.hand(choice, lambda one: one.paused_at is None)
        opened = self._opened(hand, lambda hand: self.shop.hand_in(hand, at))
        if hand is None or opened is None:
            return
        with self._refused_unless(not opened[1].pending, QuestionPending):
            self._call(hand, lambda hand: self.shop.hand_in(hand, at))
            self._handed_in(*opened, at)

    def _handed_in(self, one: Try, card: Card, at: str) -> None:
        one.outcome, card.state, card.head, card.returns = "completed", S.READY_TO_TEST, at, 0

    def fail(self, choice: int, category: ErrorCategory = ErrorCategory.APPLICATION) -> None:
        hand = self.hand(choice)
        if hand is None or hand.task_id not in self.board:
            return
        one = self.tries[hand.execute_id]
        again = one.outcome == "failed"
        with self._refused_unless(one.hand == hand and (again or one.outcome is None), LeaseLost):
            self.run(self.shop.fail(hand, category))
            if not again:
                self._failed(one, self.board[hand.task_id], counted=category.retried)

    def fail_for_good(self, choice: int) -> None:
        self.fail(choice, ErrorCategory.VALIDATION)

    def give_back(self, choice: int) -> None:
        if called := self._call(self.hand(choice), self.shop.give_back):
            self._returned(called[0], called[1], "released")

    @rule(times=st.integers(1, RETURNS))
    def give_back_again_and_again(self, times: int) -> None:
        for _ in range(times):
            if not self._held_by(self.workers["codex"]):
                self.claim("codex", ABILITIES, resume=False)
            for one in self._held_by(self.workers["codex"]):
                if called := self._call(one.hand, self.shop.give_back):
                    self._returned(called[0], called[1], "released")

    def _failed(self, one: Try, card: Card, *, counted: bool) -> None:
        one.outcome, card.state, card.returns = "failed", S.BACKLOG, 0
        card.failures += 1
        card.spent = not counted or card.failures == TRIES
        card.retrying = not card.spent
        # As stored: the dice are thrown there.
        robot = self.do(self.shop.engine.get_robot, str(self.run(self.shop.look(card.id)).robot_id))
        card.due = robot.retry_at if card.retrying else None

    def _returned(self, one: Try, card: Card, outcome: str) -> None:
        one.outcome, card.state, one.ended_at = outcome, S.BACKLOG, self.now
        card.returns += 1
        if card.returns == RETURNS:
            card.worn, card.returns = True, 0

    # --- people answer, judge, stop, work by hand ---

    @rule(choice=CHOICES, move=st.sampled_from(["answer", "answer", "skip", "answer_without_saying_which"]))
    def a_person_answers(self, choice: int, move: str) -> None:
        getattr(self, move)(choice)

    @rule(choice=CHOICES, move=st.sampled_from(["approve", "approve", "push", "request_changes", "merge_outside"]))
    def a_person_judges(self, choice: int, move: str) -> None:
        getattr(self, move)(choice)

    @rule(choice=CHOICES, move=st.sampled_from(["cancel", "reopen", "reopen", "delete", "retry", "retry", "stop"]))
    def a_person_decides(self, choice: int, move: str) -> None:
        getattr(self, move)(choice)

    @rule(
        choice=CHOICES, move=st.sampled_from(["take_by_hand", "finish_by_hand", "finish_by_hand", "give_back_by_hand"])
    )
    def a_person_works(self, choice: int, move: str) -> None:
        getattr(self, move)(choice)

    def answer(self, choice: int, skip: bool = False) -> None:
        named = chosen(choice, self.questions, lambda named: self._waits(*named))
        if named is None or (card := self.board.get(named[0])) is None:
            return
        said = {"skip": True} if skip else {"response": "21 %"}
        with self._refused_unless(self._waits(*named), Conflict):
            self.run(self.shop.respond(card.id, question_id=named[1], **said))
            card.pending.remove(named[1])
            one = card.at_work
            if card.state is S.NEEDS_INPUT and one is not None and not card.pending:
                self._go_on(card, one)

    def _waits(self, card_id: str, question: str) -> bool:
        return card_id in self.board and question in self.board[card_id].pending

    def _go_on(self, card: Card, one: Try) -> None:
        if one.parked and card.shop.paused:
            return
        card.state = S.IN_PROGRESS
        waited = self.now - (one.paused_at or self.now)
        one.timeout_at = one.timeout_at and one.timeout_at + waited
        if one.worker is not None:
            one.lease_until = self.now + timedelta(seconds=RESUMED if one.parked else one.worker.lease)
        one.to_resume = one.parked
        one.paused_at, one.parked = None, False

    def skip(self, choice: int) -> None:
        self.answer(choice, skip=True)

    def answer_without_saying_which(self, choice: int) -> None:
        card = self.card(choice, lambda card: len(card.pending) > 1)
        if card is not None and len(card.pending) != 1:
            with pytest.raises(Invalid if card.pending else Conflict):
                self.run(self.shop.respond(card.id, response="21 %"))

    def approve(self, choice: int) -> None:
        if card := self.card(choice, lambda card: card.state is S.READY_TO_TEST):
            with self._refused_unless(card.state is S.READY_TO_TEST, IllegalMove):
                self.run(self.shop.approve(card.id, card.head or commit(0)))
                card.state, card.approved = S.APPROVED, card.head

    def request_changes(self, choice: int) -> None:
        if card := self.card(choice, under_review):
            with self._refused_unless(under_review(card), Conflict):
                self.run(self.shop.request_changes(self.run(self.shop.look(card.id))))
                card.new_round()

    def push(self, choice: int) -> None:
        card = self.card(choice, lambda card: card.state in {S.READY_TO_TEST, S.APPROVED})
        if card is None or card.head is None:
            return
        card.head = self._new_commit()
        self.run(self.shop.push(card.id, card.head, by=BOB))
        if card.state is S.APPROVED and self._taken_out(card):
            card.state, card.approved = S.READY_TO_TEST, None

    def merge_outside(self, choice: int) -> None:
        card = self.card(choice, lambda card: card.state in BEFORE_STAGING)
        if card is None:
            return
        self.do(self.shop.delivery.pushes.merged_outside, BOB, card.id)
        if card.state in BEFORE_STAGING and self._taken_out(card):
            self._over(card, S.PRODUCTION)

    def _taken_out(self, card: Card) -> bool:
        """Whether its release lets it go: not if it is on the move."""
        if card.release is not None and card.release.under_way not in {None, MERGE_GROUP}:
            return False
        if card.release is not None:
            self._withdrawn(card.release)
        return True

    def cancel(self, choice: int) -> None:
        if card := self.card(choice, lambda card: card.state in {S.IN_PROGRESS, S.NEEDS_INPUT, S.APPROVED}):
            with self._refused_unless(card.state in BEFORE_STAGING and card.release is None, Conflict):
                self.do(self.shop.delivery.tasks.cancel, ADA, card.id, "no longer needed")
                card.approved = None
                self._over(card, S.CANCELLED)

    def _over(self, card: Card, state: TaskState) -> None:
        card.state = state
        card.pending.clear()
        if one := card.at_work:
            one.outcome = "cancelled"

    def reopen(self, choice: int) -> None:
        if card := self.card(choice, lambda card: card.state is S.CANCELLED):
            with self._refused_unless(card.state is S.CANCELLED, IllegalMove):
                self.do(self.shop.delivery.tasks.reopen, ADA, card.id)
                card.new_round()

    def delete(self, choice: int) -> None:
        if card := self.card(choice, lambda card: card.state is S.CANCELLED):
            untouched = card.state is S.BACKLOG and not card.tries
            with self._refused_unless(untouched or card.state is S.CANCELLED, Conflict):
                self.do(self.shop.delivery.tasks.delete, card.id)
                del self.board[card.id]
                for other in self.board.values():
                    other.depends_on = [one for one in other.depends_on if one != card.id]

    def retry(self, choice: int) -> None:
        if card := self.card(choice, lambda card: card.spent or card.worn):
            waits_for_a_person = card.state is S.BACKLOG and (card.spent or card.worn)
            with self._refused_unless(waits_for_a_person, Conflict):
                self.do(self.shop.delivery.tasks.retry, ADA, card.id)
                card.sent_back_to_work()

    def give_back_by_hand(self, choice: int) -> None:
        self.stop(choice, by_hand=True)

    def stop(self, choice: int, by_hand: bool = False) -> None:
        card = self.card(choice, lambda card: card.at_work and (card.at_work.worker is None) == by_hand)
        if card is None:
            return
        one = card.at_work
        command = self.shop.delivery.tasks.release_by_hand if by_hand else self.shop.delivery.tasks.stop
        with self._refused_unless(one is not None and not (by_hand and one.worker is not None), Conflict):
            self.do(command, ADA, card.id, "it is the wrong way")
            assert one is not None
            self._returned(one, card, "released")

    def take_by_hand(self, choice: int) -> None:
        if card := self.card(choice, lambda card: card.state is S.BACKLOG):
            with self._refused_unless(card.state is S.BACKLOG and self._open_to_all(card), Conflict):
                self._by_hand(card)

    def _by_hand(self, card: Card) -> None:
        self.do(self.shop.delivery.tasks.start_by_hand, ADA, card.id)
        execution = self.do(self.shop.delivery.tasks.active_execution, self.run(self.shop.look(card.id)))
        assert execution is not None
        card.sent_back_to_work()
        self._taken(card, Hand(ADA.name, execution.lease_token, card.id, execution.execute_id), None)

    def _open_to_all(self, card: Card) -> bool:
        return not card.shop.paused and not full(card.shop, self.board.values())

    def finish_by_hand(self, choice: int) -> None:
        """From the backlog to the approval at one go, so that releases get something to ship."""
        card = self.card(choice, lambda card: card.state is S.BACKLOG)
        if card is None or card.state is not S.BACKLOG or card.pending or not self._open_to_all(card):
            return
        self._by_hand(card)
        one, at = card.tries[-1], self._new_commit()
        self.run(self.shop.hand_in_by_hand(card.id, at))
        self._handed_in(one, card, at)
        self.run(self.shop.approve(card.id, at))
        card.state, card.approved = S.APPROVED, at

    # --- projects ---

    @rule(key=KEYS, paused=st.booleans())
    def pause_or_open(self, key: str, paused: bool) -> None:
        self._set(key, status=ProjectStatus.PAUSED if paused else ProjectStatus.ACTIVE).paused = paused

    @rule(key=KEYS, limit=st.sampled_from([None, None, 1, 2]))
    def limit(self, key: str, limit: int | None) -> None:
        self._set(key, wip_limit=limit).limit = limit

    def _set(self, key: str, **changes: Any) -> Shop:
        project = self.do(self.shop.delivery.projects.get, key)
        self.run(self.shop.set_project(project, **changes))
        return self.shops[project.id]

    # --- releases ---

    @rule(key=KEYS, choices=st.lists(CHOICES, min_size=1, max_size=3), steps=st.integers(0, 4))
    def a_person_ships(self, key: str, choices: list[int], steps: int) -> None:
        self.ship(self._shop(key), choices)
        self.take_steps_of_shipping(key, steps)

    def ship(self, shop: Shop, choices: list[int]) -> None:
        found = [self.card(choice, lambda card: card.shop is shop and self._ships(card)) for choice in choices]
        cards = list({card.id: card for card in found if card is not None}.values())
        if not cards:
            return
        one_shop = all(card.shop is cards[0].shop for card in cards)
        fit = one_shop and all(self._ships(card, beside=cards) for card in cards)
        tasks = [self.run(self.shop.look(card.id)) for card in cards]
        with self._refused_unless(fit, NotShippable):
            group = self.do(self.shop.delivery.groups.get, self.run(self.shop.ship(*tasks)))
            release = Release(group.id, cards[0].shop, [self.board[task] for task in group.task_ids])
            for place, card in enumerate(release.cards):
                before = {other.id for other in release.cards[:place]}
                assert {other.id for other in cards} & set(card.depends_on) <= before
                card.release = release
            self.releases[group.id] = release

    def _ships(self, card: Card, beside: Sequence[Card] = ()) -> bool:
        others = (self.board[other] for other in card.depends_on)
        freed = all(other in beside or other.state in SHIPPED for other in others)
        return card.state is S.APPROVED and card.release is None and freed

    @rule(
        choice=CHOICES, move=st.sampled_from(["withdraw", "promote", "promote", "roll_back"]), steps=st.integers(0, 2)
    )
    def a_person_commands(self, choice: int, move: str, steps: int) -> None:
        getattr(self, move)(choice)
        for key in ("SHOP", "BLOG"):
            self.take_steps_of_shipping(key, steps)

    def withdraw(self, choice: int) -> None:
        def fits(release: Release) -> bool:
            return release.status is GroupStatus.PENDING and release.under_way in {None, MERGE_GROUP}

        if release := self.release(choice, fits):
            with self._refused_unless(fits(release), Conflict):
                self._command(self.shop.delivery.groups.withdraw, release)
                self._withdrawn(release)

    def _withdrawn(self, release: Release) -> None:
        if release.status is GroupStatus.PENDING:
            release.status, release.under_way = GroupStatus.WITHDRAWN, None
            self._freed(release)

    def promote(self, choice: int) -> None:
        release = self.release(choice, lambda release: release.status is GroupStatus.STAGING)
        if release is None:
            return
        problem: type[Exception] | None = None
        if release.status is not GroupStatus.STAGING:
            problem = Conflict
        elif self._busy(release.shop):
            problem = Busy
        elif self._standing(release.shop, GroupStatus.STAGING)[0] is not release:
            problem = OutOfOrder
        with self._refused_unless(problem is None, problem or Conflict):
            self._command(self.shop.delivery.groups.promote, release)
            release.under_way = DEPLOY_PRODUCTION

    def roll_back(self, choice: int) -> None:
        release = self.release(choice, lambda release: release.status in ENVIRONMENTS)
        if release is None:
            return
        problem: type[Exception] | None = None
        if release.status not in ENVIRONMENTS:
            problem = Conflict
        elif self._busy(release.shop):
            problem = Busy
        elif self._standing(release.shop, release.status)[-1] is not release:
            problem = OutOfOrder
        with self._refused_unless(problem is None, problem or Conflict):
            self._command(self.shop.delivery.groups.rollback, release)
            release.under_way = DEPLOY_ROLLBACK

    def _command(self, command: Callable[..., Any], release: Release) -> None:
        def body(tx: Tx) -> None:
            command(tx, ADA, self.shop.delivery.groups.get(tx, release.id))

        self.do(body)

    def _busy(self, shop: Shop) -> bool:
        return any(one.shop is shop and one.under_way is not None for one in self.releases.values())

    def _standing(self, shop: Shop, status: GroupStatus) -> list[Release]:
        """What stands in an environment, in order of its arrival."""

        def there(tx: Tx) -> list[GroupRecord]:
            return group_queries.list_groups(tx, project_id=shop.id, statuses=[status], limit=500)

        stored = sorted(self.run(self.shop.read(there)), key=_arrival)
        mine = {one.id for one in self.releases.values() if one.shop is shop and one.status is status}
        assert {group.id for group in stored} == mine
        return [self.releases[group.id] for group in stored]

    @rule(key=KEYS, steps=st.integers(1, 4), well=st.sampled_from([True, True, True, False]))
    def take_steps_of_shipping(self, key: str, steps: int, well: bool = True) -> None:
        """The control module takes what the project's shipping queue has for it, one thing at a time, and ends it."""
        shop = self._shop(key)
        for _ in range(steps):
            if shop.id in self.in_work:
                in_work = self.in_work.pop(shop.id)
                self._end(in_work.release, in_work.robot, well)
            else:
                self._begin(shop)

    def _begin(self, shop: Shop) -> None:
        claimed = self.do(
            self.shop.engine.claim, "control", holder="control", queues=[shipping_queue(shop.id)], internal=True
        )
        mine = [one for one in self.releases.values() if one.shop is shop]
        there = any(one.under_way or one.status is GroupStatus.PENDING for one in mine)
        if not claimed:
            assert not there or self._rests(shop)
            return
        (robot,) = claimed
        release = self.releases[robot.input_data["groupId"]]
        if robot.robot_type == CLEANUP_RELEASE:
            self.do(self._complete, robot)
            return
        if robot.robot_type == MERGE_GROUP and release.under_way is None:
            # Nothing is merged on top of a release that is under way and may yet go back.
            assert not self._busy(shop)
            release.under_way = MERGE_GROUP
        assert robot.robot_type == release.under_way
        if robot.robot_type == MERGE_GROUP:
            self.do(self.progress.begin_merge, release.id, robot.robot_id)
        self.in_work[shop.id] = InWork(release, robot, self.now + timedelta(seconds=PROCESS))

    def _rests(self, shop: Shop) -> bool:
        """Whether what the control module was at for too long waits for its next try."""

        def body(tx: Tx) -> list[Robot]:
            queue = shipping_queue(shop.id)
            return self.shop.engine.list_robots(tx, queue=queue, status=RobotStatus.RETRYING, limit=500)[0]

        return any(robot.due_at is not None for robot in self.do(body))

    def _end(self, release: Release, robot: ClaimedRobot, well: bool) -> None:
        if release.under_way != robot.robot_type:
            # Withdrawn by a push while it was being merged.
            with pytest.raises(Conflict):
                self.do(self._merged, release, robot)
            with pytest.raises(LeaseLost):
                self.do(self._complete, robot)
        elif release.undone:
            staging = DeploymentEnvironment.STAGING
            self.do(self.progress.failed, release.id, robot.robot_id, Saying("no"), environment=staging)
            self._fail(robot)
            self._gone_wrong(release)
        elif well:
            self.do(self._finish, release, robot)
            self._moved_on(release, robot.robot_type)
        else:
            self._fail(robot)
            if robot.robot_type == DEPLOY_STAGING:
                # Staging has moved: the next robot takes that back.
                release.undone = True
            else:
                self._gone_wrong(release)

    def _fail(self, robot: ClaimedRobot) -> None:
        failure = Fail(lease_token=robot.lease_token, error_category=ErrorCategory.BUSINESS, error_message="no")
        self.do(self.shop.engine.fail, robot.execute_id, failure)

    def _gone_wrong(self, release: Release) -> None:
        release.under_way = None
        if release.status is GroupStatus.PENDING:
            release.status = GroupStatus.FAILED
            self._freed(release)

    def _finish(self, tx: Tx, release: Release, robot: ClaimedRobot) -> None:
        """What the pipelines write down, where git and the runtime would have done their part."""
        named = (tx, release.id, robot.robot_id)
        if robot.robot_type == MERGE_GROUP:
            self._merged(tx, release, robot)
        elif robot.robot_type == DEPLOY_STAGING:
            self.progress.staged(*named, url="http://staging", log="")
        elif robot.robot_type == DEPLOY_PRODUCTION:
            commits = [commit(7) for _ in release.cards]
            self.progress.production_planned(tx, release.id, base=commit(6), head=commit(7), commits=commits)
            self.progress.promoted(*named, url="http://production", log="")
        else:
            self.progress.rolled_back(*named, ENVIRONMENTS[release.status], url="http://before", log="")
        self._complete(tx, robot)

    def _merged(self, tx: Tx, release: Release, robot: ClaimedRobot) -> None:
        result = Integration(commit(7), tuple(commit(7) for _ in release.cards))
        pull = PullRequest(7, "http://pull", "Release", "", "release", "staging", commit(7), "open", "aiworker", tx.now)
        self.progress.integrated(tx, release.id, robot.robot_id, base=commit(6), result=result, found=NOTHING)
        self.progress.pull_request_opened(tx, release.id, "release", pull)
        self.progress.merged(tx, release.id, robot.robot_id)

    def _complete(self, tx: Tx, robot: ClaimedRobot) -> None:
        self.shop.engine.complete(tx, robot.execute_id, Complete(lease_token=robot.lease_token))

    def _moved_on(self, release: Release, robot_type: str) -> None:
        if robot_type == MERGE_GROUP:
            release.under_way = DEPLOY_STAGING
            return
        statuses = {
            DEPLOY_STAGING: (GroupStatus.STAGING, S.STAGING),
            DEPLOY_PRODUCTION: (GroupStatus.PRODUCTION, S.PRODUCTION),
            DEPLOY_ROLLBACK: (GroupStatus.ROLLED_BACK, S.APPROVED),
        }
        release.under_way = None
        release.status, state = statuses[robot_type]
        for card in release.cards:
            card.state = state
        if release.status is GroupStatus.ROLLED_BACK:
            self._freed(release)

    def _freed(self, release: Release) -> None:
        for card in release.cards:
            card.release = None
            if card.state is S.APPROVED and card.head != card.approved:
                # Pushed to while the release was on the move: the approval is not for what the branch holds.
                card.state, card.approved = S.READY_TO_TEST, None

    # --- the clock ---

    @rule(seconds=st.sampled_from([7.37, 61.37, 901.37, 1801.37, 14401.37]), noticed=st.booleans())
    def let_time_pass(self, seconds: float, noticed: bool) -> None:
        self.shop.clock.pass_seconds(seconds)
        if noticed:
            self.tick()

    def tick(self) -> None:
        self.run(self.shop.tick())
        for card in self.board.values():
            one = card.at_work
            if one is None:
                continue
            if one.paused_at is None and one.timeout_at is not None and one.timeout_at <= self.now:
                self._failed(one, card, counted=True)
            elif one.lease_until is not None and one.lease_until <= self.now:
                if card.state is S.NEEDS_INPUT and one.worker is not None and not one.worker.heartbeats:
                    one.parked, one.lease_until = True, None
                else:
                    self._returned(one, card, "lost")
        for card in self.board.values():
            if card.state is S.NEEDS_INPUT and not card.pending and card.at_work is not None:
                self._go_on(card, card.at_work)
        # The control module was killed: the next one begins anew with what it had in work.
        self.in_work = {shop: work for shop, work in self.in_work.items() if work.lease_until > self.now}
        for worker in self.workers.values():
            silent = worker.heard is not None and worker.heard + timedelta(seconds=worker.lease) < self.now
            worker.offline = worker.offline or silent

    # --- what must always be true ---

    @invariant()
    def agrees(self) -> None:
        if self.shops:
            self.run(self.shop.read(self._check))

    @invariant()
    def what_is_cached_is_what_is_there(self) -> None:
        if self.shops:
            self.run(self._check_cached())

    async def _check_cached(self) -> None:
        reading, views = self.shop.delivery.reading, self.shop.delivery.task_views

        def there_now(tx: Tx, project_id: str) -> list[Task]:
            return views.many(tx, task_queries.list_tasks(tx, project_id=project_id))

        for project_id in self.shops:
            there = await self.shop.read(there_now, project_id)
            assert (await reading.tasks_of(project_id, 100))[0] == there
            for task in there[-1:]:
                assert await reading.task(task.id) == task
            record = await self.shop.read(self.shop.delivery.projects.get, project_id)
            assert (await reading.project(project_id)).version == record.version
        for agent in await self.shop.read(agent_queries.list_agents, limit=1):
            assert await reading.agent(agent.id) == (await self.shop.read(agent_views, [agent]))[0]

    def _check(self, tx: Tx) -> None:
        tasks = {task.id: task for task in task_queries.by_ids(tx, list(self.board))}
        assert set(tasks) == set(self.board)
        assert len(task_queries.list_tasks(tx)) == len(self.board)
        self._check_history(tx, tasks)
        open_attempts = self._check_work(tx, tasks)
        self._check_agents(tx, tasks, open_attempts)
        self._check_views(tx, tasks)
        for release in self.releases.values():
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
            assert not paused or card.pending or one.parked
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
            held_by = {attempt.task_id for attempt in open_attempts.values() if attempt.agent_id == agent.id}
            assert held_by == {one.hand.task_id for one in self._held_by(worker)}
            assert {task.id for task in tasks.values() if task.assigned_agent_id == agent.id} >= held_by
            mine = {one.hand.task_id for one in self._at_work(worker)}
            assert (agent.current_task_id in mine) if mine else (agent.current_task_id is None)
            status = AgentStatus.BUSY if mine else AgentStatus.IDLE
            assert agent.status is (AgentStatus.OFFLINE if worker.offline else status), agent.pod_name

    def _check_history(self, tx: Tx, tasks: dict[str, TaskRecord]) -> None:
        events: dict[str, list[int]] = defaultdict(list)
        for row in tx.rows(select(outbox.c.events).order_by(outbox.c.id)):
            for event in row.events:
                events[event["stream"]].append(event["position"])
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
            waits = card.state is S.BACKLOG or (card.state is S.NEEDS_INPUT and not card.pending)
            assert bool(view.waiting) == waits, "a silent gate is a defect"
            reason = held(card, self.board)
            assert reason is None or view.waiting == reason
            if reason is None and card.state is S.BACKLOG and card.shop.paused:
                assert view.waiting == "project paused"

    def _new_commit(self) -> str:
        self.commits += 1
        return commit(1000 + self.commits)

    def _refused_unless(self, allowed: bool, error: type[Exception]) -> AbstractContextManager[Any]:
        """What is not allowed is refused with one clear sentence; the body stops there."""
        return nullcontext() if allowed else pytest.raises(error)


def chosen(choice: int, among: Sequence[T], fits: Callable[[T], object]) -> T | None:
    """Mostly one that fits, every fifth time any, the newest first; None if there is none at all."""
    fitting = [one for one in among if fits(one)]
    pool = among if choice % 5 == 0 or not fitting else fitting
    return pool[-1 - choice // 5 % len(pool)] if pool else None


def under_review(card: Card) -> bool:
    return card.state in {S.READY_TO_TEST, S.APPROVED} and card.release is None


def _arrival(group: GroupRecord) -> tuple[datetime, int]:
    """When a release came to where it stands. Raises: AssertionError if it never did."""
    arrived = group.production_deployed_at if group.status is GroupStatus.PRODUCTION else group.staging_deployed_at
    assert arrived is not None
    return arrived, group.number


_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


class _OnPostgreSQL(BoardMachine):
    backend = "postgresql"


class _OnMariaDB(BoardMachine):
    backend = "mariadb"


class _LongOnSQLite(BoardMachine):
    pass


class _LongOnPostgreSQL(_OnPostgreSQL):
    pass


class _LongOnMariaDB(_OnMariaDB):
    pass


def _tried(machine: type[BoardMachine], examples: int, *, steps: int = 40) -> Any:
    """The machine as a test case that tries the same each time."""
    case = machine.TestCase
    case.settings = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=True,
        deadline=None,
        suppress_health_check=_SLOW,
    )
    return pytest.mark.timeout(600)(case)


def _for_long(machine: type[BoardMachine], examples: int) -> Any:
    case = machine.TestCase
    case.settings = settings(
        max_examples=examples, stateful_step_count=80, deadline=None, database=None, suppress_health_check=_SLOW
    )
    return pytest.mark.soak(pytest.mark.timeout(4 * 3600)(case))


TestBoardAgreesWithItsModel = _tried(BoardMachine, 8)
TestBoardAgreesWithItsModelOnPostgreSQL = _tried(_OnPostgreSQL, 3)
TestBoardAgreesWithItsModelOnMariaDB = _tried(_OnMariaDB, 3)

TestBoardAgreesWithItsModelForLong = _for_long(_LongOnSQLite, 1_000)
TestBoardAgreesForLongOnPostgreSQL = _for_long(_LongOnPostgreSQL, 300)
TestBoardAgreesForLongOnMariaDB = _for_long(_LongOnMariaDB, 300)
