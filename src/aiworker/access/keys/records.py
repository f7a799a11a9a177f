"""A key as stored, and its text."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

from aiworker.core.ids import new_token
from aiworker.wire.access import Scope

_SHOWN = 8
_FORM = re.compile(r"aiw_[a-z]{1,20}_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key as stored. `attempt`: the execution it was made for, if any. `modules`: the only ones it is for."""

    id: str
    name: str
    scope: Scope
    prefix: str
    attempt: str | None
    modules: list[str] | None
    requests_per_minute: int | None
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    created_by: str | None
    created_at: datetime


def new_key_text(scope: Scope) -> str:
    """`aiw_{scope}_{256 random bits}`: people and scanners for secrets see what it is."""
    return new_token(f"aiw_{scope}_")


def is_key_text(text: str) -> bool:
    """Whether it has the form of a key."""
    return _FORM.fullmatch(text) is not None


def shown_prefix(text: str) -> str:
    """The part of a key that is shown and that it is found by."""
    return text[: text.index("_", len("aiw_")) + 1 + _SHOWN]


def hashed(text: str) -> str:
    """SHA-256: enough for 256 random bits, which nobody can try out."""
    return hashlib.sha256(text.encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())
