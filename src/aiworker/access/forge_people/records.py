"""A person of the forge, as stored."""

from dataclasses import dataclass
from datetime import datetime

from aiworker.wire.access import Scope


@dataclass(frozen=True, slots=True)
class ForgePersonRecord:
    """One row of `forge_people`."""

    login: str
    name: str
    role: Scope
    created_at: datetime
