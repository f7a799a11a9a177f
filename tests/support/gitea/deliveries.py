"""Webhooks of the fake Gitea: signed and sent after the answer, each in its turn; lost or doubled on request."""

import asyncio
import hashlib
import hmac
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2

from tests.support.gitea.world import Repository

# What each type is called in the header that most programs read.
_EVENTS = {
    "pull_request_sync": "pull_request",
    "pull_request_comment": "issue_comment",
    "pull_request_review_approved": "pull_request_approved",
    "pull_request_review_rejected": "pull_request_rejected",
    "pull_request_review_comment": "pull_request_comment",
}
# Asking for the first of these in the API turns all of them on.
_FAMILIES = {
    "pull_request": [
        "pull_request",
        "pull_request_assign",
        "pull_request_label",
        "pull_request_milestone",
        "pull_request_comment",
        "pull_request_review_approved",
        "pull_request_review_rejected",
        "pull_request_review_comment",
        "pull_request_sync",
        "pull_request_review_request",
    ],
    "issues": ["issues", "issue_assign", "issue_label", "issue_milestone", "issue_comment"],
    "pull_request_review": [
        "pull_request_review_approved",
        "pull_request_review_rejected",
        "pull_request_review_comment",
    ],
}


def events_of(asked: list[str]) -> list[str]:
    """The events that a hook has, shown one by one, after these were asked for."""
    found = [event for one in asked or ["push"] for event in _FAMILIES.get(one, [one])]
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message that was sent, or that was lost on purpose (`status` 0)."""

    url: str
    event: str
    payload: dict[str, Any]
    headers: dict[str, str]
    status: int


@dataclass
class Deliveries:
    """Sends; `sent` is what was sent. The next `lose` messages are lost, the next `double` are sent twice."""

    sent: list[Delivery] = field(default_factory=list[Delivery])
    lose: int = 0
    double: int = 0
    _under_way: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    def announce(self, repository: Repository, kind: str, payload: dict[str, Any]) -> None:
        """Have every hook that listens for this hear of it, after the answer to whoever caused it."""
        body = json.dumps(payload).encode()
        for hook in repository.hooks:
            if not hook.active or kind not in hook.events:
                continue
            times = 1 + min(self.double, 1)
            self.double = max(self.double - 1, 0)
            headers = _headers(kind, hook.secret, body)
            if self.lose:
                self.lose -= 1
                self.sent.append(Delivery(hook.url, kind, payload, headers, 0))
                continue
            for _ in range(times):
                task = asyncio.create_task(self._send(hook.url, kind, payload, headers, body))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)

    async def settled(self) -> None:
        """Returns when nothing is under way any more."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    async def again(self, delivery: Delivery) -> int:
        """Send a message once more, as its button in Gitea does; the status of the answer."""
        body = json.dumps(delivery.payload).encode()
        await self._send(delivery.url, delivery.event, delivery.payload, delivery.headers, body)
        return self.sent[-1].status

    async def _send(self, url: str, kind: str, payload: dict[str, Any], headers: dict[str, str], body: bytes) -> None:
        status = 0
        async with httpx2.AsyncClient(timeout=60, trust_env=False) as http:
            with suppress(httpx2.HTTPError):
                status = (await http.post(url, content=body, headers=headers)).status_code
        self.sent.append(Delivery(url, kind, payload, headers, status))


def _headers(kind: str, secret: str, body: bytes) -> dict[str, str]:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    event = _EVENTS.get(kind, kind)
    return {
        "Content-Type": "application/json",
        "X-Gitea-Delivery": str(uuid4()),
        "X-Gitea-Event": event,
        "X-Gitea-Event-Type": kind,
        "X-Gitea-Signature": signature,
        "X-Hub-Signature-256": f"sha256={signature}",
        "X-GitHub-Event": event,
    }
