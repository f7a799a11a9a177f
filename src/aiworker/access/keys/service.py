"""Use cases around keys."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from aiworker.access.keys import queries
from aiworker.access.keys.errors import KeyExpired, KeyRevoked, KeyUnknown
from aiworker.access.keys.records import KeyRecord, hashed, is_key_text, new_key_text, same, shown_prefix
from aiworker.core.clock import iso
from aiworker.core.errors import Conflict, Invalid, NotFound
from aiworker.core.ids import new_id
from aiworker.core.paging import Cursor
from aiworker.storage.transaction import Tx
from aiworker.wire.access import Scope

# Woken when a key or session has ended, so that nobody goes on believing in it.
ACCESS_TOPIC = "access"
_SELDOM = timedelta(minutes=1)


def create_key(
    tx: Tx,
    *,
    name: str,
    scope: Scope,
    created_by: str | None,
    expires_at: datetime | None = None,
    attempt: str | None = None,
    modules: Sequence[str] | None = None,
    requests_per_minute: int | None = None,
) -> tuple[KeyRecord, str]:
    """Make a key; the text is known only now. `attempt`: the execution that it belongs to. `modules`: the only ones
    that it is for.

    Raises: Conflict if a good key has that name already; Invalid if it would have expired.
    """
    if expires_at is not None and expires_at <= tx.now:
        raise Invalid("The key would have expired already.", code="expiry_past", details={"field": "expiresAt"})
    if attempt is None and queries.active_by_name(tx, name) is not None:
        raise Conflict(
            f"There is a key called {name} already; revoke it or choose another name.", code="key_name_taken"
        )
    text = new_key_text(scope)
    key = KeyRecord(
        id=new_id(),
        name=name,
        scope=scope,
        prefix=shown_prefix(text),
        attempt=attempt,
        modules=sorted(set(modules)) if modules else None,
        requests_per_minute=requests_per_minute,
        expires_at=expires_at,
        last_used_at=None,
        revoked_at=None,
        created_by=created_by,
        created_at=tx.now,
    )
    queries.add(tx, key, hashed(text))
    return key, text


def check_key(tx: Tx, text: str) -> KeyRecord:
    """The key that this text is. Raises: KeyUnknown, KeyRevoked, KeyExpired."""
    if not is_key_text(text):
        raise KeyUnknown
    found = queries.hash_by_prefix(tx, shown_prefix(text))
    if found is None or not same(found[1], hashed(text)):
        raise KeyUnknown
    return still_good(tx, found[0])


def still_good(tx: Tx, key_id: str) -> KeyRecord:
    """The key, if it is neither revoked nor expired. Raises: KeyUnknown, KeyRevoked, KeyExpired."""
    key = queries.find(tx, key_id)
    if key is None:
        raise KeyUnknown
    if key.revoked_at is not None:
        raise KeyRevoked(key.name)
    if key.expires_at is not None and key.expires_at <= tx.now:
        raise KeyExpired(key.name, iso(key.expires_at))
    return key


def note_use(tx: Tx, key_id: str) -> None:
    """Remember that it was used, at most once a minute."""
    key = queries.find(tx, key_id)
    if key is not None and (key.last_used_at is None or tx.now - key.last_used_at >= _SELDOM):
        queries.touch(tx, key_id, tx.now)


def revoke_key(tx: Tx, key_id: str) -> KeyRecord:
    """End a key at once; again is no error. Raises: NotFound."""
    if queries.find(tx, key_id) is None:
        raise NotFound(f"There is no key {key_id[:60]!r}.", code="key_not_found")
    queries.revoke(tx, key_id)
    tx.wake(ACCESS_TOPIC)
    key = queries.find(tx, key_id)
    assert key is not None  # noqa: S101 (it was found above, in this unit of work)
    return key


def revoke_keys_of(tx: Tx, attempt: str) -> None:
    """End the keys of an execution."""
    for key in queries.of_attempt(tx, attempt):
        revoke_key(tx, key.id)


def expire_keys_of(tx: Tx, attempt: str, at: datetime) -> None:
    """The keys of an execution are good until then, and no longer."""
    queries.expire_of(tx, attempt, at)
    tx.wake(ACCESS_TOPIC)


def list_keys(tx: Tx, *, after: Cursor | None = None, limit: int = 100) -> list[KeyRecord]:
    """Keys that people made, newest first."""
    return queries.listed(tx, after=after, limit=limit)
