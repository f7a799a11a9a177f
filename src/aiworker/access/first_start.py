"""The first start: a person who may do everything, a key for this machine's commands, the secret key."""

import asyncio
import socket
from pathlib import Path

from aiworker.access.actors import SYSTEM
from aiworker.access.audit.service import record
from aiworker.access.keys import queries as keys
from aiworker.access.keys.service import check_key, create_key, revoke_key
from aiworker.access.sessions.service import create_code
from aiworker.access.system import queries as system
from aiworker.access.users import queries as users
from aiworker.core.errors import Conflict, Invalid, Unauthenticated
from aiworker.core.files import read_private, write_private
from aiworker.core.ids import new_token
from aiworker.core.secrets import SecretBox
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.access import Scope

ADMIN = "admin"
_SHARED_KEY = "admin_key"
_SHORTEST_SECRET = 32


async def ensure_admin(database: Database, home: Path) -> str:
    """The admin key of this machine, kept in `home/admin.key` (mode 0600); made anew if it is missing or not good.

    Makes the person `admin`, too, whom a one-time code signs in (`admin_code`).
    """
    file = home / "admin.key"
    text = await asyncio.to_thread(read_private, file)
    # One key per machine: replicas with homes of their own do not take each other's.
    name = f"{ADMIN}@{''.join(c for c in socket.gethostname() if c.isalnum() or c in '.-')}"[:100]
    fresh = await database.write(_ensure_admin, text, name)
    if fresh is None:
        return text
    await asyncio.to_thread(write_private, file, fresh)
    return fresh


async def share_admin(database: Database, secrets: SecretBox, home: Path) -> str:
    """The one admin key of processes that have homes of their own: sealed in the database, and put into this home."""
    try:
        text = await database.write(_share_admin, secrets)
    except Conflict:
        # Another process of a new installation was quicker.
        text = await database.write(_share_admin, secrets)
    await asyncio.to_thread(write_private, home / "admin.key", text)
    return text


async def admin_code(database: Database) -> str:
    """A one-time code that signs the person `admin` in, good for an hour."""
    return await database.write(_admin_code)


def ensure_secret_key(home: Path, configured: str | None = None) -> str:
    """The configured secret key, or the one kept in `home/secret.key` (mode 0600), made at the first start.

    Raises: Invalid if the file was damaged: a new one would make what it encrypted unreadable.
    """
    if configured is not None:
        return configured
    file = home / "secret.key"
    text = read_private(file)
    if not text:
        if file.exists():
            raise Invalid("The file secret.key in AIWORKER_HOME is empty; restore it.", code="secret_key_damaged")
        text = new_token() + new_token()
        write_private(file, text)
    if len(text) < _SHORTEST_SECRET:
        raise Invalid("The file secret.key in AIWORKER_HOME is damaged; restore it.", code="secret_key_damaged")
    return text


def _share_admin(tx: Tx, secrets: SecretBox) -> str:
    _hold_admin(tx)
    sealed: str | None = system.find(tx, _SHARED_KEY)
    text = "" if sealed is None else secrets.open(sealed)
    fresh = _good_key(tx, text, f"{ADMIN}@installation")
    if fresh is not None:
        system.put(tx, _SHARED_KEY, secrets.seal(fresh), "The admin key of the installation's own processes.")
    return fresh or text


def _hold_admin(tx: Tx) -> None:
    """The person's row is the lock of those who start at once: what is read after this is what the last one left."""
    if users.lock_by_name(tx, ADMIN) is None:
        users.add(tx, name=ADMIN, role=Scope.ADMIN)


def _ensure_admin(tx: Tx, text: str, name: str) -> str | None:
    _hold_admin(tx)
    return _good_key(tx, text, name)


def _good_key(tx: Tx, text: str, name: str) -> str | None:
    """None if the key is good; else another of this name. The person's row is locked."""
    try:
        key = check_key(tx, text)
        if key.scope is Scope.ADMIN:
            return None
    except Unauthenticated:
        pass
    lost = keys.active_by_name(tx, name)
    if lost is not None:
        revoke_key(tx, lost.id)
    key, fresh = create_key(tx, name=name, scope=Scope.ADMIN, created_by=SYSTEM.name)
    record(tx, SYSTEM, "key.create", name, {"id": key.id, "scope": key.scope})
    return fresh


def _admin_code(tx: Tx) -> str:
    admin = users.by_name(tx, ADMIN) or users.add(tx, name=ADMIN, role=Scope.ADMIN)
    return create_code(tx, admin.id)
