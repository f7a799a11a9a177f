from datetime import timedelta
from pathlib import Path

import pytest

from aiworker.access.actors import SYSTEM
from aiworker.access.audit.service import list_changes, record
from aiworker.access.first_start import admin_code, ensure_admin, ensure_secret_key
from aiworker.access.keys.errors import KeyRevoked, KeyUnknown
from aiworker.access.service import Access
from aiworker.access.sessions.errors import CodeRefused, SessionEnded
from aiworker.access.sessions.service import create_code
from aiworker.access.users import queries as users
from aiworker.core.errors import Invalid
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.access import NewKey, Scope


async def test_a_code_signs_in_once(database: Database) -> None:
    access = Access(database)
    code = await admin_code(database)
    identity, token = await access.sign_in(code=code, address="127.0.0.1", user_agent="x" * 1000)
    assert (identity.actor.name, identity.actor.scope) == ("admin", Scope.ADMIN)
    assert await access.authenticate_session(token) == identity
    with pytest.raises(CodeRefused):
        await access.sign_in(code=code)


async def test_a_code_is_good_for_a_while_only(database: Database) -> None:
    def late(tx: Tx) -> str:
        user = users.add(tx, name="ana", role=Scope.MEMBER)
        return create_code(tx, user.id, timedelta(microseconds=1))

    code = await database.write(late)
    with pytest.raises(CodeRefused):
        await Access(database).sign_in(code=code)


@pytest.mark.parametrize("wrong", ["", "nonsense", "\0", "ñ", "x" * 10_000])
async def test_what_is_no_code_or_no_session_opens_nothing(database: Database, wrong: str) -> None:
    with pytest.raises(CodeRefused):
        await Access(database).sign_in(code=wrong)
    with pytest.raises(SessionEnded):
        await Access(database).authenticate_session(wrong)
    with pytest.raises(KeyUnknown):
        await Access(database).sign_in(key=wrong)


async def test_signing_out_acts_at_once(database: Database) -> None:
    access = Access(database)
    identity, token = await access.sign_in(code=await admin_code(database))
    await access.authenticate_session(token)
    await access.sign_out(identity)
    with pytest.raises(SessionEnded):
        await access.authenticate_session(token)


async def test_a_session_of_a_key_has_its_rights_and_ends_with_it(database: Database) -> None:
    access = Access(database)
    key, text = await access.create_key(SYSTEM, NewKey(name="ana", scope=Scope.MEMBER))
    identity, token = await access.sign_in(key=text)
    assert (identity.actor.id, identity.actor.scope) == (key.id, Scope.MEMBER)
    await access.revoke_key(SYSTEM, key.id)
    with pytest.raises(KeyRevoked):
        await access.authenticate_session(token)


async def test_each_session_has_a_csrf_token_of_its_own(database: Database) -> None:
    access = Access(database)
    first, token = await access.sign_in(code=await admin_code(database))
    second, _ = await access.sign_in(code=await admin_code(database))
    assert first.csrf_token
    assert first.csrf_token != second.csrf_token
    assert token not in first.csrf_token


async def test_the_first_start_makes_an_admin_key_that_later_starts_keep(database: Database, tmp_path: Path) -> None:
    home = tmp_path / "home"
    key = await ensure_admin(database, home)
    assert await ensure_admin(database, home) == key
    assert (home / "admin.key").stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o777 == 0o700
    access = Access(database)
    assert (await access.authenticate(key)).actor.scope is Scope.ADMIN
    await access.close()


async def test_a_lost_or_damaged_admin_key_is_replaced_and_the_old_one_ends(database: Database, tmp_path: Path) -> None:
    old = await ensure_admin(database, tmp_path)
    (tmp_path / "admin.key").write_bytes(b"\xff\x00 torn")
    new = await ensure_admin(database, tmp_path)
    assert new != old
    access = Access(database)
    assert await access.authenticate(new)
    with pytest.raises(KeyRevoked):
        await access.authenticate(old)
    await access.close()


async def test_a_file_that_others_may_read_is_closed(database: Database, tmp_path: Path) -> None:
    await ensure_admin(database, tmp_path)
    (tmp_path / "admin.key").chmod(0o644)
    await ensure_admin(database, tmp_path)
    assert (tmp_path / "admin.key").stat().st_mode & 0o777 == 0o600


def test_the_secret_key_is_made_once_and_a_configured_one_goes_before_it(tmp_path: Path) -> None:
    key = ensure_secret_key(tmp_path)
    assert len(key) >= 64
    assert ensure_secret_key(tmp_path) == key
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    assert ensure_secret_key(tmp_path, "configured") == "configured"


@pytest.mark.parametrize("damaged", ["", "short"])
def test_a_damaged_secret_key_is_never_replaced_silently(tmp_path: Path, damaged: str) -> None:
    (tmp_path / "secret.key").write_text(damaged)
    with pytest.raises(Invalid, match=r"secret\.key"):
        ensure_secret_key(tmp_path)


async def test_secrets_in_audit_details_are_hidden(database: Database) -> None:
    def change(tx: Tx) -> None:
        details = {"envVars": {"DB_PASSWORD": "hunter2"}, "url": "https://u:hunter2@h", "count": 2}
        record(tx, SYSTEM, "project.change", "SHOP", details)

    await database.write(change)
    (line,) = await database.read(list_changes)
    assert "hunter2" not in repr(line)
    assert line.details["count"] == 2


async def test_the_audit_log_is_read_by_page_and_by_subject(database: Database) -> None:
    def changes(tx: Tx) -> None:
        for number in range(5):
            record(tx, SYSTEM, "task.change", f"SHOP-{number % 2}")

    await database.write(changes)
    newest = await database.read(list_changes, limit=2)
    rest = await database.read(list_changes, before=newest[-1].id)
    assert [line.id for line in (*newest, *rest)] == sorted((line.id for line in (*newest, *rest)), reverse=True)
    assert len(rest) == 3
    assert len(await database.read(list_changes, subject="SHOP-1")) == 2
