"""The words for why a task in the backlog is held, and what they mean. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

QUESTION_WAITS = "a question waits for an answer"

_AFTER = "after "
_CANCELLED = " cancelled"
_LONGEST = 200
_OTHERS = " and others"
MEANINGS = tuple(
    (code, re.compile(pattern))
    for code, pattern in (
        ("question", re.escape(QUESTION_WAITS)),
        ("after_until", r"after (?P<tasks>.+) in (?P<until>staging|production)"),
        ("after", r"after (?P<tasks>.+)"),
        ("after_cancelled", r"(?P<tasks>.+) (?:was|were) cancelled"),
        ("attempts_failed", r"(?P<attempts>\d+) attempts? failed"),
        ("lost_in_a_row", r"lost or given back (?P<times>\d+) times in a row"),
        ("pull_request_closed", r"pull request #(?P<number>\d+) was closed by (?P<by>.+)"),
        ("task_cost", r"cost limit of (?P<limit>.+) for a task reached"),
        ("attempt_cost", r"cost limit of (?P<limit>.+) for an attempt reached"),
        ("project_cost", r"cost limit of (?P<limit>.+) for the project reached"),
        ("day_cost", r"cost limit of (?P<limit>.+) a day reached"),
    )
)


@dataclass(frozen=True, slots=True)
class Why:
    """Why a task waits: in words, and for whoever says it in others by a code with its values."""

    words: str
    code: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


def meaning(words: str) -> Why:
    """What a reason that was written down means; without a code where it is none of ours."""
    for code, pattern in MEANINGS:
        if (found := pattern.fullmatch(words)) is not None:
            values = {name: value.replace(_OTHERS, ", …") for name, value in found.groupdict().items()}
            return Why(words, code, values)
    return Why(words)


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
        named = f"{', '.join(keys)}{_OTHERS}"
    return f"{before}{named}{behind}"
