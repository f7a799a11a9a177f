"""Agents as they travel."""

from collections.abc import Sequence

from aiworker.delivery.agents.records import AgentRecord
from aiworker.delivery.tasks import queries as task_queries
from aiworker.storage.transaction import Tx
from aiworker.wire.agents import Agent


def agent_views(tx: Tx, records: Sequence[AgentRecord]) -> list[Agent]:
    """Agents with the key and title of what they work on, one query for all."""
    held = sorted({record.current_task_id for record in records if record.current_task_id})
    tasks = {task.id: task for task in task_queries.by_ids(tx, held)}
    views: list[Agent] = []
    for record in records:
        task = tasks.get(record.current_task_id or "")
        views.append(
            Agent(
                id=record.id,
                pod_name=record.pod_name,
                k8s_namespace=record.k8s_namespace,
                node_name=record.node_name,
                status=record.status,
                current_task_id=record.current_task_id,
                current_task_key=task.task_key if task else None,
                current_task_title=task.title if task else None,
                capabilities=record.capabilities or [],
                max_concurrent_tasks=record.max_concurrent_tasks,
                last_heartbeat=record.last_heartbeat,
                error_message=record.error_message,
                restarts_count=record.restarts_count,
                tasks_completed=record.tasks_completed,
                total_runtime_minutes=record.total_runtime_minutes,
                created_at=record.created_at,
                updated_at=record.updated_at,
            )
        )
    return views
