"""Tasks that come from elsewhere, as they travel."""

from typing import Annotated, Literal

from pydantic import Field

from aiworker.wire.base import Line, Request, Wire


class ImportTasks(Request):
    """Make tasks, all of them or none; what has come before does not come again.

    `gitea`: the open issues of the project's repository, those with a `label` or just the `issues` named by number.
    `csv`, `json`: the text of a file in `content`. `dryRun`: tell what would be made, and make nothing.
    """

    source: Literal["gitea", "csv", "json"]
    content: Annotated[str, Field(max_length=1_000_000)] | None = None
    issues: Annotated[list[Annotated[int, Field(ge=1, lt=2**31)]], Field(min_length=1, max_length=500)] | None = None
    label: Annotated[Line, Field(min_length=1, max_length=255)] | None = None
    dry_run: bool = False


class ImportedTask(Wire):
    """One of them. `place`: where it came from (`line 3`, `issue #7`); `key`: none in a dry run, or if deleted."""

    place: str
    title: str
    outcome: Literal["created", "would_create", "exists"]
    key: str | None


class Imported(Wire):
    """What an import made, and what was there already."""

    dry_run: bool
    created: int
    existing: int
    tasks: list[ImportedTask]
