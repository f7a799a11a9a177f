"""Every statement on projects."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from aiworker.delivery.projects.records import ProjectRecord, Spent
from aiworker.delivery.projects.tables import project_spending, projects
from aiworker.storage.cache_table import PROJECT
from aiworker.storage.prepared import Prepared
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx
from aiworker.wire.projects import ProjectStatus

_PROJECT = columns(ProjectRecord, projects)
# Built once: building costs more than running.
_NAMED = Prepared(select(*_PROJECT).where(or_(projects.c.id == bindparam("name"), projects.c.key == bindparam("key"))))
_LOCK = Prepared(select(*_PROJECT).where(projects.c.id == bindparam("name")).with_for_update())


def find(tx: Tx, name: str) -> ProjectRecord | None:
    """By id or key."""
    wanted = {"name": name, "key": name.upper()}
    # Ids have hyphens, keys have none.
    known_as = PROJECT.key(name if "-" in name else name.upper())
    return tx.once(known_as, lambda: tx.record(ProjectRecord, _NAMED, wanted))


def known(tx: Tx, project: ProjectRecord) -> ProjectRecord:
    """A project as this unit of work has read it in another way: who asks for it by its id need not read it again."""
    return tx.know(PROJECT.key(project.id), project)


def of_repository(tx: Tx, repository_id: int, full_name: str) -> list[ProjectRecord]:
    """The projects whose code lives in this repository of Gitea, by its id, which a new name leaves as it is."""
    owner, _, name = full_name.partition("/")
    named = and_(projects.c.gitea_owner == owner, projects.c.gitea_repo_name == name)
    wanted = or_(projects.c.gitea_repo_id == repository_id, and_(projects.c.gitea_repo_id.is_(None), named))
    there = projects.c.upstream.is_(None)
    return tx.records(ProjectRecord, select(*_PROJECT).where(wanted, there).order_by(projects.c.id).limit(20))


def in_gitea(tx: Tx, *, limit: int = 1_000) -> list[ProjectRecord]:
    """The projects whose code lives in Gitea, without archived ones."""
    there = and_(projects.c.gitea_repo_id.is_not(None), projects.c.upstream.is_(None))
    wanted = and_(there, projects.c.status != ProjectStatus.ARCHIVED)
    return tx.records(ProjectRecord, select(*_PROJECT).where(wanted).order_by(projects.c.id).limit(limit))


def by_repository(tx: Tx, name: str) -> ProjectRecord | None:
    """By its repository's name in the forge, whatever its case."""
    owner, in_gitea, repo = name.rpartition("/")
    if not in_gitea:
        found = find(tx, name)
        return None if found is None or found.repository != name else found
    wanted = and_(
        func.lower(projects.c.gitea_owner) == owner.lower(),
        func.lower(projects.c.gitea_repo_name) == repo.lower(),
        projects.c.upstream.is_(None),
    )
    return tx.record(ProjectRecord, select(*_PROJECT).where(wanted).limit(1))


def lock(tx: Tx, project_id: str) -> ProjectRecord | None:
    """By id, ours until the commit."""
    return tx.know(PROJECT.key(project_id), tx.record(ProjectRecord, _LOCK, {"name": project_id}))


def by_ids(tx: Tx, ids: Sequence[str]) -> list[ProjectRecord]:
    """Those of the ids that exist."""
    return tx.records(ProjectRecord, select(*_PROJECT).where(projects.c.id.in_(ids)).limit(len(ids))) if ids else []


def list_projects(tx: Tx, *, status: ProjectStatus | None = None, limit: int = 500) -> list[ProjectRecord]:
    """By name."""
    statement = select(*_PROJECT).order_by(func.lower(projects.c.name), projects.c.id).limit(limit)
    if status is not None:
        statement = statement.where(projects.c.status == status)
    return tx.records(ProjectRecord, statement)


def taken(tx: Tx, *, key: str, namespace: str) -> tuple[bool, bool]:
    """Whether the key, and whether the namespace, is in use."""
    rows = tx.rows(
        select(projects.c.key, projects.c.k8s_namespace)
        .where(or_(projects.c.key == key, projects.c.k8s_namespace == namespace))
        .limit(2)
    )
    return any(row.key == key for row in rows), any(row.k8s_namespace == namespace for row in rows)


