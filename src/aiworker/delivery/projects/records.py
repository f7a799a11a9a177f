"""A project as the database holds it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiworker.core.money import in_words
from aiworker.core.sayings import Saying, Sentence
from aiworker.wire.projects import AGENT_ALLOW, Evidence, ProjectStatus, UpstreamStanding, UpstreamState

# Where releases are tried out, in every project.
STAGING_BRANCH = "staging"

PROJECT_COST = Sentence("project_cost", "cost limit of {limit} for the project reached")
DAY_COST = Sentence("day_cost", "cost limit of {limit} a day reached")
REPOSITORY_GONE = Sentence(
    "repository_gone", "Its repository {repository} is gone from Gitea, or the token does not see it any more."
)


@dataclass(frozen=True, slots=True)
class ProjectRecord:
    """One row of `projects`."""

    id: str
    key: str
    name: str
    description: str | None
    gitea_repo_id: int | None
    gitea_repo_url: str | None
    gitea_owner: str | None
    gitea_repo_name: str | None
    default_branch: str
    k8s_namespace: str
    k8s_staging_namespace: str | None
    docker_image: str | None
    run_as_root: bool
    egress: list[str] | None
    manifests_path: str
    manifests_image: str | None
    env_vars: dict[str, str] | None
    replicas: int
    cpu_limit: str
    memory_limit: str
    mcp_tools: list[str] | None
    mcp_permissions: dict[str, bool] | None
    status: ProjectStatus
    status_reason: str | None
    upstream: str | None
    upstream_credential: str | None
    upstream_state: dict[str, Any] | None
    push_upstream: bool
    setup_command: str | None
    test_command: str | None
    start_command: str | None
    static_root: str
    health_path: str
    health_timeout_seconds: int
    wip_limit: int | None
    agent_allow: list[str] | None
    attempt_minutes: int
    attempt_cost_limit: int | None
    task_cost_limit: int | None
    day_cost_limit: int | None
    project_cost_limit: int | None
    overspent: str | None
    overspent_until: datetime | None
    logs_kept_days: int | None
    preview_enabled: bool
    evidence: str
    evidence_contexts: list[str] | None
    close_issues: bool
    last_group_number: int
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def repository(self) -> str:
        """Its name in the forge: `owner/shop` in Gitea, `shop` in the built-in one."""
        return f"{self.gitea_owner}/{self.gitea_repo_name}" if self.in_gitea else self.key.lower()

    @property
    def in_gitea(self) -> bool:
        """Whether its code lives in Gitea, where people have doors of their own, and not in the built-in forge."""
        # One from an older database, whose code was imported from Gitea, has it as its upstream.
        return bool(self.gitea_owner and self.gitea_repo_name) and self.upstream is None

    @property
    def wants_green(self) -> bool:
        """Whether a commit needs a green status before it is handed in or approved."""
        return self.evidence == Evidence.COMMIT_STATUS

    @property
    def staging_namespace(self) -> str:
        """Where staging runs on Kubernetes."""
        return self.k8s_staging_namespace or f"{self.k8s_namespace}-staging"

    @property
    def allowed(self) -> list[str]:
        """What coding programs may do here without asking: words of `AGENT_ALLOW`, and rules."""
        rules = AGENT_ALLOW if self.agent_allow is None else self.agent_allow
        # One from before it was refused: on the command line of an agent it would be an option.
        return [rule for rule in rules if not rule.startswith("-")]

    @property
    def standing(self) -> UpstreamState | None:
        """How it stood to its upstream when they last met."""
        return None if self.upstream_state is None else UpstreamState.model_validate(self.upstream_state)

    @property
    def lacks_repository(self) -> bool:
        """Whether there is nothing yet that could be cloned or shipped."""
        return (self.upstream_state or {}).get("standing") == UpstreamStanding.NO_REPOSITORY

    @property
    def why_overspent(self) -> Saying | None:
        """Which of its cost limits is reached; None if none is."""
        if self.overspent is None:
            return None
        daily = self.overspent_until is not None
        limit = self.day_cost_limit if daily else self.project_cost_limit
        said = (DAY_COST if daily else PROJECT_COST)(limit=in_words(limit or 0))
        return said if said.words == self.overspent else Saying(self.overspent)

    @property
    def why_paused(self) -> Saying | None:
        """Why it was paused, if it was not by a person."""
        if self.status_reason is None:
            return None
        gone = REPOSITORY_GONE(repository=self.repository)
        return gone if gone.words == self.status_reason else Saying(self.status_reason)

    @property
    def hands_out(self) -> bool:
        """Whether its tasks may be taken."""
        return self.status is ProjectStatus.ACTIVE and self.overspent is None and not self.lacks_repository

    def permits(self, permission: str) -> bool:
        """Whether agents of this project may `approve`, `promote`, `rollback` or `createTask`; no unless set."""
        return bool((self.mcp_permissions or {}).get(permission))


@dataclass(frozen=True, slots=True)
class Spent:
    """What agents have used."""

    cost_microdollars: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
