"""What a roll-out may say."""

import re
from collections.abc import Callable
from typing import Final, TypeVar

from aiworker.core.errors import Invalid
from aiworker.core.sayings import Sentence
from aiworker.delivery.ports.rollout_troubles import SETUP_COMMAND, START_COMMAND
from aiworker.delivery.ports.runtime import Rollout
from aiworker.wire import running
from aiworker.wire.rules import RuleBroken

T = TypeVar("T")

NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_COMMIT: Final = re.compile(r"[0-9a-f]{7,64}")
_REFUSED: Final = Sentence("rollout_setting_refused", "The {setting} `{value}` {error}.")
_HEALTH_PATH: Final = Sentence("setting_health_path", "health path")
_STATIC_ROOT: Final = Sentence("setting_static_root", "static root")
_MEMORY_LIMIT: Final = Sentence("setting_memory_limit", "memory limit")
_CPU_LIMIT: Final = Sentence("setting_cpu_limit", "CPU limit")
_LONGEST = 200


def check_name(name: str) -> str:
    """The name, which is one label of a host name. Raises: Invalid."""
    if not NAME.fullmatch(name):
        raise Invalid(f"`{name[:80]}` is not a name for an instance.", code="invalid_instance_name")
    return name


def check_rollout(rollout: Rollout) -> None:
    """Refuse what cannot be run, before anything is done: a project may be older than a rule. Raises: Invalid."""
    if not _COMMIT.fullmatch(rollout.commit):
        raise Invalid(f"`{rollout.commit[:80]}` is not a commit.", code="invalid_commit")
    as_read(_HEALTH_PATH, rollout.health_path, running.url_path, code="invalid_health_path")
    as_read(_STATIC_ROOT, rollout.static_root, running.folder, code="invalid_static_root")
    as_read(_MEMORY_LIMIT, rollout.memory_limit, running.memory, code="invalid_limit")
    as_read(_CPU_LIMIT, rollout.cpu_limit, running.cpu, code="invalid_limit")
    for name, command in ((SETUP_COMMAND, rollout.setup_command), (START_COMMAND, rollout.start_command)):
        if command:
            as_read(name, command, running.command, code="invalid_command")


def as_read(name: Sentence, value: str, read: Callable[[str], T], *, code: str) -> T:
    """A project's setting, read for a roll-out. Raises: Invalid, with the setting's name."""
    try:
        return read(value)
    except RuleBroken as error:
        raise Invalid(_REFUSED(setting=name(), value=value[:_LONGEST], error=error.said), code=code) from error
