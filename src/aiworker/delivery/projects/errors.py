"""What can be wrong with a project."""

from aiworker.core.errors import Conflict, NotFound
from aiworker.core.sayings import Saying


class ProjectNotFound(NotFound):
    """No project by that id or key."""

    default_code = "project_not_found"

    def __init__(self, named: str) -> None:
        super().__init__(f"There is no project {named[:60]!r}.", details={"project": named[:60]})


class Diverged(Conflict):
    """The project and its upstream both have commits that the other lacks; `command` brings them together there."""

    default_code = "upstream_diverged"

    def __init__(self, message: Saying, *, command: str) -> None:
        super().__init__(message, details={"command": command})
        self.command = command


class NoRepository(Conflict):
    """The project came from an older database, and its repository is still to be imported."""

    default_code = "no_repository"
