"""Every statement on what was heard and seen of the forge."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from aiworker.delivery.seen.records import Marks
from aiworker.delivery.seen.tables import forge_deliveries, forge_marks, forge_pull_requests, forge_remarks
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx


def note_delivery(tx: Tx, delivery: str, event: str, repository: str) -> bool:
    """Remember a delivery; False if it has come before."""
    values = {"id": delivery, "event": event, "repository": repository, "received_at": tx.now}
    return _added(tx, forge_deliveries, values)


def forget_deliveries(tx: Tx, before: datetime, *, limit: int = 500) -> int:
    """Remove deliveries that came before then; how many."""
    old = select(forge_deliveries.c.id).where(forge_deliveries.c.received_at < before).limit(limit)
    ids = [row.id for row in tx.rows(old)]
    if ids:
        tx.execute(delete(forge_deliveries).where(forge_deliveries.c.id.in_(ids)))
    return len(ids)


def known_state(tx: Tx, project_id: str, number: int) -> str:
    """What a pull request was last known to be; `open` if nothing is known of it."""
    wanted = (forge_pull_requests.c.project_id == project_id) & (forge_pull_requests.c.number == number)
    return tx.scalar(select(forge_pull_requests.c.state).where(wanted)) or "open"


def set_known_state(tx: Tx, project_id: str, numbers: Sequence[int], state: str) -> None:
    """From now on these pull requests are known to be that."""
    if not numbers:
        return
    table = forge_pull_requests
    wanted = (table.c.project_id == project_id) & table.c.number.in_(numbers)
    tx.execute(update(table).where(wanted).values(state=state))
    known = {row.number for row in tx.rows(select(table.c.number).where(wanted).limit(len(numbers)))}
    rows = [{"project_id": project_id, "number": number, "state": state} for number in sorted(set(numbers) - known)]
    if rows:
        tx.execute(insert(table), rows)


def new_remarks(tx: Tx, project_id: str, remarks: Sequence[str]) -> set[str]:
    """Those that were not taken in yet."""
    if not remarks:
        return set()
    wanted = (forge_remarks.c.project_id == project_id) & forge_remarks.c.remark.in_(remarks)
    known = {row.remark for row in tx.rows(select(forge_remarks.c.remark).where(wanted).limit(len(remarks)))}
    return set(remarks) - known


def note_remarks(tx: Tx, project_id: str, remarks: Iterable[str]) -> None:
    """They are taken in."""
    rows = [{"project_id": project_id, "remark": remark} for remark in remarks]
    if rows:
        tx.execute(insert(forge_remarks), rows)


def marks(tx: Tx, project_id: str) -> Marks:
    """How far a project's repository has been looked through."""
    statement = select(*columns(Marks, forge_marks)).where(forge_marks.c.project_id == project_id)
    return tx.record(Marks, statement) or Marks()


def set_mark(tx: Tx, project_id: str, **seen: Any) -> None:
    """It has been looked through so far, as to these fields of `Marks`."""
    if not tx.execute(update(forge_marks).where(forge_marks.c.project_id == project_id).values(seen)).rowcount:
        _added(tx, forge_marks, {"project_id": project_id, **seen})


def _added(tx: Tx, table: Table, values: dict[str, Any]) -> bool:
    """Whether it is new; one that is there already stays as it is."""
    try:
        with tx.savepoint():
            tx.execute(insert(table).values(values))
    except IntegrityError:
        return False
    return True
