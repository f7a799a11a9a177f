"""Use cases around signing in."""

from datetime import timedelta

from aiworker.access.keys.records import hashed
from aiworker.access.keys.service import ACCESS_TOPIC, check_key
from aiworker.access.sessions import queries
from aiworker.access.sessions.errors import CodeRefused, SessionEnded
from aiworker.access.sessions.records import SessionRecord
from aiworker.access.users import queries as users
from aiworker.core.ids import new_id, new_token
from aiworker.storage.transaction import Tx

SESSION_LIFETIME = timedelta(days=30)
CODE_LIFETIME = timedelta(hours=1)
_USER_AGENT = 255


def create_code(tx: Tx, user_id: str, lifetime: timedelta = CODE_LIFETIME) -> str:
    """A code that signs a person in once."""
    queries.forget_old(tx, tx.now - timedelta(days=1))
    text = new_token()
    queries.add_code(tx, hashed(text), user_id, tx.now + lifetime)
    return text


def sign_in_with_code(
    tx: Tx, text: str, *, address: str | None = None, user_agent: str | None = None
) -> tuple[SessionRecord, str]:
    """Use up a code; the session and its token. Raises: CodeRefused."""
    known = queries.code(tx, hashed(text))
    if known is None or known.used_at is not None or known.expires_at <= tx.now:
        raise CodeRefused
    queries.use_code(tx, hashed(text))
    return _start(tx, user_id=known.user_id, address=address, user_agent=user_agent)


def sign_in_with_key(
    tx: Tx, text: str, *, address: str | None = None, user_agent: str | None = None
) -> tuple[SessionRecord, str]:
    """A session with a key's rights, which ends with the key. Raises: KeyUnknown, KeyRevoked, KeyExpired."""
    return _start(tx, key_id=check_key(tx, text).id, address=address, user_agent=user_agent)


def check_session(tx: Tx, token: str) -> SessionRecord:
    """The session that a token opens. Raises: SessionEnded."""
    session = queries.session_by_hash(tx, hashed(token))
    if session is None or session.ended_at is not None or session.expires_at <= tx.now:
        raise SessionEnded
    if session.user_id is not None:
        user = users.find(tx, session.user_id)
        if user is None or not user.is_active:
            raise SessionEnded
    return session


def end_session(tx: Tx, session_id: str) -> None:
    """Sign out at once; again is no error."""
    queries.end_session(tx, session_id)
    tx.wake(ACCESS_TOPIC)


def _start(
    tx: Tx,
    *,
    user_id: str | None = None,
    key_id: str | None = None,
    address: str | None,
    user_agent: str | None,
) -> tuple[SessionRecord, str]:
    token = new_token()
    session = SessionRecord(
        id=new_id(), user_id=user_id, key_id=key_id, expires_at=tx.now + SESSION_LIFETIME, ended_at=None
    )
    agent = user_agent[:_USER_AGENT] if user_agent else None
    queries.add_session(tx, session, hashed(token), address=address, user_agent=agent)
    return session, token
