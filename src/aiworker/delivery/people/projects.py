"""Projects as they travel."""

from datetime import timedelta

from aiworker.core.money import MICRODOLLARS, dollars
from aiworker.delivery.projects import queries
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.projects.spending import day_of
from aiworker.delivery.tasks import queries as task_queries
from aiworker.storage.transaction import Tx
from aiworker.wire.projects import Evidence, Project, ProjectMetrics
from aiworker.wire.tasks import TaskState
from aiworker.wire.telling import telling

_WINDOW_WEEKS = 4


def project_view(record: ProjectRecord, *, clone_url: str) -> Project:
    """A project; of its variables only the names."""
    return Project(
        id=record.id,
        key=record.key,
        name=record.name,
        description=record.description,
        status=record.status,
        status_reason=record.status_reason,
        status_reason_told=telling(record.why_paused.told) if record.why_paused is not None else None,
        default_branch=record.default_branch,
        clone_url=clone_url,
        upstream=record.upstream,
        upstream_state=record.standing,
        gitea_repo_id=record.gitea_repo_id,
        gitea_repo_url=record.gitea_repo_url,
        gitea_owner=record.gitea_owner,
        gitea_repo_name=record.gitea_repo_name,
        k8s_namespace=record.k8s_namespace,
        k8s_staging_namespace=record.staging_namespace,
        docker_image=record.docker_image,
        run_as_root=record.run_as_root,
        egress=record.egress or [],
        manifests_path=record.manifests_path,
        manifests_image=record.manifests_image,
        env_vars=sorted(record.env_vars or {}),
        replicas=record.replicas,
        cpu_limit=record.cpu_limit,
        memory_limit=record.memory_limit,
        mcp_tools=record.mcp_tools,
        mcp_permissions=record.mcp_permissions or {},
        setup_command=record.setup_command,
        test_command=record.test_command,
        start_command=record.start_command,
        static_root=record.static_root,
        health_path=record.health_path,
        health_timeout_seconds=record.health_timeout_seconds,
        wip_limit=record.wip_limit,
        agent_allow=record.allowed,
        attempt_minutes=record.attempt_minutes,
        attempt_cost_limit_usd=dollars(record.attempt_cost_limit),
        task_cost_limit_usd=dollars(record.task_cost_limit),
        day_cost_limit_usd=dollars(record.day_cost_limit),
        project_cost_limit_usd=dollars(record.project_cost_limit),
        overspent=record.overspent,
        overspent_until=record.overspent_until,
        logs_kept_days=record.logs_kept_days,
        preview_enabled=record.preview_enabled,
        push_upstream=record.push_upstream,
        evidence=Evidence(record.evidence),
        evidence_contexts=record.evidence_contexts or [],
        close_issues=record.close_issues,
        version=record.version,
        created_at=record.created_at,
        updated_at=record.updated_at,
    )


def metrics(tx: Tx, project: ProjectRecord) -> ProjectMetrics:
    """Counts by state now; durations and throughput over the last four weeks."""
    counts = task_queries.count_by_state(tx, project.id)
    done = task_queries.finished_since(tx, project.id, tx.now - timedelta(weeks=_WINDOW_WEEKS))
    worked = [task.actual_duration_minutes for task in done if task.actual_duration_minutes is not None]
    lead = [
        (task.deployed_production_at - task.created_at).total_seconds() / 3600
        for task in done
        if task.deployed_production_at is not None
    ]
    return ProjectMetrics(
        total_tasks=sum(counts.values()),
        backlog=counts.get(TaskState.BACKLOG, 0),
        in_progress=counts.get(TaskState.IN_PROGRESS, 0),
        needs_input=counts.get(TaskState.NEEDS_INPUT, 0),
        ready_to_test=counts.get(TaskState.READY_TO_TEST, 0),
        approved=counts.get(TaskState.APPROVED, 0),
        staging=counts.get(TaskState.STAGING, 0),
        completed=counts.get(TaskState.PRODUCTION, 0),
        cancelled=counts.get(TaskState.CANCELLED, 0),
        avg_duration=round(sum(worked) / len(worked), 1) if worked else None,
        lead_time_hours=round(sum(lead) / len(lead), 2) if lead else None,
        throughput_per_week=round(len(done) / _WINDOW_WEEKS, 2),
        cost_usd=queries.spent(tx, project.id).cost_microdollars / MICRODOLLARS,
        cost_today_usd=queries.spent(tx, project.id, day=day_of(tx.now)).cost_microdollars / MICRODOLLARS,
    )
