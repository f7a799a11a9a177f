"""What an instance should run, on disk, so that the next server finds what this one left."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from aiworker.core.processes import Run
from aiworker.delivery.ports.runtime import Rollout


class Vault(Protocol):
    """Seals the environment of a project, which holds secrets. `cryptography.fernet.Fernet` is one."""

    def encrypt(self, data: bytes) -> bytes:
        """Seal."""
        ...

    def decrypt(self, token: bytes) -> bytes:
        """Open what was sealed. Raises: an error of its own if the key is another."""
        ...


@dataclass(frozen=True, slots=True)
class Release:
    """One version of an instance: a folder with its files, and the run of its program (None: files only).

    `limits`: how its program is held within its limits.
    """

    id: str
    rollout: Rollout
    since: datetime
    run: Run | None = None
    port: int | None = None
    limits: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What is on disk of an instance. `doomed`: runs of which nothing may be left alive."""

    current: Release | None = None
    doomed: tuple[Run, ...] = ()


def save(path: Path, record: Record, vault: Vault) -> None:
    """Write the record whole or not at all, for the owner's eyes only."""
    beside = path.with_suffix(".new")
    with open(beside, "w", encoding="utf-8", opener=_private) as file:
        json.dump(_plain(record, vault), file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def load(path: Path, vault: Vault) -> Record:
    """Read the record; an empty one if there is none. An environment that cannot be opened dooms the current release.

    Raises: ValueError if the file is not a record.
    """
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        doomed = tuple(Run(**run) for run in plain["doomed"])
        current = plain["current"]
        if current is None:
            return Record(None, doomed)
        run = Run(**current["run"]) if current["run"] else None
        try:
            env = json.loads(vault.decrypt(current["rollout"]["env"].encode()))
        except Exception:  # noqa: BLE001 (each vault has errors of its own)
            return Record(None, (*doomed, run) if run else doomed)
        rollout = Rollout(**{**current["rollout"], "env": env})
        since = datetime.fromisoformat(current["since"])
        return Record(Release(current["id"], rollout, since, run, current["port"], current.get("limits")), doomed)
    except FileNotFoundError:
        return Record()
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is not a record of an instance") from error


def runs_the_same(one: Rollout, other: Rollout) -> bool:
    """Whether the two differ in nothing that a local program would notice."""
    return _essence(one) == _essence(other)


def _essence(rollout: Rollout) -> Rollout:
    return Rollout(
        name=rollout.name,
        repository=rollout.repository,
        commit=rollout.commit,
        setup_command=rollout.setup_command,
        start_command=rollout.start_command,
        static_root=rollout.static_root,
        env=dict(rollout.env),
        health_path=rollout.health_path,
        memory_limit=rollout.memory_limit,
    )


def _plain(record: Record, vault: Vault) -> Mapping[str, Any]:
    current = record.current
    if current is None:
        return {"current": None, "doomed": [asdict(run) for run in record.doomed]}
    rollout = {name: getattr(current.rollout, name) for name in Rollout.__dataclass_fields__}
    rollout["env"] = vault.encrypt(json.dumps(dict(current.rollout.env)).encode()).decode()
    return {
        "current": {
            "id": current.id,
            "rollout": rollout,
            "since": current.since.isoformat(),
            "run": asdict(current.run) if current.run else None,
            "port": current.port,
            "limits": current.limits,
        },
        "doomed": [asdict(run) for run in record.doomed],
    }


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
