"""What commands print: JSON for programs, aligned tables and short sentences for people."""

import json
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from aiworker.wire.groups import GroupStatus
from aiworker.wire.tasks import TaskState

Json = Annotated[
    bool, Parameter(name="--json", negative="", show_default=False, help="Print the server's data as JSON.")
]

_STYLES: Mapping[str, str] = {
    TaskState.BACKLOG: "bright_black",
    TaskState.IN_PROGRESS: "blue",
    TaskState.NEEDS_INPUT: "yellow",
    TaskState.READY_TO_TEST: "magenta",
    TaskState.APPROVED: "green",
    TaskState.STAGING: "cyan",
    TaskState.PRODUCTION: "bold green",
    TaskState.CANCELLED: "bright_black",
    GroupStatus.FAILED: "red",
    GroupStatus.ROLLED_BACK: "yellow",
}
_UNENDING = 10_000
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400

Cell = Text | str | int | float | None


def console(*, quiet: bool = False) -> Console:
    """Standard output as it is now. What is piped is never cut to a width."""
    width = None if sys.stdout.isatty() else _UNENDING
    return Console(width=width, quiet=quiet, markup=False, highlight=False, emoji=False, soft_wrap=True)


def print_json(data: Any) -> None:
    """Data as the server sent it."""
    sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def print_table(headers: Sequence[str], rows: Sequence[Sequence[Cell]], *, empty: str) -> None:
    """Rows under headers, or the sentence for none."""
    if not rows:
        say(empty)
        return
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*(_text(cell) for cell in row))
    console().print(table)


def print_fields(fields: Mapping[str, Cell]) -> None:
    """One field per line; those without a value are left out."""
    shown = {name: value for name, value in fields.items() if value is not None and value != ""}
    width = max((len(name) for name in shown), default=0)
    for name, value in shown.items():
        console().print(Text(f"{name:<{width}}  ", style="bright_black") + _text(value))


def say(sentence: str | Text, style: str = "") -> None:
    """One line for people."""
    console().print(sentence if isinstance(sentence, Text) else Text(sentence, style=style))


@contextmanager
def progress(doing: str, *, quiet: bool = False) -> Generator[Callable[[str], None]]:
    """A line that moves while something takes long; what it yields is told how far it is."""
    with Status(doing, console=console(quiet=quiet)) as status:
        yield lambda words: status.update(f"{doing}  {words}")


def state(value: str) -> Text:
    """A state with its word and its colour."""
    return Text(value.replace("_", " "), style=_STYLES.get(value, ""))


def ago(moment: datetime | None) -> str:
    """How long since: `4 min`, `3 h`, `2 d`; empty for never."""
    if moment is None:
        return ""
    seconds = max(0, int((datetime.now(UTC) - moment).total_seconds()))
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h"
    return f"{seconds // _DAY} d"


def short(commit: str | None) -> str:
    """A commit as people name it."""
    return (commit or "")[:7]


def _text(cell: Cell) -> Text:
    return cell if isinstance(cell, Text) else Text("" if cell is None else str(cell))
