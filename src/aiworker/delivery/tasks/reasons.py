"""Why a task in the backlog is held, in words and by code. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aiworker.core.money import in_words
from aiworker.core.sayings import Saying, Sentence

QUESTION_WAITS = Sentence("question", "a question waits for an answer")
AFTER = Sentence("after", "after {tasks}")
AFTER_UNTIL = Sentence("after_until", "after {tasks} in {until}")
AFTER_CANCELLED = Sentence("after_cancelled", "{tasks} was cancelled")
AFTER_ALL_CANCELLED = Sentence("after_all_cancelled", "{tasks} were cancelled")
ATTEMPT_FAILED = Sentence("attempt_failed", "1 attempt failed")
ATTEMPTS_FAILED = Sentence("attempts_failed", "{attempts} attempts failed")
PULL_REQUEST_CLOSED = Sentence("pull_request_closed", "pull request #{number} was closed by {by}")
TASK_COST = Sentence("task_cost", "cost limit of {limit} for a task reached")
ATTEMPT_COST = Sentence("attempt_cost", "cost limit of {limit} for an attempt reached")

_LONGEST = 200
# These go away when what they name is done.
_END_BY_THEMSELVES = {one.code for one in (QUESTION_WAITS, AFTER, AFTER_UNTIL, AFTER_CANCELLED, AFTER_ALL_CANCELLED)}
# These do not need a person to look at the task itself.
_NEED_NOBODY = {one.code for one in (QUESTION_WAITS, AFTER, AFTER_UNTIL)}


def after(keys: Sequence[str], *, until: str = "approved") -> Saying:
    """It waits for these tasks: "after SHOP-9", "after SHOP-9 in production"."""
    return _listed(AFTER, keys) if until == "approved" else _listed(AFTER_UNTIL, keys, until=until)


def after_cancelled(keys: Sequence[str]) -> Saying:
    """What it waits for will not come."""
    return _listed(AFTER_CANCELLED if len(keys) == 1 else AFTER_ALL_CANCELLED, keys)


def attempts_failed(attempts: int) -> Saying:
    """All its tries are spent."""
    return ATTEMPT_FAILED() if attempts == 1 else ATTEMPTS_FAILED(attempts=attempts)


def pull_request_closed(number: int, by: str) -> Saying:
    """Somebody closed its pull request by hand."""
    said = PULL_REQUEST_CLOSED(number=number, by=by)
    return replace(said, words=said.words[:_LONGEST])


def spent(limit: int | None, cost: int | None, sentence: Sentence) -> Saying | None:
    """Why it may not go on if it has cost that much, in microdollars; None if it may."""
    return None if limit is None or (cost or 0) < limit else sentence(limit=in_words(limit))


def code_of(told: dict[str, Any] | None) -> str | None:
    """The code of a reason that was written down."""
    return None if told is None else str(told["code"])


def ends_by_itself(code: str | None) -> bool:
    """Whether the reason goes away when what it names is done; else a person has to send the task back to work."""
    return code in _END_BY_THEMSELVES


def needs_person(code: str | None) -> bool:
    """Whether the task is stuck until a person does something about the task itself: then it is in their inbox."""
    return code not in _NEED_NOBODY


def _listed(sentence: Sentence, keys: Sequence[str], **values: str) -> Saying:
    said = sentence(tasks=", ".join(keys), **values)
    while len(said.words) > _LONGEST:
        keys = keys[:-1]
        said = sentence(tasks=", ".join([*keys, "…"]), **values)
    return said
