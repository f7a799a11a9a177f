"""What a roll-out may say."""

import re
from typing import Final

from aiworker.adapters.runtime.commands import parse_command, parse_cpu, parse_memory
from aiworker.core.errors import Invalid
from aiworker.delivery.ports.runtime import Rollout

NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_COMMIT: Final = re.compile(r"[0-9a-f]{7,64}")
_PATH: Final = re.compile(r"/[!-~]{0,2000}")


def check_name(name: str) -> str:
    """The name, which is one label of a host name. Raises: Invalid."""
    if not NAME.fullmatch(name):
        raise Invalid(f"`{name[:80]}` is not a name for an instance.", code="invalid_instance_name")
    return name


def check_rollout(rollout: Rollout) -> None:
    """Refuse what cannot be run, before anything is done. Raises: Invalid."""
    if not _COMMIT.fullmatch(rollout.commit):
        raise Invalid(f"`{rollout.commit[:80]}` is not a commit.", code="invalid_commit")
    if not _PATH.fullmatch(rollout.health_path):
        raise Invalid("The health path must begin with a slash and be a path as in a URL.", code="invalid_health_path")
    parse_memory(rollout.memory_limit)
    parse_cpu(rollout.cpu_limit)
    for command in (rollout.setup_command, rollout.start_command):
        if command:
            parse_command(command)
