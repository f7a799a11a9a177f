"""One Redis, as its users here see it: short time-outs, and no waiting for one that is known to be away."""

import time
from collections.abc import Callable
from typing import Any

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionFailed
from redis.exceptions import RedisError

from aiworker.core.errors import Invalid, Unavailable

_ANSWER_SECONDS = 1.0
_REST_SECONDS = 1.0


class RedisAway(Unavailable):
    """Redis does not answer, or did not a moment ago."""

    def __init__(self) -> None:
        super().__init__("Redis does not answer.", code="redis_unavailable")


class RedisLink:
    """Asks a Redis server. After a failure it is left alone for a second, then one caller at a time tries again.

    `namespace` names the installation: what several of them keep in one Redis stays apart by it.

    Raises: Invalid, if `url` is not one.
    """

    def __init__(
        self,
        url: str,
        *,
        namespace: str,
        answer_seconds: float = _ANSWER_SECONDS,
        rest_seconds: float = _REST_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.namespace = namespace
        try:
            self._client: Redis = Redis.from_url(
                url,
                protocol=2,
                socket_timeout=answer_seconds,
                socket_connect_timeout=answer_seconds,
                # A connection that an earlier Redis left behind is replaced at once; nothing else is tried twice.
                retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionFailed,)),
            )
        except ValueError as error:
            raise Invalid(
                "REDIS_URL is wrong: it should look like redis://HOST:PORT/NUMBER.",
                code="setting_invalid",
                details={"variable": "REDIS_URL"},
            ) from error
        # Answers come as Redis gives them.
        self._client.response_callbacks.clear()
        self._rest_seconds = rest_seconds
        self._monotonic = monotonic
        self._rests_until: float | None = None

    @property
    def pool(self) -> ConnectionPool:
        """The connections, for a library that brings its own commands."""
        return self._client.connection_pool

    @property
    def away(self) -> bool:
        """Whether the last command had no answer."""
        return self._rests_until is not None

    async def ask(self, *command: Any) -> Any:
        """The answer to a command. Raises: RedisAway, at once while Redis is left alone."""
        if self._rests_until is not None:
            if self._monotonic() < self._rests_until:
                raise RedisAway
            self._rest()
        try:
            answer = await self._client.execute_command(*command)
        except (RedisError, OSError) as error:
            self._rest()
            raise RedisAway from error
        self._rests_until = None
        return answer

    async def ping(self) -> None:
        """Ask for a sign of life. Raises: RedisAway."""
        await self.ask("PING")

    def subscription(self) -> PubSub:
        """A new subscription on a connection of its own."""
        return self._client.pubsub()

    async def close(self) -> None:
        """Let go of every connection."""
        await self._client.aclose()

    def _rest(self) -> None:
        self._rests_until = self._monotonic() + self._rest_seconds
