"""A session as stored."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A browser that is signed in, as a person or with a key."""

    id: str
    user_id: str | None
    key_id: str | None
    expires_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class CodeRecord:
    """A code that opens one session."""

    user_id: str
    expires_at: datetime
    used_at: datetime | None


def csrf_token(session_token: str) -> str:
    """What writes from this session must carry: only who may read our pages can know it, and nothing is stored."""
    return hmac.new(session_token.encode(), b"csrf", hashlib.sha256).hexdigest()
