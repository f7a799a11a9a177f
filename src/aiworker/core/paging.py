"""Cursors: an opaque place in a sorted list."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime

from aiworker.core.errors import Invalid

_LONGEST = 400
_NOT_OURS = "The cursor is not one that was given out."


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row that was seen: its rank (0 where the list has none), its time, its id."""

    rank: int
    moment: datetime
    id: str

    def encode(self) -> str:
        """As it travels."""
        text = json.dumps([self.rank, self.moment.isoformat(), self.id])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str | None) -> "Cursor | None":
        """From a caller. Raises: Invalid."""
        if text is None:
            return None
        try:
            cursor = _read(text)
        except (ValueError, TypeError, binascii.Error, UnicodeDecodeError) as error:
            raise Invalid(_NOT_OURS, code="bad_cursor") from error
        if cursor is None:
            raise Invalid(_NOT_OURS, code="bad_cursor")
        return cursor


def _read(text: str) -> Cursor | None:
    """What `encode` made; None if something else did."""
    if len(text) > _LONGEST:
        return None
    rank, moment, key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    parsed = datetime.fromisoformat(moment)
    ours = parsed.tzinfo is not None and isinstance(rank, int) and isinstance(key, str)
    return Cursor(rank=rank, moment=parsed, id=key) if ours else None
