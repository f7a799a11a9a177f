"""The words for why a task in the backlog is held, and what they mean. Pure."""

from collections.abc import Sequence

QUESTION_WAITS = "a question waits for an answer"

_AFTER = "after "
_CANCELLED = " cancelled"
_LONGEST = 200


def after(keys: Sequence[str], *, until: str = "approved") -> str:
    """It waits for these tasks: "after SHOP-9", "after SHOP-9 in production"."""
    return _listed(_AFTER, keys, "" if until == "approved" else f" in {until}")


def after_cancelled(keys: Sequence[str]) -> str:
    """What it waits for will not come."""
    return _listed("", keys, f" {'was' if len(keys) == 1 else 'were'}{_CANCELLED}")


def pull_request_closed(number: int, by: str) -> str:
    """Somebody closed its pull request by hand."""
    return f"pull request #{number} was closed by {by}"[:_LONGEST]


def ends_by_itself(held: str) -> bool:
    """Whether the reason goes away when what it names is done; else a person has to send the task back to work."""
    return held == QUESTION_WAITS or held.startswith(_AFTER) or held.endswith(_CANCELLED)


def needs_person(held: str | None) -> bool:
    """Whether the task is stuck until a person does something about the task itself: then it is in their inbox."""
    return held is not None and held != QUESTION_WAITS and not held.startswith(_AFTER)


def _listed(before: str, keys: Sequence[str], behind: str) -> str:
    room = _LONGEST - len(before) - len(behind)
    named = ", ".join(keys)
    while len(named) > room:
        keys = keys[:-1]
        named = f"{', '.join(keys)} and others"
    return f"{before}{named}{behind}"
