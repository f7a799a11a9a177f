"""What can be wrong with a schedule."""

from aiworker.core.errors import Conflict, NotFound


class ScheduleNotFound(NotFound):
    """No schedule by that name."""

    default_code = "schedule_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no schedule {name[:60]!r}.", details={"schedule": name[:60]})


class ScheduleExists(Conflict):
    """The name is taken."""

    default_code = "schedule_exists"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a schedule {name} already; change that one.", details={"schedule": name})


class SystemSchedule(Conflict):
    """The system's own schedules can be switched off, but not be replaced or removed."""

    default_code = "system_schedule"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Schedule {name} belongs to the system: it can be switched off, not replaced or removed.",
            details={"schedule": name},
        )
