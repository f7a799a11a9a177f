"""Looks at Redis as `doctor` tells it."""

from collections.abc import Sequence

from aiworker.adapters.redis.link import RedisAway, RedisLink
from aiworker.cli.starters import Finding, Mark
from aiworker.core.settings import Settings
from aiworker.storage.urls import database_url

_SUBJECT = "redis"
# The first in which SET knows NX and GET together.
_OLDEST = 7


async def redis_findings(settings: Settings) -> Sequence[Finding]:
    """Whether it answers, and is new enough; nothing where one process needs none."""
    if settings.redis is None:
        if database_url(settings).get_backend_name() == "sqlite":
            return []
        sentence = "not used: several processes hear of each other only by looking, a second or two later."
        return [Finding(_SUBJECT, Mark.WARNING, sentence, "Set REDIS_URL, if there is more than one process.")]
    link = RedisLink(settings.redis.get_secret_value(), namespace="doctor")
    try:
        told: bytes = await link.ask("INFO", "server")
    except RedisAway as error:
        cause = error.__cause__
        sentence = f"It does not answer: {cause}." if cause else error.message
        return [Finding(_SUBJECT, Mark.BAD, sentence, "Start it, or set REDIS_URL (or REDIS_HOST and REDIS_PORT).")]
    finally:
        await link.close()
    version = _version(told.decode(errors="replace"))
    if int(version.partition(".")[0] or 0) < _OLDEST:
        sentence = f"Redis {version} is too old: nothing is cached."
        return [Finding(_SUBJECT, Mark.BAD, sentence, f"Install Redis {_OLDEST} or newer.")]
    return [Finding(_SUBJECT, Mark.GOOD, f"Redis {version} answers.")]


def _version(told: str) -> str:
    known = dict(line.split(":", 1) for line in told.splitlines() if ":" in line)
    return known.get("redis_version", "").strip()
