from datetime import UTC, datetime, timedelta

import pytest

from aiworker.access.actors import SYSTEM
from aiworker.access.audit.service import list_changes
from aiworker.access.keys.errors import KeyExpired, KeyRevoked, KeyUnknown
from aiworker.access.keys.records import KeyRecord
from aiworker.access.keys.service import create_key, list_keys, revoke_key, revoke_keys_of
from aiworker.access.service import Access
from aiworker.core.errors import Conflict, Invalid, Limited, NotFound
from aiworker.core.ids import new_token
from aiworker.core.paging import Cursor
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.access import NewKey, Scope
from tests.support.clocks import within_a_minute


class Stopwatch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


async def make(database: Database, name: str = "ci", scope: Scope = Scope.MEMBER) -> tuple[KeyRecord, str]:
    return await Access(database).create_key(SYSTEM, NewKey(name=name, scope=scope))


async def test_a_key_opens_the_door_with_its_scope(database: Database) -> None:
    access = Access(database)
    key, text = await make(database, scope=Scope.AGENT)
    identity = await access.authenticate(text)
    assert text.startswith("aiw_agent_")
    assert (identity.actor.id, identity.actor.name, identity.actor.kind) == (key.id, "ci", "agent")
    assert identity.actor.scope is Scope.AGENT
    await access.close()


async def test_the_database_holds_no_key(database: Database) -> None:
    _, text = await make(database)

    def everything(tx: Tx) -> str:
        return "".join(str(row) for row in tx.connection.exec_driver_sql("SELECT * FROM api_keys").all())

    stored = await database.read(everything)
    assert text not in stored
    assert text[len("aiw_member_12345678") :] not in stored


@pytest.mark.parametrize(
    "forged",
    ["", "aiw_", "nonsense", "aiw_admin_short", "aiw_admin_" + "ñ" * 43, "aiw_admin_" + "A" * 100_000, "\0" * 50],
)
async def test_what_is_no_key_is_unknown(database: Database, forged: str) -> None:
    with pytest.raises(KeyUnknown):
        await Access(database).authenticate(forged)


async def test_a_forged_key_is_unknown_also_with_a_real_beginning(database: Database) -> None:
    _, text = await make(database)
    forged = text[: len("aiw_member_12345678")] + new_token()[8:]
    assert len(forged) == len(text)
    with pytest.raises(KeyUnknown):
        await Access(database).authenticate(forged)
    with pytest.raises(KeyUnknown):
        await Access(database).authenticate(new_token("aiw_admin_"))


async def test_revoking_acts_at_once_although_keys_are_believed_for_a_while(database: Database) -> None:
    access = Access(database)
    key, text = await make(database)
    await access.authenticate(text)
    await access.revoke_key(SYSTEM, key.id)
    with pytest.raises(KeyRevoked, match=r"The key ci was revoked"):
        await access.authenticate(text)
    await access.close()


async def test_revoking_twice_is_no_error_and_keeps_the_first_moment(database: Database) -> None:
    access = Access(database)
    key, _ = await make(database)
    first = await access.revoke_key(SYSTEM, key.id)
    assert (await access.revoke_key(SYSTEM, key.id)).revoked_at == first.revoked_at
    with pytest.raises(NotFound):
        await access.revoke_key(SYSTEM, "nobody's")


async def test_a_key_that_was_revoked_elsewhere_is_believed_for_seconds_only(database: Database) -> None:
    watch = Stopwatch()
    access = Access(database, monotonic=watch)
    key, text = await make(database)
    await access.authenticate(text)
    await database.write(revoke_key, key.id)
    assert await access.authenticate(text)
    watch.seconds += 6
    with pytest.raises(KeyRevoked):
        await access.authenticate(text)
    await access.close()


async def test_an_expired_key_says_so(database: Database) -> None:
    access = Access(database)

    def soon(tx: Tx) -> str:
        return create_key(
            tx, name="x", scope=Scope.READ, created_by=None, expires_at=tx.now + timedelta(microseconds=1)
        )[1]

    text = await database.write(soon)
    with pytest.raises(KeyExpired, match=r"expired at \d{4}-"):
        await access.authenticate(text)


async def test_a_key_that_would_be_expired_is_not_made(database: Database) -> None:
    new = NewKey(name="late", scope=Scope.READ, expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(Invalid, match="expired already"):
        await Access(database).create_key(SYSTEM, new)


async def test_two_good_keys_never_have_one_name(database: Database) -> None:
    key, _ = await make(database, "ci")
    with pytest.raises(Conflict, match="called ci already"):
        await make(database, "ci")
    await Access(database).revoke_key(SYSTEM, key.id)
    again, _ = await make(database, "ci")
    assert again.id != key.id


async def test_keys_of_an_attempt_end_with_it_and_are_not_listed(database: Database) -> None:
    access = Access(database)

    def two(tx: Tx) -> list[str]:
        return [
            create_key(tx, name="claude-1", scope=Scope.AGENT, created_by=None, attempt="execution-1")[1]
            for _ in range(2)
        ]

    texts = await database.write(two)
    assert (await access.authenticate(texts[0])).attempt == "execution-1"
    assert await database.read(list_keys) == []
    await database.write(revoke_keys_of, "execution-1")
    access.forget()
    for text in texts:
        with pytest.raises(KeyRevoked):
            await access.authenticate(text)
    await access.close()


async def test_keys_are_listed_newest_first_page_by_page(database: Database) -> None:
    for number in range(5):
        await make(database, f"key-{number}")
    first = await database.read(list_keys, limit=3)
    last = first[-1]
    rest = await database.read(list_keys, after=Cursor(0, last.created_at, last.id), limit=3)
    assert [key.name for key in (*first, *rest)] == ["key-4", "key-3", "key-2", "key-1", "key-0"]


async def test_the_last_use_is_written_at_most_once_a_minute(database: Database) -> None:
    watch = Stopwatch()
    access = Access(database, monotonic=watch)
    _, text = await make(database)

    async def last_use() -> datetime | None:
        await access.authenticate(text)
        await access.close()
        (key,) = await database.read(list_keys)
        return key.last_used_at

    first = await last_use()
    assert first is not None
    watch.seconds += 30
    assert await last_use() == first


async def test_making_and_ending_keys_is_in_the_audit_log_without_the_key(database: Database) -> None:
    key, text = await make(database)
    await Access(database).revoke_key(SYSTEM, key.id, address="192.0.2.7")
    changes = await database.read(list_changes)
    assert [(change.action, change.subject, change.address) for change in changes] == [
        ("key.revoke", "ci", "192.0.2.7"),
        ("key.create", "ci", None),
    ]
    assert text not in repr(changes)


async def test_who_asks_too_often_is_told_how_long_to_wait(database: Database) -> None:
    access = Access(database, requests_per_minute=3)
    _, text = await make(database)
    identity = await access.authenticate(text)
    with within_a_minute():
        for _ in range(3):
            await access.limit(identity)
        with pytest.raises(Limited) as limited:
            await access.limit(identity)
    assert 1 <= limited.value.retry_after <= 60
    other, _ = await make(database, "other")
    assert other
    await access.close()
