"""Cursors: an opaque place in a sorted list."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime

from aiworker.core.errors import Invalid

_LONGEST = 400


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
            if len(text) > _LONGEST:
                raise ValueError("too long")
            rank, moment, key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            parsed = datetime.fromisoformat(moment)
            if parsed.tzinfo is None or not isinstance(rank, int) or not isinstance(key, str):
                raise ValueError("not ours")
            return cls(rank=rank, moment=parsed, id=key)
        except (ValueError, TypeError, binascii.Error, UnicodeDecodeError) as error:
            raise Invalid("The cursor is not one that was given out.", code="bad_cursor") from error
