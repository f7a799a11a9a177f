"""Keys, sessions and audit as they travel."""

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from aiworker.wire import rules
from aiworker.wire.base import Line, Request, Timestamp, Wire
from aiworker.wire.engine import ModuleName
from aiworker.wire.rules import RuleBroken


class Scope(StrEnum):
    """What a key is for."""

    ADMIN = "admin"
    MAINTAINER = "maintainer"
    MEMBER = "member"
    AGENT = "agent"
    MODULE = "module"
    READ = "read"


class NewKey(Request):
    """A key to be made; without `expiresAt` it lives until it is revoked.

    `modules`: with the scope `module`, the only ones that it may register and work for, and all that it sees; `ocr`
    stands for its versions (`ocr@2`), too. `requestsPerMinute`: by default as many as everybody may make.
    """

    name: Annotated[Line, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@ -]*$")]
    scope: Scope
    expires_at: AwareDatetime | None = None
    modules: Annotated[list[ModuleName], Field(min_length=1, max_length=50)] | None = None
    requests_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] | None = None

    @model_validator(mode="after")
    def _modules_go_with_their_scope(self) -> Self:
        if self.modules is not None and self.scope is not Scope.MODULE:
            raise RuleBroken(rules.MODULES_SCOPE())
        return self


class Key(Wire):
    """A key as it is listed: its first characters, never the whole."""

    id: str
    name: str
    scope: Scope
    modules: list[str] | None = Field(default=None, description="The only ones that it is for; null: bound to none.")
    requests_per_minute: int | None = None
    prefix: str
    created_at: Timestamp
    created_by: str | None
    expires_at: Timestamp | None
    last_used_at: Timestamp | None
    revoked_at: Timestamp | None


class CreatedKey(Key):
    """The only answer that shows the key."""

    key: str


class SignIn(Request):
    """A one-time code from the first-start link, or a key."""

    code: Annotated[Line, Field(max_length=200)] | None = None
    key: Annotated[Line, Field(max_length=200)] | None = None


class Me(Wire):
    """Who is asking, and what they may do. Writes from a browser session must send `csrfToken` as `X-CSRF-Token`.

    `feeds`: the newest number of each live feed, for a session: what is read after this is no older, so that a page
    which then listens asks only for what came since.
    """

    id: str
    name: str
    kind: str
    scope: Scope
    permissions: list[str]
    modules: list[str] | None = Field(default=None, description="The only modules that this key is for.")
    csrf_token: str | None = None
    feeds: dict[str, int]


class LinkForgePerson(Request):
    """Who a login of the forge is here, and what their reviews may do; without `name`, called by the login."""

    login: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    name: Annotated[Line, Field(min_length=1, max_length=100)] | None = None
    role: Literal["maintainer", "member", "read"] = "member"


class ForgePerson(Wire):
    """A login of the forge and who it is here."""

    login: str
    name: str
    role: Scope
    created_at: Timestamp


class AuditEntry(Wire):
    """One change by somebody."""

    id: int
    actor: str
    actor_kind: str
    action: str
    subject: str
    details: dict[str, Any]
    address: str | None
    created_at: Timestamp
