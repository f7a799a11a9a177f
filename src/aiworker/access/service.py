"""The door: who is asking, with which credential, and how often."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from limits.aio.storage import Storage

from aiworker.access.actors import Actor
from aiworker.access.audit.service import record
from aiworker.access.identities import Identity, actor_of_key, actor_of_user
from aiworker.access.keys.errors import KeyUnknown
from aiworker.access.keys.records import KeyRecord, hashed, is_key_text
from aiworker.access.keys.service import check_key, create_key, note_use, revoke_key, still_good
from aiworker.access.limits import RateLimits
from aiworker.access.sessions.errors import SessionEnded
from aiworker.access.sessions.records import csrf_token
from aiworker.access.sessions.service import check_session, end_session, sign_in_with_code, sign_in_with_key
from aiworker.access.users import queries as users
from aiworker.core.errors import AiWorkerError
from aiworker.core.logging import get_logger
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.access import NewKey

_log = get_logger(__name__)

# How long a credential is trusted without asking the database again. A revocation in this process acts at once.
_BELIEVED_SECONDS = 5.0
_MOST = 10_000
_USE_NOTED_SECONDS = 60.0
_LONGEST_TOKEN = 200
_STRANGERS_PER_MINUTE = 60

Check = Callable[[Tx, str], tuple[Identity, datetime]]


@dataclass(frozen=True, slots=True)
class _Believed:
    identity: Identity
    until: float


class Access:
    """Authenticates keys and sessions, makes and ends them, limits how often a caller asks (`counted_in`: for all
    processes together).

    Good credentials are believed for some seconds; `forget` (called for every end here, and by whoever hears of one
    elsewhere) drops them all.
    """

    def __init__(
        self,
        database: Database,
        *,
        requests_per_minute: int = 1200,
        counted_in: Storage | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._limits = RateLimits(requests_per_minute, counted_in)
        self._strangers = RateLimits(_STRANGERS_PER_MINUTE, counted_in)
        self._monotonic = monotonic
        self._believed: OrderedDict[str, _Believed] = OrderedDict()
        self._generation = 0
        self._used: dict[str, float] = {}
        self._notes: set[asyncio.Task[None]] = set()

    async def authenticate(self, key: str) -> Identity:
        """Who a key is. Raises: KeyUnknown, KeyRevoked, KeyExpired (all Unauthenticated)."""
        if not is_key_text(key):
            raise KeyUnknown
        identity = await self._checked(key, _identity_of_key)
        self._note_use(identity)
        return identity

    async def authenticate_session(self, token: str) -> Identity:
        """Who a session's cookie is. Raises: SessionEnded, or as `authenticate` if it was opened with a key."""
        if not token or len(token) > _LONGEST_TOKEN or not token.isascii():
            raise SessionEnded
        return await self._checked(token, _identity_of_session)

    async def limit(self, identity: Identity) -> None:
        """Count one request of this caller; a key with a limit of its own has one count with its sessions.

        Raises: Limited.
        """
        if (own := identity.requests_per_minute) is not None:
            await self._limits.hit(identity.actor.id, own)
        else:
            await self._limits.hit(identity.id)

    async def limit_neighbour(self, name: str) -> None:
        """Count one message of a system beside us that signs what it sends. Raises: Limited."""
        await self._limits.hit(f"neighbour:{name}")

    async def limit_stranger(self, address: str | None) -> None:
        """Count one request of somebody without a credential, such as a try to sign in. Raises: Limited."""
        await self._strangers.hit(address or "")

    async def sign_in(
        self,
        *,
        code: str | None = None,
        key: str | None = None,
        address: str | None = None,
        user_agent: str | None = None,
    ) -> tuple[Identity, str]:
        """Open a session with a one-time code or with a key; who it is, and the token for the cookie.

        Raises: CodeRefused, KeyUnknown, KeyRevoked, KeyExpired.
        """

        def body(tx: Tx) -> tuple[Identity, str]:
            if code is not None:
                _, token = sign_in_with_code(tx, code, address=address, user_agent=user_agent)
            else:
                _, token = sign_in_with_key(tx, key or "", address=address, user_agent=user_agent)
            identity, _ = _identity_of_session(tx, token)
            how = "code" if code is not None else "key"
            record(tx, identity.actor, "session.open", identity.actor.name, {"with": how}, address=address)
            return identity, token

        return await self._database.write(body)

    async def sign_out(self, identity: Identity, *, address: str | None = None) -> None:
        """End the caller's session at once."""

        def body(tx: Tx) -> None:
            end_session(tx, identity.id)
            record(tx, identity.actor, "session.end", identity.actor.name, address=address)

        await self._database.write(body)
        self.forget()

    async def create_key(self, by: Actor, new: NewKey, *, address: str | None = None) -> tuple[KeyRecord, str]:
        """Make a key; its text is known only now. Raises: Conflict, Invalid."""

        def body(tx: Tx) -> tuple[KeyRecord, str]:
            key, text = create_key(
                tx,
                name=new.name,
                scope=new.scope,
                created_by=by.name,
                expires_at=new.expires_at,
                modules=new.modules,
                requests_per_minute=new.requests_per_minute,
            )
            details = {"id": key.id, "scope": key.scope, "modules": key.modules}
            record(tx, by, "key.create", key.name, details, address=address)
            return key, text

        return await self._database.write(body)

    async def revoke_key(self, by: Actor, key_id: str, *, address: str | None = None) -> KeyRecord:
        """End a key at once, with the sessions that it opened; again is no error. Raises: NotFound."""

        def body(tx: Tx) -> KeyRecord:
            key = revoke_key(tx, key_id)
            record(tx, by, "key.revoke", key.name, {"id": key.id}, address=address)
            return key

        key = await self._database.write(body)
        self.forget()
        return key

    def forget(self) -> None:
        """Believe nobody any more without asking the database: a key or session has ended."""
        self._generation += 1
        self._believed.clear()

    async def close(self) -> None:
        """Wait for what is still being written."""
        if self._notes:
            await asyncio.wait(self._notes)

    async def _checked(self, credential: str, check: Check) -> Identity:
        name = hashed(credential)
        believed = self._believed.get(name)
        if believed is not None and believed.until > self._monotonic():
            return believed.identity
        generation, asked = self._generation, self._monotonic()
        identity, now = await self._database.read(check, credential)
        # Not remembered if a credential was revoked while this was being read.
        if generation == self._generation:
            left = _BELIEVED_SECONDS
            if identity.expires_at is not None:
                left = min(left, (identity.expires_at - now).total_seconds())
            self._believed[name] = _Believed(identity, asked + left)
            self._believed.move_to_end(name)
            if len(self._believed) > _MOST:
                self._believed.popitem(last=False)
        return identity

    def _note_use(self, identity: Identity) -> None:
        now = self._monotonic()
        if now - self._used.get(identity.id, -_USE_NOTED_SECONDS) < _USE_NOTED_SECONDS:
            return
        if len(self._used) > _MOST:
            self._used.clear()
        self._used[identity.id] = now
        note = asyncio.create_task(self._write_use(identity.id))
        self._notes.add(note)
        note.add_done_callback(self._notes.discard)

    async def _write_use(self, key_id: str) -> None:
        try:
            await self._database.write(note_use, key_id)
        except AiWorkerError as error:
            _log.warning("key_use_not_noted", reason=error.message)


