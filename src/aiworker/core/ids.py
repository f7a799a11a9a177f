"""Ids: UUIDv7 for rows (they sort by birth), readable ids for robots and modules, random tokens."""

import itertools
import secrets
from datetime import UTC, datetime

import uuid_utils

_ROBOT_SEQUENCE = itertools.count(secrets.randbelow(1_000_000))


def new_id() -> str:
    """A UUIDv7 in its 36-character form."""
    return str(uuid_utils.uuid7())


def first_id(moment: datetime) -> str:
    """What sorts before every id of that moment or later, and after every earlier one."""
    milliseconds = f"{int(moment.astimezone(UTC).timestamp() * 1000):012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}-7000-8000-000000000000"


def new_token(prefix: str = "") -> str:
    """An unguessable token of 256 bits, URL-safe."""
    return prefix + secrets.token_urlsafe(32)


def robot_id(robot_type: str, now: datetime) -> str:
    """`{first part of the type}_{UTC milliseconds}_{sequence}`, at most 50 characters."""
    prefix = robot_type.split(".", 1)[0][:25]
    milliseconds = int(now.astimezone(UTC).timestamp() * 1000)
    return f"{prefix}_{milliseconds}_{next(_ROBOT_SEQUENCE) % 1_000_000:06d}"


def robot_id_before(robot_type: str, moment: datetime) -> str:
    """What sorts behind the ids of such robots that are older, and before those of that moment or later."""
    milliseconds = int(moment.astimezone(UTC).timestamp() * 1000)
    return f"{robot_type.split('.', 1)[0][:25]}_{milliseconds}"


def module_id(name: str, version: str, environment: str) -> str:
    """`{name}_{version}_{environment}`."""
    return f"{name}_{version}_{environment}"
