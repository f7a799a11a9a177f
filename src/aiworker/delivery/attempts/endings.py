"""What is said of an attempt that ended without being handed in. Pure."""

from aiworker.access.actors import SYSTEM, Actor
from aiworker.core.sayings import Saying
from aiworker.delivery.tasks.history import (
    ATTEMPT_ENDED_BADLY,
    ATTEMPT_FAILED,
    GAVE_BACK,
    GAVE_BACK_BECAUSE,
    STOPPED,
    STOPPED_BECAUSE,
    STOPPED_BY_LIMIT,
    WENT_SILENT,
)


def why_given_back(by: Actor, outcome: str, said: Saying | None) -> Saying:
    """The line of the history. `outcome`: failed, lost, released or stopped; `said`: what was said to it."""
    match outcome:
        case "failed":
            return ATTEMPT_ENDED_BADLY(error=said) if said else ATTEMPT_FAILED()
        case "lost":
            return WENT_SILENT(why=said or "")
        case "released":
            return GAVE_BACK_BECAUSE(why=said) if said else GAVE_BACK()
        case _ if said and by == SYSTEM:
            return STOPPED_BY_LIMIT(reason=said)
        case _:
            return STOPPED_BECAUSE(actor=by.name, why=said) if said else STOPPED(actor=by.name)
