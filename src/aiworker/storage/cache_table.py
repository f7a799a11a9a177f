"""What is cached, under which key and for how long. Whoever changes it drops the key in the same unit of work."""

from dataclasses import dataclass
from typing import Final

from aiworker.storage.outbox.events import PublishedEvent


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind of value: the pattern of its keys, and its life in seconds."""

    pattern: str
    seconds: float

    def key(self, *names: str) -> str:
        """The key of one value."""
        return self.pattern.format(*names)


TASK: Final = Kept("task:{}", 5 * 60)
TASK_LIST: Final = Kept("task:list:{}", 2 * 60)
AGENT_STATUS: Final = Kept("agent:{}:status", 30)
PROJECT: Final = Kept("project:{}", 10 * 60)
ACTIVE_MODULES: Final = Kept("modules:active", 5 * 60)
ROUTING_TABLE: Final = Kept("modules:routing", 60)
SCOREBOARD: Final = Kept("modules:scores", 10 * 60)
SYSTEM_HEALTH: Final = Kept("system:health", 30)

# What depends on any module's registration, health, score and capacity.
MODULE_KEYS: Final = [ACTIVE_MODULES.key(), ROUTING_TABLE.key(), SCOREBOARD.key()]


def told_by(event: PublishedEvent) -> list[str]:
    """What an event of the outbox says has changed."""
    noun, _, name = event.stream.partition(":")
    if noun == "task":
        return [TASK.key(name), TASK.key(str(event.data.get("taskKey"))), TASK_LIST.key(event.feed)]
    if noun == "project":
        return [PROJECT.key(name)]
    return MODULE_KEYS if noun == "module" else []