def add(tx: Tx, values: Mapping[str, Any]) -> None:
    """Insert a project."""
    tx.execute(insert(projects).values(values))
    tx.drop(PROJECT.key(values["id"]), PROJECT.key(values["key"]))


def change(tx: Tx, project: ProjectRecord, values: Mapping[str, Any]) -> bool:
    """Update a project that still has the version that was read; the version goes up."""
    statement = (
        update(projects)
        .where(projects.c.id == project.id, projects.c.version == project.version)
        .values({**values, "version": project.version + 1, "updated_at": tx.now})
    )
    tx.drop(PROJECT.key(project.id), PROJECT.key(project.key))
    return tx.execute(statement).rowcount == 1


def own_log_days(tx: Tx) -> dict[str, int]:
    """The projects that say themselves how many days their logs are kept, at most 10,000."""
    own = projects.c.logs_kept_days
    rows = tx.rows(select(projects.c.id, own).where(own.is_not(None)).order_by(projects.c.id).limit(10_000))
    return {row.id: row.logs_kept_days for row in rows}


def note_overspent(tx: Tx, project: ProjectRecord, reason: str | None, until: datetime | None) -> None:
    """Which cost limit is reached; it is no edit of a person's, so the version stays."""
    values = {"overspent": reason, "overspent_until": until}
    tx.execute(update(projects).where(projects.c.id == project.id).values(values))
    tx.drop(PROJECT.key(project.id), PROJECT.key(project.key))


def overspent_until(tx: Tx, moment: datetime, *, limit: int) -> list[ProjectRecord]:
    """Projects that may go on since then."""
    over = projects.c.overspent_until <= moment
    return tx.records(ProjectRecord, select(*_PROJECT).where(over).order_by(projects.c.id).limit(limit))


def add_spending(tx: Tx, project_id: str, day: str, spent: Spent) -> None:
    """Count it to a day."""
    added = asdict(spent)
    more = {name: project_spending.c[name] + value for name, value in added.items()}
    here = and_(project_spending.c.project_id == project_id, project_spending.c.day == day)
    counted = update(project_spending).where(here).values(more)
    if tx.execute(counted).rowcount:
        return
    try:
        with tx.savepoint():
            tx.execute(insert(project_spending).values(project_id=project_id, day=day, **added))
    except IntegrityError:
        tx.execute(counted)


def spent(tx: Tx, project_id: str, *, day: str | None = None) -> Spent:
    """What was used on a day, or ever."""
    sums = [func.coalesce(func.sum(project_spending.c[field.name]), 0).label(field.name) for field in fields(Spent)]
    statement = select(*sums).where(project_spending.c.project_id == project_id)
    row = tx.row(statement if day is None else statement.where(project_spending.c.day == day))
    return Spent(*(int(value) for value in row or ()))


def set_upstream(tx: Tx, project: ProjectRecord, values: Mapping[str, Any]) -> None:
    """Update what is known of the upstream: no edit by a person, so the version stays."""
    statement = update(projects).where(projects.c.id == project.id)
    tx.execute(statement.values({**values, "updated_at": projects.c.updated_at}))
    tx.drop(PROJECT.key(project.id), PROJECT.key(project.key))


def next_group_number(tx: Tx, project_id: str) -> int:
    """Draw the project's next release number, under the project's row lock."""
    tx.execute(
        update(projects).where(projects.c.id == project_id).values(last_group_number=projects.c.last_group_number + 1)
    )
    return tx.scalar(select(projects.c.last_group_number).where(projects.c.id == project_id))


def delete_project(tx: Tx, project_id: str) -> None:
    """Remove a project and everything that belongs to it."""
    key = tx.scalar(select(projects.c.key).where(projects.c.id == project_id))
    tx.drop(PROJECT.key(project_id), PROJECT.key(key or ""))
    tx.execute(delete(projects).where(projects.c.id == project_id))
