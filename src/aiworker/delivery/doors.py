"""Where people and neighbours reach this installation, as delivery has to tell them."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Doors:
    """`url`: the server's address as its clients know it; `webhook_secret`: what Gitea signs its webhooks with."""

    url: Callable[[], str]
    webhook_secret: str

    @property
    def webhook(self) -> str:
        """Where Gitea sends its webhooks."""
        return f"{self.url().rstrip('/')}/api/webhooks/gitea"

    def task(self, key: str) -> str:
        """A task's page."""
        return f"{self.url().rstrip('/')}/tasks/{key}"
