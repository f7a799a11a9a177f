"""What can be wrong with a type of robots, or with what is asked of it."""

from collections.abc import Sequence

from aiworker.core.errors import Invalid, NotFound
from aiworker.core.sayings import Saying
from aiworker.wire.problems import broken, broken_field


class TypeNotFound(NotFound):
    """No module has said anything about this type."""

    default_code = "robot_type_not_found"

    def __init__(self, robot_type: str) -> None:
        super().__init__(f"Nothing is known of robots of type {robot_type[:50]!r}.")


class BadSchema(Invalid):
    """What should be a JSON Schema is none that can be used here."""

    default_code = "bad_schema"

    def __init__(self, robot_type: str, whose: str, why: str) -> None:
        super().__init__(
            f"The {whose} schema of {robot_type} cannot be used: {why}.", details={"robotType": robot_type}
        )


class InputRefused(Invalid):
    """The input does not follow the schema of its type."""

    default_code = "input_refused"

    def __init__(self, robot_type: str, problems: Sequence[tuple[str, Saying]]) -> None:
        field, rule = problems[0]
        super().__init__(
            broken(field, rule, more=len(problems) - 1),
            details={
                "robotType": robot_type,
                "fields": [broken_field(field, rule) for field, rule in problems],
            },
        )
