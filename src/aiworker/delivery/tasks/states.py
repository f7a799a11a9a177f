"""Which moves a task may make, and by what cause. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from aiworker.delivery.tasks.errors import IllegalMove
from aiworker.wire.tasks import TaskState

S = TaskState


class Cause(StrEnum):
    """Why a task moves; the words complete the sentence "the task cannot …"."""

    CLAIM = "be claimed"
    ASK = "wait for an answer"
    CONTINUE = "go on"
    FINISH = "be handed in for review"
    GIVE_BACK = "be given back"
    REQUEST_CHANGES = "get changes requested"
    APPROVE = "be approved"
    PUSH = "lose its approval"
    STAGE = "go to staging"
    PROMOTE = "go to production"
    ROLL_BACK = "be rolled back"
    CANCEL = "be cancelled"
    REOPEN = "be reopened"
    MERGED_OUTSIDE = "be merged outside AiWorker"
    CLOSED_OUTSIDE = "have its pull request closed outside AiWorker"


# Nobody has to look at a preview any more.
ENDED = frozenset({S.CANCELLED, S.PRODUCTION})
_BEFORE_STAGING = (S.BACKLOG, S.IN_PROGRESS, S.NEEDS_INPUT, S.READY_TO_TEST, S.APPROVED)

MOVES: Mapping[tuple[TaskState, Cause], TaskState] = MappingProxyType(
    {
        (S.BACKLOG, Cause.CLAIM): S.IN_PROGRESS,
        (S.IN_PROGRESS, Cause.ASK): S.NEEDS_INPUT,
        (S.NEEDS_INPUT, Cause.CONTINUE): S.IN_PROGRESS,
        (S.IN_PROGRESS, Cause.FINISH): S.READY_TO_TEST,
        (S.IN_PROGRESS, Cause.GIVE_BACK): S.BACKLOG,
        (S.NEEDS_INPUT, Cause.GIVE_BACK): S.BACKLOG,
        (S.READY_TO_TEST, Cause.REQUEST_CHANGES): S.BACKLOG,
        (S.APPROVED, Cause.REQUEST_CHANGES): S.BACKLOG,
        (S.READY_TO_TEST, Cause.APPROVE): S.APPROVED,
        (S.APPROVED, Cause.PUSH): S.READY_TO_TEST,
        (S.APPROVED, Cause.STAGE): S.STAGING,
        (S.STAGING, Cause.PROMOTE): S.PRODUCTION,
        (S.STAGING, Cause.ROLL_BACK): S.APPROVED,
        (S.PRODUCTION, Cause.ROLL_BACK): S.APPROVED,
        (S.CANCELLED, Cause.REOPEN): S.BACKLOG,
        **{(state, Cause.CANCEL): S.CANCELLED for state in _BEFORE_STAGING},
        **{(state, Cause.MERGED_OUTSIDE): S.PRODUCTION for state in _BEFORE_STAGING},
        **{(state, Cause.CLOSED_OUTSIDE): S.BACKLOG for state in _BEFORE_STAGING if state != S.BACKLOG},
    }
)


def next_state(key: str, state: TaskState, cause: Cause) -> TaskState:
    """Where the cause takes a task. Raises: IllegalMove, naming what is allowed."""
    target = MOVES.get((state, cause))
    if target is None:
        raise IllegalMove(key, state, cause.value, {c.value for (s, c) in MOVES if s == state})
    return target


def allowed_causes(state: TaskState) -> frozenset[Cause]:
    """Everything that may move a task from here."""
    return frozenset(cause for (origin, cause) in MOVES if origin == state)
