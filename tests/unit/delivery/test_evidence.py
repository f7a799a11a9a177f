"""What a project asks of a commit, and what its checks say to that."""

from dataclasses import dataclass, field
from typing import cast

import pytest

from aiworker.delivery.evidence.states import StatusFailed, StatusPending, judged, require_green
from aiworker.delivery.ports.forge import Check
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.wire.tasks import CheckState, CommitChecks

COMMIT = "abc1234" + "0" * 33


@dataclass
class Asks:
    """The part of a project that counts here."""

    evidence_contexts: list[str] | None = field(default=None)


def view(*checks: Check, only: list[str] | None = None) -> CommitChecks:
    return judged(cast("ProjectRecord", Asks(only)), COMMIT, checks)


GREEN = Check("test", "success", "", "https://ci/1")
RED = Check("lint", "failure", "3 problems", "https://ci/2")
BUSY = Check("build", "pending", "", None)


def test_all_that_report_must_be_green() -> None:
    assert view(GREEN).state is CheckState.SUCCESS
    assert view(GREEN, BUSY).state is CheckState.PENDING
    assert view(GREEN, BUSY, RED).state is CheckState.FAILURE


def test_nothing_reported_is_not_green() -> None:
    with pytest.raises(StatusPending, match="no commit status has been reported yet"):
        require_green("SHOP-1", view())


def test_only_the_named_checks_count_and_each_must_report() -> None:
    assert view(GREEN, RED, only=["test"]).state is CheckState.SUCCESS
    with pytest.raises(StatusPending, match="not finished yet: deploy"):
        require_green("SHOP-1", view(GREEN, RED, only=["test", "deploy"]))


def test_failed_checks_are_named_with_their_addresses() -> None:
    with pytest.raises(StatusFailed, match=r"SHOP-1 is not green at abc1234: lint \(https://ci/2\) failed"):
        require_green("SHOP-1", view(GREEN, RED))


def test_a_long_list_of_failures_is_cut() -> None:
    many = [Check(f"check-{number}", "failure", "", None) for number in range(9)]
    with pytest.raises(StatusFailed, match="check-4 and 4 more failed"):
        require_green("SHOP-1", view(*many))


def test_green_is_no_error() -> None:
    require_green("SHOP-1", view(GREEN))
