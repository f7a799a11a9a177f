"""Things as the server sends them, for tests of those who read them."""

import types
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Union, get_args, get_origin

from aiworker.wire.access import CreatedKey
from aiworker.wire.base import Wire
from aiworker.wire.groups import Group, GroupTask, RolloutStep
from aiworker.wire.projects import Environment, Project, ProjectMetrics
from aiworker.wire.tasks import Attempt, Choice, Question, Task, TimelineEntry

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
HEAD = "3f2a91c" + "0" * 33
Json = dict[str, Any]


def sent(kind: type[Wire], fields: Json, changes: Json) -> Json:
    """A thing as JSON: fields that matter as given, all others as empty as they may be; then `changes` (camelCase)."""
    blanks = {
        name: _blank(field.annotation)
        for name, field in kind.model_fields.items()
        if field.is_required() and name not in fields
    }
    return {**kind(**blanks, **fields).model_dump(mode="json", by_alias=True), **changes}


def project(**changes: Any) -> Json:
    return sent(Project, {"id": "project-1", "key": "SHOP", "name": "Shop", "default_branch": "main"}, changes)


def metrics(**changes: Any) -> Json:
    return sent(ProjectMetrics, {"total_tasks": 3, "backlog": 2, "completed": 1}, changes)


def environment(**changes: Any) -> Json:
    return sent(Environment, {}, changes)


def question(**changes: Any) -> Json:
    choices = [Choice(label="21 %", description="The general rate"), Choice(label="10 %")]
    return sent(Question, {"id": "question-1", "question": "Which tax rate?", "choices": choices}, changes)


def task(**changes: Any) -> Json:
    fields = {"id": "task-1", "key": "SHOP-1", "title": "Show prices with tax", "waiting": "no agent online"}
    return sent(Task, fields, changes)


def attempt(**changes: Any) -> Json:
    return sent(Attempt, {"execution_id": "x-1", "round": 1, "number": 1}, changes)


def entry(position: int, message: str, **changes: Any) -> Json:
    return sent(TimelineEntry, {"position": position, "message": message}, changes)


def step(name: str, status: str, **changes: Any) -> Json:
    completed_at = None if status == "running" else NOW
    return sent(RolloutStep, {"name": name, "status": status, "started_at": NOW, "completed_at": completed_at}, changes)


def group(**changes: Any) -> Json:
    tasks = [GroupTask(id="task-1", key="SHOP-1", title="Taxes", approved_commit=HEAD, staging_commit=None)]
    fields = {"id": "group-1", "number": 7, "project_key": "SHOP", "tasks": tasks, "under_way": "merge.group"}
    return sent(Group, fields, changes)


def key(**changes: Any) -> Json:
    fields = {"id": "key-1", "name": "claude", "prefix": "aiw_ab12", "key": "aiw_ab12secret"}
    return sent(CreatedKey, fields, changes)


def _blank(annotation: Any) -> Any:
    origin = get_origin(annotation)
    if origin in {Union, types.UnionType} and type(None) in get_args(annotation):
        return None
    plain: Any = origin or annotation
    if issubclass(plain, Enum):
        return next(iter(plain))
    return NOW if plain is datetime else plain()
