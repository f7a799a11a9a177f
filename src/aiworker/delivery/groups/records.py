"""A group as the database holds it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiworker.core.sayings import Saying, as_kept
from aiworker.delivery.projects.records import STAGING_BRANCH
from aiworker.wire.groups import GroupStatus


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """One row of `task_groups`. `*_base` and `*_commit`: the branch's head before and after this group."""

    id: str
    number: int
    project_id: str
    task_ids: list[str]
    staging_branch: str | None
    staging_pr_number: int | None
    staging_pr_url: str | None
    staging_deployed_at: datetime | None
    production_deployed_at: datetime | None
    production_rollback_available: bool
    status: GroupStatus
    created_by: str | None
    creator: str
    notes: str | None
    defer_until: datetime | None
    robot_id: str | None
    under_way: str | None
    error: str | None
    error_told: dict[str, Any] | None
    conflict_task_id: str | None
    conflict_files: list[str]
    staging_base: str | None
    staging_commit: str | None
    production_base: str | None
    production_commit: str | None
    plan: dict[str, dict[str, str]] | None
    by_hand: dict[str, Any] | None
    position: int
    created_at: datetime
    updated_at: datetime

    @property
    def name(self) -> str:
        """As people say it."""
        return f"release {self.number}"

    @property
    def tag(self) -> str:
        """As git says it."""
        return f"release-{self.number}"

    @property
    def trouble(self) -> Saying | None:
        """Why it failed, or what stands in its way."""
        return None if self.error is None else as_kept(self.error, self.error_told)

    @property
    def on_the_move(self) -> bool:
        """Whether staging may have moved for it, so that it cannot simply be called off."""
        return self.staging_pr_number is not None

    @property
    def integration_branch(self) -> str:
        """Where its tasks are laid on staging's head."""
        return f"release/{self.number}"

    @property
    def production_branch(self) -> str:
        """Where they are laid on the default branch, if that has gone its own way."""
        return f"{self.integration_branch}-production"

    def revert_branch(self, branch: str) -> str:
        """Where the commit is made that takes it back from a branch."""
        return f"{self.integration_branch}-revert-{'staging' if branch == STAGING_BRANCH else 'default'}"

    @property
    def scratch_branches(self) -> tuple[str, ...]:
        """All of these: none is there while nothing is under way."""
        reverts = (self.revert_branch(STAGING_BRANCH), self.revert_branch(""))
        return self.integration_branch, self.production_branch, *reverts


@dataclass(frozen=True, slots=True)
class GroupTaskRecord:
    """One row of `group_tasks`."""

    group_id: str
    task_id: str
    place: int
    approved_commit: str
    staging_commit: str | None
    production_commit: str | None
