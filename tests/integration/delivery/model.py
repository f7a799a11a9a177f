"""The board as it fits on a page: what the coding half is held against."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from aiworker.wire.engine import RobotStatus
from aiworker.wire.groups import GroupStatus
from aiworker.wire.tasks import TaskPriority, TaskState
from tests.support.workshop import Hand

S = TaskState

AT_WORK = {S.IN_PROGRESS, S.NEEDS_INPUT}
SHIPPED = {S.STAGING, S.PRODUCTION}
REACHED = {S.APPROVED} | SHIPPED
BEFORE_STAGING = {S.BACKLOG, S.IN_PROGRESS, S.NEEDS_INPUT, S.READY_TO_TEST, S.APPROVED}
TRIES = 3
RETURNS = 10
WORK_SECONDS = 4 * 3600

# Which moves the specification knows, whatever their cause.
MOVES = {
    (S.BACKLOG, S.IN_PROGRESS),
    (S.IN_PROGRESS, S.NEEDS_INPUT),
    (S.NEEDS_INPUT, S.IN_PROGRESS),
    (S.IN_PROGRESS, S.READY_TO_TEST),
    *((state, S.BACKLOG) for state in (*AT_WORK, S.READY_TO_TEST, S.APPROVED)),
    (S.READY_TO_TEST, S.APPROVED),
    (S.APPROVED, S.READY_TO_TEST),
    (S.APPROVED, S.STAGING),
    (S.STAGING, S.PRODUCTION),
    (S.STAGING, S.APPROVED),
    (S.PRODUCTION, S.APPROVED),
    *((state, S.CANCELLED) for state in BEFORE_STAGING),
    (S.CANCELLED, S.BACKLOG),
    *((state, S.PRODUCTION) for state in BEFORE_STAGING),
}

# What the task's robot may be, and whether an execution is under way, in each state.
ROBOTS: dict[TaskState, set[RobotStatus]] = {
    S.BACKLOG: {RobotStatus.PENDING, RobotStatus.RETRYING, RobotStatus.FAILED},
    S.IN_PROGRESS: {RobotStatus.PROCESSING},
    S.NEEDS_INPUT: {RobotStatus.PROCESSING},
    S.READY_TO_TEST: {RobotStatus.COMPLETED},
    S.APPROVED: {RobotStatus.COMPLETED},
    S.STAGING: {RobotStatus.COMPLETED},
    S.PRODUCTION: {RobotStatus.COMPLETED, RobotStatus.CANCELLED, RobotStatus.FAILED},
    S.CANCELLED: {RobotStatus.COMPLETED, RobotStatus.CANCELLED, RobotStatus.FAILED},
}


@dataclass
class Worker:
    """An agent. `lease`: seconds from its last sign of life."""

    name: str
    lease: int
    limit: int = 1
    abilities: frozenset[str] = frozenset()
    heard: datetime | None = None
    offline: bool = False

    @property
    def heartbeats(self) -> bool:
        return self.lease == 60


@dataclass
class Try:
    """One attempt; without a worker a person has it in hand."""

    hand: Hand
    worker: Worker | None
    lease_until: datetime | None
    timeout_at: datetime | None
    paused_at: datetime | None = None
    parked: bool = False
    used: bool = False
    to_resume: bool = False
    round: int = 1
    outcome: str | None = None
    ended_at: datetime | None = None


@dataclass
class Shop:
    """A project."""

    id: str
    key: str
    paused: bool = False
    limit: int | None = None


@dataclass
class Card:
    """A task. `failures` and `returns` count within a round; `due`: when a failed one may be tried again."""

    id: str
    key: str
    shop: Shop
    priority: TaskPriority
    written: datetime
    needs: frozenset[str]
    depends_on: list[str]
    state: TaskState = S.BACKLOG
    round: int = 1
    tries: list[Try] = field(default_factory=list["Try"])
    failures: int = 0
    returns: int = 0
    retrying: bool = False
    spent: bool = False
    worn: bool = False
    due: datetime | None = None
    pending: set[str] = field(default_factory=set[str])
    head: str | None = None
    approved: str | None = None
    release: "Release | None" = None

    @property
    def place(self) -> tuple[int, datetime]:
        """Where it stands in the order of claims."""
        return -list(TaskPriority).index(self.priority), self.written

    @property
    def at_work(self) -> Try | None:
        """The attempt that is under way."""
        return self.tries[-1] if self.tries and self.tries[-1].outcome is None else None

    def new_round(self) -> None:
        """It starts anew: review comments, or a second life."""
        self.state, self.round = S.BACKLOG, self.round + 1
        self.failures = self.returns = 0
        self.retrying = self.spent = self.worn = False
        self.due = self.approved = None

    def sent_back_to_work(self) -> None:
        """By a person, with all its tries."""
        self.worn = False
        if self.spent:
            self.spent, self.failures, self.returns = False, 0, 0


@dataclass
class Release:
    """A group. `under_way`: the robot type that is at work or about to be; `undone`: it takes back what moved."""

    id: str
    shop: Shop
    cards: list[Card]
    status: GroupStatus = GroupStatus.PENDING
    under_way: str | None = None
    undone: bool = False


def held(card: Card, cards: dict[str, Card]) -> str | None:
    """Why a task in the backlog may not start."""
    if card.state is not S.BACKLOG:
        return None
    if card.spent:
        tries = card.failures
        return f"{tries} {'attempt' if tries == 1 else 'attempts'} failed"
    if card.worn:
        return f"lost or given back {RETURNS} times in a row"
    if card.pending:
        return "a question waits for an answer"
    others = [cards[other] for other in card.depends_on]
    cancelled = [other.key for other in others if other.state is S.CANCELLED]
    if cancelled:
        return f"{', '.join(cancelled)} was cancelled"
    missing = [other.key for other in others if other.state not in REACHED]
    return f"after {', '.join(missing)}" if missing else None


def full(shop: Shop, cards: Iterable[Card]) -> bool:
    """Whether as many attempts are under way as the project allows; a parked one takes no place."""
    under_way = [one for card in cards if card.shop is shop and (one := card.at_work) and not one.parked]
    return shop.limit is not None and len(under_way) >= shop.limit


def next_card(cards: dict[str, Card], abilities: frozenset[str], now: datetime) -> Card | None:
    """What an agent is given: the most urgent, then the oldest, of what may start and what it can do."""
    ready = [
        card
        for card in cards.values()
        if card.state is S.BACKLOG
        and held(card, cards) is None
        and (card.due is None or card.due <= now)
        and not card.shop.paused
        and not full(card.shop, cards.values())
        and card.needs <= abilities
    ]
    return min(ready, key=lambda card: card.place, default=None)


def circle(card: Card, depends_on: Sequence[str], cards: dict[str, Card]) -> bool:
    """Whether the task would wait for itself."""
    seen: set[str] = set()
    frontier = list(depends_on)
    while frontier:
        one = frontier.pop()
        if one == card.id:
            return True
        if one not in seen:
            seen.add(one)
            frontier += cards[one].depends_on
    return False
