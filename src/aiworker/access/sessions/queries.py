"""Statements about sessions and codes."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from aiworker.access.sessions.records import CodeRecord, SessionRecord
from aiworker.access.sessions.tables import sessions, sign_in_codes
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx


def add_session(
    tx: Tx, session: SessionRecord, token_hash: str, *, address: str | None, user_agent: str | None
) -> None:
    """Store a new session."""
    tx.execute(
        insert(sessions).values(
            id=session.id,
            token_hash=token_hash,
            user_id=session.user_id,
            key_id=session.key_id,
            address=address,
            user_agent=user_agent,
            created_at=tx.now,
            expires_at=session.expires_at,
        )
    )


def session_by_hash(tx: Tx, token_hash: str) -> SessionRecord | None:
    """The session that a token opens."""
    return tx.record(
        SessionRecord, select(*columns(SessionRecord, sessions)).where(sessions.c.token_hash == token_hash)
    )


def end_session(tx: Tx, session_id: str) -> None:
    """End it, if that was not done before."""
    tx.execute(
        update(sessions).where(sessions.c.id == session_id, sessions.c.ended_at.is_(None)).values(ended_at=tx.now)
    )


def add_code(tx: Tx, code_hash: str, user_id: str, expires_at: datetime) -> None:
    """Store a new code."""
    tx.execute(
        insert(sign_in_codes).values(code_hash=code_hash, user_id=user_id, created_at=tx.now, expires_at=expires_at)
    )


def code(tx: Tx, code_hash: str) -> CodeRecord | None:
    """The code, locked until the commit."""
    return tx.record(
        CodeRecord,
        select(*columns(CodeRecord, sign_in_codes)).where(sign_in_codes.c.code_hash == code_hash).with_for_update(),
    )


def use_code(tx: Tx, code_hash: str) -> None:
    """Mark it as used."""
    tx.execute(update(sign_in_codes).where(sign_in_codes.c.code_hash == code_hash).values(used_at=tx.now))


def forget_old(tx: Tx, before: datetime) -> None:
    """Remove sessions and codes that expired before a moment."""
    tx.execute(delete(sessions).where(sessions.c.expires_at < before))
    tx.execute(delete(sign_in_codes).where(sign_in_codes.c.expires_at < before))
