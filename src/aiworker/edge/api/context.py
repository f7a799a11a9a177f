"""What routes need: the services, who asks, and the permission that a route asks for."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar

from fastapi import Depends, Query, Request

from aiworker.access.actors import Actor, Permission
from aiworker.access.audit.service import record
from aiworker.access.idempotency.service import Begun, carry_out
from aiworker.access.identities import Identity
from aiworker.access.service import Access
from aiworker.core.errors import Invalid, Unauthenticated
from aiworker.delivery.ports.agent_pool import AgentPool, NoAgentPool
from aiworker.delivery.service import Delivery
from aiworker.edge.hosts import Hosts
from aiworker.engine.health.service import HealthChecks
from aiworker.engine.schedules.service import Schedules
from aiworker.engine.service import Engine
from aiworker.storage.cache import Cache
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import Worker

T = TypeVar("T")
P = ParamSpec("P")

SESSION_COOKIE = "aiworker_session"
CSRF_HEADER = "x-csrf-token"
# Returns when the neighbour is well; what it raises says what is wrong.
Check = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ApiContext:
    """What the routes talk to; put together in `app.py`.

    `checks`: neighbours by name, for `/api/health`. `degraded`: whether one is known to be away, without asking it.
    """

    database: Database
    access: Access
    engine: Engine
    schedules: Schedules
    health: HealthChecks
    worker: Worker
    delivery: Delivery
    version: str
    hosts: Hosts = field(default_factory=Hosts)
    cache: Cache = field(default_factory=Cache)
    checks: Mapping[str, Check] = field(default_factory=dict[str, Check])
    degraded: Callable[[], bool] = lambda: False
    agent_pool: AgentPool = field(default_factory=NoAgentPool)
    # Session cookies go over https only; for servers whose public address is one.
    secure_cookies: bool = False


class Caller:
    """Who asks, from where; reads and changes in their name."""

    def __init__(self, context: ApiContext, identity: Identity, address: str | None) -> None:
        self.context = context
        self.identity = identity
        self.address = address
        # Set where the request carries an Idempotency-Key.
        self.begun: Begun | None = None

    @property
    def actor(self) -> Actor:
        """The person, agent or module."""
        return self.identity.actor

    async def read(self, body: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """One reading unit of work."""
        return await self.context.database.read(body, *args, **kwargs)

    async def change(
        self,
        action: str,
        subject: str | Callable[[T], str],
        body: Callable[Concatenate[Tx, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """One changing unit of work, with its line in the audit log: `action` is `noun.verb`, `subject` what people
        call the thing (or how to tell from the result)."""

        def audited(tx: Tx) -> T:
            if self.begun is not None:
                carry_out(tx, self.begun)
            result = body(tx, *args, **kwargs)
            named = subject if isinstance(subject, str) else subject(result)
            record(tx, self.actor, action, named, address=self.address)
            return result

        return await self.context.database.write(audited)

    async def record(self, action: str, subject: str, details: Mapping[str, Any] | None = None) -> None:
        """A line in the audit log for a change that is more than one unit of work."""
        await self.context.database.write(record, self.actor, action, subject, details, address=self.address)


def context_of(request: Request) -> ApiContext:
    """The context of the app that serves this request."""
    return request.app.state.context


def address_of(request: Request) -> str | None:
    """Where the request comes from."""
    return None if request.client is None else request.client.host


def caller_of(request: Request) -> Caller:
    """Who was let in by the route (`routing.ApiRoute`). Raises: Unauthenticated, on a public route."""
    caller = request.scope["state"].get("caller")
    if not isinstance(caller, Caller):
        raise Unauthenticated("Sign in, or send a key as `Authorization: Bearer …`.", code="credential_missing")
    return caller


def require(*permissions: Permission) -> Any:
    """A dependency: the caller, who has one of these permissions. Otherwise it raises Denied."""

    async def permitted(request: Request) -> Caller:
        caller = caller_of(request)
        if not any(map(caller.actor.may, permissions)):
            caller.actor.require(permissions[0])
        return caller

    return Depends(permitted)


async def if_match(request: Request) -> int | None:
    """The version in `If-Match`, for updates that must not overwrite another's. Raises: Invalid."""
    given = request.headers.get("if-match")
    if given is None or given.strip() == "*":
        return None
    text = given.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdecimal() and len(text) < 10):  # noqa: PLR2004 (fits every database's integer)
        raise Invalid("If-Match: must be the version that was read, a number.", code="bad_version")
    return int(text)


# A dependency that is not `async` is called in another thread, which takes longer than what it does.
async def _context(request: Request) -> ApiContext:
    return context_of(request)


async def _caller(request: Request) -> Caller:
    return caller_of(request)


Context = Annotated[ApiContext, Depends(_context)]
AnyCaller = Annotated[Caller, Depends(_caller)]
Reader = Annotated[Caller, require(Permission.READ)]
RobotReader = Annotated[Caller, require(Permission.ROBOTS)]
TaskWriter = Annotated[Caller, require(Permission.TASKS)]
Approver = Annotated[Caller, require(Permission.APPROVE)]
Shipper = Annotated[Caller, require(Permission.SHIP)]
ProjectWriter = Annotated[Caller, require(Permission.PROJECTS)]
AgentWorker = Annotated[Caller, require(Permission.WORK)]
ModuleWorker = Annotated[Caller, require(Permission.MODULES)]
Admin = Annotated[Caller, require(Permission.ADMIN)]

IfMatch = Annotated[int | None, Depends(if_match)]
Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]
CursorText = Annotated[str | None, Query(max_length=400, description="`nextCursor` of the page before.")]
WithSystem = Annotated[bool, Query(description="Whether what the system does for itself and for its tasks counts.")]
