"""The Socket.IO server: who may listen hears every project's events and the system's, in order, and can catch up.

A client shows a key (`auth {userId, token}`, or in the handshake) or the page's own session cookie; then it gets
`ready {userId, feeds}` and every event as `{…, feed, number}`. `resync {feeds: {feed: number}}` answers what it has
missed. `join` and `leave` are for progress and log lines, which are told in rooms only and may be lost. A client whose
key is bound to modules is told of these only; the numbers that it gets have gaps.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

import socketio
from socketio.exceptions import ConnectionRefusedError as Refused
from starlette.types import ASGIApp, Receive, Scope, Send

from aiworker.access.identities import Identity
from aiworker.access.keys.service import ACCESS_TOPIC
from aiworker.access.service import Access
from aiworker.core.errors import AiWorkerError, Denied, Unauthenticated
from aiworker.core.logging import get_logger
from aiworker.edge.guards import Guard
from aiworker.edge.hosts import Hosts
from aiworker.edge.live.clients import Client, Credential, credential_in, feeds_in, session_in
from aiworker.edge.live.missed import missed_since, payload
from aiworker.edge.live.slow import MOST_WAITING, SlowClients
from aiworker.storage.bus import Bus
from aiworker.storage.database import Database
from aiworker.storage.outbox.events import SYSTEM_FEED, PublishedEvent
from aiworker.storage.outbox.follow import follow
from aiworker.storage.transaction import ANNOUNCEMENT_TOPIC

_log = get_logger(__name__)

_EVERYONE = "everyone"
_AUTH_SECONDS = 10.0
_RECHECK_SECONDS = 30.0
_LARGEST_MESSAGE = 100_000

Answer = dict[str, Any]


class LiveServer:
    """An ASGI application for `/socket.io`; `run` hands on what happens."""

    def __init__(
        self,
        *,
        access: Access,
        database: Database,
        bus: Bus,
        hosts: Hosts,
        session_cookie: str,
        auth_seconds: float = _AUTH_SECONDS,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._access = access
        self._database = database
        self._bus = bus
        self._session_cookie = session_cookie
        self._auth_seconds = auth_seconds
        self._clients: dict[str, Client] = {}
        self._bound: set[str] = set()
        self._late: dict[str, asyncio.TimerHandle] = {}
        self._later_tasks: set[asyncio.Task[None]] = set()
        self._follows = asyncio.Event()
        # Origins are checked by the guard, which knows the public address; this library's own check would not.
        self._server = socketio.AsyncServer(
            async_mode="asgi",
            transports=["websocket"],
            cors_allowed_origins=[],
            max_http_buffer_size=_LARGEST_MESSAGE,
            logger=False,
            engineio_logger=False,
        )
        self._server.on("connect", self._connect)
        self._server.on("disconnect", self._disconnect)
        self._server.on("auth", self._answering(self._auth))
        self._server.on("resync", self._answering(self._resync))
        self._server.on("join", self._answering(self._join))
        self._server.on("leave", self._answering(self._leave))
        sockets: ASGIApp = socketio.ASGIApp(self._server, socketio_path="socket.io")
        self._app = Guard(SlowClients(sockets, most_waiting), hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        await self._app(scope, receive, send)

    async def run(self) -> None:
        """Hand on events and announcements, and let go of clients whose credential has ended; until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(follow(self._database, self._bus, self._tell_everyone, begun=self._follows))
            tasks.create_task(self._hear_announcements())
            tasks.create_task(self._recheck_forever())

    async def close(self) -> None:
        """Let go of everyone."""
        for sid in tuple(self._clients):
            await self._server.disconnect(sid)
        await self._server.shutdown()

    async def _connect(self, sid: str, environ: dict[str, Any], auth: object = None) -> None:
        credential = credential_in(auth) or session_in(environ.get("HTTP_COOKIE", ""), self._session_cookie)
        self._clients[sid] = Client()
        if credential is None:
            self._late[sid] = asyncio.get_running_loop().call_later(self._auth_seconds, self._let_go, sid)
            return
        try:
            identity = await self._check(sid, credential)
        except AiWorkerError as error:
            self._forget(sid)
            raise Refused(error.message, {"code": error.code}) from error
        # Later, because what is sent before this returns would reach the client before the connection is confirmed.
        self._later(self._welcome(sid, identity))

    async def _disconnect(self, sid: str, *_reason: object) -> None:
        self._forget(sid)

    async def _auth(self, sid: str, message: object) -> Answer:
        credential = credential_in(message)
        if credential is None:
            raise Unauthenticated("Send `auth {userId, token}`; the token is an API key.", code="credential_missing")
        identity = await self._check(sid, credential)
        await self._welcome(sid, identity)
        return {"userId": identity.actor.id, "name": identity.actor.name}

    async def _check(self, sid: str, credential: Credential) -> Identity:
        identity = await credential.identify(self._access)
        client = self._client(sid)
        if client.actor is not None and client.actor.modules != identity.actor.modules:
            raise Denied("Open a connection of its own for this key.", code="another_key")
        client.credential, client.actor = credential, identity.actor
        if (late := self._late.pop(sid, None)) is not None:
            late.cancel()
        return identity

    def _client(self, sid: str) -> Client:
        """Raises: Unauthenticated, if it has left (which it may do while we await something)."""
        if (client := self._clients.get(sid)) is None:
            raise Unauthenticated("This connection has ended.", code="connection_ended")
        return client

    async def _welcome(self, sid: str, identity: Identity) -> None:
        # What is numbered before this process follows is told by nobody: it must be within the numbers below.
        await self._follows.wait()
        if sid not in self._clients:
            return
        # The room first, then the numbers: an event in between arrives twice, and the client knows it by its number.
        bound = identity.actor.modules is not None
        if bound:
            self._bound.add(sid)
        else:
            await self._server.enter_room(sid, _EVERYONE)
        known = await self._database.read(missed_since, {}, only=SYSTEM_FEED if bound else None)
        await self._server.emit("ready", {"userId": identity.actor.id, "feeds": known.feeds}, to=sid)
        if (client := self._clients.get(sid)) is not None:
            client.welcome.set()

    async def _resync(self, sid: str, message: object) -> Answer:
        client = self._clients[sid]
        client.require()
        await client.welcome.wait()
        # Everything that a bound client may be told comes in this feed.
        only = SYSTEM_FEED if client.bound else None
        missed = await self._database.read(missed_since, feeds_in(message), only=only)
        told = [event for event in missed.events if not client.bound or client.hears(event.data)]
        return {
            "events": [{"event": event.kind, "data": payload(event)} for event in told],
            "feeds": missed.feeds,
            "resyncRequired": missed.too_old,
        }

    async def _join(self, sid: str, message: object) -> Answer:
        client = self._clients[sid]
        room = client.join(message)
        if not client.bound:
            await self._server.enter_room(sid, room)
        return {"room": room}

    async def _leave(self, sid: str, message: object) -> Answer:
        room = self._clients[sid].leave(message)
        await self._server.leave_room(sid, room)
        return {"room": room}

    def _answering(self, handle: Callable[[str, object], Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
        async def answer(sid: str, message: object = None, *_more: object) -> Answer:
            try:
                self._client(sid)
                return {"success": True, **await handle(sid, message)}
            except AiWorkerError as error:
                problem = {"code": error.code, "message": error.message, "details": error.details}
                return {"success": False, "error": problem}

        return answer

    async def _hear_announcements(self) -> None:
        async with self._bus.listen(ANNOUNCEMENT_TOPIC) as announcements:
            while True:
                if message := await announcements.next():
                    await self._announce(message["room"], message["kind"], dict(message["data"]))

    async def _announce(self, room: str, kind: str, data: dict[str, Any]) -> None:
        await self._server.emit(kind, data, room=room)
        for sid, client in self._who_hears(data):
            if room in client.rooms:
                await self._server.emit(kind, data, to=sid)

    async def _tell_everyone(self, events: Sequence[PublishedEvent]) -> None:
        for event in events:
            await self._server.emit(event.kind, payload(event), room=_EVERYONE)
            for sid, _ in self._who_hears(event.data):
                await self._server.emit(event.kind, payload(event), to=sid)

    def _who_hears(self, data: Mapping[str, Any]) -> list[tuple[str, Client]]:
        """The bound clients that are told of this; they stand in no room, so that each message is looked at."""
        bound = ((sid, self._clients[sid]) for sid in self._bound)
        return [(sid, client) for sid, client in bound if client.hears(data)]

    async def _recheck_forever(self) -> None:
        async with self._bus.listen(ACCESS_TOPIC) as ends:
            while True:
                if await ends.next(_RECHECK_SECONDS) is not None:
                    # It may have ended in another process.
                    self._access.forget()
                await asyncio.gather(*(self._recheck(sid) for sid in tuple(self._clients)))

    async def _recheck(self, sid: str) -> None:
        client = self._clients.get(sid)
        if client is None or client.credential is None:
            return
        try:
            await client.credential.identify(self._access)
        except Unauthenticated:
            await self._server.disconnect(sid)
        except AiWorkerError as error:
            _log.warning("live_client_not_checked", reason=error.message)

    def _let_go(self, sid: str) -> None:
        self._later(self._server.disconnect(sid))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._later_tasks.add(task)
        task.add_done_callback(self._later_tasks.discard)

    def _forget(self, sid: str) -> None:
        if (client := self._clients.pop(sid, None)) is not None:
            # What still waits to be let in need not wait any longer.
            client.welcome.set()
        self._bound.discard(sid)
        if (late := self._late.pop(sid, None)) is not None:
            late.cancel()
