"""Describing types of robots, and holding new robots to it."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiworker.core.errors import Conflict, Invalid
from aiworker.engine.types import queries
from aiworker.engine.types.errors import TypeNotFound
from aiworker.engine.types.records import RobotTypeRecord
from aiworker.engine.types.schemas import check_input, check_schema, check_size
from aiworker.engine.types.sensitive import marked, present
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import NewModule, NewRobot

_LIMIT = 1_000


def leave_to_the_system(tx: Tx, kinds: Sequence[str]) -> None:
    """The system's own work is routed to nobody else. Raises: Conflict."""
    if taken := queries.of_the_system(tx, kinds):
        raise Conflict(f"Robots of type {taken[0]} are the system's own.", code="type_of_the_system")


def describe(tx: Tx, module: NewModule) -> None:
    """Write what a module says about its types, in the order of their names.

    Raises: BadSchema, Invalid (it is none of its types).
    """
    for robot_type, settings in sorted(module.type_settings.items()):
        if robot_type not in module.supported_robot_types:
            raise Invalid(f"typeSettings.{robot_type}: it is not among supportedRobotTypes.", code="module_lacks_type")
        if settings.input_schema is not None:
            check_schema(robot_type, settings.input_schema)
        if settings.output_schema is not None:
            check_size(robot_type, "output", settings.output_schema)
        described = RobotTypeRecord(
            robot_type=robot_type,
            described_by=module.module_name,
            input_schema=settings.input_schema,
            output_schema=settings.output_schema,
            sensitive_fields=marked(settings.input_schema or {}),
            sensitive_results=marked(settings.output_schema) if settings.output_schema is not None else None,
            retry_limit=settings.retry_limit,
            backoff_seconds=settings.backoff_seconds,
            backoff_cap_seconds=settings.backoff_cap_seconds,
            timeout_seconds=settings.timeout_seconds,
            min_completeness=settings.min_completeness,
            min_confidence=settings.min_confidence,
            updated_at=tx.now,
        )
        queries.save(tx, described)


def get_type(tx: Tx, robot_type: str) -> RobotTypeRecord:
    """Raises: TypeNotFound."""
    found = queries.by_names(tx, [robot_type]).get(robot_type)
    if found is None:
        raise TypeNotFound(robot_type)
    return found


def list_types(tx: Tx) -> list[RobotTypeRecord]:
    """All that modules have described, by name."""
    return queries.listed(tx, _LIMIT)


def check(new: NewRobot, known: Mapping[str, RobotTypeRecord]) -> None:
    """Raises: InputRefused."""
    described = known.get(new.robot_type)
    if described is not None and described.input_schema is not None:
        check_input(new.robot_type, described.input_schema, new.input_data)


def sensitive_of(kind: RobotTypeRecord, data: Mapping[str, Any]) -> list[str]:
    """JSON pointers to what is sensitive in a robot with this input, and in its result, whatever that will be."""
    return sorted({*present(data, kind.sensitive_fields), *(kind.sensitive_results or ())})
