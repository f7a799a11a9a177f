"""What a project asks of a commit, and what its checks say to that. Pure."""

from collections.abc import Sequence
from typing import Any

from aiworker.core.errors import Conflict
from aiworker.core.sayings import Sentence
from aiworker.delivery.ports.forge import Check
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.wire.tasks import CheckState, CommitCheck, CommitChecks

_SHOWN = 5

_FAILED = Sentence("checks_failed", "{task} is not green at {commit}: {checks} failed. Repair it, push, and try again.")
_PENDING = Sentence(
    "checks_pending",
    "{task} waits for its checks at {commit} (not finished yet: {checks}). Try again in a minute.",
)
_NONE = Sentence(
    "checks_missing",
    "{task} waits for its checks at {commit} (no commit status has been reported yet). Try again in a minute.",
)


class StatusFailed(Conflict):
    """A check that the project asks for has failed at this commit."""

    default_code = "status_failed"


class StatusPending(Conflict):
    """A check that the project asks for has not come to an end at this commit."""

    default_code = "status_pending"


def judged(project: ProjectRecord, commit: str, checks: Sequence[Check]) -> CommitChecks:
    """What the checks that count for the project say together."""
    wanted = project.evidence_contexts or []
    counted = [
        CommitCheck(context=c.context, state=CheckState(c.state), description=c.description, url=c.url)
        for c in checks
        if not wanted or c.context in wanted
    ]
    silent = sorted(set(wanted) - {check.context for check in counted})
    counted += [CommitCheck(context=name, state=CheckState.PENDING, description="", url=None) for name in silent]
    states = {check.state for check in counted}
    if CheckState.FAILURE in states:
        together = CheckState.FAILURE
    else:
        together = CheckState.SUCCESS if states == {CheckState.SUCCESS} else CheckState.PENDING
    return CommitChecks(commit=commit, state=together, checks=counted)


def require_green(task_key: str, checks: CommitChecks) -> None:
    """Raises: StatusFailed, StatusPending; each names the checks with their addresses."""
    short = checks.commit[:7]
    details = {"task": task_key, "commit": checks.commit, "checks": _dumped(checks)}
    if checks.state is CheckState.FAILURE:
        failed = _named(checks, CheckState.FAILURE)
        raise StatusFailed(_FAILED(task=task_key, commit=short, checks=failed), details=details)
    if checks.state is CheckState.PENDING:
        pending = _named(checks, CheckState.PENDING)
        sentence = (
            _PENDING(task=task_key, commit=short, checks=pending) if pending else _NONE(task=task_key, commit=short)
        )
        raise StatusPending(sentence, details=details)


def _named(checks: CommitChecks, state: CheckState) -> str:
    found = [check for check in checks.checks if check.state is state]
    named = [f"{check.context} ({check.url})" if check.url else check.context for check in found[:_SHOWN]]
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return ", ".join(named) + more


def _dumped(checks: CommitChecks) -> list[dict[str, Any]]:
    return [check.model_dump(mode="json", by_alias=True) for check in checks.checks[:_SHOWN]]
