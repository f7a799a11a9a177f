"""A stubborn client of several servers: it asks the next one until somebody answers."""

import asyncio
import random
import uuid
from collections.abc import Sequence
from typing import Any

import httpx2

_AGAIN_SECONDS = (0.05, 0.5)
_ASKED_AGAIN = frozenset({429, 500, 502, 503, 504})


class Refused(Exception):
    """A server said no, and meant it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{message} [{code}]")
        self.code = code


class Rest:
    """Asks over REST with one key. A POST carries an Idempotency-Key, so that asking again is asking once."""

    def __init__(self, urls: Sequence[str], key: str, choose: random.Random) -> None:
        self._urls = urls
        self._choose = choose
        self._http = httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {key}"}, timeout=httpx2.Timeout(70, connect=5), trust_env=False
        )
        self.cut = 0

    async def get(self, path: str, **query: Any) -> Any:
        return await self._ask("GET", path, params=query)

    async def post(self, path: str, body: Any = None, *, once: bool = True) -> Any:
        """`once=False`: for what is safe to repeat without a key, such as a claim."""
        headers = {"Idempotency-Key": str(uuid.UUID(int=self._choose.getrandbits(128)))} if once else {}
        return await self._ask("POST", path, json=body if body is not None else {}, headers=headers)

    async def close(self) -> None:
        await self._http.aclose()

    async def _ask(self, method: str, path: str, **given: Any) -> Any:
        while True:
            url = f"{self._choose.choice(self._urls)}/api/{path}"
            try:
                answer = await self._http.request(method, url, **given)
            except httpx2.TransportError:
                self.cut += 1
            else:
                if answer.is_success:
                    return answer.json()["data"]
                error = _error(answer)
                if answer.status_code not in _ASKED_AGAIN and error.code != "request_under_way":
                    raise error
            await asyncio.sleep(self._choose.uniform(*_AGAIN_SECONDS))


def _error(answer: httpx2.Response) -> Refused:
    try:
        told = answer.json()["error"]
        return Refused(told["code"], told["message"])
    except (ValueError, KeyError, TypeError):
        return Refused(f"http_{answer.status_code}", answer.text[:200])