def identity_of(tx: Tx, key_id: str) -> Identity:
    """Who a key is, for whoever has shown something that stands for it. Raises: KeyUnknown, KeyRevoked, KeyExpired."""
    return _identity(still_good(tx, key_id))


def _identity(key: KeyRecord) -> Identity:
    return Identity(
        actor_of_key(key),
        "key",
        key.id,
        expires_at=key.expires_at,
        attempt=key.attempt,
        requests_per_minute=key.requests_per_minute,
    )


def _identity_of_key(tx: Tx, text: str) -> tuple[Identity, datetime]:
    return _identity(check_key(tx, text)), tx.now


def _identity_of_session(tx: Tx, token: str) -> tuple[Identity, datetime]:
    session = check_session(tx, token)
    csrf = csrf_token(token)
    if session.key_id is not None:
        of_key = _identity(still_good(tx, session.key_id))
        expires_at = min(session.expires_at, of_key.expires_at or session.expires_at)
        return replace(of_key, via="session", id=session.id, expires_at=expires_at, csrf_token=csrf), tx.now
    user = None if session.user_id is None else users.find(tx, session.user_id)
    if user is None:
        raise SessionEnded
    return Identity(actor_of_user(user), "session", session.id, session.expires_at, csrf_token=csrf), tx.now
