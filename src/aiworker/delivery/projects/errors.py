"""What can be wrong with a project."""

from aiworker.core.errors import NotFound


class ProjectNotFound(NotFound):
    """No project by that id or key."""

    default_code = "project_not_found"

    def __init__(self, named: str) -> None:
        super().__init__(f"There is no project {named[:60]!r}.", details={"project": named[:60]})
