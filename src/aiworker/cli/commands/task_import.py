"""`task import`."""

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from aiworker.cli.client import connect
from aiworker.cli.errors import WrongUse
from aiworker.cli.output import Json, print_json, print_table, say
from aiworker.wire.imports import Imported, ImportTasks

_LARGEST = 1_000_000
_SHOWN = {"created": "created", "would_create": "would be created", "exists": "is there already"}


def import_tasks(
    project: Annotated[str, Parameter(help="The project's short name, like SHOP.")],
    file: Annotated[
        Path | None, Parameter(help="A .csv or .json file, or - for JSON on standard input; none: issues of Gitea.")
    ] = None,
    /,
    *,
    issue: Annotated[
        tuple[int, ...], Parameter(negative="", show_default=False, help="Only this issue (may be repeated).")
    ] = (),
    label: Annotated[str | None, Parameter(help="Only open issues with this label.")] = None,
    dry_run: Annotated[
        bool, Parameter(negative="", show_default=False, help="Show what would be made, and make nothing.")
    ] = False,
    json: Json = False,
) -> None:
    """Make tasks of a file's rows, or of the open issues of the project's repository in Gitea; all of them or none."""
    if file is not None and (issue or label):
        raise WrongUse("--issue and --label choose issues of Gitea; leave the file out.", code="file_or_issues")
    wish = ImportTasks(
        source="gitea" if file is None else _kind(file),
        content=None if file is None else _text(file),
        issues=list(issue) or None,
        label=label,
        dry_run=dry_run,
    )
    with connect() as server:
        data = server.post("projects", project, "import", body=wish)
    if json:
        print_json(data)
        return
    done = Imported.model_validate(data)
    rows = [(task.place, _SHOWN[task.outcome], task.key or "", task.title) for task in done.tasks]
    print_table(("FROM", "TASK", "KEY", "TITLE"), rows, empty="There is nothing to import.")
    verb = "would be made" if done.dry_run else "made"
    say(f"{done.created} {'task' if done.created == 1 else 'tasks'} {verb}, {done.existing} there already.")


def _kind(file: Path) -> Literal["csv", "json"]:
    match file.suffix.lower():
        case ".csv":
            return "csv"
        case ".json":
            return "json"
        case _ if str(file) == "-":
            return "json"
        case _:
            raise WrongUse(f"{file.name} is neither .csv nor .json.", code="file_kind")


def _text(file: Path) -> str:
    """UTF-8, with or without its mark."""
    try:
        raw = sys.stdin.buffer.read(_LARGEST + 1) if str(file) == "-" else _bounded(file)
    except OSError as error:
        raise WrongUse(f"{file} cannot be read: {error.strerror or error}.", code="file_unreadable") from error
    if len(raw) > _LARGEST:
        raise WrongUse(f"{file} is larger than {_LARGEST} bytes; split it.", code="file_too_large")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise WrongUse(f"{file}, line {line}: this is not UTF-8; save the file as UTF-8.", code="not_utf8") from error


def _bounded(file: Path) -> bytes:
    with file.open("rb") as content:
        return content.read(_LARGEST + 1)
