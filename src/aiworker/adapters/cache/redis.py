"""The cache's shelf that all processes share, in Redis 7 or later.

A key holds a value, or the token of whoever may keep one; so looking, keeping and dropping are one command each.
"""

from collections.abc import Collection

from aiworker.adapters.redis.link import RedisLink
from aiworker.core.ids import new_token
from aiworker.storage.cache import Token

_TOKEN_MARK = b"?"
_TOKEN_MILLISECONDS = 30_000
_KEEP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""


class RedisShelf:
    """Keeps values (JSON, which never begins like a token) as `{namespace}:{key}`."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    async def fetch(self, key: str) -> bytes | Token:
        """The value; where there is none, a token to keep one with. Raises: RedisAway."""
        token = Token(_TOKEN_MARK.decode() + new_token())
        found = await self._link.ask("SET", self._place(key), token, "NX", "GET", "PX", _TOKEN_MILLISECONDS)
        if found is None:
            return token
        return Token(found.decode()) if found.startswith(_TOKEN_MARK) else found

    async def keep(self, key: str, token: Token, value: bytes, seconds: float) -> bool:
        """Keep a value, unless the key was dropped since the token was given. Raises: RedisAway."""
        kept = await self._link.ask("EVAL", _KEEP, 1, self._place(key), token, value, int(seconds * 1000))
        return kept == 1

    async def drop(self, keys: Collection[str]) -> None:
        """Forget values, and end the tokens that were given for them. Raises: RedisAway."""
        await self._link.ask("UNLINK", *map(self._place, keys))

    async def check(self) -> None:
        """Ask for a sign of life. Raises: RedisAway."""
        await self._link.ping()

    def _place(self, key: str) -> str:
        return f"{self._link.namespace}:{key}"
